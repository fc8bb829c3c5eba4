//! BuildKit: `# check=skip=JSONArgsRecommended;error=true`, as a directive for the file, or above an instruction.
//!
//! `skip=all` means all that BuildKit checks, and no rule that it does not have. `error=true` makes BuildKit stop at a
//! warning; here `--fail-on` says what a finding does to the exit code, so it has no effect. BuildKit itself takes only one
//! such comment, minds the case of names, and does not heed it for rules that look at the whole file; here all count.

use super::pragma::{Name, Pragma, Reach, Tool};

/// What a comment, without its sign, says to BuildKit.
pub(super) fn read(comment: &str) -> Option<Pragma<'_>> {
    let key = comment.get(.."check".len()).filter(|key| key.eq_ignore_ascii_case("check"))?;
    let value = comment[key.len()..].trim_start().strip_prefix('=')?;
    options(value, Reach::Next)
}

/// What the value of a directive or of a comment says.
pub(super) fn options(value: &str, reach: Reach) -> Option<Pragma<'_>> {
    let skip = value.split(';').find_map(|option| {
        let (key, list) = option.split_once('=')?;
        (key.trim() == "skip").then_some(list)
    })?;
    let mut pragma = Pragma::new(Tool::BuildKit, reach, skip)?;
    for name in &mut pragma.names {
        if matches!(name, Name::Rule(name) if name.eq_ignore_ascii_case("all")) {
            *name = Name::Pattern("*");
        }
    }
    Some(pragma)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules<'t>(names: &[&'t str]) -> Vec<Name<'t>> {
        names.iter().copied().map(Name::Rule).collect()
    }

    #[test]
    fn other_comments_are_comments() {
        for comment in [
            "check",
            "check skip=A",
            "check=",
            "check=A",
            "check=skip",
            "check=skip=",
            "check=error=true",
            "check=experimental=all",
            "checks=skip=A",
            "a check=skip=A",
            "ch\u{e9}ck=skip=A",
        ] {
            assert_eq!(read(comment), None, "{comment}");
        }
    }

    #[test]
    fn rules_are_named_wherever_the_option_stands() {
        for comment in ["check=skip=A,B", "Check = skip = A , B ; error=true", "check=error=true;x;skip=A,B // why"] {
            assert_eq!(read(comment).unwrap().names, rules(&["A", "B"]), "{comment}");
        }
        assert_eq!(read("check=skip=A // why").unwrap().reason.as_deref(), Some("why"));
    }

    #[test]
    fn all_means_what_buildkit_has() {
        let names = |value: &'static str| options(value, Reach::File).unwrap().names;
        assert_eq!(names("skip=all"), [Name::Pattern("*")]);
        assert_eq!(names("skip=allow"), rules(&["allow"]));
    }
}
