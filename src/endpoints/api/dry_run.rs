//! `?dry_run=true`: what a change would do to everybody's access, without doing it.
//!
//! The change is done by its own use case in a transaction that is undone, so what refuses it refuses its dry run alike,
//! and what is told is what it comes to. Nothing of it is left: no event, no letter, no Idempotency-Key.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use url::form_urlencoded;
use utoipa::ToSchema;

use super::call::Call;
use super::code::Code;
use super::problem::Problem;
use super::shown;
use crate::directory::rehearsal::{Change, Cut, Ended, Outlook, Person, Places, Sight, Standing, Who};
use crate::directory::{DirectoryError, Requester};
use crate::domain::access::PermissionSet;
use crate::storage::{Lane, Tx, Work};

/// What a change would do to everybody's access. A part that you may not read is null: `access` and `applications` take
/// `audit_log:read`, or `role:write` with `member:read`; activations take `session:write`, keys `api_key:write`.
#[derive(Debug, Serialize, ToSchema)]
pub struct DryRun {
    /// True: nothing was done.
    #[serde(rename = "dry_run")]
    only_rehearsed: bool,
    /// Members who would gain or lose something.
    access: Option<Vec<MemberAccess>>,
    /// Applications that would.
    applications: Option<Vec<ApplicationAccess>>,
    /// What would no longer act.
    ends: DryRunEnds,
    /// Keys that would stay good and could do less.
    narrowed: Option<Vec<KeyAccess>>,
}

/// What would no longer act.
#[derive(Debug, Serialize, ToSchema)]
pub struct DryRunEnds {
    /// Sessions that act for the organization, by their activation.
    activations: Option<Vec<DryRunEnd>>,
    /// Keys that are good.
    api_keys: Option<Vec<DryRunEnd>>,
}

/// What a member would gain and lose.
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberAccess {
    /// Who.
    user: shown::Person,
    /// Permissions by product; under `*` those on all products.
    #[schema(value_type = BTreeMap<String, Vec<String>>, example = json!({ "*": ["device:read"] }))]
    gained: BTreeMap<String, PermissionSet>,
    /// The same. Whoever held something on all products and would hold it on one has lost it on all.
    #[schema(value_type = BTreeMap<String, Vec<String>>, example = json!({ "*": ["device:write"] }))]
    lost: BTreeMap<String, PermissionSet>,
}

/// What an application would gain and lose, acting for itself.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApplicationAccess {
    /// Which.
    application: Named,
    /// Permissions by product; under `*` those on all products.
    #[schema(value_type = BTreeMap<String, Vec<String>>)]
    gained: BTreeMap<String, PermissionSet>,
    /// The same.
    #[schema(value_type = BTreeMap<String, Vec<String>>)]
    lost: BTreeMap<String, PermissionSet>,
}

/// What a key could no longer do.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyAccess {
    /// Which key.
    #[schema(example = "key_01kaxw3vd0f1wvj1d2sahtfxyz")]
    id: String,
    /// What its owner calls it.
    #[schema(example = "CI")]
    name: String,
    /// The member whose it is; null for the organization's own.
    user: Option<shown::Person>,
    /// Permissions by product; under `*` those on all products.
    #[schema(value_type = BTreeMap<String, Vec<String>>)]
    lost: BTreeMap<String, PermissionSet>,
}

/// Something with a name.
#[derive(Debug, Serialize, ToSchema)]
pub struct Named {
    /// Never changes.
    #[schema(example = "app_01kaxw3vd0f1wvj1d2sahtfxyz")]
    id: String,
    /// As it is shown.
    name: String,
}

/// An activation or a key that would no longer act.
#[derive(Debug, Serialize, ToSchema)]
pub struct DryRunEnd {
    /// Which.
    #[schema(example = "act_01kaxw3vd0f1wvj1d2sahtfxyz")]
    id: String,
    /// What its owner calls a key.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false)]
    name: Option<String>,
    /// Whose it is; null for a key of the organization's own.
    user: Option<shown::Person>,
    /// All that would keep it from acting.
    because: Vec<DryRunCause>,
}

/// What would keep something from acting.
#[derive(Debug, Serialize, ToSchema)]
pub struct DryRunCause {
    /// For programs; never changes.
    #[schema(example = "membership_suspended")]
    kind: &'static str,
    /// For people.
    detail: String,
}

/// What became of a change: it was done, or rehearsed.
pub(super) enum Changed<T> {
    /// Done, with this answer.
    Done(T),
    /// Undone, and this is what it would have come to.
    Rehearsed(Box<DryRun>),
}

