# The desk
desk-title = Desk
desk-home-lead = The consultations of your congress, newest first.
desk-home-empty-title = No consultation yet
desk-home-empty = Begin with a draft: choose “New consultation”.
desk-new = New consultation
desk-waiting = { $n } to be studied
desk-opinions = { $n ->
    [one] { $n } opinion in all
   *[other] { $n } opinions in all
}
desk-days = { $opens } to { $closes }
desk-back = Back
desk-back-desk = Back to the desk

# A draft
desk-new-lead = Upload the draft, or paste it. You can preview it once it is saved; until it is published only staff can see it.
desk-name = Title
desk-name-help = Leave it empty to use the title of the draft itself.
desk-number = Number
desk-lead = Introduction
desk-lead-help = In plain words: what this law is about, and what you most want to hear. May be left empty.
desk-label = Name of this version
desk-label-help = For example: Draft for consultation, Second reading draft.
desk-label-first = Draft for consultation
desk-label-second = Second reading draft
desk-file = Upload a file
desk-file-help = .md, .txt or .docx, up to 12 MB.
desk-source = Or paste the whole text
desk-source-help = Each article begins on a line of its own with 第…条. If you choose a file, the file counts.
desk-begin = Save the draft
desk-notice-begun = The draft is saved. Check what stands below, preview it, then publish it.
desk-notice-imported = The text is saved. Please note what was in the file: { $what }

# One consultation
desk-next-title = What to do now
desk-next-open = The draft is not public yet. Preview it, set the first and the last day, and publish it.
desk-next-queue = Opinions wait to be studied. Each one needs a decision and a reason.
desk-next-wait = Opinions are being taken, and none waits now. It closes by itself after the last day.
desk-next-next = All opinions have been decided. Publish the next version, so that what was adopted stands in the text.
desk-next-report = The next version is published. Publish what became of the opinions, so that everybody sees the result.
desk-next-reported = What became of the opinions is published. Further versions can still be published.
desk-next-withdrawn = This consultation has been withdrawn.
desk-to-queue = Work through the opinions
desk-others = You can also
desk-preview = Preview the public page
desk-public = See the public page
desk-about = About this consultation
desk-versions = Versions
desk-window = Open for opinions
desk-exception = Why it is shorter than the law’s minimum
desk-steps = What has happened
desk-findings = Please check these places in the draft
desk-findings-text = They do not stop you from publishing, but may be slips.
desk-finding = Line { $line }: { $what }
desk-fact-opinions = opinions
desk-fact-waiting = to be studied
desk-fact-decided = answered, not yet in a new version
desk-fact-to-write = adopted, not visible yet
desk-writing = Adopted opinions are being written into the new version; { $n } at most are left.
desk-fact-written = in the new version
desk-fact-hidden = hidden

# Acts
desk-act-edit = Edit title and introduction
desk-act-edit-lead = This cannot be changed once the draft is published.
desk-act-text = Replace the text
desk-act-text-lead = Once published, the text is fixed; after that a new version is needed.
desk-act-open = Publish the draft and open it for opinions
desk-act-open-lead = From then on anybody can read the draft and leave an opinion.
desk-act-extend = Give more time
desk-act-extend-lead = The new last day must be later than the present one.
desk-act-next = Publish the next version
desk-act-next-lead = First upload the new text and see which articles changed; then confirm.
desk-act-report = Publish what became of the opinions
desk-act-report-lead = From then on anybody can see the decision on every opinion, with its reason.
desk-act-close = Close early
desk-act-close-lead = No more opinions are taken from now on. People were told another last day, so a reason is needed; where less time was given than the law asks, everybody reads it.
desk-act-withdraw = Withdraw this consultation
desk-act-withdraw-lead = No more opinions will be taken. The opinions received, and the record, are kept.
desk-do-edit = Save
desk-do-text = Save the text
desk-do-open = Publish the draft
desk-do-extend = Give more time
desk-do-next = See what changed
desk-do-report = Publish
desk-do-close = Close
desk-do-withdraw = Withdraw
desk-done-edit = Title and introduction are saved.
desk-done-text = The text has been replaced.
desk-done-open = The draft is published and open for opinions.
desk-done-extend = There is more time now.
desk-done-next = The next version is published. The adopted opinions are now being written into it.
desk-done-report = What became of the opinions is published.
desk-done-close = Closed. The opinions can be studied now.
desk-done-withdraw = This consultation has been withdrawn.
desk-opens = First day
desk-opens-help = Opinions are taken from the beginning of this day.
desk-closes = Last day
desk-closes-help = Opinions are taken until the end of this day.
desk-minimum = A draft is usually open for at least { $days } days, by { $basis }. If it is shorter, give the reason below.
desk-open-reason = Why it is shorter than the law’s minimum
desk-extend-reason = Why more time is given
desk-close-reason = Why it closes early
desk-withdraw-reason = Why it is withdrawn
desk-reason-public = Everybody will see this.
desk-not-now = This cannot be done now. Perhaps a colleague has just done it.

