//! Polaris: the annotation `polaris.fairwinds.com/hostNetworkSet-exempt: "true"` of an object for one check, and
//! `polaris.fairwinds.com/exempt: "true"` for all that Polaris checks, and no rule that it does not have.

use super::pragma::{Name, Pragma, Reach, Tool};

/// What an annotation says to Polaris.
pub(super) fn read<'t>(key: &'t str, value: &str) -> Option<Pragma<'t>> {
    if !value.eq_ignore_ascii_case("true") {
        return None;
    }
    let key = key.strip_prefix("polaris.fairwinds.com/")?;
    let name = if key == "exempt" {
        Name::Pattern("*")
    } else {
        Name::Rule(key.strip_suffix("-exempt").filter(|check| !check.is_empty())?)
    };
    Some(Pragma { tool: Tool::Polaris, names: vec![name], reach: Reach::Object, until: None, reason: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_annotations_are_annotations() {
        for (key, value) in [
            ("polaris.fairwinds.com/exempt", "false"),
            ("polaris.fairwinds.com/exempt", "yes"),
            ("polaris.fairwinds.com/-exempt", "true"),
            ("polaris.fairwinds.com/hostNetworkSet", "true"),
            ("polaris.example.com/exempt", "true"),
        ] {
            assert_eq!(read(key, value), None, "{key}: {value}");
        }
    }

    #[test]
    fn one_check_or_all_may_be_left_out() {
        let names = |key: &'static str, value: &'static str| read(key, value).unwrap().names;
        assert_eq!(names("polaris.fairwinds.com/exempt", "True"), [Name::Pattern("*")]);
        let one = names("polaris.fairwinds.com/hostNetworkSet-exempt", "true");
        assert_eq!(one, [Name::Rule("hostNetworkSet")]);
    }
}
