# The first owner takes the keys: /claim
claim-form-title = Make this Doorward yours
claim-form-lead = You will be its first owner. This link works once.
claim-form-name = Your name
claim-form-email = Email
claim-form-email-hint = You will sign in with it.
claim-form-organization = Organization
claim-form-organization-hint = The name its people know it by.
claim-form-password = Password
claim-form-password-hint = At least { $min } characters. A few unrelated words do well.
claim-form-submit = Take the keys

claim-error-name = Enter your name.
claim-error-email = Enter an email address, like alice@example.com.
claim-error-organization = Enter a name for your organization.
claim-error-organization-long = Choose a shorter name for your organization.
