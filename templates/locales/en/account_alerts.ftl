# What one was told: /account/alerts
account-alerts-title = Alerts
account-alerts-lead = What happened to your account that somebody else could have done. Each came by mail, too.
account-alerts-nothing = Nothing so far.
account-alerts-new = new
account-alerts-see = I have seen them
account-alerts-not-me = Was something not you? Its letter has a link that locks your account at once.
account-alerts-back = Security
account-alerts-sessions = Where you are signed in
