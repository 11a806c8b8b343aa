# Signing in: /sign-in
sign-in-for = to continue to { $application }

sign-in-identify-title = Sign in
sign-in-identify-email = Email
sign-in-identify-submit = Continue

# A company’s own provider: /sign-in/…/connection, /o/…/login
sign-in-connection-title = Your organization signs you in
sign-in-connection-continue = Continue with { $connection }
sign-in-connection-otherwise = Use another way
sign-in-notice-unknown-organization = No organization signs in at this address. Check it with your administrator, or sign in here.

sign-in-password-title = Enter your password
sign-in-password-who = Signing in as
sign-in-password-password = Password
sign-in-password-submit = Sign in
sign-in-password-lost = Forgot your password?
sign-in-password-back = Not you? Use another email

sign-in-error-email = Enter an email address, like alice@example.com.
sign-in-error-password-empty = Enter your password.
# The same words whether or not the account exists.
sign-in-error-wrong = That password doesn’t match this email. Check both and try again.
sign-in-error-code-empty = Enter the code.
sign-in-error-code = That code isn’t right, or was used already. Try the next one.
sign-in-error-wait = Too many tries. Wait { $wait }, then try again.

sign-in-notice-expired = Your session has ended. Sign in again to carry on.
sign-in-notice-fresh = { $application } asks you to sign in again.
sign-in-notice-again = To change how you sign in, show once more that it’s you.

# The second factor
sign-in-second-submit = Continue
sign-in-second-trust = Don’t ask again on this device for { $days } days
sign-in-second-others = Or prove it another way
sign-in-second-totp-name = Code from your authenticator app
sign-in-second-totp-title = Enter your code
sign-in-second-totp-label = Six-digit code
sign-in-second-totp-hint = Open your authenticator app and enter the code it shows for Doorward.
sign-in-second-security-key-name = Security key or passkey
sign-in-second-security-key-title = Use your security key
sign-in-second-security-key-label = Security key
sign-in-second-security-key-hint = Plug it in or hold it near, and touch it when it asks.
sign-in-second-sms-name = Text message
sign-in-second-sms-title = Prove it by text message
sign-in-second-sms-send = Send a code to { $number }
sign-in-second-sms-sent = We sent a code to { $number }.
sign-in-second-sms-again = Send another code
sign-in-second-sms-label = Six-digit code
sign-in-second-sms-hint = It comes by text message and is good for five minutes.
sign-in-second-recovery-name = Recovery code
sign-in-second-recovery-title = Use a recovery code
sign-in-second-recovery-label = Recovery code
sign-in-second-recovery-hint = One of the ten codes that you kept. Each is good once.

# A password that must be changed: /sign-in/…/new-password
sign-in-new-title = Choose a new password
sign-in-new-lead = Your password has to be changed before you go on. Everything that was signed in with the old one will have to sign in again.
sign-in-new-submit = Go on
