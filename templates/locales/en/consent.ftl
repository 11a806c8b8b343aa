# What an application asks to know
consent-form-title = Give { $application } access?
consent-form-owner = An application of { $owner }.
consent-form-scopes = It asks to
consent-form-user = You
consent-form-organization = Acting for
consent-form-return = Returning to
consent-form-allow = Allow
consent-form-deny = Don’t allow
