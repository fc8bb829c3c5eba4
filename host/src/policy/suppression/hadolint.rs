//! hadolint: `# hadolint ignore=DL3008,SC2086 # why` above an instruction, `# hadolint stage ignore=…` for a stage and
//! `# hadolint global ignore=…` for a file.
//!
//! hadolint takes only the last of several comments, and only on the very line before the instruction; a name that it
//! does not know, or text without a second `#`, voids the whole comment. Here all of them count.

use super::pragma::{Pragma, Reach, Tool};

/// What a comment, without its sign, says to hadolint.
pub(super) fn read(comment: &str) -> Option<Pragma<'_>> {
    let rest = word(comment, "hadolint")?;
    let (reach, rest) = match (word(rest, "global"), word(rest, "stage")) {
        (Some(rest), _) => (Reach::File, rest),
        (_, Some(rest)) => (Reach::Stage, rest),
        _ => (Reach::Next, rest),
    };
    let list = rest.strip_prefix("ignore")?.trim_start().strip_prefix('=')?;
    Pragma::new(Tool::Hadolint, reach, list)
}

/// What stands behind a word and the blanks after it.
fn word<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let rest = text.strip_prefix(word)?;
    rest.starts_with([' ', '\t']).then(|| rest.trim_start())
}

#[cfg(test)]
mod tests {
    use super::super::pragma::Name;
    use super::*;

    #[test]
    fn other_comments_are_comments() {
        for comment in [
            "hadolint",
            "hadolint ignore",
            "hadolint ignore=",
            "hadolint ignore= # DL3006",
            "hadolint: ignore=DL3006",
            "hadolintignore=DL3006",
            "see hadolint ignore=DL3006",
            "hadolint shell=bash",
            "hadolint ignores=DL3006",
            "hadolint local ignore=DL3006",
            "Hadolint ignore=DL3006",
        ] {
            assert_eq!(read(comment), None, "{comment}");
        }
    }

    #[test]
    fn each_form_has_its_reach() {
        for (comment, reach) in [
            ("hadolint ignore=DL3006", Reach::Next),
            ("hadolint  ignore = DL3006 ", Reach::Next),
            ("hadolint\tstage ignore=DL3006", Reach::Stage),
            ("hadolint global  ignore=DL3006", Reach::File),
        ] {
            let pragma = read(comment).unwrap();
            assert_eq!((pragma.reach, pragma.names), (reach, vec![Name::Rule("DL3006")]), "{comment}");
        }
    }

    #[test]
    fn an_unknown_name_and_a_remark_void_nothing() {
        let pragma = read("hadolint ignore=crazy, DL3004 for the sake of it").unwrap();
        assert_eq!(pragma.names, [Name::Rule("crazy"), Name::Rule("DL3004")]);
        assert_eq!(pragma.reason.as_deref(), Some("for the sake of it"));
    }
}
