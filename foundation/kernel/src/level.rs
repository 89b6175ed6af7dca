//! The five levels of people's congresses, and which places have one.

/// A congress's level (人大的层级), from L0 to L4. Stored as `BIGINT`, 0 to 4, so that it sorts.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    sqlx::Type,
)]
#[serde(rename_all = "snake_case")]
#[repr(i64)]
pub enum Level {
    /// L0: 全国人民代表大会.
    National = 0,
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

    /// The number it is stored as, 0 to 4.
    #[must_use]
    pub const fn index(self) -> i64 {
        self as i64
    }

    /// The level of a number, such as one in a file.
    #[must_use]
    pub fn from_index(index: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.index() == index)
    }

    /// The word in URLs and the Rulebook.
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

/// What kind of place a division is (行政区划的类型). It comes from the list of divisions, never from
/// the ending of a name: 白云区 may be a district and 经济开发区 is none, 神农架林区 has a congress and
/// 大兴安岭地区 has none. Stored as the word of [`DivisionKind::as_str`].
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
    /// 特别行政区: elects deputies to the national congress in its own way and has none of its own.
    SpecialRegion,
    /// 地级市: 设区的市, and the few without districts.
    City,
    /// 自治州
    AutonomousPrefecture,
    /// 地区: an arm of the province's government (派出机关).
    Prefecture,
    /// 盟: the same in Inner Mongolia.
    League,
    /// 市辖区
    District,
    /// 县级市: 不设区的市.
    CountyCity,
    /// 县
    County,
    /// 自治县
    AutonomousCounty,
    /// 旗
    Banner,
    /// 自治旗
    AutonomousBanner,
    /// 林区
    ForestDistrict,
    /// 特区: 六枝特区. Special economic zones are none.
    SpecialDistrict,
    /// 镇
    Town,
    /// 乡
    Township,
    /// 民族乡
    EthnicTownship,
    /// 苏木
    Sumu,
    /// 民族苏木
    EthnicSumu,
    /// 街道: an arm of the government above it. It elects nobody and holds no congress; a working
    /// committee of the standing committee above may sit there (地方组织法 Art. 59).
    Subdistrict,
    /// 功能区: development zones, farms and the like, which statistics count beside townships.
    Zone,
}

impl DivisionKind {
    /// Every kind, the widest first.
    pub const ALL: [Self; 24] = [
        Self::Country,
        Self::Province,
        Self::AutonomousRegion,
        Self::Municipality,
        Self::SpecialRegion,
        Self::City,
        Self::AutonomousPrefecture,
        Self::Prefecture,
        Self::League,
        Self::District,
        Self::CountyCity,
        Self::County,
        Self::AutonomousCounty,
        Self::Banner,
        Self::AutonomousBanner,
        Self::ForestDistrict,
        Self::SpecialDistrict,
        Self::Town,
        Self::Township,
        Self::EthnicTownship,
        Self::Sumu,
        Self::EthnicSumu,
        Self::Subdistrict,
        Self::Zone,
    ];

