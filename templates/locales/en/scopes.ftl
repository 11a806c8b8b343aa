# What each scope lets an application do. Each title completes “It asks to …”.
scope-openid-title = Know that it is you
scope-openid-detail = An id that stays the same each time you sign in.
scope-profile-title = See your name
scope-profile-detail = Your name as it stands in your account.
scope-email-title = See your email address
scope-email-detail = And whether it has been verified.
scope-offline-access-title = Stay connected while you are away
scope-offline-access-detail = Until you sign out everywhere or take this permission back.

# Any permission asked for by its name.
scope-permission-title = Use your permission { $permission }
scope-permission-detail = Only as long as you hold it yourself.
