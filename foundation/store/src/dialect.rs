//! The few statements that cannot be portable, side by side.

use crate::{Engine, Query, sql};

/// Claims the job that is due first. `$1` is now, `$2` the end of the lease.
pub(crate) fn claim_job(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => CLAIM_SQLITE,
        Engine::Postgres => CLAIM_POSTGRES,
    }
}

const CLAIM_SQLITE: &str =
    "UPDATE job SET state = 'running', attempts = attempts + 1, run_at = $2, lease_until = $2
    WHERE id = (SELECT id FROM job WHERE state <> 'dead' AND run_at <= $1
        ORDER BY run_at, id LIMIT 1)
    RETURNING id, kind, payload, attempts";
// SKIP LOCKED: several programs claim side by side, each another job.
const CLAIM_POSTGRES: &str =
    "UPDATE job SET state = 'running', attempts = attempts + 1, run_at = $2, lease_until = $2
    WHERE id = (SELECT id FROM job WHERE state <> 'dead' AND run_at <= $1
        ORDER BY run_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id, kind, payload, attempts";

/// Has the database tell how it would run a statement.
pub(crate) const fn explain(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "EXPLAIN QUERY PLAN ",
        Engine::Postgres => "EXPLAIN ",
    }
}

/// Starts a transaction in which all reading sees one moment.
pub(crate) const fn begin_snapshot(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "BEGIN",
        Engine::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    }
}

/// What sorts a column by its bytes, whatever the server's language.
pub(crate) const fn by_bytes(engine: Engine, is_text: bool) -> &'static str {
    match (engine, is_text) {
        (Engine::Postgres, true) => " COLLATE \"C\" NULLS FIRST",
        _ => " NULLS FIRST",
    }
}

/// Foreign keys as statements: what makes them wait for the commit, and what undoes that. SQLite
/// needs one pragma, which the commit undoes.
pub(crate) const DEFER_SQLITE: &str = "PRAGMA defer_foreign_keys = ON";
/// `(name, table)` of each foreign key on PostgreSQL.
pub(crate) const FOREIGN_KEYS_POSTGRES: &str = "SELECT con.conname::text, c.relname::text
    FROM pg_constraint con JOIN pg_class c ON c.oid = con.conrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE con.contype = 'f' AND NOT con.condeferrable AND n.nspname = current_schema() ORDER BY 1, 2";

/// `(table)` of every table of ours.
pub(crate) fn tables(engine: Engine) -> Query {
    sql(match engine {
        Engine::Sqlite => {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
        }
        Engine::Postgres => {
            "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind = 'r' AND n.nspname = current_schema() ORDER BY c.relname::text COLLATE \"C\""
        }
    })
}

/// `(column, type, refuses NULL)` of a table, in their order.
pub(crate) fn columns(engine: Engine, table: &str) -> Query {
    let text = match engine {
        Engine::Sqlite => {
            "SELECT name, lower(type), CAST(\"notnull\" <> 0 OR pk > 0 AS INTEGER) FROM pragma_table_info($1) ORDER BY cid"
        }
        Engine::Postgres => {
            "SELECT column_name::text, data_type::text, CASE is_nullable WHEN 'NO' THEN 1::bigint ELSE 0 END
             FROM information_schema.columns
             WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position"
        }
    };
    sql(text).bind(table)
}

/// `(index, kind, partial, column)` of a table's indexes; the kind is `primary`, `unique` or `plain`.
pub(crate) fn indexes(engine: Engine, table: &str) -> Query {
    let text = match engine {
        Engine::Sqlite => {
            "SELECT l.name, CASE WHEN l.origin = 'pk' THEN 'primary' WHEN l.\"unique\" <> 0 THEN 'unique' ELSE 'plain' END,
                 CAST(l.partial AS INTEGER), COALESCE(i.name, '(expression)')
             FROM pragma_index_list($1) l, pragma_index_info(l.name) i ORDER BY l.name, i.seqno"
        }
        Engine::Postgres => {
            "SELECT i.relname::text,
                 CASE WHEN x.indisprimary THEN 'primary' WHEN x.indisunique THEN 'unique' ELSE 'plain' END,
                 CASE WHEN x.indpred IS NULL THEN 0::bigint ELSE 1 END, COALESCE(a.attname::text, '(expression)')
             FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
             JOIN pg_namespace n ON n.oid = c.relnamespace
             CROSS JOIN LATERAL unnest(x.indkey) WITH ORDINALITY AS k (attnum, place)
             LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
             WHERE n.nspname = current_schema() AND c.relname = $1 ORDER BY i.relname::text COLLATE \"C\", k.place"
        }
    };
    sql(text).bind(table)
}

/// `(column, other table)` of a table's foreign keys.
pub(crate) fn references(engine: Engine, table: &str) -> Query {
    let text = match engine {
        Engine::Sqlite => "SELECT \"from\", \"table\" FROM pragma_foreign_key_list($1) ORDER BY 1, 2",
        Engine::Postgres => {
            "SELECT a.attname::text, o.relname::text FROM pg_constraint con
             JOIN pg_class c ON c.oid = con.conrelid JOIN pg_class o ON o.oid = con.confrelid
             JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN LATERAL unnest(con.conkey) AS k (attnum)
             JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
             WHERE con.contype = 'f' AND n.nspname = current_schema() AND c.relname = $1
             ORDER BY a.attname::text COLLATE \"C\", o.relname::text COLLATE \"C\""
        }
    };
    sql(text).bind(table)
}
