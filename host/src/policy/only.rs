//! Which findings a policy reports: those that carry one of some names.

use std::collections::BTreeSet;

use super::names::canonical;

/// Names that findings must carry one of: the rule's own, or what another tool calls this very occurrence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Only {
    /// In their one spelling.
    names: BTreeSet<String>,
    /// In small letters.
    beginnings: BTreeSet<String>,
}

impl Only {
    /// Adds a name, or with `*` at its end all names that begin so.
    pub(super) fn add(&mut self, pattern: &str) {
        match beginning(pattern) {
            Some(beginning) => self.beginnings.insert(beginning),
            None => self.names.insert(canonical(pattern)),
        };
    }

    /// Adds what another policy reports.
    pub(super) fn extend(&mut self, other: &Self) {
        self.names.extend(other.names.iter().cloned());
        self.beginnings.extend(other.beginnings.iter().cloned());
    }

    /// Whether a finding of that rule with these names in other tools is reported.
    pub(super) fn reports(&self, rule: &str, aliases: &[String]) -> bool {
        let carried = |name: &str| {
            let lower = name.to_ascii_lowercase();
            self.names.contains(&canonical(name))
                || self.beginnings.iter().any(|beginning| lower.starts_with(beginning.as_str()))
        };
        carried(rule) || aliases.iter().any(|alias| carried(alias))
    }
}

/// What names begin with, in small letters, where the pattern has a `*` at its end.
pub(super) fn beginning(pattern: &str) -> Option<String> {
    pattern.strip_suffix('*').map(str::to_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reports(patterns: &[&str], rule: &str, aliases: &[&str]) -> bool {
        let mut only = Only::default();
        patterns.iter().for_each(|pattern| only.add(pattern));
        only.reports(rule, &aliases.iter().map(|&alias| alias.to_owned()).collect::<Vec<_>>())
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
    fn a_star_stands_for_any_ending() {
        assert!(reports(&["dl*"], "image/latest-tag", &["DL3007"]));
        assert!(reports(&["SC*", "CKV_DOCKER_*"], "a/b", &["CKV_DOCKER_7"]));
        assert!(reports(&["image/*"], "image/latest-tag", &[]));
        assert!(reports(&["*"], "image/latest-tag", &[]));
        assert!(!reports(&["CKV_DOCKER_*"], "a/b", &["CKV2_DOCKER_1", "DL3007"]));
    }
}
