//! People who came by an invitation, and the domains of organizations.

use doorward::audit::Origin;
use doorward::directory::DirectoryError;
use doorward::directory::users::{self, NewUser};
use doorward::domain::access::{BuiltInRole, PermissionSet};
use doorward::domain::email::{Email, EmailDomain};
use doorward::domain::id::{OrganizationId, UserId};
use doorward::domain::text::DisplayName;
use doorward::random;
use doorward::storage::memberships::{self, NewMembership};
use doorward::storage::passwords::StoredPassword;
use doorward::storage::{Lane, domains, passwords, roles};

use super::{House, Member, cast};

impl House {
    /// Somebody whose account an invitation of Acme made, with Bob's password and a key of theirs.
    pub(crate) async fn invited(&self, name: &str, role: BuiltInRole) -> Member {
        let now = self.clock.now();
        let [_, hash, _] = cast::hashes().await;
        let email = format!("{name}@acme.example");
        let new = NewUser::draw(
            Email::parse(&email).unwrap(),
            DisplayName::parse(name).unwrap(),
            hash.to_owned(),
            false,
            now,
        );
        let (user, acme, keyring) = (new.id, self.acme.id, self.instance.keyring.clone());
        let origin = Origin {
            address: [192, 0, 2, 9].into(),
            user_agent: "a browser".to_owned(),
        };
        let work = self.db().write(Lane::Organization(acme), move |tx| {
            let (new, keyring, origin) = (new.clone(), keyring.clone(), origin.clone());
            Box::pin(async move {
                users::create_invited(tx, &keyring, acme, &new, &origin, now).await?;
                let membership = NewMembership {
                    id: new.membership(),
                    organization: acme,
                    user: new.id,
                    role: Some(roles::built_in(tx, role).await?.id),
                };
                Ok(memberships::insert(tx, &membership, now).await?)
            })
        });
        let made: Result<(), DirectoryError> = work.await;
        made.unwrap();
        let (key, api) = self.key(Some(user), PermissionSet::ALL).await;
        Member {
            user,
            email,
            key,
            api,
        }
    }

    /// Gives somebody who has none Bob's password.
    pub(crate) async fn give_password(&self, user: UserId) {
        let [_, hash, _] = cast::hashes().await;
        let now = self.clock.now();
        let id = random::id(now);
        self.write(move |tx| {
            let hash = hash.to_owned();
            Box::pin(async move { passwords::insert(tx, user, &StoredPassword { id, hash }, now).await })
        })
        .await;
    }

    /// Notes a domain as an organization's.
    pub(crate) async fn own_domain(&self, organization: OrganizationId, domain: &str) {
        let (domain, now): (EmailDomain, _) = (domain.parse().unwrap(), self.clock.now());
        self.write(move |tx| {
            let domain = domain.clone();
            Box::pin(async move { domains::insert(tx, organization, &domain, now).await.map(drop) })
        })
        .await;
    }
}
