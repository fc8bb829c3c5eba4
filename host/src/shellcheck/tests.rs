//! The bridge with programs that stand in for ShellCheck, and with the real one where it is on the PATH.

use std::process::Command;

use super::*;
use crate::document::{ManifestContext, Span};
use crate::own;
use crate::plugin::{Limits, Registry};
use crate::run::{Settings, run_beside};

fn file(path: &str, text: &str) -> File {
    let source = Arc::new(Source::new(path, text.as_bytes().to_vec()));
    let context = ManifestContext::default();
    File { source, language: Language::Dockerfile, context, ignore_file: None, reported: true }
}

fn rulebook() -> Rulebook<'static> {
    Rulebook::uniform(Selection::new(&own::plugins(), &["shellcheck/*".to_owned()], &[]).unwrap())
}

/// Path, line, column, text and number of each finding; then what is notified.
fn lines(answer: &Answer) -> Vec<String> {
    let finding = |finding: &Finding| {
        let Place { source, span } = &finding.place;
        let region = source.region(*span);
        let place = format!("{}:{}:{}", source.path(), region.start_line, region.start_column);
        format!("{place} {} {}: {}", finding.rule, finding.aliases.join(","), source.slice(*span))
    };
    let notification = |told: &Notification| format!("{}: {}", told.path.as_deref().unwrap_or_default(), told.message);
    answer.findings.iter().map(finding).chain(answer.notifications.iter().map(notification)).collect()
}

#[test]
fn a_missing_program_is_told_once_and_only_where_there_is_a_script() {
    let shellcheck = ShellCheck { program: "no-such-program-is-there".into(), jobs: 3, ..ShellCheck::default() };
    let scripts = [file("a/Dockerfile", "FROM a\nRUN b\nRUN c\n"), file("b/Dockerfile", "FROM a\nRUN d\n")];
    let why = "ShellCheck cannot be run: there is no such program on the PATH: install it, or leave out `--shellcheck`";
    assert_eq!(lines(&check(&scripts, &rulebook(), &shellcheck)), [format!(": {why}")]);
    let none = [file("Dockerfile", "FROM a\nCMD [\"b\"]\nSHELL [\"pwsh\"]\nRUN c\n")];
    assert_eq!(lines(&check(&none, &rulebook(), &shellcheck)), [""; 0]);
}

#[test]
fn what_a_rule_says_at_a_place_is_not_said_twice() {
    let files = [file("Dockerfile", "FROM a\nCOPPY b c\n")];
    let (registry, _) = Registry::load(false, &[], Limits::default());
    let rulebook = Rulebook::uniform(Selection::new(&own::plugins(), &[], &[]).unwrap());
    let count = |start: u32, alias: &str| {
        let place = Place { source: Arc::clone(&files[0].source), span: Span::new(start, start + 5) };
        let other = Finding {
            rule: "shellcheck/info".into(),
            level: Level::Note,
            message: "also".to_owned(),
            place,
            object: None,
            stage: None,
            aliases: vec![alias.to_owned()],
            related: Vec::new(),
            fixes: Vec::new(),
            fingerprint: String::new(),
        };
        let settings = Settings {
            registry: &registry,
            rulebook: &rulebook,
            jobs: 1,
            fresh: false,
            suppress_on: None,
            progress: None,
        };
        run_beside(&files, settings, vec![other]).findings.len()
    };
    assert_eq!(count(7, "DL1000"), 1, "it has the place and the name of what is found at `COPPY`");
    assert_eq!(count(0, "DL1000"), 2);
    assert_eq!(count(7, "DL1001"), 2);
}

#[test]
fn codes_are_told_from_other_names() {
    assert!(["SC2086", " sc1090 "].into_iter().all(is_code));
    assert!(!["SC", "SC208", "SC20866", "SCxxxx", "DL3008", "shell/*", "é2086"].into_iter().any(is_code));
}

#[cfg(unix)]
mod with_programs {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    /// A program that stands in for ShellCheck.
    fn program(script: &str) -> (TempDir, ShellCheck) {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("shellcheck");
        // Another process writes it: a file that is open for writing, if only in the copy of this process that another
        // test is about to start a program in, cannot be executed.
        let write = "printf '#!/bin/sh\\n%s' \"$1\" >\"$0\" && chmod +x \"$0\"";
        assert!(Command::new("sh").arg("-c").arg(write).arg(&program).arg(script).status().unwrap().success());
        (folder, ShellCheck { program, jobs: 2, ..ShellCheck::default() })
    }

