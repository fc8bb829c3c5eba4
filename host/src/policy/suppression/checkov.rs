//! Checkov: `# checkov:skip=CKV_DOCKER_2: why`, for the whole file wherever it stands in a Dockerfile; and the annotation
//! `checkov.io/skip1: CKV_K8S_8=why` of a Kubernetes object.

use super::pragma::{Name, Pragma, Reach, Tool};

/// Names under which the tool has been sold.
const NAMES: [&str; 3] = ["checkov", "bridgecrew", "cortex"];

/// What a comment, without its sign, says to Checkov.
pub(super) fn read(comment: &str) -> Option<Pragma<'_>> {
    let list = NAMES.iter().find_map(|name| {
        let (before, rest) = comment.split_once(name)?;
        let inside_a_word = before.ends_with(|c: char| c.is_alphanumeric());
        rest.strip_prefix(":skip=").filter(|_| !inside_a_word)
    })?;
    Pragma::new(Tool::Checkov, Reach::File, list)
}

/// What an annotation says to Checkov.
pub(super) fn annotation<'t>(key: &str, value: &'t str) -> Option<Pragma<'t>> {
    NAMES.iter().find(|name| key.strip_prefix(**name).is_some_and(|rest| rest.starts_with(".io/skip")))?;
    let (id, reason) = value.split_once('=').unwrap_or((value, ""));
    let (id, reason) = (id.trim(), reason.trim());
    let names = vec![Name::Rule(id)];
    let reason = (!reason.is_empty()).then(|| reason.to_owned());
    (!id.is_empty()).then_some(Pragma { tool: Tool::Checkov, names, reach: Reach::Object, until: None, reason })
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
            assert_eq!(pragma.names, [Name::Rule("CKV_DOCKER_2")], "{comment}");
            assert_eq!((pragma.reason.as_deref(), pragma.reach), (Some("why"), Reach::File), "{comment}");
        }
    }

    #[test]
    fn other_annotations_are_annotations() {
        for (key, value) in [
            ("checkov.io/skip1", ""),
            ("checkov.io/skip1", "=why"),
            ("checkov.io/ignore", "CKV_K8S_8"),
            ("my-checkov.io/skip1", "CKV_K8S_8"),
            ("checkov/skip1", "CKV_K8S_8"),
        ] {
            assert_eq!(annotation(key, value), None, "{key}: {value}");
        }
    }

    #[test]
    fn an_annotation_has_its_reason_behind_the_first_equals_sign() {
        let read = |key: &'static str, value: &'static str| {
            let pragma = annotation(key, value).unwrap();
            (pragma.names, pragma.reason)
        };
        let names = vec![Name::Rule("CKV_K8S_8")];
        assert_eq!(read("checkov.io/skip1", "CKV_K8S_8=why"), (names.clone(), Some("why".into())));
        assert_eq!(read("cortex.io/skip", " CKV_K8S_8 = a=b "), (names.clone(), Some("a=b".into())));
        assert_eq!(read("bridgecrew.io/skip22", "CKV_K8S_8"), (names, None));
    }

    #[test]
    fn several_checks_may_be_named() {
        let names = read("checkov:skip=CKV_DOCKER_2,CKV_DOCKER_3:a, b").unwrap().names;
        assert_eq!(names, [Name::Rule("CKV_DOCKER_2"), Name::Rule("CKV_DOCKER_3")]);
    }
}
