-- Work to be done after the transaction that asks for it, and work that comes round by itself.

-- `run_at` is when it is due next: while it runs, the end of its lease. A finished job's row is
-- removed; `dedup_key` is unique among those that are left. A dead job's row stays until somebody
-- retries or drops it, or the next job with its key begins it anew.
CREATE TABLE job (
    id UUID PRIMARY KEY,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL,
    run_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    lease_until BIGINT,
    dedup_key TEXT,
    last_error TEXT
);

CREATE UNIQUE INDEX job_once ON job (dedup_key);
CREATE INDEX job_due ON job (run_at, id) WHERE state <> 'dead';
CREATE INDEX job_failed ON job (run_at, id) WHERE last_error IS NOT NULL;

CREATE TABLE job_round (
    name TEXT PRIMARY KEY,
    next_at BIGINT NOT NULL
);
