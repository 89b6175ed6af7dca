//! The few kinds of value that both databases hold alike.

use kernel::{DivisionKind, Level, Timestamp};
use uuid::Uuid;

/// A bound value. `None` is SQL `NULL` of that kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `BIGINT`: counts, 分, microseconds.
    Int(Option<i64>),
    /// `TEXT`.
    Text(Option<String>),
    /// `BYTEA`.
    Bytes(Option<Vec<u8>>),
    /// `UUID`.
    Uuid(Option<Uuid>),
    /// `BOOLEAN`.
    Bool(Option<bool>),
}

macro_rules! value_from {
    ($($kind:ident: $($type:ty => $make:expr),+;)*) => {$($(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                let make: fn($type) -> _ = $make;
                Self::$kind(Some(make(value)))
            }
        }
        impl From<Option<$type>> for Value {
            fn from(value: Option<$type>) -> Self {
                Self::$kind(value.map($make))
            }
        }
    )+)*};
}

value_from! {
    Int: i64 => |v| v, i32 => i64::from, u32 => i64::from, Timestamp => Timestamp::micros, Level => Level::index;
    Text: String => |v| v, &str => str::to_owned, &String => String::clone, DivisionKind => |v| v.as_str().to_owned();
    Bytes: Vec<u8> => |v| v, &[u8] => <[u8]>::to_vec, [u8; 32] => |v| v.to_vec(), &[u8; 32] => |v| v.to_vec();
    Bool: bool => |v| v;
    Uuid: Uuid => |v| v;
}

/// Typed ids bind as the UUID they are.
macro_rules! value_from_ids {
    ($($id:ident),* $(,)?) => {value_from! { Uuid: $(kernel::$id => Uuid::from),*; }};
}

value_from_ids!(
    AccountId,
    AttachmentId,
    ClockId,
    CongressId,
    ConsultationId,
    DecisionId,
    DeputyId,
    DivisionId,
    ImportId,
    JobId,
    LinkId,
    MatterId,
    MoveId,
    OpinionId,
    OrganId,
    PersonId,
    SessionId,
    TermId,
    TextId,
    UnitId,
    VersionId,
    VisitId,
);
