//! Reading a form: bounded, each field once.

use axum::body::Bytes;

use super::Fault;
use crate::oidc::Parameters;

/// The fields of a posted form.
pub fn read_form(body: &Bytes) -> Result<Parameters, Fault> {
    let text =
        std::str::from_utf8(body).map_err(|_| Fault::BadRequest("the form is not valid text".into()))?;
    Ok(Parameters::parse(text)?)
}
