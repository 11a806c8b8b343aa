//! `/v2/organizations/{org}/domains`: which email domains are known to be an organization's own.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::call::{Call, id_named, organization_named};
use super::code::Code;
use super::etag::Conditions;
use super::listing::{List, Listing};
use super::problem::Problem;
use crate::directory::{domains, require, require_fresh};
use crate::domain::access::Permission;
use crate::domain::email::EmailDomain;
use crate::storage;
use crate::storage::domain_challenges::Challenge;

/// An email domain of an organization's own.
#[derive(Debug, Serialize, ToSchema)]
pub struct Domain {
    /// In lower-case IDNA form.
    #[serde(rename = "domain")]
    #[schema(example = "acme.example")]
    name: String,
    /// Since when it is known to be the organization's.
    #[schema(format = DateTime)]
    verified_at: String,
    /// Whether its DNS says so, or a superuser.
    by: Vouching,
    /// How many days in a row its DNS did not say so any more.
    #[schema(minimum = 0)]
    missing_days: i64,
}

/// What shows whose a domain is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Vouching {
    /// A record in its DNS.
    Dns,
    /// The word of a superuser.
    Superuser,
}

/// The record that shows a domain to be an organization's.
#[derive(Debug, Serialize, ToSchema)]
pub struct DomainChallenge {
    /// The name of the TXT record.
    #[schema(example = "_doorward.acme.example")]
    name: String,
    /// What it is to say.
    #[schema(example = "doorward-verification=8xVvRV3hJ0Jm1Z0XqkqJ5m0yQm9c2oG3b1b6sB2Q4nA")]
    value: String,
    /// Until when that is looked for.
    #[schema(format = DateTime)]
    expires_at: String,
}

impl DomainChallenge {
    fn of(challenge: &Challenge) -> Self {
        Self {
            name: domains::record_name(&challenge.domain),
            value: challenge.proof.clone(),
            expires_at: challenge.expires_at.to_string(),
        }
    }
}

impl Domain {
    fn of(domain: &storage::domains::Domain) -> Self {
        Self {
            name: domain.domain.as_str().to_owned(),
            verified_at: domain.verified_at.to_string(),
            by: match domain.proof {
                Some(_) => Vouching::Dns,
                None => Vouching::Superuser,
            },
            missing_days: domain.missing,
        }
    }
}

/// List domains
///
/// Needs `connection:write`.
#[utoipa::path(get, path = "/v2/organizations/{org}/domains", tag = "domains", operation_id = "list_domains",
    responses((status = 200, description = "A page of domains", body = List<Domain>)))]
pub async fn list(
    call: Call,
    Path(org): Path<String>,
    asked: Listing,
) -> Result<Json<List<Domain>>, Problem> {
    asked.knows(&[])?;
    let found = call.read((org, asked), |tx, requester, (org, asked)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::ConnectionWrite).await?;
            let list = asked.of(requester, format!("domains {organization}"))?;
            let found = domains::list(tx, &permit, &list.page).await?;
            Ok(list.show(found, |row| row.domain.to_string(), Domain::of))
        })
    });
    Ok(Json(found.await?))
}

/// Get a domain
///
/// Needs `connection:write`.
#[utoipa::path(get, path = "/v2/organizations/{org}/domains/{domain}", tag = "domains", operation_id = "get_domain",
    responses((status = 200, description = "The domain", body = Domain)))]
pub async fn get(
    call: Call,
    Path((org, domain)): Path<(String, String)>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let found = call.read((org, domain), |tx, requester, (org, domain)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::ConnectionWrite).await?;
            Ok(domains::find(tx, &permit, &id_named(domain)?).await?)
        })
    });
    Ok(conditions.answer(&Domain::of(&found.await?)))
}

/// Note a domain as the organization's own
///
/// By the word of a superuser, and of nobody else. A domain is one organization's only.
#[utoipa::path(put, path = "/v2/organizations/{org}/domains/{domain}", tag = "domains", operation_id = "put_domain",
    responses((status = 200, description = "The domain is the organization's", body = Domain)))]
