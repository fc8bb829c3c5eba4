//! Findings counted by level, and by whatever else they have in common.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::fmt;

use crate::finding::{Finding, Level};

/// Numbers of findings by level. The order is that of weight: one error is more than any number of warnings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Tally {
    pub(super) errors: usize,
    pub(super) warnings: usize,
    pub(super) notes: usize,
}

impl Tally {
    pub(super) fn of<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Self {
        let mut tally = Self::default();
        findings.into_iter().for_each(|finding| tally.add(finding.level));
        tally
    }

    pub(super) fn add(&mut self, level: Level) {
        *match level {
            Level::Error => &mut self.errors,
            Level::Warning => &mut self.warnings,
            Level::Note => &mut self.notes,
        } += 1;
    }

    pub(super) fn total(self) -> usize {
        self.errors + self.warnings + self.notes
    }

    /// The numbers with their levels, the worst first.
    pub(super) fn levels(self) -> [(Level, usize); 3] {
        [(Level::Error, self.errors), (Level::Warning, self.warnings), (Level::Note, self.notes)]
    }
}

/// `1 error, 2 notes`, or `no findings`.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.total() == 0 {
            return f.write_str("no findings");
        }
        let levels = self.levels().into_iter().filter(|(_, count)| *count > 0);
        let parts: Vec<_> = levels.map(|(level, count)| counted(count, level.as_str())).collect();
        f.write_str(&parts.join(", "))
    }
}

/// The tallies of findings that have a key in common, the weightiest first, then by key.
pub(super) fn tallies<'a>(findings: &'a [Finding], key: impl Fn(&'a Finding) -> &'a str) -> Vec<(&'a str, Tally)> {
    let mut tallies: HashMap<&str, Tally> = HashMap::new();
    for finding in findings {
        tallies.entry(key(finding)).or_default().add(finding.level);
    }
    let mut tallies: Vec<_> = tallies.into_iter().collect();
    tallies.sort_by_key(|&(key, tally)| (Reverse(tally), key));
    tallies
}

/// The findings of each file: they are sorted by path.
pub(super) fn by_file(findings: &[Finding]) -> impl Iterator<Item = (&str, &[Finding])> {
    let files = findings.chunk_by(|one, other| one.place.source.path() == other.place.source.path());
    files.map(|file| (file[0].place.source.path(), file))
}

/// `1 file`, `2 files`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::super::samples::full;
    use super::*;

    #[test]
    fn the_weightiest_comes_first() {
        let findings = full().findings;
        let tallies = tallies(&findings, |finding| &finding.rule);
        let shown: Vec<_> = tallies.iter().map(|(rule, tally)| format!("{rule}: {tally}")).collect();
        assert_eq!(shown, ["image/root: 1 error", "image/latest-tag: 1 warning, 1 note"]);
        assert_eq!(Tally::of(&findings).to_string(), "1 error, 1 warning, 1 note");
        assert_eq!(Tally::default().to_string(), "no findings");
    }

    #[test]
    fn findings_come_by_file() {
        let findings = full().findings;
        let files: Vec<_> = by_file(&findings).map(|(path, findings)| (path, findings.len())).collect();
        assert_eq!(files, [("app/Dockerfile", 2), ("deploy/web app.yaml", 1)]);
    }
}
