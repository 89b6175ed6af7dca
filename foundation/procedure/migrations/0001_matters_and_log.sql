-- Matters (事项), their numbers, moves, clocks and links, and the transparency log.

-- `year` and `number` are what people quote: 意见〔2026〕12号.
CREATE TABLE matter (
    id UUID PRIMARY KEY,
    congress_id UUID NOT NULL,
    kind TEXT NOT NULL,
    year BIGINT NOT NULL,
    number BIGINT NOT NULL,
    parent_id UUID,
    state TEXT NOT NULL,
    steps BIGINT NOT NULL,
    opened_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);

-- The last number given in a year. Its row's lock is what keeps two matters from getting one number.
CREATE TABLE matter_counter (
    congress_id UUID NOT NULL,
    kind TEXT NOT NULL,
    year BIGINT NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (congress_id, kind, year)
);

-- One row a step. `content` is the record that was committed to, to the byte; `salt` opens the
-- commitment with it; redaction empties reason, content and salt.
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

-- A clock runs until it is stopped; while it is paused its last day does not count.
CREATE TABLE clock (
    id UUID PRIMARY KEY,
    matter_id UUID NOT NULL REFERENCES matter (id),
    congress_id UUID NOT NULL,
    key TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    due_on TEXT NOT NULL,
    basis TEXT NOT NULL,
    paused_at BIGINT,
    stopped_at BIGINT
);

CREATE UNIQUE INDEX clock_runs_once ON clock (matter_id, key) WHERE stopped_at IS NULL;
CREATE INDEX clock_by_matter ON clock (matter_id);
CREATE INDEX clock_due ON clock (key, due_on, id) WHERE stopped_at IS NULL AND paused_at IS NULL;
CREATE INDEX clock_due_in_congress ON clock (congress_id, due_on, id)
    WHERE stopped_at IS NULL AND paused_at IS NULL;

CREATE TABLE link (
    id UUID PRIMARY KEY,
    from_matter UUID NOT NULL REFERENCES matter (id),
    to_matter UUID NOT NULL REFERENCES matter (id),
    kind TEXT NOT NULL,
    anchor TEXT NOT NULL,
    made_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX link_once ON link (from_matter, to_matter, kind, anchor);
CREATE INDEX link_by_origin ON link (from_matter, id);
CREATE INDEX link_by_target ON link (to_matter, kind, anchor, id);

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

-- How far each reader of the feed has come: the index in the log of what it reads next.
CREATE TABLE feed_cursor (
    name TEXT PRIMARY KEY,
    next_index BIGINT NOT NULL
);
