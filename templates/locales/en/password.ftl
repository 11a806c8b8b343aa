# Choosing a password, anywhere. What is wrong says what to do.
password-bad-short = Choose a longer password: { $min } characters or more.
password-bad-long = Choose a shorter password: { $max } characters at most.
password-bad-common = Many people choose this password, or one much like it. Choose a few unrelated words.
password-bad-own = This password is made of your name, your address or your organization’s name, which others know. Choose a few unrelated words.
password-bad-names = Names are tried first. Add a few unrelated words.
password-bad-word = A word or two are tried first. Add a few unrelated words.
password-bad-keys = Rows of keys are tried first. Choose a few unrelated words.
password-bad-repeated = Repeating makes a password longer, not better. Choose a few unrelated words.
password-bad-sequence = Sequences are tried first. Choose a few unrelated words.
password-bad-date = Dates and years are tried first. Add a few unrelated words.
password-bad-little = This is easy to guess. Add another word or two.
password-bad-stolen = This password was stolen from somebody before, and is tried first. Choose another.
password-bad-used = This is your password already, or was not long ago. Choose another.

password-new = New password
password-new-hint = At least { $min } characters. A few unrelated words do well.

# Lost: /password/forgot
password-forgot-title = Forgot your password?
password-forgot-lead = Tell us your email address. If it has an account, a letter shows the way back in.
password-forgot-email = Email
password-forgot-submit = Send me a letter
password-forgot-back = I remember it: sign in
password-forgot-error-email = Enter an email address, like alice@example.com.

password-sent-title = Look into your mail
# The same words whether or not there is an account.
password-sent-lead = If this address has an account, a letter is on its way to it. The link in it works once, for a day.
password-sent-hint = No letter after a few minutes? Look among the spam, and check the address. After several letters the next ones take longer.
password-sent-back = Go to sign-in

# The link: /password/reset
password-reset-title = Choose a new password
password-reset-lead = For { $email }. Every browser and application that is signed in now will have to sign in again.
password-reset-submit = Set the password

password-over-title = This link is no longer good
password-over-detail = It works once, for a day, until you ask for another. Nothing was changed.
password-over-again = Ask for a new link

password-changed-title = Your password is changed
password-changed-lead = Everything that was signed in with your account no longer is. Sign in with the new password.
password-changed-on = Sign in