pub async fn put(call: Call, Path((org, domain)): Path<(String, String)>) -> Result<Response, Problem> {
    let lane = call.lane_of(&org).await?;
    let put = call.write(lane, (org, domain), |tx, requester, (org, domain)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::ConnectionWrite).await?;
            let domain: EmailDomain = domain.parse().map_err(|error| Problem::field("domain", error))?;
            domains::put(tx, &permit, &requester.keyring, &domain, requester.now).await?;
            Ok(domains::find(tx, &permit, &domain).await?)
        })
    });
    Ok(Conditions::default().answer(&Domain::of(&put.await?)))
}

/// Take a domain from the organization
///
/// Whoever agreed to be managed by what the domain showed is managed no more. What a superuser noted, nobody else takes
/// away; what its DNS showed, whoever has `connection:write`, with a fresh proof of who asks.
#[utoipa::path(delete, path = "/v2/organizations/{org}/domains/{domain}", tag = "domains",
    operation_id = "delete_domain",
    responses((status = 204, description = "The domain is nobody's")))]
pub async fn delete(
    call: Call,
    Path((org, domain)): Path<(String, String)>,
    conditions: Conditions,
) -> Result<StatusCode, Problem> {
    let lane = call.lane_of(&org).await?;
    let input = (org, domain, conditions);
    let deleted = call.write(lane, input, |tx, requester, (org, domain, conditions)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require_fresh(tx, requester, organization, Permission::ConnectionWrite).await?;
            let found = domains::find(tx, &permit, &id_named(domain)?).await?;
            conditions.admit(&Domain::of(&found))?;
            let (keyring, now) = (&requester.keyring, requester.now);
            Ok(domains::remove(tx, &permit, keyring, &found.domain, now).await?)
        })
    });
    deleted.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ask how to show that a domain is the organization's
///
/// By a TXT record in its DNS. The same one as before while that is looked for, 14 days. Needs `connection:write`.
#[utoipa::path(post, path = "/v2/organizations/{org}/domains/{domain}/challenge", tag = "domains",
    operation_id = "challenge_domain",
    responses((status = 200, description = "The record to write", body = DomainChallenge)))]
pub async fn challenge(call: Call, Path((org, domain)): Path<(String, String)>) -> Result<Response, Problem> {
    let lane = call.lane_of(&org).await?;
    let input = (org, domain, domains::draw_proof());
    let asked = call.write(lane, input, |tx, requester, (org, domain, proof)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::ConnectionWrite).await?;
            let domain: EmailDomain = domain.parse().map_err(|error| Problem::field("domain", error))?;
            let (keyring, now) = (&requester.keyring, requester.now);
            Ok(domains::challenge(tx, &permit, keyring, &domain, proof, now).await?)
        })
    });
    Ok(Conditions::default().answer(&DomainChallenge::of(&asked.await?)))
}

/// Verify a domain
///
/// Looks into its DNS for the record that was asked for, which stays there: it is looked for every day. A domain is one
/// organization's only. Needs `connection:write`, and a fresh proof of who asks.
#[utoipa::path(post, path = "/v2/organizations/{org}/domains/{domain}/verify", tag = "domains",
    operation_id = "verify_domain",
    responses((status = 200, description = "The domain is the organization's", body = Domain)))]
pub async fn verify(call: Call, Path((org, domain)): Path<(String, String)>) -> Result<Response, Problem> {
    call.is_in_earnest()?;
    let lane = call.lane_of(&org).await?;
    let asked = call.read((org.clone(), domain), |tx, requester, (org, domain)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require_fresh(tx, requester, organization, Permission::ConnectionWrite).await?;
            Ok(domains::asked_for(tx, &permit, &id_named(domain)?, requester.now).await?)
        })
    });
    let domain = asked.await?.domain;
    let found = call.state.dns.texts(&domains::record_name(&domain)).await;
    let found = found.map_err(|_| Problem::new(Code::Busy, "no DNS server answered; try again"))?;
    let verified = call.write(
        lane,
        (org, domain, found),
        |tx, requester, (org, domain, found)| {
            Box::pin(async move {
                let organization = organization_named(tx, org).await?;
                let permit = require_fresh(tx, requester, organization, Permission::ConnectionWrite).await?;
                domains::verify(tx, &permit, &requester.keyring, domain, found, requester.now).await?;
                Ok(domains::find(tx, &permit, domain).await?)
            })
        },
    );
    Ok(Conditions::default().answer(&Domain::of(&verified.await?)))
}
