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
# Signing in, more
people-oidc-sign-in = Sign in with the city’s identity provider
people-oidc-declined = The identity provider did not sign you in. Try again, or use your password.
people-oidc-stale = This sign-in was not started here, or took too long. Please start again.
people-oidc-unbound = The identity provider knows you, but no account here is bound to you. Sign in with your password and bind it, or tell your system administrator this number: { $subject }
people-oidc-unavailable = The identity provider cannot be reached now. Try again later, or use your password.
people-unproved = Please show your password and code again first.
people-own-account = This is your own account: somebody else gives its roles, resets and closes it.
people-last-officer = This is the last system or security administrator: appoint another one first.
people-only-way-in = This account has no password: the identity provider is its only way in.
people-done = This was done before, and changed since. Go back and start again.
# Proof
people-proof = Show that it is you
people-proof-lead = To change your telephone, renew your recovery codes or bind the identity provider, show your password and code once more. It is good for ten minutes.
people-factor-renew = Change the telephone
people-recovery-renew = Renew the recovery codes
people-recovery-renew-lead = The new codes are shown only once; the old ones are good no more.
people-sign-ins = My sign-ins
people-sign-ins-lead = If one of these was not you, change your password at once and tell the security administrator.
people-identity = Identity provider
people-identity-none = The identity provider is not bound.
people-identity-bind = Bind the identity provider
people-identity-lead = Follow the link and sign in with the identity provider once; afterwards you can sign in from there.
people-identity-go = Go to the identity provider
people-identity-bound = The identity provider is bound.
people-identity-unbind = Unbind
people-identity-unbound = The identity provider is unbound.
