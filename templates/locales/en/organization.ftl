# An organization’s own way in: /o/…/login
organization-login-title = Sign in to { $organization }

# Choosing the organization to act for
organization-choose-title = Choose an organization
organization-choose-lead = { $application } will see only the one you choose.
