//! The two languages of the site.

/// A language of the site: Chinese first, English complete.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lang {
    /// 简体中文, the default.
    #[default]
    Zh,
    /// English.
    En,
}

impl Lang {
    /// Both, in the order in which they are offered.
    pub const ALL: [Self; 2] = [Self::Zh, Self::En];

    /// The tag for `lang` attributes and for the `?lang=` parameter.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }

    /// Reads a tag such as `zh`, `zh-CN`, `zh-Hans-CN`, `en` or `en-GB`.
    #[must_use]
    pub fn parse(tag: &str) -> Option<Self> {
        match tag
            .trim()
            .split(['-', '_'])
            .next()?
            .to_ascii_lowercase()
            .as_str()
        {
            "zh" => Some(Self::Zh),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// The language that an `Accept-Language` header likes best; ties go to the first named.
    #[must_use]
    pub fn from_accept(header: &str) -> Option<Self> {
        let mut best: Option<(Self, u32)> = None;
        for part in header.split(',').take(20) {
            let (tag, quality) = part.split_once(";q=").unwrap_or((part, "1"));
            let Some(lang) = Self::parse(tag) else {
                continue;
            };
            let quality = quality.trim().parse::<f32>().unwrap_or(0.0).clamp(0.0, 1.0);
            let quality = (quality * 1000.0) as u32;
            if quality > 0 && best.is_none_or(|(_, held)| quality > held) {
                best = Some((lang, quality));
            }
        }
        best.map(|(lang, _)| lang)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_liked_language_wins() {
        assert_eq!(Lang::from_accept("fr, en;q=0.8, zh;q=0.9"), Some(Lang::Zh));
        assert_eq!(Lang::from_accept("en-GB,zh-CN;q=0.9"), Some(Lang::En));
        assert_eq!(Lang::from_accept("fr;q=1, zh;q=0"), None);
    }
}
