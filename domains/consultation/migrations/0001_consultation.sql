-- Consultations (征求意见), visits (走访), opinions (意见) and their counters. Numbers, states and steps
-- live with the matters; what lists show and filter by is kept here too, changed in the same
-- transaction.

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
    made_at BIGINT NOT NULL
);

CREATE INDEX consultation_by_congress ON consultation (congress_id, state, id);

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
CREATE INDEX visit_by_consultation ON visit (consultation_id, id);

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
    landed_version UUID,
    received_at BIGINT NOT NULL,
    decided_at BIGINT
);

CREATE UNIQUE INDEX opinion_by_code ON opinion (code_hash);
CREATE UNIQUE INDEX opinion_by_key ON opinion (key_hash) WHERE key_hash IS NOT NULL;
CREATE INDEX opinion_by_consultation ON opinion (consultation_id, id);
CREATE INDEX opinion_by_provision ON opinion (consultation_id, provision, id);
CREATE INDEX opinion_by_state ON opinion (consultation_id, state, id);
CREATE INDEX opinion_by_state_provision ON opinion (consultation_id, state, provision, id);
CREATE INDEX opinion_by_outcome ON opinion (consultation_id, outcome, id);
CREATE INDEX opinion_by_source ON opinion (consultation_id, source, id);
CREATE INDEX opinion_landed ON opinion (landed_version, lands_on);

-- Counters that always equal a recount: provision '' counts the whole consultation.
CREATE TABLE tally (
    consultation_id UUID NOT NULL,
    provision TEXT NOT NULL,
    key TEXT NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (consultation_id, provision, key)
);
