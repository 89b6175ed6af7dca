# Public pages: consultations, opinions, receipts, comparison, responses, figures
nav-consultations = Consultations
nav-receipts = Receipts
nav-desk = Desk
nav-visits = Record a visit

# Home and list
home-title = Say what you think, and see where it goes
home-lead = Draft regulations are open for opinions here. Open a draft and speak on any article. No account is needed; you get a receipt and can always see where your opinion stands.
consultations-title = Consultations
consultations-draft = Being prepared
consultations-open = Open for opinions
consultations-studying = Closed, being studied
consultations-reported = Results published
consultations-withdrawn = Withdrawn
consultations-empty-title = No draft is open now
consultations-empty = New drafts will appear here when they are published.

# One consultation
consultation-state-draft = Being prepared
consultation-state-open = Open
consultation-state-studying = Being studied
consultation-state-reported = Reported
consultation-state-withdrawn = Withdrawn
consultation-move-prepare = Prepared
consultation-move-open = Draft published, opinions open
consultation-move-extend = Time extended
consultation-move-close = Closed
consultation-move-publish-version = New version published
consultation-move-report = Results published
consultation-move-withdraw = Withdrawn
consultation-days-left = { $n ->
    [one] { $n } day left
   *[other] { $n } days left
 }
consultation-last-day = last day today
consultation-days = Open for opinions from { $opens } to { $closes }.
consultation-whole-draft = The whole draft
consultation-compare = Compare with the previous version
consultation-back = Back to the draft
consultation-preview = This is a preview for staff only; everybody sees it once it is published.
consultation-exception = The time for opinions is shorter than the { $least } days that { $basis } asks for. Reason: { $reason }
consultation-exception-plain = The time for opinions is shorter than the law asks for. Reason: { $reason }

# Articles
law-versions = Versions
law-later = Beside each article of this version stand the opinions that led to it. For all that was said, see the version that was laid before the people.
law-led-to = { $n ->
    [one] 1 opinion led to this
   *[other] { $n } opinions led to this
 }
law-way = How far this consultation has come
law-contents = Contents
law-dock = At hand
law-opinions = { $n ->
    [one] opinion
   *[other] opinions
 }
law-adopted = { $n } adopted
law-speak = Speak on this
law-none = No opinions
provision-voices = What people say · { $n }

# Opinions
opinion-say = Give my opinion
opinion-number = Opinion No. { $n } of { $year }
consultation-number = Consultation No. { $n } of { $year }
kind-consultation = Consultation
kind-opinion = Opinion
clock-consultation-window = Time to give opinions
step-due = Until { $day }, by { $basis }
opinion-title = An opinion
opinion-form-title = Give my opinion
opinion-provision = Which article it is about
opinion-stance = Your stance
opinion-stance-wrong = Choose a stance
opinion-text = Your opinion
opinion-text-help = Write in your own words. Leave out names, phone numbers and addresses: opinions are public.
opinion-text-wrong = Write your opinion
opinion-send = Send opinion
opinion-promise = No account needed. You get a receipt at once and can follow your opinion to the end.
told-title = How what you write is kept and used
told-who = It is collected by { $congress }, to consult the people as the law asks ({ $basis }).
told-what = Kept are only: your words, the stance and the provision you chose, and when you sent them. No account, no name, telephone or address. Your network address is used in memory alone, to limit how often one may send, and is not written to the database.
told-why = It is used to study and change the draft. Opinions, answers and reasons are public; please do not write names, telephone numbers or addresses, your own or others’. If there are any, the words will be hidden.
told-how-long = Opinions and answers are kept in the file of this consultation. The transparency log holds none of your words, only a mark from which nobody can read them. Nor do the server’s own logs, which are kept for at least { $period } ({ $basis }).
told-withdraw = To take it back, open your receipt with its code; you can until it is answered. To see or copy it, or to ask for its deletion ({ $basis }), write to us with the receipt code.
told-contact = How to reach us: { $contact }
told-law = You are told this by { $basis }.
told-since = Version of this notice: { $day }
opinion-closed = Opinions were taken until { $day }; no more can be sent.
opinion-closed-plain = Opinions are not being taken now.
opinion-not-yet = Opinions are taken from { $day }; please come back then.
opinion-hidden = The words of this opinion are hidden. Reason: { $reason }
opinion-answer = Answer:{" "}
opinion-open = See the whole way of this opinion
opinion-way = Where it stands
opinion-state-received = Waiting
opinion-state-decided = Answered
opinion-state-written = Written into a new version
opinion-state-withdrawn = Taken back
opinion-move-submit = Opinion received
opinion-move-decide = Studied and answered
opinion-move-revise = Answer corrected
opinion-move-write = Written into a new version
opinion-move-ask-again = Another look asked for
opinion-move-hide = Hidden from the public
opinion-move-show = Shown again
opinion-move-erase = Words erased at the writer’s request
opinion-move-withdraw = Taken back
opinion-step-outcome = { $step }: { $outcome }
opinion-step-written = Written into { $place } of the new version
opinion-next-decide = Staff study it and answer
opinion-next-write = Written into the next version
outcome-adopted = Adopted
outcome-partly-adopted = Partly adopted
outcome-not-adopted = Not adopted
outcome-already-covered = Already covered
outcome-referred = Referred
outcome-referred-to = Referred to { $body }
stance-support = Support
stance-amend = Suggest a change
stance-oppose = Oppose
stance-other = Other
source-web = Sent online
source-visit = Heard by a deputy
source-desk = By letter or in person
role-resident = Resident
role-deputy = Deputy
role-clerk = Staff
role-chair = Council of chairpersons
role-admin = Administrator
role-security = Security administrator
role-auditor = Auditor
role-system = Automatic

