//! The fingerprint of a finding: what stays the same when lines are inserted above it, a file is reformatted or the
//! plugin words its message anew. Baselines stand on it. Formats and GitHub's own line hash do not belong here.

use std::collections::HashMap;
use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::finding::{Finding, ObjectName};

/// Bytes of the fingerprint; its text form has twice as many digits.
const LENGTH: usize = 16;
/// Bytes of a finding's text that count, so that many findings in one huge token stay cheap.
const TEXT_LIMIT: usize = 4096;

/// Gives every finding its fingerprint. The findings must be sorted: those that nothing else tells apart are numbered in
/// that order.
///
/// What counts: the rule, the path, the object with its container or else the stage, the text of the token with white
/// space folded, and the number among equal ones. Lines, columns, levels and messages do not count.
pub fn assign(findings: &mut [Finding]) {
    let mut seen: HashMap<[u8; 32], u32> = HashMap::with_capacity(findings.len());
    for finding in findings {
        let identity = identity(finding);
        let ordinal = seen.entry(identity).and_modify(|count| *count += 1).or_insert(1);
        let digest = Sha256::new().chain_update(identity).chain_update(ordinal.to_le_bytes()).finalize();
        finding.fingerprint = hex(&digest[..LENGTH]);
    }
}

fn identity(finding: &Finding) -> [u8; 32] {
    let mut hash = Sha256::new();
    let none = ObjectName::default();
    let object = finding.object.as_ref().unwrap_or(&none);
    let mut part = |text: Option<&str>| {
        // Lengths keep the parts apart, and a missing part is not an empty one.
        hash.update(text.map_or(u64::MAX, |text| text.len() as u64).to_le_bytes());
        hash.update(text.unwrap_or_default());
    };
    part(Some(&finding.rule));
    part(Some(finding.place.source.path()));
    part(object.kind.as_deref());
    part(object.namespace.as_deref());
    part(object.name.as_deref());
    part(object.container.as_deref());
    part(finding.stage.as_deref());
    part(Some(&folded(finding.place.source.slice(finding.place.span))));
    hash.finalize().into()
}

/// The text with each run of white space as one blank, without any at its ends, and no longer than counts.
fn folded(text: &str) -> String {
    let text = &text[..text.floor_char_boundary(TEXT_LIMIT)];
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(word);
    }
    folded
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::document::{Source, Span};
    use crate::finding::{Level, Place};

    fn finding(text: &str, token: &str, nth: usize) -> Finding {
        let (start, _) = text.match_indices(token).nth(nth).unwrap();
        let span = Span::new(start as u32, (start + token.len()) as u32);
        Finding {
            rule: "image/latest-tag".into(),
            level: Level::Warning,
            message: "the tag is missing".into(),
            place: Place { source: Arc::new(Source::new("Dockerfile", text.into())), span },
            object: None,
            stage: None,
            aliases: Vec::new(),
            related: Vec::new(),
            fixes: Vec::new(),
            fingerprint: String::new(),
        }
    }

    fn fingerprints(mut findings: Vec<Finding>) -> Vec<String> {
        assign(&mut findings);
        findings.into_iter().map(|finding| finding.fingerprint).collect()
    }

    #[test]
    fn a_fingerprint_never_changes_between_versions() {
        assert_eq!(fingerprints(vec![finding("FROM nginx\n", "nginx", 0)]), ["f92bd7b8a83bb3d7a1d9d6d525c1fd99"]);
    }

    #[test]
    fn lines_above_messages_levels_and_white_space_do_not_count() {
        let mut later = finding("# new\nRUN  a \\\n  b\n", "a \\\n  b", 0);
        later.message = "other words".into();
        later.level = Level::Error;
        assert_eq!(fingerprints(vec![finding("RUN a \\ b\n", "a \\ b", 0)]), fingerprints(vec![later]));
    }

    #[test]
    fn equal_findings_are_numbered_in_order() {
        let text = "FROM nginx\nFROM nginx\n";
        let both = fingerprints(vec![finding(text, "nginx", 0), finding(text, "nginx", 1)]);
        assert_ne!(both[0], both[1]);
        assert_eq!(both[..1], fingerprints(vec![finding("FROM nginx\n", "nginx", 0)]));
    }

    #[test]
    fn rule_path_object_container_stage_and_token_each_count() {
        let plain = || finding("FROM nginx\n", "nginx", 0);
        let object = |kind: &str, container: Option<&str>| {
            let container = container.map(String::from);
            Some(ObjectName { kind: Some(kind.into()), container, ..ObjectName::default() })
        };
        let path = Place { source: Arc::new(Source::new("a/Dockerfile", b"FROM nginx\n".to_vec())), ..plain().place };
        let all = [
            plain(),
            Finding { rule: "image/other".into(), ..plain() },
            Finding { place: path, ..plain() },
            Finding { object: object("Pod", None), ..plain() },
            Finding { object: object("", None), ..plain() },
            Finding { object: object("Pod", Some("web")), ..plain() },
            Finding { stage: Some("build".into()), ..plain() },
            finding("FROM nginx\n", "FROM", 0),
        ];
        let mut prints: Vec<_> = all.into_iter().flat_map(|finding| fingerprints(vec![finding])).collect();
        let count = prints.len();
        prints.sort();
        prints.dedup();
        assert_eq!(prints.len(), count);
    }

    #[test]
    fn a_huge_token_counts_by_its_beginning() {
        let text = "é".repeat(5000);
        assert_eq!(folded(&text).len(), TEXT_LIMIT);
        assert_eq!(folded(" a\t\r\n b "), "a b");
    }
}
