# A company’s own provider: /upstream/…
upstream-failed-title = That didn’t work
upstream-failed-again = Try again, or another way
upstream-failed-reference = Reference
upstream-failed-tell = If it goes on, give the reference to whoever looks after sign-in at your organization. They can see what went wrong.
upstream-failed-provider = Your organization’s sign-in doesn’t answer as it should at the moment.
upstream-failed-answer = Your organization’s sign-in gave an answer that can’t be trusted, so nobody was let in by it.
upstream-failed-denied = Your organization’s sign-in didn’t let you in.
upstream-failed-not-fresh = You were asked to prove once more who you are, and your organization’s sign-in didn’t say that you did.
upstream-failed-disabled = This way to sign in was switched off.
upstream-failed-suspended = You can’t come in at the moment. Ask an administrator of your organization.
upstream-failed-not-a-member = You don’t belong to this organization here. Ask one of its administrators for an invitation.
upstream-failed-limit = The organization has all the members that it may have. Ask one of its administrators.
upstream-failed-taken = That account is linked to somebody else’s here. Unlink it there first.

upstream-post-title = On to your organization’s sign-in
upstream-post-lead = You sign in at { $host }, and come back here.
upstream-post-submit = Continue

upstream-tested-title = This is what came
upstream-tested-lead = The answer was in order. Nobody was signed in by it.
upstream-tested-subject = Unchanging name
upstream-tested-email = Email
upstream-tested-verified = The provider says that it verified this address.
upstream-tested-unverified = The provider doesn’t say that it verified this address, so it links nobody.
upstream-tested-no-email = None came.
upstream-tested-second-factor = Second factor
upstream-tested-shown = Shown there
upstream-tested-not-shown = Nothing is said of one
upstream-tested-attributes = Everything that it said

upstream-link-title = Whose account is this?
upstream-link-lead = { $organization } knows you as:
upstream-link-own = If you have an account here, sign in to it once with a password or passkey of your own. Then you can link the two, and from then on come by { $organization }.
upstream-link-sign-in = Sign in to my account
upstream-link-none = If you have none, ask an administrator of { $organization } for an invitation.
upstream-link-otherwise = Back to sign-in