# List of opinions
opinions-title = Opinions
opinions-all = All opinions
opinions-count = { $n ->
    [one] { $n } opinion
   *[other] { $n } opinions
 }
opinions-narrow = Show only
opinions-answered = Answered
opinions-to-write = adopted, not visible in a version yet
opinions-look-on = None of those looked through fits. There are more; please look on.
opinions-hidden = Hidden
opinions-of-visit = Heard at this visit
opinions-of-day = received on { $day }
opinions-led-to = Opinions behind { $place }
opinions-empty-title = No opinions yet
opinions-empty = The first one can be yours.
opinions-none-title = Nothing here
opinions-none = No opinion fits.

# Receipts
receipt-mine = My receipt
receipt-form-title = Look up my receipt
receipt-form-lead = Enter the code on your receipt to see where your opinion stands.
receipt-code = Receipt code
receipt-code-help = 13 letters and digits; case, spaces and dashes do not matter.
receipt-look = Look up
receipt-wrong-empty = Enter the receipt code
receipt-wrong-character = Character { $place }, “{ $character }”, is never part of a code. Please compare with your receipt.
receipt-wrong-length = A code has 13 characters; you entered { $got }.
receipt-wrong-check = One character is wrong, or two are exchanged. Please compare with your receipt.
receipt-wrong-unknown = No such receipt was found. The code is well formed; was the opinion sent on this site?
receipt-new = Received, and entered in the public log.
receipt-eyebrow = Receipt { $code }
receipt-lead = Every step since you spoke is in a public log that nobody can change or delete.
receipt-keep = Keep this code
receipt-keep-text = Write it down, take a picture, or download the receipt. Only whoever has the code can open this page.
receipt-erased = Your words were erased and are not kept any more; what became of the opinion, and its proof, remain. Reason: { $reason }
receipt-hidden = Your words are hidden from the public, but the opinion will be studied and answered. Reason: { $reason }
receipt-title-received = Your opinion has been received and is being studied
receipt-title-withdrawn = You have taken this opinion back
receipt-title-written = Your opinion was written into the new version
receipt-title-decided = Your opinion has been answered
receipt-title-written-at = Your opinion was written into { $place } of the draft
receipt-title-adopted = Your opinion was adopted
receipt-title-partly-adopted = Your opinion was partly adopted
receipt-title-not-adopted = Your opinion was not adopted; the reason is below
receipt-title-already-covered = The draft already says what you ask for
receipt-title-referred = Your opinion was referred to the body in charge
receipt-title-referred-to = Your opinion was referred to { $body }
receipt-written-into = { $version }, { $place }
receipt-proof = Check it yourself
receipt-proof-text = Download the receipt file and check it offline on any computer; no need to trust us.
receipt-download = Download receipt
receipt-qr = QR code of this receipt
receipt-log = Log entries { $entries } · log size { $size } · tree root { $root }
receipt-ask-title = Not content with the answer?
receipt-ask-text = You can ask us to look again, once. Tell us why.
receipt-ask-reason = Why look again
receipt-ask = I am not content, please look again
receipt-asked-again = Received. We will study it once more.
receipt-withdraw-title = Take this opinion back?
receipt-withdraw-text = Until it is answered you can take it back. Your words are no longer public then. The log keeps a note that you did.
receipt-withdraw-sure = This cannot be undone. Take it back?
receipt-withdraw = Take it back
receipt-withdrawn = Taken back.
receipt-back = Back to the receipt

