//! The five levels of people's congresses, and which places have one.

/// A congress's level (人大的层级), from L0 to L4.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// L0: 全国人民代表大会.
    National,
    /// L1: province, autonomous region or municipality (省、自治区、直辖市).
    Province,
    /// L2: city with districts or autonomous prefecture (设区的市、自治州).
    City,
    /// L3: county, autonomous county, city without districts or district (县、自治县、不设区的市、市辖区).
    County,
    /// L4: township, ethnic township or town (乡、民族乡、镇).
    Township,
}

impl Level {
    /// Every level, the widest first.
    pub const ALL: [Self; 5] = [
        Self::National,
        Self::Province,
        Self::City,
        Self::County,
        Self::Township,
    ];

    /// The word in tables, URLs and the Rulebook.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::National => "national",
            Self::Province => "province",
            Self::City => "city",
            Self::County => "county",
            Self::Township => "township",
        }
    }

    /// Reads [`Level::as_str`] back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == word)
    }

    /// The code of the domain rules, `L0` to `L4`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::National => "L0",
            Self::Province => "L1",
            Self::City => "L2",
            Self::County => "L3",
            Self::Township => "L4",
        }
    }

    /// The Chinese term for the level.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::National => "全国",
            Self::Province => "省级",
            Self::City => "市级",
            Self::County => "县级",
            Self::Township => "乡级",
        }
    }

    /// The English term for the level.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::National => "national",
            Self::Province => "provincial",
            Self::City => "city",
            Self::County => "county",
            Self::Township => "township",
        }
    }

    /// Whether a standing committee (常务委员会) acts between sessions: everywhere but in townships.
    #[must_use]
    pub const fn has_standing_committee(self) -> bool {
        !matches!(self, Self::Township)
    }

    /// The body that steers between sessions: 委员长会议, 主任会议, or in a township the 主席团.
    #[must_use]
    pub const fn council_zh(self) -> &'static str {
        match self {
            Self::National => "委员长会议",
            Self::Province | Self::City | Self::County => "主任会议",
            Self::Township => "主席团",
        }
    }

    /// Whether voters elect the deputies themselves (直接选举). 选举法 Art. 3.
    #[must_use]
    pub const fn elected_directly(self) -> bool {
        matches!(self, Self::County | Self::Township)
    }

    /// The next wider level; none above the national one.
    #[must_use]
    pub fn wider(self) -> Option<Self> {
        let at = Self::ALL.iter().position(|level| *level == self)?;
        at.checked_sub(1).map(|up| Self::ALL[up])
    }
}

/// What kind of place a division is (行政区划的类型).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DivisionKind {
    /// 国家
    Country,
    /// 省
    Province,
    /// 自治区
    AutonomousRegion,
    /// 直辖市
    Municipality,
    /// 设区的市
    City,
    /// 自治州
    AutonomousPrefecture,
    /// 县
    County,
    /// 自治县
    AutonomousCounty,
    /// 不设区的市
    CountyCity,
    /// 市辖区
    District,
    /// 乡
    Township,
    /// 民族乡
    EthnicTownship,
    /// 镇
    Town,
    /// 街道: an arm of the government above it. It elects nobody and holds no congress; a working
    /// committee of the standing committee above may sit there (地方组织法 Art. 59).
    Subdistrict,
}

impl DivisionKind {
    /// The level of the congress such a place has; none for a 街道.
    #[must_use]
    pub const fn congress_level(self) -> Option<Level> {
        match self {
            Self::Country => Some(Level::National),
            Self::Province | Self::AutonomousRegion | Self::Municipality => Some(Level::Province),
            Self::City | Self::AutonomousPrefecture => Some(Level::City),
            Self::County | Self::AutonomousCounty | Self::CountyCity | Self::District => {
                Some(Level::County)
            }
            Self::Township | Self::EthnicTownship | Self::Town => Some(Level::Township),
            Self::Subdistrict => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_back_and_levels_nest() {
        for level in Level::ALL {
            assert_eq!(Level::parse(level.as_str()), Some(level));
        }
        assert_eq!(Level::Township.wider(), Some(Level::County));
        assert_eq!(Level::National.wider(), None);
    }

    #[test]
    fn townships_have_no_standing_committee_and_streets_no_congress() {
        assert!(Level::County.has_standing_committee());
        assert!(!Level::Township.has_standing_committee());
        assert_eq!(Level::Township.council_zh(), "主席团");
        assert_eq!(DivisionKind::Subdistrict.congress_level(), None);
        assert_eq!(DivisionKind::District.congress_level(), Some(Level::County));
    }
}
