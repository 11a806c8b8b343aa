//! Coming back from a provider with its answer (RFC 6749 §4.1.2, RFC 9207 §2): believed in the browser and by the
//! connection that it was asked for, once, and after everything about it was checked.

use std::sync::Arc;

use serde_json::{Map, Value};
use url::Url;
use zeroize::Zeroizing;

use super::attributes::arrival;
use super::exchange::{Redeemable, Tokens, redeem};
use super::id_token::{Claims, Expected};
use super::providers::Known;
use crate::directory::connections::open_secret;
use crate::domain::arrival::Arrival;
use crate::domain::connection::{Connection, OidcProvider, Provider};
use crate::domain::evidence::{Evidence, Signature, Signed, Sources};
use crate::domain::id::ConnectionId;
use crate::domain::secret::{Purpose, Secret};
use crate::domain::time::Timestamp;
use crate::domain::upstream::{Sent, Stage, UpstreamPurpose, UpstreamRequest};
use crate::keyring::{BadForeignToken, Believed};
use crate::sign_in::Visitor;
use crate::storage::{Lane, StorageError, connections, upstream_requests};
use crate::upstream::{ArriveError, Arrived, Failure, Said, Upstream, arrive, note};

/// The longest answer of a userinfo endpoint, in bytes.
const LONGEST: usize = 64 * 1024;

/// A provider's answer as the browser brings it; each parameter came once at most.
pub struct OidcAnswer {
    /// `state`.
    pub state: Secret,
    /// `iss`.
    pub issuer: Option<String>,
    /// `code`.
    pub code: Option<Secret>,
    /// `error`.
    pub error: Option<String>,
}

/// What became of somebody who was away.
pub struct Returned {
    /// What they were sent away with.
    pub request: UpstreamRequest,
    /// Where they have come to.
    pub outcome: Result<Arrived, Failure>,
}

impl Upstream {
    /// Takes an answer. Nothing comes of one that nobody was sent away for, in this browser and by this connection, or that
    /// came before.
    pub async fn oidc_answer(
        &self,
        visitor: &Visitor,
        connection: ConnectionId,
        answer: &OidcAnswer,
        now: Timestamp,
    ) -> Result<Option<Returned>, StorageError> {
        let (state, browser) = (answer.state.hash(Purpose::UpstreamState), visitor.browser.clone());
        let taken = self.db.write(Lane::Free, move |tx| {
            let (state, browser) = (state.clone(), browser.clone());
            Box::pin(async move { upstream_requests::take(tx, &state, &browser, connection, now).await })
        });
        let taken: Result<Option<UpstreamRequest>, StorageError> = taken.await;
        let Some(request) = taken? else {
            return Ok(None);
        };
        let outcome = match self.read(&request, answer, now).await? {
            Ok(said) => {
                let arrived = arrive(&self.db, &self.keyring, visitor, request.clone(), said, now);
                match arrived.await {
                    Ok(arrived) => Ok(arrived),
                    Err(ArriveError::Refused(failure)) => Err(failure),
                    Err(ArriveError::Storage(error)) => return Err(error),
                }
            }
            Err(failure) => {
                note(&self.db, &request, &failure, visitor.origin.address, now).await?;
                Err(failure)
            }
        };
        Ok(Some(Returned { request, outcome }))
    }

    /// Who came, by an answer that is in order.
    async fn read(
        &self,
        request: &UpstreamRequest,
        answer: &OidcAnswer,
        now: Timestamp,
    ) -> Result<Result<Said, Failure>, StorageError> {
        let mut snapshot = self.db.snapshot().await?;
        let tx = &mut snapshot.tx();
        let found = connections::find(tx, request.organization, request.connection).await?;
        let sealed = connections::secret(tx, request.connection).await?;
        drop(snapshot);
        let is_test = matches!(request.purpose, UpstreamPurpose::Test(_));
        let found = found.filter(|found| found.is_enabled() || is_test);
        let Some(Provider::Oidc(provider)) = found.as_ref().map(|found| &found.provider) else {
            return Ok(Err(nobody_comes_by_it()));
        };
        let connection = found.as_ref().expect("it has a provider");
        let secret = sealed.and_then(|sealed| open_secret(&self.keyring, connection.id, &sealed));
        Ok(self
            .said(request, connection, provider, secret, answer, now)
            .await)
    }

    async fn said(
        &self,
        request: &UpstreamRequest,
        connection: &Connection,
        provider: &OidcProvider,
        secret: Option<Zeroizing<String>>,
        answer: &OidcAnswer,
        now: Timestamp,
    ) -> Result<Said, Failure> {
        let Sent::Oidc {
            nonce,
            verifier,
            max_age,
        } = &request.sent
        else {
            return Err(nobody_comes_by_it());
        };
        let known = self
            .providers
            .known(&self.outbound, &provider.issuer, now)
            .await?;
        // Before the code goes anywhere (AZ19).
        names_its_issuer(&known, provider, answer)?;
        let code = Redeemable {
            code: code_of(answer)?.expose(),
            verifier,
            callback: &self.callback_url(connection.id),
        };
        let secret = secret.as_ref().map(|secret| secret.as_str());
        let (outbound, keyring) = (&self.outbound, &self.keyring);
        let tokens = redeem(outbound, keyring, &known, provider, secret, &code, now).await?;
        let (known, believed) = self.verified(known, provider, &tokens, now).await?;
        let claims = &believed.claims;
        let evidence = evidence(&believed, now);
        let shown = |failure: Failure| failure.showing(evidence.clone());
        let expected = Expected {
            issuer: &provider.issuer,
            client_id: &provider.client_id,
            nonce,
            max_age: *max_age,
        };
        let checked = claims.check(&expected, now).map_err(shown)?;
        let access_token = tokens.access_token.as_ref().map(|token| token.as_str());
        claims
            .goes_with(access_token, believed.algorithm)
            .map_err(shown)?;
        let told = self.told_besides(&known, claims, connection, &tokens).await;
        let (arrival, sources) = arrival(checked, &told.map_err(shown)?, &connection.mapping);
        let arrival = Arrival {
            sealed_id_token: self.sealed_id_token(connection.id, &tokens.id_token),
            ..arrival
        };
        let evidence = Evidence { sources, ..evidence };
        Ok(Said { arrival, evidence })
    }

