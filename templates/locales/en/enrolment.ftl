# Setting up a second factor because an organization asks for one
enrolment-choose-title = Add a second factor
enrolment-choose-lead = { $organization } asks for more than a password. Choose what you’d like to use.
enrolment-choose-webauthn = Passkey or security key
enrolment-choose-webauthn-detail = The safest: it can’t be phished.
enrolment-choose-totp = Authenticator app
enrolment-choose-totp-detail = Six-digit codes on your phone, even without a network.
enrolment-choose-sms = Text message
enrolment-choose-sms-detail = A code to your phone. Easier to intercept than the others.
enrolment-choose-back = When it’s set up, you go on to { $application }.
enrolment-choose-until = You have until { $date }.
enrolment-choose-later = Not now
