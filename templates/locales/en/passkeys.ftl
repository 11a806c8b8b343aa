# Passkeys and security keys: at sign-in, as second factor, and /account/passkeys
passkeys-sign-in = Sign in with a passkey
# The same words whosever it is, or nobody’s.
passkeys-sign-in-error = That passkey didn’t let you in. Try again, or enter your email instead.
passkeys-failed = That didn’t work. Try again, or take another way.
passkeys-cancelled = Nothing was chosen in time. Try again when you are ready.
passkeys-known = This device or key is added already.
passkeys-without = This needs a browser that knows passkeys, and runs scripts.
passkeys-second-factor-submit = Use your key
passkeys-second-factor-error = That key wasn’t accepted. Try again, or prove it another way.
passkeys-second-factor-off = Keys can’t be asked for right now. Prove it another way.

passkeys-title = Passkeys and security keys
passkeys-lead = A passkey signs you in without a password. A security key is what you touch after your password.
passkeys-none = You have none yet.
passkeys-kind-synced = Passkey, on all your devices
passkeys-kind-bound = Passkey, on one device only
passkeys-kind-security-key = Security key
passkeys-added = Added { $date }
passkeys-used = last used { $date }
passkeys-never-used = not used yet
passkeys-copied = There may be a copy of this key. Remove it, and add a new one.
passkeys-change = Rename or remove
passkeys-name = Name
passkeys-name-hint = So that you know it again in your list.
# Between a browser and a system: Chrome on Linux
passkeys-name-on = on
passkeys-name-passkey = Passkey
passkeys-name-security-key = Security key
passkeys-rename = Rename
passkeys-remove = Remove
passkeys-add-passkey = Add a passkey
passkeys-add-security-key = Add a security key
passkeys-full = You have as many as one can have. Remove one to add another.
passkeys-back = How you sign in
passkeys-off = There are no passkeys here: this server is reached by an IP address, and they need a name.

passkeys-new-passkey-title = Add a passkey
passkeys-new-passkey-lead = Your device makes it, and keeps it behind your fingerprint, face or PIN. Nobody can guess it or phish it.
passkeys-new-passkey-submit = Make the passkey
passkeys-new-security-key-title = Add a security key
passkeys-new-security-key-lead = Have it at hand. When your browser asks, plug it in or hold it near, and touch it.
passkeys-new-security-key-submit = Add the key

passkeys-error-name = Enter a name of at most 100 characters.
passkeys-error-last = This is your last way to sign in. Set a password or add another passkey first.
passkeys-error-refused = That wasn’t accepted. Try again, and answer your browser within five minutes.
passkeys-error-not-allowed = Keys of this kind can’t be used here. Ask your administrator which can.
