-- Who and where: divisions, congresses, organs, people, seats, accounts, sessions, imports.

-- Divisions of the country (行政区划), by GB/T 2260 and GB/T 10114 codes.
CREATE TABLE division (
    id UUID PRIMARY KEY,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    name_en TEXT,
    level BIGINT NOT NULL,
    parent_id UUID REFERENCES division (id)
);

CREATE UNIQUE INDEX division_by_code ON division (code);
CREATE INDEX division_by_parent ON division (parent_id, code);

-- One congress a division; a sub-district (街道) has none.
CREATE TABLE congress (
    id UUID PRIMARY KEY,
    division_id UUID NOT NULL REFERENCES division (id),
    name TEXT NOT NULL,
    level BIGINT NOT NULL
);

CREATE UNIQUE INDEX congress_by_division ON congress (division_id);

-- A term (届). Dates are civil, YYYY-MM-DD. `seats` is the legal number of deputies (法定名额).
CREATE TABLE term (
    id UUID PRIMARY KEY,
    congress_id UUID NOT NULL REFERENCES congress (id),
    ordinal BIGINT NOT NULL,
    starts_on TEXT NOT NULL,
    ends_on TEXT,
    seats BIGINT NOT NULL
);

CREATE UNIQUE INDEX term_by_ordinal ON term (congress_id, ordinal);

CREATE TABLE organ (
    id UUID PRIMARY KEY,
    congress_id UUID NOT NULL REFERENCES congress (id),
    parent_id UUID REFERENCES organ (id),
    kind TEXT NOT NULL,
    name TEXT NOT NULL
);

CREATE UNIQUE INDEX organ_by_name ON organ (congress_id, name);

-- A natural person. `reference` is the number the congress itself uses to tell people of one name
-- apart; never an identity card's.
CREATE TABLE person (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL,
    post TEXT,
    reference TEXT,
    added_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX person_by_reference ON person (reference);
CREATE INDEX person_by_name ON person (name, id);

-- A deputy's seat. One person may hold several, in different congresses.
CREATE TABLE deputy (
    id UUID PRIMARY KEY,
    person_id UUID NOT NULL REFERENCES person (id),
    congress_id UUID NOT NULL REFERENCES congress (id),
    term_id UUID NOT NULL REFERENCES term (id),
    number TEXT,
    constituency TEXT NOT NULL,
    delegation_id UUID REFERENCES organ (id),
    state TEXT NOT NULL,
    since_on TEXT NOT NULL,
    until_on TEXT
);

CREATE UNIQUE INDEX deputy_once ON deputy (term_id, person_id);
CREATE UNIQUE INDEX deputy_by_number ON deputy (term_id, number);
CREATE INDEX deputy_by_congress ON deputy (congress_id, id);
CREATE INDEX deputy_by_person ON deputy (person_id);

CREATE TABLE account (
    id UUID PRIMARY KEY,
    person_id UUID NOT NULL REFERENCES person (id),
    login TEXT NOT NULL,
    password_hash TEXT,
    password_at BIGINT,
    must_change BOOLEAN NOT NULL,
    made_at BIGINT NOT NULL,
    closed_at BIGINT
);

CREATE UNIQUE INDEX account_by_login ON account (login);
CREATE INDEX account_by_person ON account (person_id);

CREATE TABLE account_role (
    account_id UUID NOT NULL REFERENCES account (id),
    congress_id UUID NOT NULL REFERENCES congress (id),
    role TEXT NOT NULL,
    granted_at BIGINT NOT NULL,
    granted_by UUID,
    PRIMARY KEY (account_id, congress_id, role)
);

CREATE INDEX account_role_by_congress ON account_role (congress_id, account_id);

-- What happened to an account, for the auditor. Never removed by the program.
CREATE TABLE account_event (
    id UUID PRIMARY KEY,
    account_id UUID NOT NULL REFERENCES account (id),
    what TEXT NOT NULL,
    at BIGINT NOT NULL,
    by_account UUID,
    network TEXT
);

CREATE INDEX account_event_by_account ON account_event (account_id, id);

-- The second factor. `secret` is sealed with the deployment's key; `last_step` is the last time
-- step whose code was used, so that no code is used twice.
CREATE TABLE account_totp (
    account_id UUID PRIMARY KEY REFERENCES account (id),
    secret BYTEA NOT NULL,
    made_at BIGINT NOT NULL,
    confirmed_at BIGINT,
    last_step BIGINT NOT NULL
);

CREATE TABLE recovery_code (
    account_id UUID NOT NULL REFERENCES account (id),
    hash BYTEA NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (account_id, hash)
);

-- A person at a city's own identity provider, bound to an account beforehand.
CREATE TABLE account_identity (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    account_id UUID NOT NULL REFERENCES account (id),
    bound_at BIGINT NOT NULL,
    bound_by UUID,
    PRIMARY KEY (issuer, subject)
);

CREATE INDEX account_identity_by_account ON account_identity (account_id);

-- A sign-in that went to the identity provider and has not come back yet.
CREATE TABLE oidc_attempt (
    state_hash BYTEA PRIMARY KEY,
    nonce TEXT NOT NULL,
    verifier TEXT NOT NULL,
    return_to TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE session (
    id UUID PRIMARY KEY,
    account_id UUID NOT NULL REFERENCES account (id),
    congress_id UUID REFERENCES congress (id),
    token_hash BYTEA NOT NULL,
    made_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    factor_at BIGINT,
    expires_at BIGINT NOT NULL,
    network TEXT NOT NULL,
    device TEXT NOT NULL
);

CREATE UNIQUE INDEX session_by_token ON session (token_hash);
CREATE INDEX session_by_account ON session (account_id, id);

-- Failed sign-ins, by a hash of the sign-in name or network: a name nobody has is counted like
-- any other, so the answer does not tell whether it exists.
CREATE TABLE sign_in_failures (
    subject TEXT PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    locked_until BIGINT NOT NULL
);

CREATE TABLE import_run (
    id UUID PRIMARY KEY,
    congress_id UUID REFERENCES congress (id),
    kind TEXT NOT NULL,
    file_name TEXT NOT NULL,
    file_hash BYTEA NOT NULL,
    rows BIGINT NOT NULL,
    at BIGINT NOT NULL,
    by_account UUID
);

CREATE INDEX import_run_by_congress ON import_run (congress_id, id);
