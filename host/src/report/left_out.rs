//! What a SARIF file has no room for: told in a notification, and read back from it where files are merged.

use std::fmt;
use std::ops::AddAssign;

use super::tally::{Tally, counted};
use crate::finding::{Level, Notification};

/// Results that GitHub keeps of a run: beyond this number it drops them, the least severe ones first.
pub(super) const MAX_RESULTS: usize = 5000;
const BEFORE: &str = "SARIF holds the 5000 most severe findings, which are all that GitHub keeps; left out are ";
const SUPPRESSED: &str = "suppressed finding";

/// Numbers of findings that are not in the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct LeftOut {
    /// Those that would be reported.
    pub(super) reported: Tally,
    /// Those that comments or a baseline keep from being reported.
    pub(super) suppressed: usize,
}

impl LeftOut {
    /// The numbers in the message of a notification; nothing where it says something else.
    pub(super) fn told(message: &str) -> Option<Self> {
        let mut left_out = Self::default();
        for part in message.strip_prefix(BEFORE)?.split(", ") {
            let (count, noun) = part.split_once(' ')?;
            let number = match noun.trim_end_matches('s') {
                "error" => &mut left_out.reported.errors,
                "warning" => &mut left_out.reported.warnings,
                "note" => &mut left_out.reported.notes,
                SUPPRESSED => &mut left_out.suppressed,
                _ => return None,
            };
            *number += count.parse::<usize>().ok()?;
        }
        Some(left_out)
    }

    /// Counts one more.
    pub(super) fn add(&mut self, level: Level, is_reported: bool) {
        match is_reported {
            true => self.reported.add(level),
            false => self.suppressed += 1,
        }
    }

    /// Says so, where anything is left out. The run is complete nevertheless.
    pub(super) fn notification(self) -> Option<Notification> {
        let told = Notification { level: Level::Warning, path: None, plugin: None, message: self.to_string() };
        (self != Self::default()).then_some(told)
    }
}

impl AddAssign for LeftOut {
    fn add_assign(&mut self, other: Self) {
        self.reported.errors += other.reported.errors;
        self.reported.warnings += other.reported.warnings;
        self.reported.notes += other.reported.notes;
        self.suppressed += other.suppressed;
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reported = (self.reported.total() > 0).then(|| self.reported.to_string());
        let suppressed = (self.suppressed > 0).then(|| counted(self.suppressed, SUPPRESSED));
        let parts: Vec<_> = reported.into_iter().chain(suppressed).collect();
        write!(f, "{BEFORE}{}", parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_read_back() {
        assert!(BEFORE.contains(&MAX_RESULTS.to_string()));
        let reported = Tally { errors: 1, warnings: 0, notes: 20 };
        for (left_out, end) in [
            (LeftOut { reported, suppressed: 0 }, "left out are 1 error, 20 notes"),
            (LeftOut { reported, suppressed: 1 }, "left out are 1 error, 20 notes, 1 suppressed finding"),
            (LeftOut { suppressed: 2, ..LeftOut::default() }, "left out are 2 suppressed findings"),
        ] {
            let told = left_out.notification().unwrap();
            assert!(told.message.ends_with(end), "{}", told.message);
            assert_eq!(LeftOut::told(&told.message), Some(left_out));
        }
        assert_eq!(LeftOut::default().notification(), None);
        for other in ["the plugin `image` took long", &format!("{BEFORE}2 stones"), &format!("{BEFORE}x notes")] {
            assert_eq!(LeftOut::told(other), None);
        }
    }
}
