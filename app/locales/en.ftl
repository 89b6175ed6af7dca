# The transparency log
log-nav = Log
log-title = The transparency log
log-lead = Every step of every opinion (received, answered, written into the next version) is recorded in this log. What is recorded cannot be changed or removed by anybody, not even by us; you need not believe us, you can check.
log-now = The log now
log-size = Entries
log-root = Root (the fingerprint of the whole)
log-checkpoint = See the checkpoint: size and root, signed
log-what = What is in it
log-what-step = Which matter, which step, when, and in what role.
log-what-words = None of your words and no names: only a scrambled fingerprint. Whoever has the words and the receipt can prove that they match; nobody else can guess them.
log-what-grow = The log is only ever added to. The root is computed from all entries: change one, and it no longer fits.
log-what-hide = Even where an opinion is hidden because it holds personal data, its entry stays: one can see that something was there.
log-picture = How a receipt holds on to the whole log
log-picture-name = Eight entries, joined two by two into a tree; the ways from entries 3 and 6 to the root are red
log-picture-text = The log in the picture has 8 entries; 3 and 6 are your two steps (solid red dots in the lowest row). The receipt also brings some fingerprints (hollow green rings). Dots and rings are joined two by two, row by row, until the root at the top comes out, which is signed in the checkpoint. If a single letter changed in any of the 8, another root would come out.
log-check = How to check your receipt
log-check-file = Open the page of your receipt and press “Download receipt”.
log-check-run = Where you saved the file, run this line with the checking program quancheng. See the end of this page about the key first:
log-check-read = Read what it says: ✓ is proven, ! is not proven and left to your attention, ✗ does not match. If you see ✗, keep the receipt file and what the screen shows.
log-copy = How to keep a copy of the log
log-copy-why = Anybody may keep a whole copy of the log on a computer of their own; the same line again fetches what is new. Each time it is checked that the log was only added to since your copy. The more people keep one, the less anybody can exchange it unseen:
log-copy-offline = With a copy, any receipt can be checked without a network:
log-check-own = The log is published in open formats (C2SP tlog-tiles, signed notes, RFC 6962): anybody can write a verifier of their own.
log-key = Verifier key
log-key-why = The key tells a true signature on a checkpoint from a false one. Copied from this site alone, it lets the site vouch for itself. { $congress } should make it known apart from the site, for example in its gazette and on the wall of its stations. Find it there and compare every character; use it only when all are the same. If you cannot find it, ask the office of the standing committee.
log-breaks = Earlier logs
log-breaks-lead = Where a log cannot be gone on with (its key or its latest entries are lost, say), a new one is begun. Receipts given before that are still checked with the earlier key; an entry that the new log did not take over can still be proven by its receipt.
log-breaks-name = Name of the earlier log
log-breaks-size = Its entries when it was last signed
log-breaks-taken = Entries that the new log took over

# quancheng log verify
log-verify-signed = The signature holds: when this receipt was made, the checkpoint of the log “{ $log }” had { $size } entries and the root { $root }.
log-verify-step = Step { $step }: { $at }, { $role }, { $move }. It is entry { $place } of the log.
log-verify-when = { $at } (Beijing time)
log-verify-one = { $steps ->
    [one] The step is the first of its matter.
   *[other] All { $steps } steps are of one matter, numbered from 1 without a gap.
 }
log-verify-grown = From { $old } to { $new } entries, the log was only added to.
log-verify-same = The log still has { $new } entries, none of them changed.
log-verify-again = Computed again from the log at { $from }: every step is still in its place.
log-verify-silent = What was said in step { $steps } is not in the receipt and was not checked.
log-verify-until = When the receipt was signed the log had { $size } entries; later steps are not in the receipt.
log-verify-unproven = The code, number and title are written on the receipt; the log does not prove them.
log-verify-no-key = No --key was given: the key written in the receipt was used, which also signed the checkpoint at { $from }. That does not show whether site and receipt were exchanged together: compare the key with the one the congress made known elsewhere. Used here: { $key }
log-verify-older = The saved log has { $saved } entries and is older than the receipt (signed at { $receipt }), so it cannot be checked. Run quancheng log mirror first.
log-record-part = { $name }: { $value }
log-record-text = Words
log-record-outcome = Decision
log-record-reason = Reason
log-record-provision = Provision
log-record-referred-to = Referred to
log-record-lands-on = Written into
log-record-stance = Stance
log-record-source = Source
log-record-title = Title
log-record-lead = About
log-record-label = Version
log-record-opens = Opens
log-record-closes = Closes
log-record-due = Due
log-record-basis = Basis
log-record-to = From then on
log-record-source-sha256 = SHA-256 of the text
log-record-consultation = Consultation id
log-record-version = Version id
log-record-visit = Visit id

# quancheng log mirror
log-mirror-kept = The log is kept in { $folder }: { $size } entries, { $added } of them new, every one checked, root { $root }.
log-mirror-conflict = Both checkpoints are signed, and they contradict each other: { $ours } ({ $old } entries, root { $old_root }) and { $theirs } ({ $new } entries, root { $new_root }). This is evidence: keep both. The copy kept before was not touched.
log-mirror-earlier = A checkpoint that contradicts this log was met before; it is in { $file }.
log-mirror-other = { $file } is not signed by this key: the folder holds another log, and was not touched.

# Files and network
log-file-missing = The file { $file } is missing.
log-file-unreadable = { $file } cannot be read (the system says: { $system }).
log-file-unwritable = { $file } cannot be written (the system says: { $system }).
log-url-wrong = The address must begin with https://: { $url }
log-net-missing = The site does not have { $url }
log-net-status = The site did not give { $url } (status { $status }).
log-net-timeout = No answer in 30 seconds: { $url }
log-net-host = There is no such site: { $url }
log-net-refused = The site cannot be reached: { $url }
log-net-tls = No encrypted connection could be made: { $url }
log-net-long = What the site gave is too long for a file of a log: { $url }
log-net-other = { $url } could not be fetched (the system says: { $system }).
