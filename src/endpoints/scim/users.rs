//! `/scim/v2/Users`: people, as an organization's own directory knows them.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

use super::body::{Body, answer, resource};
use super::call::{Call, id_named, object};
use super::failure::Failure;
use super::question::{Question, Shown, project};
use super::user::{self, SHAPE, shown, wanted};
use super::version::{Conditions, version};
use crate::directory::require_provisioner;
use crate::directory::scim::people::{self, NewPerson, Person};
use crate::domain::access::Permission;
use crate::domain::scim::{Filter, Operation, Projection, apply, operations};
use crate::random;

/// `GET /scim/v2/Users`
pub async fn list(call: Call, question: Question) -> Result<Response, Failure> {
    let base = call.base();
    let input = (question.clone(), base.clone());
    let found = call.read(input, |tx, provisioner, (question, base)| {
        Box::pin(async move {
            let permit = require_provisioner(tx, provisioner, Permission::MemberRead).await?;
            let admits = |filter: &Filter, person: &Person| filter.admits(&shown(person, base));
            Ok(people::list(tx, &permit, &question.asked, admits).await?)
        })
    });
    let list = question.answer(&found.await?, |person| shown(person, &base));
    Ok(answer(StatusCode::OK, &list))
}

/// `POST /scim/v2/Users/.search`
pub async fn search(call: Call, Body(body): Body) -> Result<Response, Failure> {
    let question = Question::of(&object(body)?)?;
    list(call, question).await
}

/// `POST /scim/v2/Users`
pub async fn create(call: Call, Shown(projection): Shown, Body(body): Body) -> Result<Response, Failure> {
    let made = create_one(&call, body).await?;
    Ok(tell(StatusCode::CREATED, &made, &call.base(), &projection))
}

/// `GET /scim/v2/Users/{id}`
pub async fn get(
    call: Call,
    Path(id): Path<String>,
    Shown(projection): Shown,
    conditions: Conditions,
) -> Result<Response, Failure> {
    let found = call.read(id, |tx, provisioner, id| {
        Box::pin(async move {
            let permit = require_provisioner(tx, provisioner, Permission::MemberRead).await?;
            Ok(people::find(tx, &permit, id_named(id)?).await?)
        })
    });
    let (found, base) = (found.await?, call.base());
    if conditions.knows(&shown(&found, &base)) {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    Ok(tell(StatusCode::OK, &found, &base, &projection))
}

/// `PUT /scim/v2/Users/{id}`
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

/// `PATCH /scim/v2/Users/{id}`
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

/// `DELETE /scim/v2/Users/{id}`
pub async fn delete(
    call: Call,
    Path(id): Path<String>,
    conditions: Conditions,
) -> Result<StatusCode, Failure> {
    delete_one(&call, id, conditions).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn tell(status: StatusCode, person: &Person, base: &str, projection: &Projection) -> Response {
    let whole = shown(person, base);
    let tag = version(&whole).to_owned();
    let place = user::location(base, person);
    resource(status, &project(whole, projection), &tag, &place)
}

/// Makes somebody a member.
pub(super) async fn create_one(call: &Call, body: Value) -> Result<Person, Failure> {
    let mut after = Map::new();
    apply(&mut after, &[Operation::replacing(object(body)?.into())], &SHAPE)?;
    let now = call.provisioner.now;
    let new = NewPerson {
        user: random::id(now),
        membership: random::id(now),
        wanted: wanted(&after, &Map::new())?,
    };
    call.write(new, |tx, provisioner, new| {
        Box::pin(async move {
            let permit = require_provisioner(tx, provisioner, Permission::MemberWrite).await?;
            Ok(people::create(tx, &permit, provisioner, new).await?)
        })
    })
    .await
}

/// Puts what is told of somebody in the place of what is known; what is not told stays.
pub(super) async fn replace_one(
    call: &Call,
    id: String,
    conditions: Conditions,
    body: Value,
) -> Result<Person, Failure> {
    let whole = Operation::replacing(object(body)?.into());
    change_one(call, id, conditions, vec![whole]).await
}

/// Changes somebody step by step.
pub(super) async fn patch_one(
    call: &Call,
    id: String,
    conditions: Conditions,
    body: &Value,
) -> Result<Person, Failure> {
    change_one(call, id, conditions, operations(body)?).await
}

async fn change_one(
    call: &Call,
    id: String,
    conditions: Conditions,
    steps: Vec<Operation>,
) -> Result<Person, Failure> {
    let input = (id, conditions, steps, call.base());
    call.write(input, |tx, provisioner, (id, conditions, steps, base)| {
        Box::pin(async move {
            let permit = require_provisioner(tx, provisioner, Permission::MemberWrite).await?;
            let person = people::find(tx, &permit, id_named(id)?).await?;
            let whole = shown(&person, base);
            conditions.admit(&whole)?;
            let before = object(whole)?;
            let mut after = before.clone();
            apply(&mut after, steps, &SHAPE)?;
            let wanted = wanted(&after, &before)?;
            Ok(people::change(tx, &permit, provisioner, &person, &wanted).await?)
        })
    })
    .await
}

/// Ends a membership for good.
pub(super) async fn delete_one(call: &Call, id: String, conditions: Conditions) -> Result<(), Failure> {
    let input = (id, conditions, call.base());
    call.write(input, |tx, provisioner, (id, conditions, base)| {
        Box::pin(async move {
            let permit = require_provisioner(tx, provisioner, Permission::MemberWrite).await?;
            let person = people::find(tx, &permit, id_named(id)?).await?;
            conditions.admit(&shown(&person, base))?;
            let (keyring, now) = (&provisioner.keyring, provisioner.now);
            Ok(people::remove(tx, &permit, keyring, &person, now).await?)
        })
    })
    .await
}