    /// Says something of every word `bad` in a script, in the script's last line.
    const FINDS_BAD: &str = r#"
text=$(cat)
line=$(printf '%s\n' "$text" | wc -l)
last=$(printf '%s\n' "$text" | tail -n 1)
case "$last" in *crash*) echo "out of ideas" >&2; exit 3 ;; *hang*) sleep 600 ;; esac
before=${last%%bad*}
column=$((${#before} + 1))
[ "$before" = "$last" ] && { echo '{"comments":[]}'; exit 0; }
printf '{"comments":[{"file":"-","line":%s,"endLine":%s,"column":%s,"endColumn":%s,"level":"info","code":2086,"message":"A word. Mend it.","fix":null}]}' \
  "$line" "$line" "$column" "$((column + 3))"
exit 1
"#;

    #[test]
    fn findings_stand_at_their_words_on_any_line() {
        let (_folder, shellcheck) = program(FINDS_BAD);
        let text = "FROM a\nRUN x \\\n# bad comment\n  && y \\\n  bad z\nCMD bad\nONBUILD RUN a && bad\nRUN [\"sh\", \"-c\", \"a; bad\"]\nRUN <<EOF\nbad\nEOF\n";
        let files = [file("Dockerfile", text)];
        let found = lines(&check(&files, &rulebook(), &shellcheck));
        let place = |place: &str| format!("Dockerfile:{place} shellcheck/info SC2086: bad");
        assert_eq!(found, ["5:3", "6:5", "7:18", "8:22", "10:1"].map(place));
        assert_eq!(check(&files, &rulebook(), &shellcheck).findings[0].message, "A word. Mend it");
    }

    #[test]
    fn the_order_is_that_of_the_files_for_any_number_of_threads() {
        let (_folder, mut shellcheck) = program(FINDS_BAD);
        let files: Vec<File> =
            (0..6).map(|number| file(&format!("{number}"), &format!("FROM a\nRUN bad {number}\nRUN bad\n"))).collect();
        shellcheck.jobs = 1;
        let alone = lines(&check(&files, &rulebook(), &shellcheck));
        assert_eq!(alone.len(), 12);
        shellcheck.jobs = 4;
        assert_eq!(lines(&check(&files, &rulebook(), &shellcheck)), alone);
    }

    #[test]
    fn a_script_that_it_fails_on_costs_no_other() {
        let (_folder, shellcheck) = program(FINDS_BAD);
        let files = [file("Dockerfile", "FROM a\nRUN bad 1\nRUN crash\nRUN bad 2\nRUN crash 2\n")];
        assert_eq!(
            lines(&check(&files, &rulebook(), &shellcheck)),
            [
                "Dockerfile:2:5 shellcheck/info SC2086: bad",
                "Dockerfile:4:5 shellcheck/info SC2086: bad",
                "Dockerfile: ShellCheck failed (exit status: 3: out of ideas) on the script in line 3, which was left out",
            ]
        );
        let (_folder, shellcheck) = program("cat >/dev/null; echo hello");
        let told = lines(&check(&files, &rulebook(), &shellcheck));
        assert!(told[0].contains("its answer is not understood"), "{told:?}");
        assert_eq!(told.len(), 1);
    }

    #[test]
    fn a_program_that_hangs_is_given_up() {
        let (_folder, mut shellcheck) = program(FINDS_BAD);
        shellcheck.patience = Duration::from_secs(3);
        let files = [file("Dockerfile", "FROM a\nRUN bad\nRUN hang\nRUN bad 2\n")];
        let told = lines(&check(&files, &rulebook(), &shellcheck));
        let late = "Dockerfile: ShellCheck took more than 3 s over the script in line 3; that one and all after it were left out";
        assert_eq!(told, ["Dockerfile:2:5 shellcheck/info SC2086: bad", late]);
    }

    #[test]
    fn the_program_is_told_what_to_read_and_what_to_leave_out() {
        let (folder, mut shellcheck) = program("echo \"$@\" >\"$0.args\"; cat >/dev/null; echo '{\"comments\":[]}'");
        shellcheck.excluded = vec!["SC2086".into()];
        let files = [file("Dockerfile", "FROM a\nSHELL [\"/bin/bash\", \"-c\"]\nRUN b\n")];
        assert_eq!(lines(&check(&files, &rulebook(), &shellcheck)), [""; 0]);
        let arguments = fs::read_to_string(folder.path().join("shellcheck.args")).unwrap();
        let expected = "--norc --format=json1 --shell bash --exclude SC1090,SC1091,SC2187,SC2086 -\n";
        assert_eq!(arguments, expected);
    }
}

#[test]
fn the_real_program_finds_what_the_rules_say() {
    if Command::new("shellcheck").arg("--version").output().is_err() {
        return;
    }
    let examples = |text: &str, heading: &str| -> String {
        let section = text.split(&format!("## {heading}\n")).nth(1).unwrap();
        section.split("```").nth(1).unwrap().trim_start_matches("dockerfile\n").to_owned()
    };
    for rule in plugin().rules {
        let found = |heading: &str| {
            let files = [file("Dockerfile", &examples(&rule.explanation, heading))];
            let answer = check(&files, &rulebook(), &ShellCheck::default());
            assert_eq!(answer.notifications, []);
            answer.findings.iter().map(|finding| finding.rule.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(found("Flagged"), [rule.id.as_str()], "{}", rule.id);
        assert_eq!(found("Accepted"), [""; 0], "{}", rule.id);
    }
    let text = "FROM a\nARG known\nRUN x \\\n# c\n && y \u{e9} $(z) \\\n\t$known $PATH $unknown\n";
    let answer = check(&[file("Dockerfile", text)], &rulebook(), &ShellCheck::default());
    let found = lines(&answer);
    assert!(found.contains(&"Dockerfile:5:9 shellcheck/warning SC2046: $(z)".to_owned()), "{found:?}");
    assert!(found.contains(&"Dockerfile:6:15 shellcheck/warning SC2154: $unknown".to_owned()), "{found:?}");
    assert!(!found.iter().any(|line| line.contains("SC2154: $known")), "{found:?}");
}
