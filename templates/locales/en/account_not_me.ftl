# "This wasn't me": /account/not-me, /account/locked
account-not-me-title = This wasn’t you?
account-not-me-lead = { $name }, this happened to your account:
account-not-me-then = Say that it wasn’t you, and at once:
account-not-me-sessions = you are signed out everywhere, on every device and in every application;
account-not-me-keys = your API keys are revoked;
account-not-me-factors = passkeys, codes and phones that were added since are gone;
account-not-me-password = your password opens nothing until you set another by mail.
account-not-me-submit = This wasn’t me: lock my account
account-not-me-was-me = If it was you, close this page. Nothing will change.

account-not-me-over-title = This link is no longer good
account-not-me-over-detail = It works once, for a week, and until the account is locked by another one. If somebody is in your account, sign in, end all other sessions and change your password.
account-not-me-over-on = Sign in

account-locked-title = Your account is locked
account-locked-lead = Whoever was in it is out, and the password they may know opens nothing. This is how you come back:
account-locked-mail = Make sure that nobody else reads your mail: change the password of your mailbox first.
account-locked-password = Then ask for a new password, and set one that you use nowhere else.
account-locked-look = Look through your devices, keys and second factors, and add again what is yours.
account-locked-on = Set a new password
