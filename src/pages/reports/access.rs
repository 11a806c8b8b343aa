//! `/account/reports/access` and `/console/{org}/reports/access`: who may do what.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

use super::{entered, fault, minute, requester};
use crate::directory::reports::{self, Access};
use crate::directory::{require, require_self};
use crate::domain::access::{Permission, PermissionSet};
use crate::domain::id::ProductId;
use crate::domain::membership::MembershipStatus;
use crate::domain::organization::Organization;
use crate::pages::long;
use crate::storage::{Page, Tx, products};
use crate::web::{AppState, Caller, Fault, FormAction, Frame, page, redirect};

/// The most people on one page; all of them are in the table for spreadsheets.
const MOST: i64 = 500;

/// The page: `templates/reports/access.html`.
#[derive(Template)]
#[template(path = "reports/access.html")]
pub struct AccessPage {
    /// The frame.
    pub page: Frame,
    /// Its heading.
    pub title: String,
    /// When it was made.
    pub made_at: String,
    /// Where all of it is as a table for spreadsheets.
    pub csv: String,
    /// Where the report of sign-ins is.
    pub sign_ins: String,
    /// Whether there are more people than the page shows.
    pub cut: bool,
    /// One for each organization.
    pub tables: Vec<Table>,
}

/// Who may do what in an organization.
pub struct Table {
    /// What people call it.
    pub organization: String,
    /// Person by person.
    pub people: Vec<Line>,
}

/// What one person may do.
pub struct Line {
    /// What they are called.
    pub name: String,
    /// Where they are written to.
    pub email: String,
    /// The membership's role.
    pub role: String,
    /// Their groups.
    pub groups: Vec<String>,
    /// Whether the membership lets them act.
    pub status: MembershipStatus,
    /// What they may do on all products.
    pub everywhere: Vec<Held>,
    /// What they may do beyond that, by product.
    pub on_products: Vec<(String, Vec<Held>)>,
    /// When they last signed in, if ever.
    pub last_sign_in: Option<String>,
    /// How many keys of theirs are good.
    pub api_keys: i64,
}

/// What may be done to one kind of thing.
#[derive(Clone)]
pub struct Held {
    /// The kind.
    pub resource: &'static str,
    /// What may be done, such as `read, write`.
    pub actions: String,
}

impl AccessPage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        use crate::domain::access::BuiltInRole::{Operator, Owner, Viewer};
        let held = |role: crate::domain::access::BuiltInRole| grouped(role.permissions());
        let alice = Line {
            name: "Alice Archer".to_owned(),
            email: "alice@acme.example".to_owned(),
            role: "owner".to_owned(),
            groups: Vec::new(),
            status: MembershipStatus::Active,
            everywhere: held(Owner),
            on_products: Vec::new(),
            last_sign_in: Some("2026-11-22 09:30".to_owned()),
            api_keys: 2,
        };
        let bob = || Line {
            name: "Bob Becker".to_owned(),
            email: "bob@acme.example".to_owned(),
            role: "viewer".to_owned(),
            groups: vec!["Field team".to_owned(), "Night watch".to_owned()],
            status: MembershipStatus::Active,
            everywhere: held(Viewer),
            on_products: vec![("Rover".to_owned(), held(Operator))],
            last_sign_in: None,
            api_keys: 0,
        };
        let resting = Line {
            name: long::NAME.to_owned(),
            email: long::EMAIL.to_owned(),
            role: String::new(),
            groups: vec![long::NAME.to_owned()],
            status: MembershipStatus::Inactive,
            everywhere: Vec::new(),
            on_products: Vec::new(),
            last_sign_in: Some("2026-08-01 17:05".to_owned()),
            api_keys: 0,
        };
        let of = |title: String, tables, cut| Self {
            page: Frame::english(),
            title,
            made_at: "2026-11-22 09:30".to_owned(),
            csv: "/v2/users/me/reports/access?format=csv".to_owned(),
            sign_ins: "/account/reports/sign-ins".to_owned(),
            cut,
            tables,
        };
        let table = |organization: &str, people| Table {
            organization: organization.to_owned(),
            people,
        };
        vec![
            (
                "organization",
                of(
                    of_organization("Acme"),
                    vec![table("Acme", vec![alice, bob()])],
                    false,
                ),
            ),
            (
                "own",
                of(
                    own(),
                    vec![table("Acme", vec![bob()]), table("Umbrella", vec![bob()])],
                    false,
                ),
            ),
            ("nowhere", of(own(), Vec::new(), false)),
            (
                "long",
                of(
                    of_organization(long::NAME),
                    vec![table(long::NAME, vec![resting])],
                    true,
                ),
            ),
        ]
    }
}

