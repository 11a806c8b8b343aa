# Letters. Each has a subject, a heading, and what it says.
mail-base-foot = Sent by Doorward at { $host }
mail-base-action-else = If the button does nothing, open this address:
mail-base-once = The link works once, until { $until }.
mail-base-moment = { $day } { $month } { $year } at { $time } UTC
mail-base-month-1 = January
mail-base-month-2 = February
mail-base-month-3 = March
mail-base-month-4 = April
mail-base-month-5 = May
mail-base-month-6 = June
mail-base-month-7 = July
mail-base-month-8 = August
mail-base-month-9 = September
mail-base-month-10 = October
mail-base-month-11 = November
mail-base-month-12 = December

mail-invitation-subject = { $inviter } invites you to { $organization }
mail-invitation-subject-reminder = Still open: { $inviter } invites you to { $organization }
mail-invitation-heading = Come in to { $organization }
mail-invitation-heading-reminder = { $organization } still holds the door
mail-invitation-lead = { $inviter } invites you to join { $organization }. Accept, and you can sign in to what { $organization } opens to you.
mail-invitation-lead-reminder = { $inviter } invited you to join { $organization } and hasn’t heard from you yet. This is the only reminder.
mail-invitation-quote = { $inviter } writes
mail-invitation-action = Accept the invitation
mail-invitation-why = It was meant for { $email }. If you don’t know { $inviter }, do nothing: without you, nothing happens.

mail-confirm-email-subject = Confirm your email address
mail-confirm-email-heading = Is this your address?
mail-confirm-email-lead = Hello { $name }, your account is to use { $email } from now on. Confirm that it is yours, and you sign in with it.
mail-confirm-email-action = Confirm this address
mail-confirm-email-why = If you didn’t ask for this, do nothing: without you, nothing changes.

mail-ownership-transferred-subject = { $organization } has a new owner
mail-ownership-transferred-heading = { $organization } changed hands
mail-ownership-transferred-lead = { $from } handed { $organization } over to { $to }, who owns it from now on.
mail-ownership-transferred-why = If you didn’t expect this, ask them both, or whoever runs this Doorward.

mail-usage-alert-subject = { $organization } uses { $percent }% of its { $resource }
mail-usage-alert-heading = { $used } of { $limit } { $resource }
mail-usage-alert-lead = { $organization } now uses { $used } of the { $limit } { $resource } that it may have. Once all are in use, no more can be added.
mail-usage-alert-why = You get this because { $organization } asked to be told. Remove what is no longer needed, or have the limit raised.

mail-review-subject = { $organization }: { $review } is yours to decide
mail-review-heading = Who still needs their access?
mail-review-lead = You are the reviewer of “{ $review }” in { $organization }. It holds { $people } memberships: for each, say whether it is kept or revoked, by { $due }. Nothing is revoked before the review is completed.
mail-review-why = An administrator of { $organization } made you the reviewer. If that should be somebody else, ask them.

mail-review-reminder-subject = { $organization }: { $review } is due soon
mail-review-reminder-heading = A review is due soon
mail-review-reminder-lead = “{ $review }” in { $organization } is yours to decide, and due on { $due }. It holds { $people } memberships. This is the only reminder.
mail-review-reminder-why = An administrator of { $organization } made you the reviewer. If that should be somebody else, ask them.

mail-reset-action = Choose a new password
mail-reset-asked-subject = Choose a new password
mail-reset-asked-heading = Forgot your password?
mail-reset-asked-lead = Hello { $name }, somebody asked for a way back into your account. Choose a new password, then sign in with it. Your second factor, if you have one, stays as it is.
mail-reset-asked-why = If it wasn’t you, do nothing: without you, nothing changes, and nobody saw this link.

mail-reset-sent-subject = { $organization } asks you to choose a new password
mail-reset-sent-heading = Choose a new password
mail-reset-sent-lead = Hello { $name }, an administrator of { $organization }, which manages your account, sends you this link to a new password. They don’t see it, and never learn the password.
mail-reset-sent-why = If you didn’t expect this, ask an administrator of { $organization } before you follow the link.

mail-reset-of-suspended-subject = Your account is suspended
mail-reset-of-suspended-heading = Your account is suspended
mail-reset-of-suspended-lead = Hello { $name }, somebody asked for a new password for your account. It is suspended, so no password opens it.
mail-reset-of-suspended-why = Ask an administrator of your organization, or whoever runs this Doorward. If it wasn’t you who asked, there is nothing to do.

mail-reset-of-no-password-subject = Your account has no password
mail-reset-of-no-password-heading = You sign in without a password
mail-reset-of-no-password-lead = Hello { $name }, somebody asked for a new password for your account. It has none: you sign in with your passkey, or through your organization.
mail-reset-of-no-password-why = If you lost your passkey, ask an administrator of your organization. If it wasn’t you who asked, there is nothing to do.

mail-alert-lead = Hello { $name }. { $detail }
mail-alert-fact-when = When
mail-alert-fact-device = By
mail-alert-fact-place = Near
mail-alert-fact-address = Address
mail-alert-action = This wasn’t me
mail-alert-why-link = If it was you, there is nothing to do. If not, say so: you are signed out everywhere, your keys are revoked, and your password opens nothing until you set another by mail.
mail-alert-why = You get this because it is about your account.
