//! The SQL of matters and of the log, portable to both databases.

/// Steps, with where each stands in the log. Asked for one by one: as a join, PostgreSQL would read
/// the whole log for the steps of a few matters.
macro_rules! timeline {
    ($which:literal) => {
        concat!(
            "SELECT m.matter_id, m.seq, m.move, m.from_state, m.to_state, m.role, m.account_id, m.at, m.reason,
                m.content, m.salt, (SELECT idx FROM log_entry WHERE move_id = m.id) AS idx,
                (SELECT entry FROM log_entry WHERE move_id = m.id) AS entry
            FROM matter_move m
            WHERE ",
            $which
        )
    };
}

/// The steps of several matters, which are pushed.
pub(crate) const TIMELINES: &str = timeline!("m.matter_id IN (");

store::statements! {
    pub(crate) NEXT_NUMBERS = "
        INSERT INTO matter_counter (congress_id, kind, year, n) VALUES ($1, $2, $3, $4)
        ON CONFLICT (congress_id, kind, year) DO UPDATE SET n = matter_counter.n + excluded.n
        RETURNING n";

    pub(crate) INSERT_MATTERS = "
        INSERT INTO matter
            (id, congress_id, kind, year, number, parent_id, state, steps, opened_at, changed_at)
        VALUES ";

    pub(crate) MATTER_STATE = "
        SELECT congress_id, kind, year, number, state, steps FROM matter WHERE id = $1";

    // The old step count guards against a change between reading and writing.
    pub(crate) MOVE_MATTER = "
        UPDATE matter SET state = $2, steps = steps + 1, changed_at = $3
        WHERE id = $1 AND steps = $4";

    pub(crate) INSERT_MOVES = "
        INSERT INTO matter_move
            (id, matter_id, seq, move, from_state, to_state, role, account_id, at, reason, content, salt)
        VALUES ";

    pub(crate) REDACT_MOVE = "
        UPDATE matter_move SET reason = NULL, content = NULL, salt = NULL
        WHERE matter_id = $1 AND seq = $2";

    pub(crate) START_CLOCK = "
        INSERT INTO clock (id, matter_id, congress_id, key, started_at, due_on, basis)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";

    pub(crate) STOP_CLOCK = "
        UPDATE clock SET stopped_at = $3
        WHERE matter_id = $1 AND key = $2 AND stopped_at IS NULL";

    pub(crate) PAUSE_CLOCK = "
        UPDATE clock SET paused_at = $3
        WHERE matter_id = $1 AND key = $2 AND stopped_at IS NULL AND paused_at IS NULL";

    pub(crate) RESUME_CLOCK = "
        UPDATE clock SET paused_at = NULL, due_on = $3, basis = $4
        WHERE matter_id = $1 AND key = $2 AND stopped_at IS NULL AND paused_at IS NOT NULL";

    pub(crate) CLOCKS = "
        SELECT id, matter_id, key, started_at, due_on, basis, paused_at, stopped_at
        FROM clock WHERE matter_id = $1 ORDER BY id";

    pub(crate) DUE = "
        SELECT id, matter_id, key, started_at, due_on, basis, paused_at, stopped_at
        FROM clock
        WHERE key = $1 AND due_on <= $2 AND (due_on, id) > ($3, $4)
          AND stopped_at IS NULL AND paused_at IS NULL
        ORDER BY due_on, id LIMIT $5";

    pub(crate) DUE_IN_CONGRESS = "
        SELECT c.id, c.matter_id, c.key, c.started_at, c.due_on, c.basis, c.paused_at, c.stopped_at,
               m.kind, m.year, m.number, m.state
        FROM clock c JOIN matter m ON m.id = c.matter_id
        WHERE c.congress_id = $1 AND c.due_on <= $2 AND (c.due_on, c.id) > ($3, $4)
          AND c.stopped_at IS NULL AND c.paused_at IS NULL
        ORDER BY c.due_on, c.id LIMIT $5";

    pub(crate) INSERT_LINK = "
        INSERT INTO link (id, from_matter, to_matter, kind, anchor, made_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (from_matter, to_matter, kind, anchor) DO NOTHING";

    pub(crate) LINKS_FROM = "
        SELECT id, from_matter, to_matter, kind, anchor, made_at
        FROM link WHERE from_matter = $1 AND id > $2 ORDER BY id LIMIT $3";

    pub(crate) LINKS_TO = "
        SELECT id, from_matter, to_matter, kind, anchor, made_at
        FROM link WHERE to_matter = $1 AND kind = $2 AND anchor = $3 AND id > $4
        ORDER BY id LIMIT $5";

    pub(crate) TIMELINE = timeline!("m.matter_id = $1 ORDER BY m.seq");

    pub(crate) FEED = "
        SELECT l.idx, v.matter_id, m.kind, m.congress_id, v.seq, v.move, v.role, v.to_state, v.at
        FROM log_entry l
        JOIN matter_move v ON v.id = l.move_id
        JOIN matter m ON m.id = v.matter_id
        WHERE l.idx >= $1 ORDER BY l.idx LIMIT $2";

    // Writing first takes the row's lock, so that two readers of one name go one after the other.
    pub(crate) LOCK_CURSOR = "
        INSERT INTO feed_cursor (name, next_index) VALUES ($1, 0)
        ON CONFLICT (name) DO UPDATE SET next_index = feed_cursor.next_index
        RETURNING next_index";
    pub(crate) MOVE_CURSOR = "UPDATE feed_cursor SET next_index = $2 WHERE name = $1";

    // Taking the row's lock before reading keeps two servers from sealing at once.
    pub(crate) LOCK_HEAD = "UPDATE log_head SET size = size WHERE id = 1 RETURNING size, frontier";
    pub(crate) READ_HEAD = "SELECT size, frontier FROM log_head WHERE id = 1";
    pub(crate) MOVE_HEAD = "
        UPDATE log_head SET size = $1, frontier = $2 WHERE id = 1 AND size = $3";
    pub(crate) INSERT_ENTRIES = "INSERT INTO log_entry (idx, move_id, leaf, entry) VALUES ";
    pub(crate) INSERT_NODES = "INSERT INTO log_node (level, idx, hash) VALUES ";
    pub(crate) LEAVES = "
        SELECT leaf FROM log_entry WHERE idx >= $1 AND idx < $2 ORDER BY idx";
    pub(crate) ENTRIES = "
        SELECT entry FROM log_entry WHERE idx >= $1 AND idx < $2 ORDER BY idx";
    pub(crate) NODES = "
        SELECT hash FROM log_node WHERE level = $1 AND idx >= $2 AND idx < $3 ORDER BY idx";

    pub(crate) AUDIT_LAST = "SELECT COALESCE(MAX(idx), -1) FROM log_entry";
    pub(crate) AUDIT_ENTRIES = "
        SELECT l.idx, l.leaf, l.entry, v.matter_id, m.kind, v.seq, v.move, v.to_state, v.role, v.at,
               v.reason, v.content, v.salt
        FROM log_entry l
        LEFT JOIN matter_move v ON v.id = l.move_id
        LEFT JOIN matter m ON m.id = v.matter_id
        WHERE l.idx >= $1 AND l.idx < $2 ORDER BY l.idx";
    pub(crate) AUDIT_ENTRIES_BEYOND = "
        SELECT idx FROM log_entry
        WHERE idx < 0 OR idx >= (SELECT size FROM log_head WHERE id = 1)
        ORDER BY idx LIMIT $1";
    pub(crate) AUDIT_STRANGE_NODES = "
        SELECT level, idx FROM log_node
        WHERE idx < 0 OR level NOT IN (8, 16, 24, 32, 40, 48, 56) ORDER BY level, idx LIMIT $1";
    pub(crate) AUDIT_NODES_BEYOND = "
        SELECT level, idx FROM log_node
        WHERE level = $1 AND idx >= (SELECT size FROM log_head WHERE id = 1) / $2
        ORDER BY idx LIMIT $3";
    // A matter and its steps in one statement, so that a move made meanwhile is seen whole or not at all.
    pub(crate) AUDIT_MATTERS = "
        SELECT m.id, m.state, m.steps, m.opened_at, m.changed_at, v.seq, v.from_state, v.to_state, v.at,
               l.idx
        FROM (SELECT id, state, steps, opened_at, changed_at FROM matter
              WHERE id > $1 ORDER BY id LIMIT $2) m
        LEFT JOIN matter_move v ON v.matter_id = m.id
        LEFT JOIN log_entry l ON l.move_id = v.id
        ORDER BY m.id, v.seq";
    pub(crate) AUDIT_NUMBERS = "
        SELECT m.kind, m.year, COUNT(*) AS given, COUNT(DISTINCT m.number) AS different,
               MIN(m.number) AS least, MAX(m.number) AS most,
               (SELECT c.n FROM matter_counter c
                WHERE c.congress_id = m.congress_id AND c.kind = m.kind AND c.year = m.year) AS counter
        FROM matter m GROUP BY m.congress_id, m.kind, m.year ORDER BY m.kind, m.year";

    pub(crate) WALK_MATTER = "
        SELECT state, steps, opened_at, changed_at, year, number FROM matter WHERE id = $1";
}