# The next version
desk-confirm-title = Confirm the next version
desk-confirm-lead = “{ $label }”, compared with the present text article by article. Once published it cannot be changed.
desk-confirm-rows = What changes
desk-confirm-adopted = { $n ->
    [one] { $n } opinion was adopted in full or in part; it will be written to its article.
   *[other] { $n } opinions were adopted in full or in part; they will be written to their articles.
}
desk-confirm-waiting = { $n ->
    [one] { $n } opinion has no decision yet and will not be written into this version.
   *[other] { $n } opinions have no decision yet and will not be written into this version.
}
desk-confirm-back = Choose another text
desk-publish = Publish the next version
desk-pair-changed = changed
desk-pair-added = added
desk-pair-removed = removed
desk-pair-moved = moved
desk-pair-split = parts of split provisions
desk-pair-merged = parts of merged provisions
desk-pair-renumbered = only renumbered
desk-pair-unchanged = unchanged

# The queue
desk-queue-title = Opinions to study
desk-narrow = Filter
desk-narrow-to = Which opinions to show
desk-by-state = By progress
desk-by-provision = By article
desk-by-stance = By stance
desk-by-source = By source
desk-all = All
desk-all-states = All
desk-all-provisions = All articles
desk-whole-draft = The whole draft
desk-to-write = Adopted, not visible in a version
desk-hidden = Hidden
desk-list = List of opinions
desk-list-empty-title = No opinions here
desk-list-empty = Try another filter.
desk-at-hand = The opinion at hand
desk-nothing-at-hand = No opinion chosen
desk-nothing-at-hand-text = Choose one from the list.
desk-heard-at = Heard on { $day } on a visit to { $unit }, one of { $heads } people heard there.
desk-hidden-because = The words of this opinion are hidden from the public. Reason: { $reason }
desk-provision-text = The text of the provision
desk-decide = Decision
desk-reason = Reason
desk-reason-help = Whoever left the opinion will see it, and it is public.
desk-referred-to = Referred to
desk-referred-to-help = The body that will handle it, for what is referred. It is public.
desk-lands = Where it will be written
desk-lands-help = Counts only for what is adopted in full or in part.
desk-lands-same = The article the opinion speaks of
desk-answer = Answer and go on to the next
desk-correct = Correct the decision
desk-keys = Keys: 1 to 5 choose a decision, J and K go to the next and the previous opinion.
desk-hide-title = Hide the words
desk-show-title = Show the words again
desk-hide-reason = Reason (public)
desk-hide-help = The opinion is still worked on and still counted; only its words are not shown to the public.
desk-hide = Hide
desk-show = Show again
desk-notice-decided = Answered. Here is the next one.
desk-notice-decided-last = Answered. No opinion waits here any more.
desk-notice-corrected = The decision is corrected; the earlier one stays in the record.
desk-notice-erased = The words of this opinion are erased.
desk-erased = (the words were erased)
desk-erase-title = Erase the words
desk-erase-sure = This cannot be undone. Erase the words?
desk-erase-reason = Reason (it will be public)
desk-erase-help = Only when the writer, who shows the receipt code, asks for it. It cannot be undone; the answer, the steps and the proof remain.
desk-erase = Erase the words
desk-notice-hidden = The words of this opinion are hidden.
desk-notice-shown = The words of this opinion are shown again.


