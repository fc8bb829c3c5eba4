//! Applies fixes to texts, again and again until nothing changes. Nothing here reads or writes files.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::document::{Source, Span};
use crate::finding::{AppliedFix, Edit, Finding, Fix, Level, Notification, Outcome};
use crate::run::File;
use crate::syntax::SYNTAX;

/// How often fixes are applied: what one round mends may let another rule see more, but not for ever.
const MAX_ROUNDS: usize = 10;

/// What fixing comes to.
#[derive(Debug)]
pub struct Fixed {
    /// The files, those with fixes in their new form.
    pub files: Vec<File>,
    /// What is found in them; its `fixes` say what was mended: by round, then in the order of the findings.
    pub outcome: Outcome,
}

/// Applies the best fix of each finding that may be applied, and checks again, until there is none left. Of fixes that
/// touch each other the one of the earlier finding is applied, the other in the next round if it is still wanted. A fix is
/// applied as a whole, or not at all where one of its files may not be changed: one that was not asked for, or whose bytes
/// are no text. A file in which a fix makes a syntax error keeps the text that it had before.
pub fn fix(files: Vec<File>, found: Outcome, unsafe_too: bool, check: &mut dyn FnMut(&[File]) -> Outcome) -> Fixed {
    let mut fixed = Fixed { files, outcome: found };
    let (mut applied, mut refused) = (Vec::new(), Vec::new());
    let is_text = |file: &&File| file.reported && std::str::from_utf8(file.source.bytes()).is_ok();
    let mut open: BTreeSet<String> =
        fixed.files.iter().filter(is_text).map(|file| file.source.path().to_owned()).collect();
    for _ in 0..MAX_ROUNDS {
        let round = Round::of(&fixed.outcome.findings, unsafe_too, &open);
        if round.applied.is_empty() {
            break;
        }
        let files: Vec<File> = fixed.files.iter().map(|file| round.apply(file)).collect();
        let outcome = check(&files);
        let broken = broken(&fixed.outcome, &outcome);
        if broken.is_empty() {
            applied.extend(round.applied);
            fixed = Fixed { files, outcome };
            continue;
        }
        // Nothing of the round is kept: a fix may have changed a broken file and a sound one together.
        for path in broken {
            open.remove(&path);
            refused.push(Notification {
                level: Level::Warning,
                path: Some(path),
                plugin: None,
                message: "a fix would break the file and was not applied; please report this".to_owned(),
            });
        }
    }
    fixed.outcome.fixes.applied = applied;
    fixed.outcome.notifications.extend(refused);
    fixed
}

/// Files that have more syntax errors than before.
fn broken(before: &Outcome, after: &Outcome) -> BTreeSet<String> {
    let faults = |outcome: &Outcome| {
        let mut faults: BTreeMap<String, usize> = BTreeMap::new();
        for finding in outcome.findings.iter().filter(|finding| finding.rule.starts_with(&format!("{SYNTAX}/"))) {
            *faults.entry(finding.place.source.path().to_owned()).or_default() += 1;
        }
        faults
    };
    let before = faults(before);
    faults(after)
        .into_iter()
        .filter(|(path, count)| before.get(path).is_none_or(|old| count > old))
        .map(|(path, _)| path)
        .collect()
}

/// Edits that are made together.
#[derive(Debug, Default)]
struct Round<'a> {
    /// By path; those of one file touch nowhere.
    edits: BTreeMap<&'a str, Vec<(Span, &'a str)>>,
    applied: Vec<AppliedFix>,
}

impl<'a> Round<'a> {
    fn of(findings: &'a [Finding], unsafe_too: bool, open: &BTreeSet<String>) -> Self {
        let mut round = Self::default();
        for finding in findings {
            let is_allowed = |fix: &&Fix| fix.safe || unsafe_too;
            let Some(fix) = finding.fixes.iter().filter(is_allowed).find(|fix| round.takes(fix, open)) else {
                continue;
            };
            for edit in &fix.edits {
                let edits = round.edits.entry(edit.place.source.path()).or_default();
                let edit = (edit.place.span, edit.text.as_str());
                if !edits.contains(&edit) {
                    edits.push(edit);
                }
            }
            round.applied.push(AppliedFix {
                rule: Arc::clone(&finding.rule),
                path: finding.place.source.path().to_owned(),
                line: finding.place.source.line(finding.place.span.start),
                title: fix.title.clone(),
            });
        }
        round
    }