# Comparison
compare-title = Two versions compared
compare-heading = { $old } and { $new } compared
compare-old = Old version
compare-new = New version
compare-do = Compare
compare-narrow = Show only
compare-all = All
compare-tab = { $kind } { $n }
compare-unchanged = Unchanged
compare-renumbered = Renumbered
compare-changed = Changed
compare-added = Added
compare-removed = Removed
compare-moved = Moved
compare-split = Split
compare-merged = Merged
compare-same = The same in both
compare-because = { $n ->
    [one] Because of { $n } opinion
   *[other] Because of { $n } opinions
 }

# Responses
responses-title = What became of the opinions
responses-lead = What was decided on each opinion, and why.
responses-csv = Download table
responses-opinion = Opinion
responses-outcome = Outcome
responses-reason = Reason
csv-id = Id
csv-provision = Provision
csv-day = Day
csv-stance = Stance
csv-text = Opinion
csv-outcome = Outcome
csv-reason = Reason

# Figures
figures-title = Figures
figures-lead = Every figure opens the list it counts.
figures-all = All figures
figures-name = What is counted
figures-value = Figure
figures-how = How it is counted
figures-drawn = At a glance
figures-days = Opinions each day
figures-days-most = Most came on { $day }: { $n }.
figures-day = Day
figures-count = Opinions
figures-by-stance = What people want
figures-by-outcome = Decisions
figures-by-source = How they came
figures-by-article = Provisions most spoken of
unit-items = items
unit-persons = persons
unit-person-times = person-times
unit-units = units
unit-times = times
unit-per-mille = {""}
figure-opinions = opinions
figure-heads = person-times heard at visits
figure-deputies = deputies who visited
figure-units = units visited
figure-visits = visits
figure-source-web = sent online
figure-source-visit = heard by deputies
figure-source-desk = by letter or in person
figure-stance-support = support
figure-stance-amend = suggest a change
figure-stance-oppose = oppose
figure-stance-other = other stances
figure-state-received = waiting
figure-state-decided = answered
figure-state-written = written into a new version
figure-state-withdrawn = taken back
figure-outcome-adopted = adopted
figure-outcome-partly-adopted = partly adopted
figure-outcome-not-adopted = not adopted
figure-outcome-already-covered = already covered
figure-outcome-referred = referred
figure-hidden = hidden
figure-answered-share = answered
figure-how-opinions = Every opinion received, also those taken back or hidden.
figure-how-heads = The persons heard at each visit, added up; one person heard twice counts twice.
figure-how-deputies = Deputies who recorded a visit, each once.
figure-how-units = Units visited, each once.
figure-how-visits = Visits recorded by deputies.
figure-how-source = By the way the opinion came, each once.
figure-how-stance = By the stance the person chose, each once.
figure-how-state = By where the opinion stands now, each once.
figure-how-outcome = By the latest decision, each once.
figure-how-hidden = Those hidden now; every reason is public.
figure-how-answered-share = Answered and written into a version, of all not taken back, cut after one decimal.

