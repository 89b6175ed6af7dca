-- Matters (事项), their moves, clocks and links, and the transparency log.

CREATE TABLE matter (
    id UUID PRIMARY KEY,
    congress_id UUID NOT NULL,
    kind TEXT NOT NULL,
    parent_id UUID,
    state TEXT NOT NULL,
    steps BIGINT NOT NULL,
    opened_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);

-- One row a step. `content` is the record that was committed to, to the byte; `salt` opens the
-- commitment with it; redaction empties both.
CREATE TABLE matter_move (
    id UUID PRIMARY KEY,
    matter_id UUID NOT NULL REFERENCES matter (id),
    seq BIGINT NOT NULL,
    move TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    role TEXT NOT NULL,
    account_id UUID,
    at BIGINT NOT NULL,
    reason TEXT,
    content TEXT,
    salt BYTEA
);

CREATE UNIQUE INDEX matter_move_by_matter ON matter_move (matter_id, seq);

CREATE TABLE clock (
    id UUID PRIMARY KEY,
    matter_id UUID NOT NULL REFERENCES matter (id),
    key TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    due_on TEXT NOT NULL,
    basis TEXT NOT NULL,
    stopped_at BIGINT
);

CREATE INDEX clock_by_matter ON clock (matter_id);
CREATE INDEX clock_running ON clock (key, due_on) WHERE stopped_at IS NULL;

CREATE TABLE link (
    id UUID PRIMARY KEY,
    from_matter UUID NOT NULL REFERENCES matter (id),
    to_matter UUID NOT NULL REFERENCES matter (id),
    kind TEXT NOT NULL,
    anchor TEXT NOT NULL,
    made_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX link_once ON link (from_matter, to_matter, kind, anchor);
CREATE INDEX link_by_target ON link (to_matter);

CREATE TABLE log_entry (
    idx BIGINT PRIMARY KEY,
    move_id UUID NOT NULL,
    leaf BYTEA NOT NULL,
    entry BYTEA NOT NULL
);

CREATE UNIQUE INDEX log_entry_by_move ON log_entry (move_id);

-- Roots of complete subtrees of 256, 65536, … entries: what the tiles above the lowest hold.
CREATE TABLE log_node (
    level BIGINT NOT NULL,
    idx BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (level, idx)
);

-- The one row that says how long the log is. Updating it is what puts writers in a row.
CREATE TABLE log_head (
    id BIGINT PRIMARY KEY,
    size BIGINT NOT NULL,
    frontier BYTEA NOT NULL
);

INSERT INTO log_head (id, size, frontier) VALUES (1, 0, '');
