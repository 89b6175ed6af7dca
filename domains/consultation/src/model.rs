//! The pure part: what states there are, who may make which move, and what a move means.

pub mod says;

use jiff::civil::Date;
use kernel::Role;
use procedure::{ClockKind, Procedure, create, on, words};

words! {
    /// Where a consultation (征求意见) stands.
    pub enum State {
        /// 起草中: being prepared, seen by staff only.
        Draft = "draft",
        /// 征求中: open to everybody.
        Open = "open",
        /// 研究中: closed, its opinions are being worked through.
        Studying = "studying",
        /// 已通报: the response table has been published.
        Reported = "reported",
        /// 已撤回
        Withdrawn = "withdrawn",
    }
}

words! {
    /// What can be done with a consultation.
    pub enum Move {
        /// 起草
        Prepare = "prepare",
        /// 公布草案，开始征求意见
        Open = "open",
        /// 延长期限
        Extend = "extend",
        /// 截止
        Close = "close",
        /// 公布新版本
        PublishVersion = "publish_version",
        /// 公布采纳情况
        Report = "report",
        /// 撤回
        Withdraw = "withdraw",
    }
}

/// The clock of the window in which opinions are taken (立法法 40、87).
pub const WINDOW: ClockKind = ClockKind {
    key: "consultation_window",
    rule: "consultation.minimum_days",
};

/// 法规草案征求意见, from a draft to the report of what was adopted (立法法 40; rules §3.1).
pub const CONSULTATION: Procedure<State, Move> = Procedure {
    kind: "consultation",
    noun: "征求意见",
    rules: &[
        create(Move::Prepare).to(State::Draft).by(STAFF),
        on(Move::Open)
            .from(&[State::Draft])
            .to(State::Open)
            .by(STAFF)
            .starts(WINDOW),
        on(Move::Extend)
            .from(&[State::Open])
            .to(State::Open)
            .by(STAFF)
            .because()
            .stops(WINDOW)
            .starts(WINDOW),
        on(Move::Close)
            .from(&[State::Open])
            .to(State::Studying)
            .by(STAFF_OR_TIME)
            .stops(WINDOW),
        on(Move::PublishVersion)
            .from(&[State::Studying, State::Reported])
            .by(STAFF),
        on(Move::Report)
            .from(&[State::Studying])
            .to(State::Reported)
            .by(STAFF),
        on(Move::Withdraw)
            .from(&[State::Draft, State::Open, State::Studying])
            .to(State::Withdrawn)
            .by(STAFF)
            .because()
            .stops(WINDOW),
    ],
};

words! {
    /// Where an opinion (意见) stands.
    pub enum OpinionState {
        /// 已收到，待研究
        Received = "received",
        /// 已答复
        Decided = "decided",
        /// 已写入新版本
        Written = "written",
        /// 本人已撤回
        Withdrawn = "withdrawn",
    }
}

words! {
    /// What can be done with an opinion.
    pub enum OpinionMove {
        /// 提出: by anybody, by a deputy at a visit, or by staff for a letter.
        Submit = "submit",
        /// 作出处理决定
        Decide = "decide",
        /// 更正处理决定: undoing is a new move.
        Revise = "revise",
        /// 写入新版本
        Write = "write",
        /// 请再看看: whoever asked has the last word.
        AskAgain = "ask_again",
        /// 隐去
        Hide = "hide",
        /// 恢复显示
        Show = "show",
        /// 删除原话: because whoever wrote them asks for it (个人信息保护法 47).
        Erase = "erase",
        /// 本人撤回
        Withdraw = "withdraw",
    }
}

/// 一条意见, from a person's words to what became of them (rules §3.1).
pub const OPINION: Procedure<OpinionState, OpinionMove> = Procedure {
    kind: "opinion",
    noun: "意见",
    rules: &[
        create(OpinionMove::Submit).to(OpinionState::Received).by(&[
            Role::Resident,
            Role::Deputy,
            Role::Clerk,
            Role::Chair,
        ]),
        on(OpinionMove::Decide)
            .from(&[OpinionState::Received])
            .to(OpinionState::Decided)
            .by(STAFF)
            .because(),
        on(OpinionMove::Revise)
            .from(&[OpinionState::Decided])
            .to(OpinionState::Decided)
            .by(STAFF)
            .because(),
        on(OpinionMove::Write)
            .from(&[OpinionState::Decided])
            .to(OpinionState::Written)
            .by(&[Role::System]),
        on(OpinionMove::AskAgain)
            .from(&[OpinionState::Decided, OpinionState::Written])
            .to(OpinionState::Received)
            .by(&[Role::Resident])
            .because(),
        on(OpinionMove::Hide).from(ANY).by(STAFF).because(),
        on(OpinionMove::Show).from(ANY).by(STAFF).because(),
        on(OpinionMove::Erase).from(EVERY).by(STAFF).because(),
        on(OpinionMove::Withdraw)
            .from(&[OpinionState::Received])
            .to(OpinionState::Withdrawn)
            .by(&[Role::Resident]),
    ],
};

