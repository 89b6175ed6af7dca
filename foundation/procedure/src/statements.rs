//! The SQL of matters and of the log, portable to both databases.

pub(crate) const INSERT_MATTER: &str = "
    INSERT INTO matter (id, congress_id, kind, parent_id, state, steps, opened_at, changed_at)
    VALUES ($1, $2, $3, $4, $5, 1, $6, $6)";

pub(crate) const MATTER_STATE: &str = "SELECT kind, state, steps FROM matter WHERE id = $1";

// The old step count guards against a change between reading and writing.
pub(crate) const MOVE_MATTER: &str = "
    UPDATE matter SET state = $2, steps = steps + 1, changed_at = $3
    WHERE id = $1 AND steps = $4";

pub(crate) const INSERT_MOVE: &str = "
    INSERT INTO matter_move
        (id, matter_id, seq, move, from_state, to_state, role, account_id, at, reason, content, salt)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";

pub(crate) const START_CLOCK: &str = "
    INSERT INTO clock (id, matter_id, key, started_at, due_on, basis)
    VALUES ($1, $2, $3, $4, $5, $6)";

pub(crate) const STOP_CLOCK: &str =
    "UPDATE clock SET stopped_at = $3 WHERE matter_id = $1 AND key = $2 AND stopped_at IS NULL";

pub(crate) const TIMELINE: &str = "
    SELECT m.seq, m.move, m.from_state, m.to_state, m.role, m.account_id, m.at, m.reason,
           m.content, m.salt, l.idx, l.entry
    FROM matter_move m
    LEFT JOIN log_entry l ON l.move_id = m.id
    WHERE m.matter_id = $1
    ORDER BY m.seq";

// Taking the row's lock before reading keeps two servers from sealing at once.
pub(crate) const LOCK_HEAD: &str =
    "UPDATE log_head SET size = size WHERE id = 1 RETURNING size, frontier";
pub(crate) const READ_HEAD: &str = "SELECT size, frontier FROM log_head WHERE id = 1";
pub(crate) const MOVE_HEAD: &str =
    "UPDATE log_head SET size = $1, frontier = $2 WHERE id = 1 AND size = $3";
pub(crate) const INSERT_ENTRIES: &str = "INSERT INTO log_entry (idx, move_id, leaf, entry) VALUES ";
pub(crate) const INSERT_NODES: &str = "INSERT INTO log_node (level, idx, hash) VALUES ";
pub(crate) const LEAVES: &str =
    "SELECT leaf FROM log_entry WHERE idx >= $1 AND idx < $2 ORDER BY idx";
pub(crate) const ENTRIES: &str =
    "SELECT entry FROM log_entry WHERE idx >= $1 AND idx < $2 ORDER BY idx";
pub(crate) const NODES: &str =
    "SELECT hash FROM log_node WHERE level = $1 AND idx >= $2 AND idx < $3 ORDER BY idx";

/// Every statement, so that one test can prepare each on both databases.
pub const ALL: &[&str] = &[
    INSERT_MATTER,
    MATTER_STATE,
    MOVE_MATTER,
    INSERT_MOVE,
    START_CLOCK,
    STOP_CLOCK,
    TIMELINE,
    LOCK_HEAD,
    READ_HEAD,
    MOVE_HEAD,
    LEAVES,
    ENTRIES,
    NODES,
];
