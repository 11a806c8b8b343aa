# What one is connected with: /account/connections
account-connections-title = Connected services
account-connections-lead = Whoever can bring you in, and whoever you let know things about you. Each can be taken back here.
account-connections-offer = { $organization } knows you as
account-connections-offer-lead = Linked to this account, you come in by { $organization } from now on. What you do for other organizations is not theirs to open.
account-connections-offer-submit = Link it to this account
account-connections-offer-join = Link it, and join { $organization }
account-connections-offer-stranger = You don’t belong to { $organization } here, so there is nothing to link yet. Ask one of its administrators for an invitation.
account-connections-identities = Companies’ sign-ins
account-connections-no-identities = None is linked to your account.
account-connections-since = Since { $at } UTC
account-connections-used = last used { $at } UTC
account-connections-unlink = Unlink
account-connections-connect = Connect { $connection }
account-connections-applications = Applications
account-connections-no-applications = None has asked you for anything yet.
account-connections-revoke = Take it back