# Visits of deputies
desk-visit-title = Record a visit
desk-visit-lead = Write down what you heard, in people’s own words: { $title }
desk-visit-choose = Which consultation was the visit for?
desk-visit-none-title = No draft is open for opinions now
desk-visit-none = When a draft is published, you can record visits here.
desk-unit = Unit visited
desk-unit-help = A neighbourhood, village, company, school and so on; its full name.
desk-heads = People heard
desk-heads-help = How many people you heard in person on this visit.
desk-day = Day of the visit
desk-heard-title = Opinion { $n }
desk-heard = Their own words
desk-heard-help = In the words of whoever spoke. No names, addresses or telephone numbers. May be left empty.
desk-heard-provision = Which article it speaks of
desk-heard-stance = Stance
desk-visit-more = More opinions: add three places
desk-visit-send = Save and get the receipts
desk-visit-done = The visit is recorded
desk-visit-done-lead = { $unit }; people heard: { $heads }.
desk-slips-repeated = This form had been sent before; nothing was recorded twice. These are the same receipts.
desk-slips-hand-out = Hand each receipt to whoever spoke. Its code or QR code shows at any time how far the opinion has come.
desk-slips-none = No opinion was recorded, so there is no receipt.
desk-visit-another = Record another visit
desk-slip = Receipt { $n }
desk-slip-qr = QR code of receipt { $code }
desk-slip-open = Open receipt { $code }

# What to change
desk-wrong-sent-before = This form has been sent before, and the visit is recorded. To record another visit, please open a new form.
desk-wrong-number = Please give a number.
desk-wrong-date = Please give a date, such as 2026-07-01.
desk-wrong-outcome = Please choose a decision.
desk-wrong-no-text = Please upload a file, or paste the text.
desk-wrong-file-empty = The file is empty.
desk-wrong-file-kind = “{ $name }” cannot be read. Please use a .md, .txt or .docx file.
desk-wrong-file-articles = No article (第一条…) was found in it. Is it the right file?
desk-wrong-file = It could not be read: { $what }

# Letters and callers
desk-letter-title = Record a letter or a call
desk-letter-lead = Write down the opinion in the writer’s own words. No names, telephone numbers or addresses.
desk-letter-arrived = Day it arrived
desk-letter-help = Copy the words as they are; leave out the head and the signature, names, telephone numbers and addresses.
desk-letter-send = Save and get the receipt
desk-letter-done = The letter is recorded
desk-letter-another = Record another

# Opinions that say almost the same
desk-alike-title = Similar opinions
desk-alike-lead = Opinions on the same article that say almost the same stand together: see how they differ, and answer them in one act. Each receipt shows the answer.
desk-alike-find = Find similar opinions
desk-alike-again = Find them anew
desk-alike-asked = They are being found, mostly within seconds. Please reload this page.
desk-alike-found = { $n } opinions compared on { $at }
desk-alike-none-yet = Not looked for yet
desk-alike-none = No opinions are similar
desk-alike-explained = What counts as similar: without marks and blanks, each opinion is a set of pairs of neighbouring characters; of the pairs in either of two opinions, { $percent }% or more stand in both.
desk-alike-first = The earliest
desk-alike-place = Article
desk-alike-size = Opinions
desk-alike-waiting = Waiting
desk-alike-link = { $n } similar opinions, { $waiting } of them waiting
desk-alike-group = { $n } similar opinions
desk-alike-answer = Answer { $n } waiting opinions in one act
desk-alike-answer-text = Only those that wait are answered; answers given before stay. { $most } at most in one act. Handle those that do not fit by themselves first, below.
desk-alike-do-answer = Answer all
desk-alike-decided = { $n } opinions are answered; each receipt shows it.
desk-alike-all-answered = All of this group are answered.
desk-alike-members = The opinions of this group
desk-alike-members-text = Characters that differ from the earliest are marked.
desk-alike-likeness = { $percent }% similar
desk-alike-alone = Handle by itself
