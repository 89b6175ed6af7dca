-- Who and where: divisions, congresses, organs, people, seats, accounts, sessions, imports, and the
-- audit trail.

-- Divisions of the country (行政区划), by GB/T 2260 and GB/T 10114 codes.
CREATE TABLE division (
    id UUID PRIMARY KEY,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    name_en TEXT,
    level BIGINT NOT NULL,
    kind TEXT NOT NULL,
    parent_id UUID REFERENCES division (id)
);

CREATE UNIQUE INDEX division_by_code ON division (code);
CREATE INDEX division_by_parent ON division (parent_id, code);

-- One congress a division; not every kind of division has one. The first one set up keeps the
-- deployment: its administrator brings in divisions and sets up the others.
CREATE TABLE congress (
    id UUID PRIMARY KEY,
    division_id UUID NOT NULL REFERENCES division (id),
    name TEXT NOT NULL,
    level BIGINT NOT NULL,
    keeper BOOLEAN NOT NULL
);

CREATE UNIQUE INDEX congress_by_division ON congress (division_id);
CREATE UNIQUE INDEX congress_keeper ON congress (keeper) WHERE keeper;

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

-- A natural person.
CREATE TABLE person (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL,
    post TEXT,
    added_at BIGINT NOT NULL
);

-- The people a congress knows. `reference` is the number that congress itself uses to tell people of
-- one name apart; never an identity card's. Another congress's 0001 is somebody else.
CREATE TABLE congress_person (
    congress_id UUID NOT NULL REFERENCES congress (id),
    person_id UUID NOT NULL REFERENCES person (id),
    reference TEXT,
    PRIMARY KEY (congress_id, person_id)
);

CREATE UNIQUE INDEX congress_person_by_reference ON congress_person (congress_id, reference);
CREATE INDEX congress_person_by_person ON congress_person (person_id);

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

-- One run of an import.
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

-- A person's way into one congress. `signed_in_at` is the last time that all factors were passed;
-- none while the account has never been used.
CREATE TABLE account (
    id UUID PRIMARY KEY,
    congress_id UUID NOT NULL REFERENCES congress (id),
    person_id UUID NOT NULL REFERENCES person (id),
    login TEXT NOT NULL,
    password_hash TEXT,
    password_at BIGINT,
    must_change BOOLEAN NOT NULL,
    import_id UUID REFERENCES import_run (id),
    made_at BIGINT NOT NULL,
    signed_in_at BIGINT,
    closed_at BIGINT
);

CREATE UNIQUE INDEX account_by_login ON account (congress_id, login);
CREATE UNIQUE INDEX account_once ON account (congress_id, person_id) WHERE closed_at IS NULL;
CREATE INDEX account_by_congress ON account (congress_id, id);
CREATE INDEX account_by_person ON account (person_id);
CREATE INDEX account_by_import ON account (import_id, id);

CREATE TABLE account_role (
    account_id UUID NOT NULL REFERENCES account (id),
    role TEXT NOT NULL,
    given_at BIGINT NOT NULL,
    given_by UUID,
    PRIMARY KEY (account_id, role)
);

-- The confirmed second factor. `secret` is sealed with the deployment's key; `last_step` is the last
-- time step whose code was used, so that no code is used twice.
CREATE TABLE account_totp (
    account_id UUID PRIMARY KEY REFERENCES account (id),
    secret BYTEA NOT NULL,
    confirmed_at BIGINT NOT NULL,
    last_step BIGINT NOT NULL
);

CREATE TABLE recovery_code (
    account_id UUID NOT NULL REFERENCES account (id),
    hash BYTEA NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (account_id, hash)
);

-- A person at a city's own identity provider, bound to an account of one congress.
CREATE TABLE account_identity (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    congress_id UUID NOT NULL REFERENCES congress (id),
    account_id UUID NOT NULL REFERENCES account (id),
    bound_at BIGINT NOT NULL,
    bound_by UUID,
    PRIMARY KEY (issuer, subject, congress_id)
);

CREATE INDEX account_identity_by_account ON account_identity (account_id);

-- A signed-in browser or program. `proved_at` is when it last showed password and second factor
-- again, `pending_secret` the sealed second factor it is enrolling: another session of the same
-- account does not see it.
CREATE TABLE session (
    id UUID PRIMARY KEY,
    account_id UUID NOT NULL REFERENCES account (id),
    token_hash BYTEA NOT NULL,
    made_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    factor_at BIGINT,
    proved_at BIGINT,
    pending_secret BYTEA,
    expires_at BIGINT NOT NULL,
    network TEXT NOT NULL,
    device TEXT NOT NULL
);

CREATE UNIQUE INDEX session_by_token ON session (token_hash);
CREATE INDEX session_by_account ON session (account_id, id);

-- A way to the identity provider that has not come back yet: a sign-in, or the binding of the
-- account of a session.
CREATE TABLE oidc_attempt (
    state_hash BYTEA PRIMARY KEY,
    session_id UUID,
    nonce TEXT NOT NULL,
    verifier TEXT NOT NULL,
    return_to TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- Failed sign-ins. `subject` is a hash, so that a name nobody has, which may be a password typed in
-- the wrong field, is counted like any other. Each failure fades after a while: `clear_at` is when
-- the last one will have.
CREATE TABLE sign_in_failure (
    subject TEXT PRIMARY KEY,
    congress_id UUID NOT NULL REFERENCES congress (id),
    account_id UUID REFERENCES account (id),
    network TEXT,
    clear_at BIGINT NOT NULL,
    locked_until BIGINT NOT NULL
);

CREATE INDEX sign_in_failure_by_congress ON sign_in_failure (congress_id, subject);
CREATE INDEX sign_in_failure_by_account ON sign_in_failure (account_id);

-- What a form has made, by the nonce it was handed out with: sent again, it makes nothing more.
CREATE TABLE form_result (
    nonce UUID PRIMARY KEY,
    made UUID NOT NULL,
    at BIGINT NOT NULL
);

-- The audit trail: who did what to whom. Each row holds the hash of the one before it.
CREATE TABLE audit_event (
    seq BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    congress_id UUID,
    account_id UUID,
    role TEXT NOT NULL,
    network TEXT NOT NULL,
    act TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id UUID,
    detail TEXT NOT NULL,
    prev_hash BYTEA NOT NULL,
    hash BYTEA NOT NULL
);

CREATE INDEX audit_event_by_time ON audit_event (at, seq);
CREATE INDEX audit_event_by_congress ON audit_event (congress_id, seq);
CREATE INDEX audit_event_by_account ON audit_event (congress_id, account_id, seq);
CREATE INDEX audit_event_by_act ON audit_event (congress_id, act, seq);
CREATE INDEX audit_event_by_object ON audit_event (object_id, seq);

-- The last row's number and hash. Whoever adds one takes this row first, so that the chain has no
-- forks; and a last row that is taken away is missed.
CREATE TABLE audit_head (
    id BIGINT PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash BYTEA NOT NULL
);
