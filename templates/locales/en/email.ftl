# A new email address: /email
email-confirm-title = Use this email address?
email-confirm-lead = { $name } wants to sign in to Doorward with this address from now on.
email-confirm-new = New address:
email-confirm-submit = Use this address
email-confirm-not-you = If you did not ask for this, close this page. Nothing will change.

email-changed-title = Your address is changed
email-changed-lead = From now on, sign in with your new email address. Your password is the same as before.
email-changed-on = Go on

email-over-used-title = This link is no longer good
email-over-used-detail = It works once, for a day, until you ask for another. Sign in, and ask for your new address again if it is not there yet.
email-over-taken-title = This address is taken
email-over-taken-detail = Somebody else signs in with this email address by now. Nothing was changed; your old address still works.
email-over-on = Go to Doorward
