//! What of a name or a telephone number may stand on a screen (脱敏): enough to recognise one's own
//! entry, too little to find a person. Masking is for showing; what is stored is encrypted elsewhere.

/// Two-character family names that are common enough to be taken whole.
const DOUBLE_SURNAMES: [&str; 16] = [
    "欧阳", "司马", "上官", "诸葛", "司徒", "东方", "尉迟", "皇甫", "公孙", "慕容", "令狐", "宇文",
    "长孙", "轩辕", "夏侯", "闻人",
];

/// A name with only the family name left: `张**`, `欧阳**`, and for other scripts the first letter,
/// `R**`. The number of stars does not tell the name's length.
#[must_use]
pub fn mask_name(name: &str) -> String {
    let name = name.trim();
    let double = DOUBLE_SURNAMES
        .iter()
        .find(|surname| name.starts_with(**surname) && name.chars().count() > 2);
    match (double, name.chars().next()) {
        (Some(surname), _) => format!("{surname}**"),
        (None, Some(first)) => format!("{first}**"),
        (None, None) => String::new(),
    }
}

/// A telephone number with its middle hidden: `138****5678`. Numbers of fewer than seven digits are
/// hidden but for the last two; spaces and dashes go.
#[must_use]
pub fn mask_phone(phone: &str) -> String {
    let digits: Vec<char> = phone.chars().filter(char::is_ascii_digit).collect();
    let (head, tail) = match digits.len() {
        11.. => (digits.len() - 8, 4),
        7..=10 => (0, 4),
        3..=6 => (0, 2),
        _ => (0, 0),
    };
    let shown = |part: &[char]| part.iter().collect::<String>();
    format!(
        "{}****{}",
        shown(&digits[..head]),
        shown(&digits[digits.len() - tail..])
    )
}

/// An e-mail address with only its first letter and its host: `z**@example.cn`.
#[must_use]
pub fn mask_email(address: &str) -> String {
    match address.trim().rsplit_once('@') {
        Some((user, host)) => format!("{}@{host}", mask_name(user)),
        None => "**".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_keep_the_family_name() {
        assert_eq!(mask_name("张三"), "张**");
        assert_eq!(mask_name("张三丰"), "张**");
        assert_eq!(mask_name("欧阳小明"), "欧阳**");
        assert_eq!(mask_name("欧阳"), "欧**");
        assert_eq!(mask_name("Rosa Parks"), "R**");
        assert_eq!(mask_name(" "), "");
    }

    #[test]
    fn numbers_and_addresses_hide_their_middle() {
        assert_eq!(mask_phone("13812345678"), "138****5678");
        assert_eq!(mask_phone("138 1234-5678"), "138****5678");
        assert_eq!(mask_phone("66778899"), "****8899");
        assert_eq!(mask_phone("12345"), "****45");
        assert_eq!(mask_phone("1"), "****");
        assert_eq!(mask_email("zhang@example.cn"), "z**@example.cn");
        assert_eq!(mask_email("nobody"), "**");
    }

    proptest! {
        #[test]
        fn at_least_four_digits_of_a_mobile_number_stay_hidden(number in "1[0-9]{10}") {
            let shown = mask_phone(&number).chars().filter(char::is_ascii_digit).count();
            prop_assert!(shown <= number.len() - 4);
        }
    }
}
