//! Checkov: `# checkov:skip=CKV_DOCKER_2: why`, for the whole file wherever it stands in a Dockerfile.

use super::pragma::{Pragma, Reach, Tool};

/// Names under which the tool has been sold.
const NAMES: [&str; 3] = ["checkov", "bridgecrew", "cortex"];

/// What a comment, without its sign, says to Checkov.
pub(super) fn read(comment: &str) -> Option<Pragma> {
    let list = NAMES.iter().find_map(|name| {
        let (before, rest) = comment.split_once(name)?;
        let inside_a_word = before.ends_with(|c: char| c.is_alphanumeric());
        rest.strip_prefix(":skip=").filter(|_| !inside_a_word)
    })?;
    Pragma::new(Tool::Checkov, Reach::File, list)
}

#[cfg(test)]
mod tests {
    use super::super::pragma::Name;
    use super::*;

    #[test]
    fn other_comments_are_comments() {
        for comment in [
            "checkov",
            "checkov:skip",
            "checkov:skip=",
            "checkov:skip=: why",
            "checkov: skip=CKV_DOCKER_2",
            "checkov:ignore=CKV_DOCKER_2",
            "mycheckov:skip=CKV_DOCKER_2",
        ] {
            assert_eq!(read(comment), None, "{comment}");
        }
    }

    #[test]
    fn the_reason_stands_behind_a_colon() {
        for comment in
            ["checkov:skip=CKV_DOCKER_2: why", "see bridgecrew:skip= CKV_DOCKER_2:why", "cortex:skip=CKV_DOCKER_2 why"]
        {
            let pragma = read(comment).unwrap();
            assert_eq!(pragma.names, [Name::Rule("CKV_DOCKER_2".into())], "{comment}");
            assert_eq!((pragma.reason.as_deref(), pragma.reach), (Some("why"), Reach::File), "{comment}");
        }
    }

    #[test]
    fn several_checks_may_be_named() {
        let names = read("checkov:skip=CKV_DOCKER_2,CKV_DOCKER_3:a, b").unwrap().names;
        assert_eq!(names, [Name::Rule("CKV_DOCKER_2".into()), Name::Rule("CKV_DOCKER_3".into())]);
    }
}
