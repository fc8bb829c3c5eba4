//! What a run yields, in words, down to the byte.

use std::fmt::Write as _;

use hullmark::finding::{Finding, Outcome, Place};

fn place(place: &Place) -> String {
    format!("{}:{}..{}", place.source.path(), place.span.start, place.span.end)
}

fn finding(finding: &Finding) -> String {
    let mut text = format!("{} {}: {}\n", place(&finding.place), finding.rule, finding.message);
    if !finding.aliases.is_empty() {
        writeln!(text, "  aliases {:?}", finding.aliases).unwrap();
    }
    for related in &finding.related {
        writeln!(text, "  related {}: {}", place(&related.place), related.message).unwrap();
    }
    for fix in &finding.fixes {
        writeln!(text, "  fix {}, safe {}", fix.title, fix.safe).unwrap();
        for edit in &fix.edits {
            writeln!(text, "    {} becomes {:?}", place(&edit.place), edit.text).unwrap();
        }
    }
    text
}

/// All that a run yields, in words.
pub(crate) fn outcome(outcome: &Outcome) -> String {
    let findings: String = outcome.findings.iter().map(finding).collect();
    let told = |path: &Option<String>| path.clone().unwrap_or("the project".to_owned());
    let notifications = outcome.notifications.iter();
    findings
        + &notifications.map(|it| format!("notification, {}: {}\n", told(&it.path), it.message)).collect::<String>()
}