    /// The claims of an id token, by its provider's keys: fetched again once if it names one that isn't known (F10).
    async fn verified(
        &self,
        mut known: Arc<Known>,
        provider: &OidcProvider,
        tokens: &Tokens,
        now: Timestamp,
    ) -> Result<(Arc<Known>, Believed<Claims>), Failure> {
        let mut believed = known.keys.verify::<Claims>(&tokens.id_token);
        if matches!(believed, Err(BadForeignToken::UnknownKey)) {
            let (outbound, issuer) = (&self.outbound, &provider.issuer);
            let newer = self.providers.with_newer_keys(outbound, issuer, &known, now);
            if let Some(newer) = newer.await? {
                known = newer;
                believed = known.keys.verify(&tokens.id_token);
            }
        }
        let refused = |error: BadForeignToken| {
            let told = format!("the id token is not believed: {error}");
            Failure::at(Stage::Signature, "bad_id_token", told)
        };
        Ok((known, believed.map_err(refused)?))
    }

    /// What the id token says of somebody; where it says no address, together with what the userinfo endpoint does, if
    /// that is about the same person (OpenID Connect Core §5.3.2). The id token's word is the stronger.
    async fn told_besides(
        &self,
        known: &Known,
        claims: &Claims,
        connection: &Connection,
        tokens: &Tokens,
    ) -> Result<Map<String, Value>, Failure> {
        let email = connection.mapping.email.as_deref().unwrap_or("email");
        let (Some(endpoint), Some(token)) = (&known.discovery.userinfo_endpoint, &tokens.access_token) else {
            return Ok(claims.rest.clone());
        };
        if claims.rest.contains_key(email) {
            return Ok(claims.rest.clone());
        }
        let mut told = self.userinfo(endpoint, token).await?;
        if told.get("sub").and_then(Value::as_str) != Some(&claims.sub) {
            let told = "its userinfo endpoint tells of somebody else than the id token";
            return Err(Failure::at(Stage::Attributes, "wrong_subject", told));
        }
        told.extend(claims.rest.clone());
        Ok(told)
    }

    async fn userinfo(&self, endpoint: &Url, token: &str) -> Result<Map<String, Value>, Failure> {
        let broken = |told: String| Failure::at(Stage::Attributes, "bad_userinfo", told);
        let body = self.outbound.get_as(endpoint, token, LONGEST).await;
        let body = body.map_err(|error| broken(format!("its userinfo endpoint gave no answer: {error}")))?;
        serde_json::from_slice(&body)
            .map_err(|_| broken("the answer of its userinfo endpoint can't be read".to_owned()))
    }
}

fn evidence(believed: &Believed<Claims>, now: Timestamp) -> Evidence {
    Evidence {
        signatures: vec![Signature {
            of: Signed::IdToken,
            key: believed.key.clone(),
            algorithm: believed.algorithm,
        }],
        encrypted: false,
        issued: believed.claims.issued(),
        received: now,
        sources: Sources::default(),
    }
}

fn nobody_comes_by_it() -> Failure {
    let told = "nobody comes by this connection, as it was disabled meanwhile";
    Failure::at(Stage::Person, "connection_disabled", told)
}

/// RFC 9207 §2.4: an answer that names another issuer is another's, and so is one that names none where all do.
fn names_its_issuer(known: &Known, provider: &OidcProvider, answer: &OidcAnswer) -> Result<(), Failure> {
    let ours = match &answer.issuer {
        Some(issuer) => *issuer == provider.issuer,
        None => !known.discovery.names_itself,
    };
    if ours {
        return Ok(());
    }
    let told = match &answer.issuer {
        Some(issuer) => format!("the answer is of the issuer {issuer:?}"),
        None => "the answer names no issuer, and this provider's answers do".to_owned(),
    };
    Err(Failure::at(Stage::Response, "wrong_issuer", told))
}

fn code_of(answer: &OidcAnswer) -> Result<&Secret, Failure> {
    match (&answer.error, &answer.code) {
        (Some(error), _) => {
            let refusal = if error == "access_denied" {
                "denied_upstream"
            } else {
                "refused_upstream"
            };
            let told = format!("the provider answered with the error {error}");
            Err(Failure::at(Stage::Response, refusal, told))
        }
        (None, Some(code)) => Ok(code),
        (None, None) => {
            let told = "the answer has neither a code nor an error";
            Err(Failure::at(Stage::Response, "bad_answer", told))
        }
    }
}
