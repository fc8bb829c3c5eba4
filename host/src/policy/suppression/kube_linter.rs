//! kube-linter: the annotation `ignore-check.kube-linter.io/no-read-only-root-fs: why` of an object for one check, and
//! `kube-linter.io/ignore-all: why` for all that kube-linter checks, and no rule that it does not have.

use super::pragma::{Name, Pragma, Reach, Tool};

/// What an annotation says to kube-linter.
pub(super) fn read<'t>(key: &'t str, value: &str) -> Option<Pragma<'t>> {
    let name = if key == "kube-linter.io/ignore-all" {
        Name::Pattern("*")
    } else {
        Name::Rule(key.strip_prefix("ignore-check.kube-linter.io/").filter(|check| !check.is_empty())?)
    };
    let reason = Some(value.trim().to_owned()).filter(|reason| !reason.is_empty());
    Some(Pragma { tool: Tool::KubeLinter, names: vec![name], reach: Reach::Object, until: None, reason })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_annotations_are_annotations() {
        for key in
            ["kube-linter.io/ignore", "ignore-check.kube-linter.io/", "ignore-check.kube-linter.io", "latest-tag"]
        {
            assert_eq!(read(key, "why"), None, "{key}");
        }
    }

    #[test]
    fn the_value_is_the_reason() {
        let pragma = read("ignore-check.kube-linter.io/latest-tag", " why ").unwrap();
        assert_eq!((pragma.names, pragma.reason), (vec![Name::Rule("latest-tag")], Some("why".into())));
        let pragma = read("kube-linter.io/ignore-all", "").unwrap();
        assert_eq!((pragma.names, pragma.reason), (vec![Name::Pattern("*")], None));
    }
}
