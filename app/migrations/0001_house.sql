-- The keys this database is used with, and the logs it has held.

-- `fingerprint` tells a key without telling it; of the log's key it is the public one, with its name.
CREATE TABLE house_key (
    name TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    noted_at BIGINT NOT NULL
);

-- Where one log ended and the next began: what the old one was, how far its last known signed head
-- reached, and how many entries the new one took over.
CREATE TABLE log_break (
    seq BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    reason TEXT NOT NULL,
    old_key TEXT NOT NULL,
    old_size BIGINT,
    old_root TEXT,
    taken_over BIGINT NOT NULL
);
