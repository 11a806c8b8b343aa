# When something is in the way: what happened, and what to do next
error-problem-back = Go to the front door
error-problem-code = Code
error-problem-trace = Reference

error-unknown-client-title = We don’t know this application
error-unknown-client-detail = The link that brought you here names an application that isn’t registered. Go back to it and start again, or tell the people who run it.

error-bad-redirect-title = This link leads somewhere unexpected
error-bad-redirect-detail = The application asked to send you to an address it hasn’t registered, so we stopped here. The people who run it can put this right.

error-bad-request-title = That request doesn’t add up
error-bad-request-detail = Something in it is missing or wrong: { $what }. Go back to the application and start again.

error-expired-flow-title = This page has expired
error-expired-flow-detail = Signing in was left for too long, or was finished in another tab. Start again from the application you came from.

error-too-many-tries-title = Too many tries
error-too-many-tries-detail = Wait { $wait }, then try again.

error-not-found-title = There is nothing here
error-not-found-detail = The address may be mistyped, or the page may have moved.

error-method-not-allowed-title = This isn’t something to send
error-method-not-allowed-detail = There is a page at this address, but it doesn’t take what was sent. Open it by its link.

error-forbidden-origin-title = This came from another site
error-forbidden-origin-detail = For your safety we accept forms only from our own pages. Open the page again here and send it once more.

error-claim-used-title = This link no longer works
error-claim-used-detail = It has been used, or its time is up. If Doorward already has an owner, sign in. If not, restart the server for a new link.

error-invitation-over-title = This invitation is no longer good
error-invitation-over-detail = It may have been accepted, sent again or taken back, or its seven days are over. If you have joined already, sign in. If not, ask whoever invited you to send it again.
error-portal-over-title = This set-up link is no longer good
error-portal-over-detail = It may have been taken back, or its time is over, or whoever made it may not set up sign-in any more. Ask them for another.

error-server-title = Something broke on our side
error-server-detail = It isn’t your doing. Try again in a moment. If it happens again, send the reference below to the people who run this Doorward.

error-too-large-title = That was too large
error-too-large-detail = The request was bigger than we accept. Send less and try again.

error-busy-title = Doorward is busy
error-busy-detail = More people are at the door than it can let in at once. Try again in a few seconds.

error-not-allowed-title = This page is not open to you
error-not-allowed-detail = Your role in the organization doesn’t reach so far. Ask one of its administrators.
error-no-access-title = You can’t use this application
error-no-access-detail = Your account has no access to it at the moment. Ask an administrator of the organization it belongs to, or sign in with another account.
