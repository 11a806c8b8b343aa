# One's own account
account-home-title = Your account
account-home-greeting = Hello, { $name }
account-home-lead = You are signed in as { $email }.
account-home-organizations = Your organizations
account-home-no-organizations = You don’t belong to an organization yet. An invitation will bring you into one.
account-home-sign-out = Sign out
account-home-security = How you sign in

# What one signs in with: /account/security
account-security-title = How you sign in
account-security-lead = Each way can be changed here, and nobody else can change it for you.
account-security-on = In use
account-security-off = Not set up
account-security-password = Password
account-security-passkeys = Passkeys and security keys
account-security-keys = { $count ->
    [one] One
   *[other] { $count }
}
account-security-authenticator = Authenticator app
account-security-phone = Text message
account-security-recovery = Recovery codes
account-security-codes = { $count ->
    [one] One left
   *[other] { $count } left
}
account-security-advice-none = A password alone can be guessed or phished. Add a passkey or an authenticator app.
account-security-advice-codes = You have few recovery codes left, or none. Print new ones before you need them.
account-security-waiting = Continue to { $application }
account-security-sessions = Where you’re signed in
account-security-api-keys = API keys
account-security-alerts = Alerts
account-security-connections = Connected services
account-security-home = Your account