    fn takes(&self, fix: &Fix, open: &BTreeSet<String>) -> bool {
        let is_free = |edit: &Edit| {
            let (path, new) = (edit.place.source.path(), (edit.place.span, edit.text.as_str()));
            let changes = edit.place.source.slice(new.0) != new.1;
            let known = self.edits.get(path).map_or(&[][..], Vec::as_slice);
            changes && open.contains(path) && known.iter().all(|old| *old == new || !touch(old.0, new.0))
        };
        !fix.edits.is_empty() && fix.edits.iter().all(is_free)
    }

    fn apply(&self, file: &File) -> File {
        let Some(edits) = self.edits.get(file.source.path()) else { return file.clone() };
        let mut edits = edits.clone();
        edits.sort_unstable();
        let mut text = file.source.text().to_owned();
        let is_dos = has_dos_lines(&text);
        // From the end, so that places stay right.
        for (span, new) in edits.into_iter().rev() {
            let new = if is_dos { new.replace("\r\n", "\n").replace('\n', "\r\n") } else { new.to_owned() };
            text.replace_range(span.range(), &new);
        }
        File { source: Arc::new(Source::new(file.source.path(), text.into_bytes())), ..file.clone() }
    }
}

/// Whether two edits share a byte or stand next to each other, where their order would matter.
const fn touch(one: Span, other: Span) -> bool {
    one.start <= other.end && other.start <= one.end
}

