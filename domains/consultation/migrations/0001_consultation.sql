-- Consultations (征求意见), visits (走访), opinions (意见) and their counters. Numbers, states and steps
-- live with the matters; what lists show and filter by is kept here too, changed in the same
-- transaction. `writing_id` is the version into which adopted opinions are still being written.

CREATE TABLE consultation (
    id UUID PRIMARY KEY,
    congress_id UUID NOT NULL,
    year BIGINT NOT NULL,
    number BIGINT NOT NULL,
    text_id UUID NOT NULL,
    version_id UUID NOT NULL,
    state TEXT NOT NULL,
    steps BIGINT NOT NULL,
    title TEXT NOT NULL,
    lead TEXT NOT NULL,
    opens_on TEXT,
    closes_on TEXT,
    short_reason TEXT,
    writing_id UUID,
    made_at BIGINT NOT NULL
);

-- The desk's list; the public's; those that take visits and letters.
CREATE INDEX consultation_by_congress ON consultation (congress_id, id);
CREATE INDEX consultation_published ON consultation (congress_id, id) WHERE opens_on IS NOT NULL;
CREATE INDEX consultation_by_last_day ON consultation (congress_id, closes_on, id);

-- A grass-roots unit (基层单位); `name_key` is its name without spaces and case, so that one unit
-- is not counted twice.
CREATE TABLE unit (
    id UUID PRIMARY KEY,
    congress_id UUID NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL
);

CREATE UNIQUE INDEX unit_once ON unit (congress_id, name_key);

