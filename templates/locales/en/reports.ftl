# Reports: who may do what, and who signed in when.
reports-made = As of { $at } UTC
reports-csv = As a table for spreadsheets
reports-to-access = Who may do what
reports-to-sign-ins = Who signed in when
reports-person = Person
reports-last = Last sign-in
reports-never = Never

reports-access-own = What you may do
reports-access-of = Who may do what at { $organization }
reports-access-role = Role and groups
reports-access-may = May
reports-access-keys = Keys
reports-access-on = On { $product } also
reports-access-no-role = No role
reports-access-nothing = Nothing
reports-access-inactive = Inactive
reports-access-suspended = Suspended
reports-access-nowhere = You don’t belong to an organization yet.
reports-access-cut = The page shows the first 500 people. The table for spreadsheets has all of them.

reports-sign-ins-own = When you signed in
reports-sign-ins-of = Who signed in at { $organization }
reports-sign-ins-total = Sign-ins
reports-sign-ins-failed = Failed
reports-sign-ins-day = Day
reports-sign-ins-methods = By
reports-sign-ins-password = Password
reports-sign-ins-chart = Sign-ins on each of the last 30 days
reports-sign-ins-nothing = Nobody signed in during these days.