/// Whether the first line ends as on Windows; a file has one kind of line ends as a rule.
fn has_dos_lines(text: &str) -> bool {
    text.find('\n').is_some_and(|end| text[..end].ends_with('\r'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Language, ManifestContext};
    use crate::finding::Place;

    fn file(path: &str, text: &str) -> File {
        File {
            source: Arc::new(Source::new(path, text.as_bytes().to_vec())),
            language: Language::Dockerfile,
            context: ManifestContext::default(),
            ignore_file: None,
            reported: true,
        }
    }

    fn place(file: &File, start: u32, end: u32) -> Place {
        Place { source: Arc::clone(&file.source), span: Span::new(start, end) }
    }

    fn finding(rule: &str, place: Place, fixes: Vec<Fix>) -> Finding {
        Finding {
            rule: rule.into(),
            level: Level::Warning,
            message: String::new(),
            place,
            object: None,
            stage: None,
            aliases: Vec::new(),
            related: Vec::new(),
            fixes,
            fingerprint: String::new(),
        }
    }

    fn replacing(place: Place, text: &str, safe: bool) -> Fix {
        Fix { title: format!("write `{text}`"), safe, edits: vec![Edit { place, text: text.to_owned() }] }
    }

    /// A check that wants each `a` to be a `b`, by a fix that is safe or not.
    fn wants_b(files: &[File], safe: bool) -> Outcome {
        let at = |file: &File| {
            let text = file.source.text().to_owned();
            text.match_indices('a').map(|(at, _)| at as u32).collect::<Vec<_>>()
        };
        let findings = files.iter().flat_map(|file| {
            at(file).into_iter().map(|at| {
                let place = place(file, at, at + 1);
                finding("x/a", place.clone(), vec![replacing(place, "b", safe)])
            })
        });
        Outcome { findings: findings.collect(), ..Outcome::default() }
    }

    fn texts(fixed: &Fixed) -> Vec<&str> {
        fixed.files.iter().map(|file| file.source.text()).collect()
    }

    fn fixed(files: Vec<File>, unsafe_too: bool, check: &mut dyn FnMut(&[File]) -> Outcome) -> Fixed {
        let found = check(&files);
        fix(files, found, unsafe_too, check)
    }

    #[test]
    fn an_unsafe_fix_waits_to_be_asked_for() {
        let files = || vec![file("x", "a-a")];
        let left = fixed(files(), false, &mut |files| wants_b(files, false));
        assert_eq!((texts(&left), left.outcome.fixes.applied.len()), (vec!["a-a"], 0));
        assert_eq!(left.outcome.findings.len(), 2);
        let done = fixed(files(), true, &mut |files| wants_b(files, false));
        assert_eq!((texts(&done), done.outcome.fixes.applied.len()), (vec!["b-b"], 2));
        assert!(done.outcome.findings.is_empty());
    }

    #[test]
    fn files_that_were_not_asked_for_or_are_no_text_stay() {
        let around = File { reported: false, ..file("around", "a") };
        let bytes = File { source: Arc::new(Source::new("bytes", b"a\xff".to_vec())), ..file("", "") };
        let done = fixed(vec![around, bytes, file("x", "a")], true, &mut |files| wants_b(files, true));
        assert_eq!(texts(&done), ["a", "a?", "b"]);
    }

    #[test]
    fn edits_that_touch_take_turns() {
        let mut rounds = 0;
        let done = fixed(vec![file("x", "aa")], false, &mut |files| {
            rounds += 1;
            wants_b(files, true)
        });
        assert_eq!((texts(&done), rounds), (vec!["bb"], 3));
    }

    #[test]
    fn a_fix_of_two_files_is_made_in_both_or_in_neither() {
        let (one, other) = (file("one", "a"), File { reported: false, ..file("other", "a") });
        let edits = [&one, &other].map(|file| Edit { place: place(file, 0, 1), text: "b".to_owned() }).to_vec();
        let both = Fix { title: String::new(), safe: true, edits };
        let found = finding("x/a", place(&one, 0, 1), vec![both]);
        let outcome = Outcome { findings: vec![found], ..Outcome::default() };
        let done = fix(vec![one, other], outcome, false, &mut |_| Outcome::default());
        assert_eq!(texts(&done), ["a", "a"]);
    }

    #[test]
    fn equal_edits_of_two_findings_are_made_once() {
        let one = file("x", "a");
        let insert = || replacing(place(&one, 1, 1), "!", true);
        let findings = ["x/a", "x/b"].map(|rule| finding(rule, place(&one, 0, 1), vec![insert()])).to_vec();
        let outcome = Outcome { findings, ..Outcome::default() };
        let done = fix(vec![one], outcome, false, &mut |_| Outcome::default());
        assert_eq!((texts(&done), done.outcome.fixes.applied.len()), (vec!["a!"], 2));
    }

    #[test]
    fn rules_that_undo_each_other_end() {
        let mut check = |files: &[File]| {
            let text = files[0].source.text().to_owned();
            let place = place(&files[0], 0, 1);
            let new = if text == "a" { "b" } else { "a" };
            let findings = vec![finding("x/a", place.clone(), vec![replacing(place, new, true)])];
            Outcome { findings, ..Outcome::default() }
        };
        assert_eq!(fixed(vec![file("x", "a")], false, &mut check).outcome.fixes.applied.len(), MAX_ROUNDS);
    }

    #[test]
    fn a_file_that_a_fix_breaks_stays_as_it_was() {
        let mut check = |files: &[File]| {
            let mut outcome = wants_b(files, true);
            for file in files.iter().filter(|file| file.source.path() == "bad" && file.source.text() == "b") {
                outcome.findings.push(finding("syntax/yaml", place(file, 0, 1), Vec::new()));
            }
            outcome
        };
        let done = fixed(vec![file("bad", "a"), file("good", "a")], false, &mut check);
        assert_eq!(texts(&done), ["a", "b"]);
        let told: Vec<_> = done.outcome.notifications.iter().map(|told| told.path.as_deref()).collect();
        assert_eq!(told, [Some("bad")]);
    }

    #[test]
    fn inserted_lines_end_as_the_file_does() {
        let one = file("x", "a\r\nc\r\n");
        let fix_it = replacing(place(&one, 3, 3), "b\n", true);
        let outcome = Outcome { findings: vec![finding("x/a", place(&one, 0, 1), vec![fix_it])], ..Outcome::default() };
        assert_eq!(texts(&fix(vec![one], outcome, false, &mut |_| Outcome::default())), ["a\r\nb\r\nc\r\n"]);
    }
}
