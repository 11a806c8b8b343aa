# One's own account
account-home-title = Your account
account-home-greeting = Hello, { $name }
account-home-lead = You are signed in as { $email }.
account-home-organizations = Your organizations
account-home-no-organizations = You don’t belong to an organization yet. An invitation will bring you into one.
account-home-sign-out = Sign out
