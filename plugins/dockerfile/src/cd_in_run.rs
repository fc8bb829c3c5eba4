use hullmark_sdk::prelude::*;

use crate::program;

rule! {
    /// `cd` changes the folder for the rest of its `RUN` only.
    ///
    /// ## What it checks
    ///
    /// `cd` in `RUN` that nothing follows: the next instruction starts in the folder of the last `WORKDIR` again. A `cd` that
    /// leads back at the end of a script is accepted.
    ///
    /// ## Why it matters
    ///
    /// Whoever wrote the `cd` expects the following steps to happen there. They happen elsewhere: files land in the wrong
    /// folder, or the build fails far from the cause.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM node:22.21.1
    /// RUN mkdir /app && cd /app
    /// COPY . .
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM node:22.21.1
    /// WORKDIR /app
    /// COPY . .
    /// RUN cd web && npm ci
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write `WORKDIR`, which also creates the folder.
    ///
    /// ## Options
    ///
    /// `every` (default `false`): whether a `cd` that serves the commands after it is a fault too.
    ///
    /// ## Other tools
    ///
    /// hadolint and Trivy flag every `cd`, which the option `every` does here. A `cd` for one build step is shorter than two
    /// `WORKDIR`, and leaves the image as it was. hadolint passes over scripts of `bash -c` and over `ONBUILD`; Trivy over
    /// lists with `;`, subshells and lines of a heredoc.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/build/building/best-practices/#workdir>
    level: Warning,
    precision: High,
    tags: &["correctness"],
    aliases: &["DL3003", "DS-0013"],
    references: &["https://docs.docker.com/build/building/best-practices/#workdir"],
    options: &[OptionSpec::flag("every", false, "Whether a `cd` that serves the commands after it is a fault too.")],
    checks: &[Command(command)],
}

fn command(command: &Command, report: &mut Report) {
    if command.instruction().name() != "RUN" || program::written(command) != Some("cd") {
        return;
    }
    let is_lost = is_lost(command);
    if !is_lost && !report.options().flag("every") {
        return;
    }
    let message = if is_lost {
        "`cd` is forgotten at the end of this `RUN`"
    } else {
        "`cd` changes the folder for the rest of this `RUN` only"
    };
    let finding = report.finding(command.place(), message);
    finding.aliases(aliases(command));
    if let Some(fix) = fix(command) {
        finding.fix(fix);
    }
}

/// Whether nothing happens in the folder, and it is not the way back from another one.
fn is_lost(command: &Command) -> bool {
    let is_idle = |after: Command| matches!(after.name(), Some("exit" | "true" | ":"));
    let is_simple = !command.is_in_function() && !command.is_in_loop() && !command.is_in_condition();
    is_simple
        && command.script().is_understood()
        && command.after().all(is_idle)
        && !command.before().any(|before| matches!(before.name(), Some("cd" | "pushd")))
}

fn aliases(command: &Command) -> &'static [&'static str] {
    let first = command.word(0).and_then(Word::text) == Some("cd");
    let begins_part = matches!(command.join(), Join::None | Join::And) && !command.is_in_subshell();
    match (program::is_in_run(command), program::is_deferred(command)) {
        (true, false) if first && begins_part => &["DL3003", "DS-0013"],
        (true, false) => &["DL3003"],
        _ => &[],
    }
}

/// `RUN cd folder && rest` as a `WORKDIR` and a `RUN`.
fn fix(command: &Command) -> Option<Fix> {
    let run = command.instruction();
    let plain = command.join() == Join::None && !command.is_in_subshell() && !command.is_exec_form();
    let (None, Some(folder), 2) = (command.script().runner(), command.word(1), command.words().count()) else {
        return None;
    };
    if !plain || folder.text() != Some(folder.raw()) || folder.raw().starts_with(['-', '~']) {
        return None;
    }
    if program::is_deferred(command) || run.flags().next().is_some() || run.heredocs().next().is_some() {
        return None;
    }
    let document = run.node().document();
    let whole = |end: u32| document.place(Span::new(run.place().span.start, end));
    let fix = Fix::needs_review(format!("use `WORKDIR {}`", folder.raw()));
    let Some(next) = command.after().next() else {
        return Some(fix.replace(whole(command.whole_place().span.end), format!("WORKDIR {}", folder.raw())));
    };
    let join = next.join_place().filter(|_| next.join() == Join::And)?;
    let start = next.whole_place().span.start;
    // What else stands between belongs to the next command: a parenthesis, a keyword, a comment.
    let between = document.text_at(Span::new(join.span.end, start));
    let only_blanks = between.chars().all(|char| char.is_ascii_whitespace() || char == '\\');
    only_blanks.then(|| fix.replace(whole(start), format!("WORKDIR {}\nRUN ", folder.raw())))
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn every(text: &str) -> Vec<String> {
        Trial::with(&RULE, r#"{"every": true}"#).dockerfile(text)
    }

    #[test]
    fn a_folder_in_which_something_happens_is_fine() {
        for run in [
            "cd /a && make",
            "cd /a; make",
            "(cd /a && make)",
            "cd /a && make && cd /",
            "pushd a && make && cd -",
            "X=$(cd a && pwd)",
            "for i in a b; do make; cd $i; done",
            "f() { cd /a; }",
            "if cd /a; then make; fi",
            "echo cd",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
        assert_eq!(every("FROM x\nCMD cd /a && run\nRUN git cd; ./cd a; x \"cd b\"\n"), [""; 0]);
    }

    #[test]
    fn a_folder_that_is_left_at_once_is_not() {
        assert_eq!(dockerfile(&RULE, "FROM x\nRUN cd /a\nRUN mkdir b && \\\n  cd b || exit 1\n"), ["cd", "cd"]);
    }

    #[test]
    fn every_one_is_flagged_on_request() {
        let text = "FROM x\nRUN cd /a && make; (cd b)\nRUN X=$(cd c)\nRUN [\"cd\", \"d\"]\nRUN <<E\nexec cd\nE\n";
        assert_eq!(every(text), ["cd", "cd", "cd", "\"cd\"", "exec"]);
    }

    #[test]
    fn the_fix_is_a_workdir() {
        let trial = Trial::with(&RULE, r#"{"every": true}"#);
        let fixed = |text: &str| trial.fixed("Dockerfile", text);
        assert_eq!(fixed("FROM x\nRUN cd /a\n"), "FROM x\nWORKDIR /a\n");
        assert_eq!(fixed("FROM x\nRUN cd /a && \\\n    make\n"), "FROM x\nWORKDIR /a\nRUN make\n");
        for text in ["FROM x\nRUN cd /a && (b)\n", "FROM x\nRUN a && cd b\n", "FROM x\nRUN cd \"a b\"\n"] {
            assert_eq!(fixed(text), text);
        }
    }
}
