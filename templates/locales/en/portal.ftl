## Setting a connection up by a link: /portal/…

portal-steps = Steps
portal-step-choose = Provider
portal-step-set-up = Particulars
portal-step-check = Try and enable

portal-choose-title = Set up sign-in for { $organization }
portal-choose-lead = People of your company will sign in here with the account they have there. Which provider keeps those accounts?
portal-choose-oidc = By OpenID Connect
portal-choose-saml = By SAML 2.0
portal-choose-other = Another provider

portal-set-up-title = Set up your provider
portal-set-up-heading = Set up { $provider }
portal-set-up-there = At your provider
portal-set-up-here = And here
portal-set-up-submit = Save and go on
portal-set-up-back = Choose another provider

portal-value-callback = Redirect URI
portal-value-signed-out = Post-logout redirect URI, also called sign-out redirect URI
portal-value-entity-id = Entity ID, also called identifier or audience
portal-value-acs = Reply URL, also called assertion consumer service (ACS)

portal-guide-entra-oidc = In the Entra admin center, open App registrations and make a new one. Choose “Web” as the platform of its redirect URI, and enter the address below. Then make a client secret under “Certificates & secrets”. The issuer is https://login.microsoftonline.com/, your tenant’s ID, and /v2.0.
portal-guide-okta-oidc = In the Okta admin console, open Applications and create an app integration: “OIDC – OpenID Connect”, “Web Application”. Enter the address below as a sign-in redirect URI, and assign the people who are to come. The issuer is your Okta domain, such as https://acme.okta.com.
portal-guide-keycloak-oidc = In your realm, create a client of type OpenID Connect, switch “Client authentication” on, and enter the address below as a valid redirect URI. The secret is on the client’s tab “Credentials”. The issuer is the address of your Keycloak, /realms/, and the realm’s name.
portal-guide-other-oidc = Register a confidential web client that uses the authorization code, and enter the address below as its redirect URI. You need the issuer, the client ID and the client secret.
portal-guide-entra-saml = In the Entra admin center, open Enterprise applications, create your own (non-gallery), and choose SAML under “Single sign-on”. Enter the two values below as identifier and reply URL. Then copy the “App Federation Metadata Url”.
portal-guide-okta-saml = In the Okta admin console, open Applications and create an app integration: “SAML 2.0”. Enter the two values below as “Audience URI” and “Single sign-on URL”, and assign the people who are to come. The metadata URL is on the tab “Sign On”.
portal-guide-google-saml = In the Google Admin console, open “Web and mobile apps” and add a custom SAML app. Download the IdP metadata, and enter the two values below as entity ID and ACS URL. Tick “Signed response”.
portal-guide-simplesamlphp-saml = Add us to saml20-sp-remote with the two values below, and set 'assertion.encryption' to false: assertions are signed, and travel by TLS. What SimpleSAMLphp 1.19 encrypts for a certificate it encrypts with AES-128-CBC, whatever is set, and that is refused here. Its metadata is at /saml2/idp/metadata.php.
portal-guide-other-saml = Add a service provider with the two values below. Answers have to be signed with SHA-256 or better; assertions may be encrypted by RSA-OAEP and AES-GCM. You need the provider’s metadata.

portal-field-issuer = Issuer
portal-field-issuer-hint = Exactly as the provider writes it, such as https://login.acme.example
portal-field-client-id = Client ID
portal-field-client-secret = Client secret
portal-field-client-secret-hint = It is kept sealed, and shown to nobody again. Leave it empty to keep the one that is there.
portal-field-metadata-url = Address of the metadata
portal-field-metadata-url-hint = It is read now and every day, so that new certificates arrive by themselves.
portal-field-metadata-file = Or its file
portal-field-metadata-file-hint = An XML file of up to 256 KiB. It is used now, whatever is at the address.
portal-field-metadata-xml = Or the metadata itself
portal-field-metadata-xml-hint = The whole XML, where there is no file.

portal-check-title = Try it, then enable it
portal-check-enabled = People of { $organization } can sign in
portal-check-status = Status
portal-status-draft = Not enabled yet
portal-status-enabled = Enabled
portal-status-disabled = Disabled
portal-fact-issuer = Issuer
portal-fact-client-id = Client ID
portal-fact-entity-id = Entity ID
portal-fact-fingerprint = Certificate
portal-fact-certificate = It ends
portal-check-try = A try
portal-check-try-lead = In a new tab you see what your provider says of you. Nobody is signed in here by it. Then come back, and load this page again.
portal-check-try-action = Sign in at your provider
portal-check-good = It went well
portal-check-bad = It failed
portal-check-enable = Enable it
portal-check-enable-lead = From then on, people of { $organization } can sign in by it.
portal-check-enable-action = Enable
portal-check-change = Change the particulars
portal-check-mapping = If the try showed an address, a name or groups wrong, say which attribute is what.
portal-check-mapping-action = Say which attribute is what
portal-check-until = This link is good until { $until }.

portal-mapping-title = Which attribute is what
portal-mapping-lead = Leave a field empty where your provider uses a usual name.
portal-mapping-untried = Nobody tried the connection yet. After a try, the names of the attributes that came are offered here.
portal-mapping-came = What came with the last try
portal-mapping-email = Email address
portal-mapping-name = Whole name
portal-mapping-given-name = First name, if there is no whole name
portal-mapping-family-name = Last name, if there is no whole name
portal-mapping-groups = Groups
portal-mapping-submit = Save
portal-mapping-back = Back without saving
portal-mapping-rules = What groups give
portal-mapping-no-rules = Nothing yet: no rule names a value.
portal-mapping-rules-by = Rules give rights at { $organization }, so nobody changes them by this link. One of its administrators does, through the API.

portal-error-exceeds = Whoever made this link may not enable sign-in for everybody. Ask an owner of the organization to do it.
