# Recovery codes: /account/recovery-codes
recovery-codes-title = Recovery codes
recovery-codes-lead = With one of these codes you get in when your phone or security key is out of reach. Each is good once.
recovery-codes-shown-lead = Print these codes or write them down, and keep them where you will find them without your phone. Each is good once.
recovery-codes-whose = For { $email }
recovery-codes-kept = I have kept them
recovery-codes-once = You won’t see them again. If you lose them, make new ones.
recovery-codes-few = Only a few are left. Make new ones before you need them.
recovery-codes-left-label = Left
recovery-codes-left = { $count } of 10
recovery-codes-made = Made
recovery-codes-make = Make recovery codes
recovery-codes-again = Make new codes
recovery-codes-again-hint = The old codes are good for nothing then.
recovery-codes-back = Back to security
