//! ShellCheck, where its program is installed and someone asks for it: every script of a Dockerfile goes to it, and what it
//! finds comes back as findings at their places in the file. It is run beside the plugins, never by them.

mod input;
mod process;
mod rules;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use input::Input;
use process::{Comment, Failure};
pub use rules::{SHELLCHECK, plugin};

use crate::document::{Document, Language, ShellText, Source, parse_dockerfile, shell_texts};
use crate::finding::{Finding, Level, Notification, Place};
use crate::policy::{Rulebook, Selection};
use crate::run::{File, stage_at};

/// How ShellCheck is run.
#[derive(Clone, Debug)]
pub struct ShellCheck {
    /// The program, by path or by its name on the PATH.
    pub program: PathBuf,
    /// How long it may take over one script. It is not ours and counts no fuel, so only a clock can tell that it hangs.
    pub patience: Duration,
    /// Codes that are left out.
    pub excluded: Vec<String>,
    /// Number of scripts that are checked at a time.
    pub jobs: usize,
}

impl Default for ShellCheck {
    fn default() -> Self {
        let patience = Duration::from_secs(60);
        Self { program: "shellcheck".into(), patience, excluded: Vec::new(), jobs: 1 }
    }
}

/// Whether a name is one of ShellCheck's codes.
#[must_use]
pub fn is_code(name: &str) -> bool {
    let upper = name.trim().to_ascii_uppercase();
    let digits = upper.strip_prefix("SC").filter(|digits| digits.len() == 4);
    digits.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// What ShellCheck said of all files.
#[derive(Debug, Default)]
pub struct Answer {
    /// In the order of the files and of their scripts.
    pub findings: Vec<Finding>,
    /// At most one.
    pub notifications: Vec<Notification>,
}

/// A script, and the number of its input.
struct Script {
    source: Arc<Source>,
    document: Arc<Document>,
    text: ShellText,
    input: usize,
}

/// Has the scripts of all Dockerfiles checked whose findings are wanted.
#[must_use]
pub fn check(files: &[File], rulebook: &Rulebook<'_>, shellcheck: &ShellCheck) -> Answer {
    let (scripts, inputs) = collect(files);
    let results = ask_all(&inputs, shellcheck);
    let mut answer = Answer::default();
    let mut failures: Vec<(&Script, &Failure)> = Vec::new();
    for script in &scripts {
        match &results[script.input] {
            Some(Ok(comments)) => {
                let input = &inputs[script.input];
                let selection = rulebook.selection(&rulebook.of_file(script.source.path()));
                let findings = comments.iter().filter_map(|comment| finding(script, input, comment, &selection));
                answer.findings.extend(findings);
            }
            Some(Err(failure)) => failures.push((script, failure)),
            // It was given up before.
            None => {}
        }
    }
    answer.notifications.extend(failures.first().map(|(script, failure)| notification(script, failure)));
    answer
}

/// The scripts, and what goes to ShellCheck for them: once for all scripts that are the same.
fn collect(files: &[File]) -> (Vec<Script>, Vec<Input>) {
    let (mut scripts, mut inputs) = (Vec::new(), Vec::new());
    let mut numbers: HashMap<Input, usize> = HashMap::new();
    for file in files.iter().filter(|file| file.reported && file.language == Language::Dockerfile) {
        for document in parse_dockerfile(&file.source).documents.into_iter().map(Arc::new) {
            for text in shell_texts(&document) {
                let Some(input) = Input::of(&text) else { continue };
                let number = *numbers.entry(input).or_insert_with_key(|input| {
                    inputs.push(input.clone());
                    inputs.len() - 1
                });
                let (source, document) = (Arc::clone(&file.source), Arc::clone(&document));
                scripts.push(Script { source, document, text, input: number });
            }
        }
    }
    (scripts, inputs)
}

/// Answers in the order of the inputs. Where one shows that there is no use in going on, those after it get none, even if
/// another thread has it already: what is reported must not hang on who was faster.
fn ask_all(inputs: &[Input], shellcheck: &ShellCheck) -> Vec<Option<Result<Vec<Comment>, Failure>>> {
    let (next, end) = (AtomicUsize::new(0), AtomicUsize::new(usize::MAX));
    let results: Vec<Mutex<Option<_>>> = inputs.iter().map(|_| Mutex::default()).collect();
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(input) = inputs.get(index).filter(|_| index < end.load(Ordering::Relaxed)) else { break };
            let result = process::ask(shellcheck, input);
            if result.as_ref().is_err_and(Failure::is_final) {
                end.fetch_min(index, Ordering::Relaxed);
            }
            *results[index].lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..shellcheck.jobs.clamp(1, inputs.len().max(1)) {
            // Where no thread can be had, the others do the work.
            let _ = std::thread::Builder::new().spawn_scoped(scope, work);
        }
        work();
    });
    let end = end.into_inner();
    let results = results.into_iter().map(|result| result.into_inner().unwrap_or_else(PoisonError::into_inner));
    results.enumerate().map(|(index, result)| result.filter(|_| index <= end)).collect()
}

/// What ShellCheck says at its place in the file; nothing for what is not in the file or whose rule is off.
fn finding(script: &Script, input: &Input, comment: &Comment, selection: &Selection) -> Option<Finding> {
    let rule = rules::rule_of(&comment.level)?;
    let level: Level = selection.level(rule)?;
    let (start, end) = input.range(comment)?;
    let span = script.text.span(start, end);
    Some(Finding {
        rule: rule.into(),
        level,
        message: comment.message.strip_suffix('.').unwrap_or(&comment.message).to_owned(),
        place: Place { source: Arc::clone(&script.source), span },
        object: None,
        stage: stage_at(&script.document, span),
        aliases: vec![format!("SC{:04}", comment.code)],
        related: Vec::new(),
        fixes: Vec::new(),
        fingerprint: String::new(),
    })
}

fn notification(script: &Script, failure: &Failure) -> Notification {
    let line = script.source.line(script.text.span(0, 0).start);
    let message = match failure {
        Failure::Missing(_) => format!("{failure}: install it, or leave out `--shellcheck`"),
        Failure::Late(_) => {
            format!("{failure} over the script in line {line}; that one and all after it were left out")
        }
        Failure::Broken(_) => format!("{failure} on the script in line {line}, which was left out"),
    };
    // Without the program, no file is to blame.
    let path = (!matches!(failure, Failure::Missing(_))).then(|| script.source.path().to_owned());
    Notification { level: Level::Error, path, plugin: None, message }
}

#[cfg(test)]
mod tests;
