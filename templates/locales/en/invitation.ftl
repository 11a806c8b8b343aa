# An invitation: /invitation
invitation-accept-title = Come in to { $organization }
invitation-accept-lead = { $inviter } invites you to join.
invitation-accept-message = { $inviter } writes
invitation-accept-email = For
invitation-accept-role = Role
invitation-accept-groups = Groups
invitation-accept-name = Your name
invitation-accept-password = Password
invitation-accept-password-hint = At least { $min } characters. A few unrelated words do well.
invitation-accept-managed = { $organization } will manage this account as long as you belong to no other organization.
invitation-accept-newcomer = Make my account
invitation-accept-sign-in-lead = You have an account with this address. Sign in to accept.
invitation-accept-sign-in = Sign in
invitation-accept-free = With a second organization, your account is yours alone: none of them manages it any more.
invitation-accept-submit = Accept
invitation-accept-other = You are signed in as { $email }, whom this invitation is not for. Sign out, then open the link again.
invitation-accept-sign-out = Sign out

invitation-error-name = Enter your name.
