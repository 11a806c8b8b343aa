# A company’s own provider: /upstream/…
upstream-failed-title = That didn’t work
upstream-failed-again = Try again, or another way
upstream-failed-reference = Reference
upstream-failed-tell = If it goes on, give the reference to whoever looks after sign-in at your organization. They can see what went wrong.
upstream-failed-provider = Your organization’s sign-in doesn’t answer as it should at the moment.
upstream-failed-answer = Your organization’s sign-in gave an answer that can’t be trusted, so nobody was let in by it.
upstream-failed-denied = Your organization’s sign-in didn’t let you in.
upstream-failed-not-fresh = You were asked to prove once more who you are, and your organization’s sign-in didn’t say that you did.
upstream-failed-disabled = This way to sign in was switched off.
upstream-failed-suspended = You can’t come in at the moment. Ask an administrator of your organization.
upstream-failed-not-a-member = You don’t belong to this organization here. Ask one of its administrators for an invitation.
upstream-failed-limit = The organization has all the members that it may have. Ask one of its administrators.
upstream-failed-taken = That account is linked to somebody else’s here. Unlink it there first.

upstream-post-title = On to your organization’s sign-in
upstream-post-lead = You sign in at { $host }, and come back here.
upstream-post-submit = Continue

upstream-tested-title = This is what came
upstream-tested-lead = The answer was in order. Nobody was signed in by it.
upstream-tested-subject = Unchanging name
upstream-tested-email = Email
upstream-tested-verified = The provider says that it verified this address.
upstream-tested-unverified = The provider doesn’t say that it verified this address, so it links nobody.
upstream-tested-no-email = None came.
upstream-tested-second-factor = Second factor
upstream-tested-shown = Shown there
upstream-tested-not-shown = Nothing is said of one
upstream-tested-attributes = Everything that it said

upstream-link-title = Whose account is this?
upstream-link-lead = { $organization } knows you as:
upstream-link-own = If you have an account here, sign in to it once with a password or passkey of your own. Then you can link the two, and from then on come by { $organization }.
upstream-link-sign-in = Sign in to my account
upstream-link-none = If you have none, ask an administrator of { $organization } for an invitation.
upstream-link-otherwise = Back to sign-in

# What came of a try.
upstream-tested-outlook = What a sign-in would make of it
upstream-tested-linked = They would come in, as the account that they came by before.
upstream-tested-kept-out = They would not come in: their account, or their membership of the organization, is suspended or ended here. Ask one of its administrators.
upstream-tested-managed = They would come in, as the account with this address, which the organization manages.
upstream-tested-joins = They would come in as a new member. Whoever has an account of their own with this address signs in to it once, and links the two.
upstream-tested-no-room = They would become a member, but the organization has all that it may have. Ask one of its administrators.
upstream-tested-makes-nobody = This connection makes nobody a member. Whoever has an account of their own signs in to it once and links the two; everybody else is invited first, or an administrator lets the connection make members.
upstream-tested-bare = They would be asked to sign in to an account of their own and link it, because no email address came. Let the provider send one, or say which attribute it is.
upstream-tested-unvouched = They would be asked to sign in to an account of their own and link it, because the provider doesn’t say that it verified the address. Let it send email_verified as true.
upstream-tested-foreign-domain = They would be asked to sign in to an account of their own and link it, because the address is in no domain that was verified for the organization. An administrator verifies its domain first.
upstream-tested-by = By { $attribute }.
upstream-tested-name = Name
upstream-tested-no-name = None came.
upstream-tested-gives = Given
upstream-tested-gives-nothing = No role and no group by this connection’s rules.
upstream-tested-role = The role { $name }
upstream-tested-group = The group { $name }
upstream-tested-for-value = for “{ $value }”
upstream-tested-unnamed = No rule names { $values }.
upstream-tested-no-attributes = It said nothing else.
upstream-tested-back = You can close this tab. The page that you came from knows of the try as soon as you load it again.