-- `key_hash` is a keyed hash of the key it was sent under, `content_hash` of all that was sent.
CREATE TABLE visit (
    id UUID PRIMARY KEY,
    consultation_id UUID NOT NULL REFERENCES consultation (id),
    deputy_id UUID NOT NULL,
    unit_id UUID NOT NULL REFERENCES unit (id),
    heads BIGINT NOT NULL,
    visited_on TEXT NOT NULL,
    key_hash BYTEA NOT NULL,
    content_hash BYTEA NOT NULL,
    recorded_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX visit_once ON visit (key_hash);
-- All of a consultation, a deputy's, those to a unit: each in the order of its list.
CREATE INDEX visit_by_consultation ON visit (consultation_id, id);
CREATE INDEX visit_by_deputy ON visit (consultation_id, deputy_id, id);
CREATE INDEX visit_by_unit ON visit (consultation_id, unit_id, id);

-- Who visited for a consultation, and which units: one row each, with how often and how many were
-- heard. The lists that the figures of deputies and units open. `name` is the deputy's public name.
CREATE TABLE visiting_deputy (
    consultation_id UUID NOT NULL REFERENCES consultation (id),
    deputy_id UUID NOT NULL,
    name TEXT NOT NULL,
    visits BIGINT NOT NULL,
    heads BIGINT NOT NULL,
    PRIMARY KEY (consultation_id, deputy_id)
);

CREATE TABLE visited_unit (
    consultation_id UUID NOT NULL REFERENCES consultation (id),
    unit_id UUID NOT NULL REFERENCES unit (id),
    visits BIGINT NOT NULL,
    heads BIGINT NOT NULL,
    PRIMARY KEY (consultation_id, unit_id)
);

-- `provision` is '' for an opinion on the whole draft. `code_hash` is the SHA-256 of the receipt's
-- code: the code itself is known only to whoever holds the receipt. `key_hash` is a keyed hash of the
-- key that a client of the API chose, if one did.
CREATE TABLE opinion (
    id UUID PRIMARY KEY,
    consultation_id UUID NOT NULL REFERENCES consultation (id),
    year BIGINT NOT NULL,
    number BIGINT NOT NULL,
    version_id UUID NOT NULL,
    provision TEXT NOT NULL,
    stance TEXT NOT NULL,
    source TEXT NOT NULL,
    body TEXT NOT NULL,
    visit_id UUID REFERENCES visit (id),
    code_hash BYTEA NOT NULL,
    key_hash BYTEA,
    state TEXT NOT NULL,
    steps BIGINT NOT NULL,
    hidden BOOLEAN NOT NULL,
    hidden_reason TEXT,
    outcome TEXT,
    answer TEXT,
    lands_on TEXT,
    referred_to TEXT,
    received_at BIGINT NOT NULL,
    decided_at BIGINT
);

CREATE UNIQUE INDEX opinion_by_code ON opinion (code_hash);
CREATE UNIQUE INDEX opinion_by_key ON opinion (key_hash) WHERE key_hash IS NOT NULL;
-- Each holds a list in the order in which it is shown: all of a consultation, of a provision, of a
-- state (the desk's queue), of a state in a provision, of a stance, of a source. Every opinion costs
-- an entry in each of these six.
CREATE INDEX opinion_in_order ON opinion (consultation_id, id);
CREATE INDEX opinion_by_provision ON opinion (consultation_id, provision, id);
CREATE INDEX opinion_by_state ON opinion (consultation_id, state, id);
CREATE INDEX opinion_by_state_provision ON opinion (consultation_id, state, provision, id);
CREATE INDEX opinion_by_stance ON opinion (consultation_id, stance, id);
CREATE INDEX opinion_by_source ON opinion (consultation_id, source, id);
-- These cost nothing until somebody decides, hides or hears it at a visit: answered ones, of an
-- outcome, of an outcome in a provision; adopted ones that no version shows; hidden ones; of a visit.
CREATE INDEX opinion_answered ON opinion (consultation_id, id) WHERE outcome IS NOT NULL;
CREATE INDEX opinion_by_outcome ON opinion (consultation_id, outcome, id) WHERE outcome IS NOT NULL;
CREATE INDEX opinion_by_outcome_provision ON opinion (consultation_id, outcome, provision, id)
    WHERE outcome IS NOT NULL;
CREATE INDEX opinion_to_write ON opinion (consultation_id, id)
    WHERE state = 'decided' AND outcome IN ('adopted', 'partly_adopted');
CREATE INDEX opinion_hidden ON opinion (consultation_id, id) WHERE hidden;
CREATE INDEX opinion_of_visit ON opinion (visit_id, id) WHERE visit_id IS NOT NULL;

-- Counters that always equal a recount: provision '' counts the whole consultation.
CREATE TABLE tally (
    consultation_id UUID NOT NULL,
    provision TEXT NOT NULL,
    key TEXT NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (consultation_id, provision, key)
);

-- Opinions that say almost the same (相近意见), found by a job and found anew by the next run of it: a help
-- to look at things together, no part of the record. Only the run that is `shown` counts; what others left is
-- taken away by the next one. `made_at` and `opinions` are those of the run shown.
CREATE TABLE gathering (
    consultation_id UUID PRIMARY KEY REFERENCES consultation (id),
    latest BIGINT NOT NULL,
    shown BIGINT NOT NULL,
    made_at BIGINT,
    opinions BIGINT NOT NULL
);

-- `first_id` is the earliest of the group, itself a member; `likeness` is to that one, in thousandths.
CREATE TABLE alike (
    consultation_id UUID NOT NULL REFERENCES consultation (id),
    run BIGINT NOT NULL,
    first_id UUID NOT NULL,
    opinion_id UUID NOT NULL,
    likeness BIGINT NOT NULL,
    PRIMARY KEY (consultation_id, run, first_id, opinion_id)
);

CREATE INDEX alike_by_opinion ON alike (opinion_id);

-- `waiting` of the group wait for a decision: counted with every move of one of them.
CREATE TABLE alike_group (
    consultation_id UUID NOT NULL REFERENCES consultation (id),
    run BIGINT NOT NULL,
    first_id UUID NOT NULL,
    size BIGINT NOT NULL,
    waiting BIGINT NOT NULL,
    PRIMARY KEY (consultation_id, run, first_id)
);

CREATE INDEX alike_group_by_waiting ON alike_group (consultation_id, run, waiting, first_id);
