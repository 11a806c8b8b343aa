# Signing in: /sign-in
sign-in-for = to continue to { $application }

sign-in-identify-title = Sign in
sign-in-identify-email = Email
sign-in-identify-submit = Continue

sign-in-password-title = Enter your password
sign-in-password-who = Signing in as
sign-in-password-password = Password
sign-in-password-submit = Sign in
sign-in-password-back = Not you? Use another email

sign-in-error-email = Enter an email address, like alice@example.com.
sign-in-error-password-empty = Enter your password.
# The same words whether or not the account exists.
sign-in-error-wrong = That password doesn’t match this email. Check both and try again.
sign-in-error-wait = Too many tries. Wait { $wait }, then try again.

sign-in-notice-expired = Your session has ended. Sign in again to carry on.
sign-in-notice-fresh = { $application } asks you to sign in again.