# What an answer shows of itself.
upstream-evidence-title = What shows that it is your provider’s
upstream-evidence-signature = Signature
upstream-evidence-response = The whole response, by { $algorithm } and the certificate:
upstream-evidence-assertion = The assertion, by { $algorithm } and the certificate:
upstream-evidence-both = The whole response and the assertion in it, by { $algorithm } and the certificate:
upstream-evidence-id-token = The id token, by { $algorithm } and the key:
upstream-evidence-encryption = Encryption
upstream-evidence-encrypted = The assertion was encrypted for us.
upstream-evidence-plain = The assertion was not encrypted. It came by TLS.
upstream-evidence-clock = Clock
upstream-evidence-clock-good = Your provider’s clock agrees with ours.
upstream-evidence-clock-ahead = { $count ->
    [one] Your provider’s clock is { $count } second ahead of ours.
   *[other] Your provider’s clock is { $count } seconds ahead of ours.
}
upstream-evidence-clock-behind = { $count ->
    [one] Your provider’s clock is { $count } second behind ours, or the answer was so long on its way.
   *[other] Your provider’s clock is { $count } seconds behind ours, or the answer was so long on its way.
}

# What to do when a try failed.
upstream-failed-advice = What to do
upstream-advice-audience = Enter our entity ID at the provider (with OpenID Connect: our client ID) exactly as the set-up page shows it, as identifier or audience.
upstream-advice-certificate = The provider signed with another certificate than its metadata has. Go back to the particulars and give its metadata anew.
upstream-advice-weak-key = Let the provider sign with an RSA key of at least 2048 bits, or with ECDSA on P-256 or P-384, and give its metadata anew.
upstream-advice-unsigned = Switch on that the provider signs the response or the assertion.
upstream-advice-changed = Something between the provider and us changed the answer, or the provider’s software signs it wrongly. Try again; if it goes on, update that software.
upstream-advice-algorithm = Let the provider sign with SHA-256 or better: RSA-SHA256 does, SHA-1 doesn’t.
upstream-advice-clock = Let the provider’s server set its clock by NTP. Beyond a minute or two, answers are refused.
upstream-advice-encryption = Set AES-GCM at the provider (aes256-gcm or aes128-gcm), or switch the encryption of assertions off for us.
upstream-advice-key-transport = Set RSA-OAEP with SHA-1 or SHA-256 as key transport at the provider, or switch the encryption of assertions off for us.
upstream-advice-our-key = The provider encrypted for another key than ours. Give it our metadata anew, or switch the encryption of assertions off for us.
upstream-advice-encrypted-parts = Let the provider encrypt the whole assertion or nothing of it.
upstream-advice-address = Enter our reply URL (assertion consumer service) at the provider exactly as the set-up page shows it.
upstream-advice-issuer = The issuer that is stored here is not the provider’s. Go back to the particulars, and enter it exactly as the provider writes it, or give its metadata anew.
upstream-advice-again = The answer belongs to another or an earlier try. Try once more from the set-up page, in one tab.
upstream-advice-begin-here = Begin on the set-up page, and not at the provider. That a provider begins has to be allowed by an administrator first.
upstream-advice-subject = Let the provider send a name that never changes, such as a persistent NameID; a transient one names nobody twice.
upstream-advice-assign = Assign this person to our application at the provider, and look there why it turned them away.
upstream-advice-request = Compare what the provider knows of us with the set-up page: the redirect URI or reply URL, the client or entity ID, and what may be asked for. Its own log says more.
upstream-advice-sign-in-there = Sign in at the provider first, or let it ask people by itself.
upstream-advice-profile = Let the provider answer by the web browser SSO profile, with its usual conditions, bearer confirmation and authentication statement.
upstream-advice-fresh = Sign out at the provider, and try again.
upstream-advice-secret = Compare the client secret and the redirect URI: make another secret at the provider, and enter it under the particulars.
upstream-advice-id-token = Let the provider sign id tokens with RS256, PS256, ES256 or EdDSA, by a key that its JWKS has.
upstream-advice-endpoints = The provider’s token and userinfo endpoints contradict each other. Look for a cache or proxy between them and us, and update the provider’s software.
upstream-advice-silent = Open the issuer’s /.well-known/openid-configuration in a browser. It has to answer from the internet, without a sign-in, and with that very issuer.
upstream-advice-client-assertion = Let the provider take client assertions signed with ES256 or RS256, or use a client secret.