/// Whether a query asks for a dry run. What can't be told must not be done in earnest.
pub(super) fn asked(query: &str) -> Result<bool, Problem> {
    let fields = form_urlencoded::parse(query.as_bytes());
    let said: Vec<_> = fields.filter(|(name, _)| name == "dry_run").collect();
    match said.as_slice() {
        [] => Ok(false),
        [(_, value)] if value == "true" => Ok(true),
        [(_, value)] if value == "false" => Ok(false),
        _ => {
            let wanted = "the query parameter dry_run is true or false, and is sent once";
            Err(Problem::new(Code::InvalidRequest, wanted))
        }
    }
}

impl Call {
    /// Decides and writes like [`Call::write`], in an organization's lane; if a dry run is asked for, tells what that would
    /// come to and undoes it.
    pub(super) async fn change<I, T, F>(&self, lane: Lane, input: I, f: F) -> Result<Changed<T>, Problem>
    where
        I: Send + Sync + 'static,
        T: Send + 'static,
        F: for<'a, 't> Fn(&'a mut Tx<'t>, &'a Requester, &'a I) -> Work<'a, T, Problem>
            + Copy
            + Send
            + Sync
            + 'static,
    {
        if !self.dry_run {
            return self.write(lane, input, f).await.map(Changed::Done);
        }
        let input = Arc::new((self.requester.clone(), input));
        // What is refused is refused before anything is read of everybody.
        self.rehearse(lane, Arc::clone(&input), f).await?;
        let Lane::Organization(organization) = lane else {
            return Err(DirectoryError::NotFound.into());
        };
        let looked = self.rehearse(
            lane,
            Arc::new((self.requester.clone(), input)),
            move |tx, requester, input| {
                Box::pin(async move {
                    let sight = Sight::of(tx, requester, organization).await?;
                    let before = Standing::look(tx, requester, organization, sight).await?;
                    f(&mut *tx, requester, &input.1).await?;
                    let after = Standing::look(tx, requester, organization, sight).await?;
                    Ok(Outlook::from(&before, &after))
                })
            },
        );
        Ok(Changed::Rehearsed(Box::new(DryRun::of(looked.await?))))
    }
}

impl<T> Changed<T> {
    /// The answer to a change that was done, or what it would come to.
    pub(super) fn answer<R: IntoResponse>(self, done: impl FnOnce(T) -> R) -> Response {
        match self {
            Self::Done(value) => done(value).into_response(),
            Self::Rehearsed(told) => Json(told).into_response(),
        }
    }
}

impl DryRun {
    fn of(outlook: Outlook) -> Self {
        let Outlook {
            access,
            applications,
            activations,
            api_keys,
            narrowed,
        } = outlook;
        Self {
            only_rehearsed: true,
            access: each(access, |change: Change<Person>| MemberAccess {
                user: shown(&change.of),
                gained: places(change.gained),
                lost: places(change.lost),
            }),
            applications: each(
                applications,
                |Change {
                     of: (id, name),
                     gained,
                     lost,
                 }| ApplicationAccess {
                    application: Named {
                        id: id.to_string(),
                        name: name.as_str().to_owned(),
                    },
                    gained: places(gained),
                    lost: places(lost),
                },
            ),
            ends: DryRunEnds {
                activations: each(activations, |ended| DryRunEnd {
                    id: ended.of.to_string(),
                    name: None,
                    user: ended.person.as_ref().map(shown),
                    because: causes(&ended.because),
                }),
                api_keys: each(api_keys, |ended: Ended<Who>| DryRunEnd {
                    id: ended.of.id.to_string(),
                    name: Some(ended.of.name.as_str().to_owned()),
                    user: ended.person.as_ref().map(shown),
                    because: causes(&ended.because),
                }),
            },
            narrowed: each(narrowed, |change: Change<Who>| KeyAccess {
                id: change.of.id.to_string(),
                name: change.of.name.as_str().to_owned(),
                user: change.of.person.as_ref().map(shown),
                lost: places(change.lost),
            }),
        }
    }
}

fn each<T, U>(all: Option<Vec<T>>, shown: impl Fn(T) -> U) -> Option<Vec<U>> {
    all.map(|all| all.into_iter().map(shown).collect())
}

fn shown(person: &Person) -> shown::Person {
    shown::Person {
        id: person.id.to_string(),
        email: person.email.as_str().to_owned(),
        name: person.name.as_str().to_owned(),
    }
}

fn places(places: Places) -> BTreeMap<String, PermissionSet> {
    let named = places.into_iter().map(|(product, permissions)| {
        let place = product.map_or_else(|| "*".to_owned(), |product| product.to_string());
        (place, permissions)
    });
    named.collect()
}

fn causes(cuts: &[Cut]) -> Vec<DryRunCause> {
    let cause = |cut: &Cut| DryRunCause {
        kind: cut.kind(),
        detail: cut.to_string(),
    };
    cuts.iter().map(cause).collect()
}
