# Text messages. Each fits into one.
sms-code = { $code } is your code for { $host }. It is good for 5 minutes. Give it to nobody, not even to us.
sms-number-gone = This number was taken off an account at { $host }. If it was not you, sign in there and look, or ask your administrator.
