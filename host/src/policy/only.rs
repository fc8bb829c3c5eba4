//! Which findings a policy reports: those that carry one of some names.

use std::collections::BTreeSet;

use super::names::canonical;

/// Names that findings must carry one of: the rule's own, or what another tool calls this very occurrence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Only {
    /// What single policies say; any of them is enough.
    parts: Vec<Part>,
}

/// What one policy says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Part {
    /// Names that count.
    with: Names,
    /// Names that do not, though they are among those.
    without: Names,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Names {
    /// In their one spelling.
    names: BTreeSet<String>,
    /// In small letters.
    beginnings: BTreeSet<String>,
}

impl Only {
    /// What a policy says: names, with `*` at the end all names that begin so, and with `!` before it none of these.
    pub(super) fn new<'p>(patterns: impl IntoIterator<Item = &'p str>) -> Self {
        let mut part = Part::default();
        for pattern in patterns {
            match pattern.strip_prefix(NOT) {
                Some(pattern) => part.without.add(pattern),
                None => part.with.add(pattern),
            }
        }
        Self { parts: vec![part] }
    }

    /// Adds what another policy reports.
    pub(super) fn extend(&mut self, other: &Self) {
        let new = other.parts.iter().filter(|part| !self.parts.contains(part)).cloned();
        self.parts.extend(new.collect::<Vec<_>>());
    }

    /// Whether a finding of that rule with these names in other tools is reported.
    pub(super) fn reports(&self, rule: &str, aliases: &[String]) -> bool {
        let counts = |part: &Part, name: &str| part.with.has(name) && !part.without.has(name);
        self.parts.iter().any(|part| counts(part, rule) || aliases.iter().any(|alias| counts(part, alias)))
    }
}

impl Names {
    fn add(&mut self, pattern: &str) {
        match beginning(pattern) {
            Some(beginning) => self.beginnings.insert(beginning),
            None => self.names.insert(canonical(pattern)),
        };
    }

    fn has(&self, name: &str) -> bool {
        let lower = name.to_ascii_lowercase();
        self.names.contains(&canonical(name))
            || self.beginnings.iter().any(|beginning| lower.starts_with(beginning.as_str()))
    }
}

/// Before a name that does not count.
pub(super) const NOT: char = '!';

/// What names begin with, in small letters, where the pattern has a `*` at its end.
pub(super) fn beginning(pattern: &str) -> Option<String> {
    pattern.strip_suffix('*').map(str::to_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reports(patterns: &[&str], rule: &str, aliases: &[&str]) -> bool {
        Only::new(patterns.iter().copied())
            .reports(rule, &aliases.iter().map(|&alias| alias.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn a_finding_is_reported_under_any_of_its_names() {
        assert!(reports(&["DL3007"], "image/latest-tag", &["DL3007", "latest-tag"]));
        assert!(reports(&["AVD-DS-0002"], "user/root-user", &["DS-0002"]));
        assert!(reports(&["image/latest-tag"], "image/latest-tag", &[]));
        assert!(!reports(&["DL3007"], "image/latest-tag", &["latest-tag"]), "not this very occurrence");
        assert!(!reports(&["DL300"], "image/latest-tag", &["DL3007"]));
        assert!(!reports(&[], "image/latest-tag", &["DL3007"]));
    }

    #[test]
    fn what_is_taken_away_does_not_count() {
        assert!(!reports(&["DL*", "!DL3007"], "image/latest-tag", &["DL3007", "latest-tag"]));
        assert!(reports(&["DL*", "!DL3007"], "image/latest-tag", &["DL3007", "DL3008"]));
        assert!(!reports(&["!DL3007", "DL*"], "image/latest-tag", &["DL3007"]), "in any order");
        let mut either = Only::new(["DL*", "!DL3007"]);
        either.extend(&Only::new(["latest-*"]));
        assert!(either.reports("image/latest-tag", &["DL3007".into(), "latest-tag".into()]));
    }

    #[test]
    fn a_star_stands_for_any_ending() {
        assert!(reports(&["dl*"], "image/latest-tag", &["DL3007"]));
        assert!(reports(&["SC*", "CKV_DOCKER_*"], "a/b", &["CKV_DOCKER_7"]));
        assert!(reports(&["image/*"], "image/latest-tag", &[]));
        assert!(reports(&["*"], "image/latest-tag", &[]));
        assert!(!reports(&["CKV_DOCKER_*"], "a/b", &["CKV2_DOCKER_1", "DL3007"]));
    }
}
