# Where one is signed in: /account/sessions
account-sessions-title = Where you are signed in
account-sessions-lead = Ended here, a session is over at once: the browser is signed out, and so are the applications it signed in to.
account-sessions-here = This browser
account-sessions-elsewhere = Elsewhere
account-sessions-nowhere = You are signed in nowhere else.
account-sessions-since = Since { $at } UTC
account-sessions-last = last used { $at } UTC
account-sessions-end = End this session
account-sessions-end-others = End all others
account-sessions-back = Security
account-sessions-alerts = Alerts
account-sessions-phone = A phone
account-sessions-tablet = A tablet
account-sessions-computer = A computer
account-sessions-program = Another program