    /// The word in tables and the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Country => "country",
            Self::Province => "province",
            Self::AutonomousRegion => "autonomous_region",
            Self::Municipality => "municipality",
            Self::SpecialRegion => "special_region",
            Self::City => "city",
            Self::AutonomousPrefecture => "autonomous_prefecture",
            Self::Prefecture => "prefecture",
            Self::League => "league",
            Self::District => "district",
            Self::CountyCity => "county_city",
            Self::County => "county",
            Self::AutonomousCounty => "autonomous_county",
            Self::Banner => "banner",
            Self::AutonomousBanner => "autonomous_banner",
            Self::ForestDistrict => "forest_district",
            Self::SpecialDistrict => "special_district",
            Self::Town => "town",
            Self::Township => "township",
            Self::EthnicTownship => "ethnic_township",
            Self::Sumu => "sumu",
            Self::EthnicSumu => "ethnic_sumu",
            Self::Subdistrict => "subdistrict",
            Self::Zone => "zone",
        }
    }

    /// The Chinese term, as the list of divisions has it.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Country => "国家",
            Self::Province => "省",
            Self::AutonomousRegion => "自治区",
            Self::Municipality => "直辖市",
            Self::SpecialRegion => "特别行政区",
            Self::City => "地级市",
            Self::AutonomousPrefecture => "自治州",
            Self::Prefecture => "地区",
            Self::League => "盟",
            Self::District => "市辖区",
            Self::CountyCity => "县级市",
            Self::County => "县",
            Self::AutonomousCounty => "自治县",
            Self::Banner => "旗",
            Self::AutonomousBanner => "自治旗",
            Self::ForestDistrict => "林区",
            Self::SpecialDistrict => "特区",
            Self::Town => "镇",
            Self::Township => "乡",
            Self::EthnicTownship => "民族乡",
            Self::Sumu => "苏木",
            Self::EthnicSumu => "民族苏木",
            Self::Subdistrict => "街道",
            Self::Zone => "功能区",
        }
    }

    /// Reads [`DivisionKind::as_str`] or [`DivisionKind::zh`] back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == word || kind.zh() == word)
    }

    /// Where such a place stands in the tree of divisions.
    #[must_use]
    pub const fn level(self) -> Level {
        match self {
            Self::Country => Level::National,
            Self::Province | Self::AutonomousRegion | Self::Municipality | Self::SpecialRegion => {
                Level::Province
            }
            Self::City | Self::AutonomousPrefecture | Self::Prefecture | Self::League => {
                Level::City
            }
            Self::District
            | Self::CountyCity
            | Self::County
            | Self::AutonomousCounty
            | Self::Banner
            | Self::AutonomousBanner
            | Self::ForestDistrict
            | Self::SpecialDistrict => Level::County,
            Self::Town
            | Self::Township
            | Self::EthnicTownship
            | Self::Sumu
            | Self::EthnicSumu
            | Self::Subdistrict
            | Self::Zone => Level::Township,
        }
    }

    /// The level of the congress such a place has; none where it has none.
    #[must_use]
    pub const fn congress_level(self) -> Option<Level> {
        match self {
            Self::SpecialRegion
            | Self::Prefecture
            | Self::League
            | Self::Subdistrict
            | Self::Zone => None,
            kind => Some(kind.level()),
        }
    }
}

impl<DB: sqlx::Database> sqlx::Type<DB> for DivisionKind
where
    String: sqlx::Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        <String as sqlx::Type<DB>>::type_info()
    }

    fn compatible(other: &DB::TypeInfo) -> bool {
        <String as sqlx::Type<DB>>::compatible(other)
    }
}

impl<'r, DB: sqlx::Database> sqlx::Decode<'r, DB> for DivisionKind
where
    &'r str: sqlx::Decode<'r, DB>,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
        let word = <&str as sqlx::Decode<DB>>::decode(value)?;
        Self::parse(word).ok_or_else(|| format!("{word} is no kind of division").into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_numbers_read_back_and_levels_nest() {
        for level in Level::ALL {
            assert_eq!(Level::parse(level.as_str()), Some(level));
            assert_eq!(Level::from_index(level.index()), Some(level));
        }
        assert_eq!(Level::Township.wider(), Some(Level::County));
        assert_eq!(Level::National.wider(), None);
        assert_eq!(Level::from_index(5), None);
        for kind in DivisionKind::ALL {
            assert_eq!(DivisionKind::parse(kind.as_str()), Some(kind));
            assert_eq!(DivisionKind::parse(kind.zh()), Some(kind));
            let json = serde_json::to_value(kind).unwrap();
            assert_eq!(json, kind.as_str());
        }
        assert!(DivisionKind::ALL.is_sorted_by_key(|kind| kind.level()));
    }

    #[test]
    fn townships_have_no_standing_committee() {
        assert!(Level::County.has_standing_committee());
        assert!(!Level::Township.has_standing_committee());
        assert_eq!(Level::Township.council_zh(), "主席团");
    }

    #[test]
    fn arms_of_a_government_hold_no_congress_and_every_other_place_does() {
        let none = ["特别行政区", "地区", "盟", "街道", "功能区"];
        for kind in DivisionKind::ALL {
            let expected = (!none.contains(&kind.zh())).then(|| kind.level());
            assert_eq!(kind.congress_level(), expected, "{}", kind.zh());
        }
        let level = |word| DivisionKind::parse(word).unwrap().congress_level();
        assert_eq!(level("林区"), Some(Level::County));
        assert_eq!(level("苏木"), Some(Level::Township));
    }
}