impl Line {
    fn of(access: &Access, named: &BTreeMap<ProductId, String>) -> Self {
        let effective = access.effective.as_ref();
        let beyond = effective.into_iter().flat_map(|effective| &effective.by_product);
        let on_products = beyond.map(|(product, held)| {
            let name = named.get(product).cloned();
            (name.unwrap_or_else(|| product.to_string()), grouped(*held))
        });
        Self {
            name: access.entry.name.to_string(),
            email: access.entry.email.to_string(),
            role: access.entry.role.clone().unwrap_or_default(),
            groups: access
                .member
                .groups
                .iter()
                .map(|group| group.name.clone())
                .collect(),
            status: access.entry.state.status(),
            everywhere: effective.map_or_else(Vec::new, |effective| grouped(effective.everywhere)),
            on_products: on_products.collect(),
            last_sign_in: access.entry.last_sign_in_at.map(minute),
            api_keys: access.api_keys,
        }
    }

    /// Whether they may do nothing at all.
    pub fn may_nothing(&self) -> bool {
        self.everywhere.is_empty() && self.on_products.is_empty()
    }
}

/// `GET /account/reports/access`
pub async fn show_own(State(state): State<AppState>, caller: Caller) -> Result<Response, Fault> {
    let Some(requester) = requester(&state, &caller) else {
        return Ok(redirect("/sign-in"));
    };
    let mut snapshot = state.provider.db.snapshot().await?;
    let mut tx = snapshot.tx();
    let permit = require_self(&mut tx, &requester, None).await.map_err(fault)?;
    let mut tables = Vec::new();
    for (organization, access) in reports::own_access(&mut tx, &permit).await? {
        tables.push(table(&mut tx, &organization, &[access]).await?);
    }
    let shown = AccessPage {
        page: Frame::english(),
        title: own(),
        made_at: minute(requester.now),
        csv: "/v2/users/me/reports/access?format=csv".to_owned(),
        sign_ins: "/account/reports/sign-ins".to_owned(),
        cut: false,
        tables,
    };
    Ok(page(&shown, &FormAction::Own))
}

/// `GET /console/{org}/reports/access`
pub async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Path(org): Path<String>,
) -> Result<Response, Fault> {
    let Some(requester) = requester(&state, &caller) else {
        return Ok(redirect("/sign-in"));
    };
    let organization = entered(&state, &requester, &org).await?;
    let mut snapshot = state.provider.db.snapshot().await?;
    let mut tx = snapshot.tx();
    let permit = require(&mut tx, &requester, organization.id, Permission::AuditLogRead).await;
    let permit = permit.map_err(fault)?;
    let found = reports::access(&mut tx, &permit, &Page::first(MOST + 1), requester.now).await;
    let mut found = found.map_err(fault)?;
    let most = usize::try_from(MOST).unwrap_or(usize::MAX);
    let cut = found.len() > most;
    found.truncate(most);
    let shown = AccessPage {
        page: Frame::english(),
        title: of_organization(organization.display_name.as_str()),
        made_at: minute(requester.now),
        csv: format!(
            "/v2/organizations/{}/reports/access?format=csv",
            organization.name.as_str()
        ),
        sign_ins: format!("/console/{}/reports/sign-ins", organization.name.as_str()),
        cut,
        tables: vec![table(&mut tx, &organization, &found).await?],
    };
    Ok(page(&shown, &FormAction::Own))
}

async fn table(tx: &mut Tx<'_>, organization: &Organization, found: &[Access]) -> Result<Table, Fault> {
    let named = products::list(tx, organization.id, &Page::first(MOST)).await?;
    let named = named.into_iter();
    let named = named
        .map(|product| (product.id, product.display_name.to_string()))
        .collect();
    Ok(Table {
        organization: organization.display_name.to_string(),
        people: found.iter().map(|access| Line::of(access, &named)).collect(),
    })
}

fn own() -> String {
    Frame::english().t("reports-access-own")
}

fn of_organization(name: &str) -> String {
    Frame::english().t1("reports-access-of", "organization", name)
}

/// Permissions by what they are about.
fn grouped(permissions: PermissionSet) -> Vec<Held> {
    let mut grouped = Vec::<Held>::new();
    for permission in permissions.iter() {
        match grouped
            .iter_mut()
            .find(|held| held.resource == permission.resource())
        {
            Some(held) => {
                held.actions.push_str(", ");
                held.actions.push_str(permission.action());
            }
            None => grouped.push(Held {
                resource: permission.resource(),
                actions: permission.action().to_owned(),
            }),
        }
    }
    grouped
}
