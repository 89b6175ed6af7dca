-- Texts as works (text) and dated versions (text_version), after FRBR.

CREATE TABLE text (
    id UUID PRIMARY KEY,
    congress_id UUID NOT NULL,
    made_at BIGINT NOT NULL
);

-- `source` is the text as it came, to the byte; `digest` its SHA-256. A version that is published
-- is never changed again.
CREATE TABLE text_version (
    id UUID PRIMARY KEY,
    text_id UUID NOT NULL REFERENCES text (id),
    seq BIGINT NOT NULL,
    label TEXT NOT NULL,
    source TEXT NOT NULL,
    digest BYTEA NOT NULL,
    made_at BIGINT NOT NULL,
    published_at BIGINT
);

CREATE UNIQUE INDEX text_version_by_text ON text_version (text_id, seq);
