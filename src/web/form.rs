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

/// A form that can stand in an address as it is: encoded forms are ASCII without spaces, controls or `#`.
pub fn as_query(body: &Bytes) -> Result<&str, Fault> {
    let text = std::str::from_utf8(body).ok();
    let text = text.filter(|text| text.bytes().all(|b| b.is_ascii_graphic() && b != b'#'));
    text.ok_or(Fault::BadRequest("the form is not valid text".into()))
}