const STAFF: &[Role] = &[Role::Clerk, Role::Chair];
const STAFF_OR_TIME: &[Role] = &[Role::Clerk, Role::Chair, Role::System];
const EVERY: &[OpinionState] = &[
    OpinionState::Received,
    OpinionState::Decided,
    OpinionState::Written,
    OpinionState::Withdrawn,
];
const ANY: &[OpinionState] = &[
    OpinionState::Received,
    OpinionState::Decided,
    OpinionState::Written,
];

words! {
    /// What was decided on an opinion (处理决定).
    pub enum Outcome {
        /// 采纳
        Adopted = "adopted",
        /// 部分采纳
        PartlyAdopted = "partly_adopted",
        /// 未采纳
        NotAdopted = "not_adopted",
        /// 已体现: the draft says it already.
        AlreadyCovered = "already_covered",
        /// 转办: for another body to handle.
        Referred = "referred",
    }
}

impl Outcome {
    /// Whether the next version is to show it.
    #[must_use]
    pub const fn changes_the_draft(self) -> bool {
        matches!(self, Self::Adopted | Self::PartlyAdopted)
    }
}

words! {
    /// What an opinion wants of the provision (态度).
    pub enum Stance {
        /// 赞成
        Support = "support",
        /// 建议修改
        Amend = "amend",
        /// 不赞成
        Oppose = "oppose",
        /// 其他
        Other = "other",
    }
}

words! {
    /// By which way an opinion came (来源).
    pub enum Source {
        /// 网上提出
        Web = "web",
        /// 代表走访听取
        Visit = "visit",
        /// 来信来访，工作人员代录
        Desk = "desk",
    }
}

/// The days on which opinions are taken, both included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// The first day.
    pub opens: Date,
    /// The last day.
    pub closes: Date,
    /// Why it is shorter than the statutory minimum; shown to everybody as an exception.
    pub exception: Option<String>,
}

/// Why a window cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WindowRefusal {
    /// The last day is before the first.
    #[error("the last day is before the first")]
    Backwards,
    /// The first day has passed.
    #[error("the first day has passed")]
    Past,
    /// It is shorter than the law's minimum, and nobody says why.
    #[error("{days} days is shorter than the {minimum} that {basis} asks for; a reason is needed")]
    TooShort {
        /// Its length in days.
        days: u32,
        /// The minimum in days.
        minimum: u32,
        /// The article.
        basis: String,
    },
    /// It is longer than a year: surely a slip.
    #[error("the window is longer than a year")]
    TooLong,
}

/// The longest window that is not taken for a slip of the keyboard, in days.
pub const LONGEST_WINDOW: u32 = 366;

/// Whether opinions may be taken from `opens` to `closes`, given the statutory `minimum` of days.
/// The first day is not counted (民法典 201).
///
/// # Errors
/// [`WindowRefusal`].
pub fn window(
    today: Date,
    opens: Date,
    closes: Date,
    minimum: (u32, &str),
    reason: Option<&str>,
) -> Result<Window, WindowRefusal> {
    if opens < today {
        return Err(WindowRefusal::Past);
    }
    let days = u32::try_from((closes - opens).get_days()).map_err(|_| WindowRefusal::Backwards)?;
    if days > LONGEST_WINDOW {
        return Err(WindowRefusal::TooLong);
    }
    let reason = reason.map(str::trim).filter(|reason| !reason.is_empty());
    let (least, basis) = minimum;
    let exception = match (days < least, reason) {
        (true, None) => {
            return Err(WindowRefusal::TooShort {
                days,
                minimum: least,
                basis: basis.to_owned(),
            });
        }
        (true, Some(reason)) => Some(reason.to_owned()),
        (false, _) => None,
    };
    Ok(Window {
        opens,
        closes,
        exception,
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const THIRTY: (u32, &str) = (30, "立法法第四十条");

    #[test]
    fn thirty_days_are_enough_and_twenty_nine_need_a_reason() {
        let (today, opens) = (date(2026, 6, 30), date(2026, 7, 1));
        let plain = window(today, opens, date(2026, 7, 31), THIRTY, Some("ignored")).unwrap();
        assert_eq!(plain.exception, None);
        let short = window(today, opens, date(2026, 7, 30), THIRTY, None);
        assert!(matches!(
            short,
            Err(WindowRefusal::TooShort {
                days: 29,
                minimum: 30,
                ..
            })
        ));
        let excused = window(today, opens, date(2026, 7, 30), THIRTY, Some("防汛急需")).unwrap();
        assert_eq!(excused.exception.as_deref(), Some("防汛急需"));
    }

    #[test]
    fn a_window_cannot_run_backwards_or_start_in_the_past() {
        let day = date(2026, 7, 1);
        assert_eq!(
            window(day, day, date(2026, 6, 30), THIRTY, None),
            Err(WindowRefusal::Backwards)
        );
        assert_eq!(
            window(day, date(2026, 6, 30), date(2026, 8, 30), THIRTY, None),
            Err(WindowRefusal::Past)
        );
        assert_eq!(
            window(day, day, date(2028, 7, 1), THIRTY, None),
            Err(WindowRefusal::TooLong)
        );
    }
}
