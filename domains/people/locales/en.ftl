# Navigation
people-nav-deputies = Find a deputy
people-nav-account = My account
# Sign-in
people-sign-in = Sign in
people-sign-in-lead = Deputies and staff sign in here. To leave an opinion or look up a receipt, nobody needs to sign in.
people-sign-in-help = Forgot your password, or changed your telephone? Your system administrator can reset both.
people-name = Sign-in name
people-name-missing = Please give your sign-in name
people-password = Password
people-password-missing = Please give the password
people-wrong = The name or the password is wrong. Please try again.
people-wrong-code = The code is wrong or was used already. Wait for a new one and try again.
people-wait-seconds = Too many failed attempts. Please try again in { $n } { $n ->
    [one] second
   *[other] seconds
 }.
people-wait-minutes = Too many failed attempts. Please try again in { $n } { $n ->
    [one] minute
   *[other] minutes
 }.
people-busy = Many people are signing in. Please try again shortly.
people-signed-out = You have signed out.
people-code-title = Enter the code
people-code-lead = The password is right. Open the authenticator app on your telephone and type the six digits it shows now.
people-code = Code
people-code-help = Without your telephone, use one of your recovery codes.
people-code-missing = Please give the code
people-go-on = Continue
people-start-again = Use another account
# My account
people-account = My account
people-account-back = Back to my account
people-account-safety = Safety
people-sessions = Devices signed in
people-sessions-help = If you do not know one of them, sign it out and change your password.
people-session-device = Device
people-session-network = Network
people-session-since = Signed in
people-session-seen = Last used
people-session-act = Action
people-session-this = This device
people-session-end = Sign it out
people-session-ended = That device is signed out.
# Password
people-password-title = Change the password
people-password-forced = Your present password was given to you by somebody else. Please choose one that only you know.
people-password-old = Present password
people-password-new = New password
people-password-again = New password again
people-password-help = At least 12 characters; a sentence you remember is fine.
people-password-change = Change the password
people-password-changed = The password is changed. All other devices are signed out.
people-old-wrong = The present password is wrong. Please try again.
people-again-differs = The two new passwords differ
people-password-too-short = Use at least 12 characters; a sentence you remember is fine
people-password-too-long = Use at most 128 characters
people-password-one-kind = Do not use letters only or digits only; mix them
people-password-monotonous = Too many repeated characters; use at least 6 different ones
people-password-contains-login = Leave your sign-in name out of the password
people-password-common = This password is very common and easily guessed
people-password-unchanged = The new password must differ from the old one
# Second factor
people-factor-title = Set up codes on your telephone
people-factor-forced = For the safety of your account, set up codes on your telephone before you start. You do this only once.
people-factor-step-app = Install an authenticator app on your telephone; any app that makes one-time codes will do.
people-factor-step-scan = Scan the QR code below with it.
people-factor-step-code = Type the six digits the app shows.
people-factor-qr = QR code to set up the app
people-factor-secret = If you cannot scan, type this key into the app:
people-factor-code-help = The six digits on your telephone; they change every 30 seconds.
people-factor-enrol = Set up codes on your telephone
people-factor-on = Codes on your telephone are set up; { $n } recovery { $n ->
    [one] code is
   *[other] codes are
 } left.
people-factor-off = Codes on your telephone are not set up yet.
people-recovery-title = Keep your recovery codes
people-recovery-once = These recovery codes are shown only this once.
people-recovery-lead = Without your telephone, sign in with one of these codes; each works once. Write them down or print them, and keep them in a safe place.
people-recovery-kept = I have kept them, continue
# Deputies
people-deputies = Find a deputy
people-deputies-lead = This congress has { $n } { $n ->
    [one] deputy
   *[other] deputies
 } now. Search by name or constituency.
people-deputies-search = Name or constituency
people-search = Search
people-deputies-all = Show all deputies
people-deputies-none = No deputy found
people-deputies-none-help = Try other words, or only one or two characters of the name or constituency.
people-deputy-name = Name
people-deputy-district = Constituency (electing body)
people-deputy-post = Unit and post
people-deputy-suspended = Office suspended
# What was typed wrongly
people-taken-login = This sign-in name is in use already
people-taken-reference = This personnel number is in use already
people-taken-second-factor = Codes on a telephone are set up already
people-invalid-empty = Please fill this in
people-invalid-too-long = This is too long
people-invalid-characters = A sign-in name has only letters, digits and . - _ @
people-invalid-control-characters = This contains characters that cannot be used
people-invalid-personal-number = Please do not give an identity card or telephone number
people-invalid-not-granted = This role cannot be given
people-incompatible = The system administrator, the auditor and those who handle matters must be different people
people-own-roles = Nobody changes their own roles
# Accounts
people-nav-accounts = Accounts
people-accounts = Accounts
people-account-new = New account
people-account-make = Make the account
people-person = Name
people-state = State
people-open = In use
people-closed = Closed
people-close = Close the account
people-role = Role
people-roles = Roles
people-role-give = Give the role
people-role-take = Take away
people-role-deputy = Deputy
people-role-clerk = Staff
people-role-chair = Council of chairpersons
people-role-admin = System administrator
people-role-auditor = Auditor
people-saved = Saved.
people-reset-help = Reset the password if it is forgotten. Take the telephone's codes away if the telephone is lost; they are set up again at the next sign-in. A closed account stays closed.
people-password-reset = Reset the password
people-factor-reset = Take the telephone's codes away
people-handover = First password
people-handover-once = This password is shown only this once. Hand it over in person; it must be changed at the first sign-in.
# Import
people-import = Import
people-import-lead = Bring in deputies or accounts from a spreadsheet. If anything is wrong, no row goes in.
people-import-kind = What to import
people-import-deputies = Deputies
people-import-accounts = Accounts
people-import-file = Spreadsheet
people-import-file-help = .xlsx, or .csv in UTF-8, at most 10 MB.
people-import-check = Check first
people-import-run = Import
people-import-fault-file = Download the faults
people-import-columns = Headings
people-import-no-file = Please choose a spreadsheet
people-import-unreadable = The file cannot be read. It must be an .xlsx file or a .csv file in UTF-8, and not empty
people-import-faults = { $n ->
    [one] { $n } thing is
   *[other] { $n } things are
 } wrong; nothing was imported
people-import-wrong = What is wrong
people-import-row = Row
people-import-column = Column
people-import-fault = What is wrong
people-import-ready = The check passed: { $n } { $n ->
    [one] row
   *[other] rows
 } can be imported.
people-import-done = { $n } { $n ->
    [one] row
   *[other] rows
 } imported.
