//! `/scim/v2/Groups`: the groups that an organization's own directory keeps here.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

use super::body::{Body, answer, resource};
use super::call::{Call, id_named, object};
use super::failure::Failure;
use super::group::{self, SHAPE, shown, shown_without_version, wanted, writable};
use super::question::{Question, Shown, project};
use super::version::{Conditions, version};
use crate::directory::require_provisioner;
use crate::directory::scim::groups::{self, Provisioned};
use crate::domain::access::Permission;
use crate::domain::id::GroupId;
use crate::domain::scim::{Filter, Operation, Projection, apply, operations};
use crate::random;

/// `GET /scim/v2/Groups`
pub async fn list(call: Call, question: Question) -> Result<Response, Failure> {
    let base = call.base();
    let with_members = question.projection.shows("members");
    let input = (question.clone(), base.clone(), with_members);
    let found = call.read(input, |tx, provisioner, (question, base, with_members)| {
        Box::pin(async move {
            let permit = require_provisioner(tx, provisioner, Permission::GroupRead).await?;
            let admits =
                |filter: &Filter, group: &Provisioned| filter.admits(&shown_without_version(group, base));
            Ok(groups::list(tx, &permit, &question.asked, *with_members, admits).await?)
        })
    });
    let show = if with_members {
        shown
    } else {
        shown_without_version
    };
    let list = question.answer(&found.await?, |group| show(group, &base));
    Ok(answer(StatusCode::OK, &list))
}

/// `POST /scim/v2/Groups/.search`
pub async fn search(call: Call, Body(body): Body) -> Result<Response, Failure> {
    let question = Question::of(&object(body)?)?;
    list(call, question).await
}

/// `POST /scim/v2/Groups`
pub async fn create(call: Call, Shown(projection): Shown, Body(body): Body) -> Result<Response, Failure> {
    let made = create_one(&call, body).await?;
    Ok(tell(StatusCode::CREATED, &made, &call.base(), &projection))
}

/// `GET /scim/v2/Groups/{id}`
pub async fn get(
    call: Call,
    Path(id): Path<String>,
    Shown(projection): Shown,
    conditions: Conditions,
) -> Result<Response, Failure> {
    let found = call.read(id, |tx, provisioner, id| {
        Box::pin(async move {
            let permit = require_provisioner(tx, provisioner, Permission::GroupRead).await?;
            Ok(groups::find(tx, &permit, id_named(id)?, true).await?)
        })
    });
    let (found, base) = (found.await?, call.base());
    if conditions.knows(&shown(&found, &base)) {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    Ok(tell(StatusCode::OK, &found, &base, &projection))
}

/// `PUT /scim/v2/Groups/{id}`
pub async fn replace(
    call: Call,
    Path(id): Path<String>,
    Shown(projection): Shown,
    conditions: Conditions,
    Body(body): Body,
) -> Result<Response, Failure> {
    let now = replace_one(&call, id, conditions, body).await?;
    Ok(tell(StatusCode::OK, &now, &call.base(), &projection))
}

/// `PATCH /scim/v2/Groups/{id}`
pub async fn patch(
    call: Call,
    Path(id): Path<String>,
    Shown(projection): Shown,
    conditions: Conditions,
    Body(body): Body,
) -> Result<Response, Failure> {
    let now = patch_one(&call, id, conditions, &body).await?;
    Ok(tell(StatusCode::OK, &now, &call.base(), &projection))
}

/// `DELETE /scim/v2/Groups/{id}`
pub async fn delete(
    call: Call,
    Path(id): Path<String>,
    conditions: Conditions,
) -> Result<StatusCode, Failure> {
    delete_one(&call, id, conditions).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn tell(status: StatusCode, group: &Provisioned, base: &str, projection: &Projection) -> Response {
    let whole = shown(group, base);
    let tag = version(&whole).to_owned();
    let place = group::location(base, group);
    resource(status, &project(whole, projection), &tag, &place)
}

/// Makes a group.
pub(super) async fn create_one(call: &Call, body: Value) -> Result<Provisioned, Failure> {
    let mut after = Map::new();
    apply(&mut after, &[Operation::replacing(object(body)?.into())], &SHAPE)?;
    let id: GroupId = random::id(call.provisioner.now);
    let input = (id, wanted(&after)?);
    call.write(input, |tx, provisioner, (id, wanted)| {
        Box::pin(async move {
            let permit = require_provisioner(tx, provisioner, Permission::GroupWrite).await?;
            let (keyring, now) = (&provisioner.keyring, provisioner.now);
            Ok(groups::create(tx, &permit, keyring, *id, wanted, now).await?)
        })
    })
    .await
}

/// Puts what is told of a group in the place of what is known; what is not told stays.
pub(super) async fn replace_one(
    call: &Call,
    id: String,
    conditions: Conditions,
    body: Value,
) -> Result<Provisioned, Failure> {
    let whole = Operation::replacing(object(body)?.into());
    change_one(call, id, conditions, vec![whole]).await
}

/// Changes a group step by step.
pub(super) async fn patch_one(
    call: &Call,
    id: String,
    conditions: Conditions,
    body: &Value,
) -> Result<Provisioned, Failure> {
    change_one(call, id, conditions, operations(body)?).await
}

async fn change_one(
    call: &Call,
    id: String,
    conditions: Conditions,
    steps: Vec<Operation>,
) -> Result<Provisioned, Failure> {
    let input = (id, conditions, steps, call.base());
    call.write(input, |tx, provisioner, (id, conditions, steps, base)| {
        Box::pin(async move {
            let permit = require_provisioner(tx, provisioner, Permission::GroupWrite).await?;
            let group = groups::find(tx, &permit, id_named(id)?, true).await?;
            let whole = shown(&group, base);
            conditions.admit(&whole)?;
            let mut after = writable(object(whole)?);
            apply(&mut after, steps, &SHAPE)?;
            Ok(groups::change(tx, &permit, provisioner, &group, &wanted(&after)?).await?)
        })
    })
    .await
}

/// Deletes a group.
pub(super) async fn delete_one(call: &Call, id: String, conditions: Conditions) -> Result<(), Failure> {
    let input = (id, conditions, call.base());
    call.write(input, |tx, provisioner, (id, conditions, base)| {
        Box::pin(async move {
            let permit = require_provisioner(tx, provisioner, Permission::GroupWrite).await?;
            let group = groups::find(tx, &permit, id_named(id)?, true).await?;
            conditions.admit(&shown(&group, base))?;
            let (keyring, now) = (&provisioner.keyring, provisioner.now);
            Ok(groups::delete(tx, &permit, keyring, &group, now).await?)
        })
    })
    .await
}