# Visits
visits-title = Visits by deputies
visits-by = Visits by { $name }
visits-to = Visits to { $name }
visits-empty-title = No visits yet
visits-empty = Visits recorded by deputies appear here.
visits-unit = Unit
visits-day = Day
visits-heads = Person-times heard
visits-opinions = Opinions
visits-times = Visits
visiting-deputies-title = Deputies who visited
visiting-deputies-who = Deputy
visited-units-title = Units visited
visited-units-who = Unit
visits-open = What was heard

# When it did not work
wrong-elsewhere = This belongs to another congress.
wrong-not-deputy = Only deputies record visits.
wrong-asked-before = Another look was asked for before; it can be asked for once.
wrong-undecided = { $n ->
    [one] { $n } opinion still waits for an answer.
   *[other] { $n } opinions still wait for an answer.
 }
wrong-changed = Somebody has just worked on this. Please look at it again; what you wrote is still here.
wrong-still-writing = Adopted opinions are still being written into the new version. Please try again in a few minutes.
wrong-base64 = Encode the file in base64
wrong-contradiction = Nothing can meet all these conditions at once
wrong-not-now = This step cannot be made now: the state has changed. Please reload.
wrong-no-reason = Give a reason
wrong-closed-since = Opinions are not being taken now; the last day is { $day }.
wrong-closed = Opinions are not being taken now.
wrong-visits-both = Either a deputy or a unit, not both
wrong-erased = The words were erased and cannot come back
news-feed = Follow new consultations (Atom)
news-calendar = Put the last days into your calendar (iCalendar)
news-follow = Follow this consultation (Atom)
calendar-title = Last days of consultations
calendar-closes = Last day for opinions: { $title }
wrong-no-body = Say to which body it is referred
wrong-provision = The draft has no such article; please choose again
wrong-heads = The number of persons must be from 1 to { $most }
wrong-visit-day = The day must be within the consultation and not after today
wrong-too-many-heard = One visit can bring { $most } opinions at most
wrong-key = The key needs 16 to 200 characters and no spaces
wrong-key-reused = This key was used before, for something else; please choose a new one
wrong-same-text = The new version says the same as the one before
wrong-no-articles = No article (第一条…) was found in the text
wrong-import = The file cannot be read: { $what }
wrong-other = It did not work: { $what }
wrong-backwards = The last day must be after the first
wrong-past = The first day has passed
wrong-year = The window cannot be longer than a year
wrong-short = { $days } days are fewer than the { $minimum } that { $basis } asks for; give a reason
wrong-empty = This cannot be empty
wrong-too-short = At least { $min } characters are needed
wrong-too-long = { $chars } characters were written, at most { $max } fit
wrong-characters = It has characters that cannot be kept; please remove them

# Files of data
data-title = Data
data-lead = What is public, opinions and figures, can be downloaded whole for study: each download is of that very second. The dictionary says what each column is.
data-get-opinions = Download the opinions (CSV)
data-get-figures = Download the figures (CSV)
data-get-dictionary = Dictionary (Data Package)
data-opinions = Opinions
data-opinions-id = The opinion’s identifier
data-opinions-number = The opinion’s number
data-opinions-provision = The identifier of the provision spoken of; empty for the whole draft
data-opinions-provision-name = The provision spoken of
data-opinions-stance = What the opinion wants: support, amend, oppose or other
data-opinions-source = How it came: web (online), visit (heard by a deputy) or desk (by letter or in person)
data-opinions-state = Where it stands: received, decided, written (into a new version) or withdrawn
data-opinions-outcome = What was decided: adopted, partly_adopted, not_adopted, already_covered or referred; empty before
data-opinions-referred-to = The body to which it was referred
data-opinions-answer = The reason of the decision
data-opinions-received-at = When it was received, in UTC
data-opinions-decided-at = When it was decided, in UTC
data-opinions-hidden = Whether the words are hidden
data-opinions-hidden-because = Why they are hidden
data-opinions-text = The person’s own words; empty when hidden or taken back. An apostrophe stands before what a spreadsheet would take for a formula
data-figures = Figures
data-figures-key = The figure’s identifier
data-figures-name = What is counted
data-figures-value = The figure; per_mille is in thousandths
data-figures-unit = Its unit: items, persons, person_times, units, times or per_mille
data-figures-day = opinions received on { $day }
