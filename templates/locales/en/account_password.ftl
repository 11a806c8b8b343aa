# One's own password: /account/password
account-password-title = Your password
account-password-lead = When you change it, every other browser and application that is signed in with your account has to sign in again.
account-password-lead-none = You sign in without a password. If you set one, it is another way in.
account-password-done = Your password is changed. Everything else that was signed in no longer is.
account-password-old = Present password
account-password-submit = Change the password
account-password-submit-none = Set a password
account-password-back = Back to security
account-password-error-old = This is not your present password.
