# Leaving
signed-out-confirm-title = Sign out?
signed-out-confirm-lead = You will be signed out of Doorward in this browser. Sign out of the applications that you opened with it, too.
signed-out-confirm-lead-application = { $application } asks to sign you out. You will be signed out of Doorward in this browser.
signed-out-confirm-who = Signed in as
signed-out-confirm-submit = Sign out

signed-out-done-title = You are signed out
signed-out-done-lead = The door is closed behind you. On a shared computer, close the browser window too.
signed-out-done-again = Sign in again
