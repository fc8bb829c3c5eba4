use std::collections::HashMap;

use hullmark_sdk::prelude::*;

use crate::values::Values;
use crate::{shellcheck, words};

rule! {
    /// A variable was set in an earlier `RUN`, and is gone in this one.
    ///
    /// ## What it checks
    ///
    /// Variables of a `RUN` that neither it nor `ARG` nor `ENV` sets, while an earlier `RUN` of the stage, or of one
    /// that it is built from, does. Nothing is said where the script reads a file (`.`, `source`) or says what holds
    /// without a value (`${name:-…}`).
    ///
    /// ## Why it matters
    ///
    /// Each `RUN` has a shell of its own: what `export` sets ends with it. The variable is empty, and the command does
    /// something else than was meant.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN export VERSION=1.2
    /// RUN make install-"$VERSION"
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// ENV VERSION=1.2
    /// RUN make install-"$VERSION"
    /// ```
    ///
    /// ## How to fix
    ///
    /// Set it with `ARG` or `ENV`, or set it in the `RUN` that uses it.
    ///
    /// ## Options
    ///
    /// `unset` (default `false`): whether every variable with a small letter in its name is flagged that nothing in the
    /// file sets.
    ///
    /// ## Other tools
    ///
    /// hadolint, through ShellCheck, does not know what an earlier `RUN` set: it flags every variable that is not in
    /// capitals and that nothing sets, which the option `unset` does here.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/reference/dockerfile/#run>
    tags: &["correctness"],
    precision: High,
    aliases: &["SC2154"],
    references: &["https://docs.docker.com/reference/dockerfile/#run"],
    options: &[OptionSpec::flag(
        "unset",
        false,
        "Whether every variable with a small letter in its name is flagged that nothing in the file sets.",
    )],
    checks: &[Stage(stage)],
}

fn stage(stage: &Stage, report: &mut Report) {
    let lineage: Vec<Stage> = stage.lineage().collect();
    let mut earlier: HashMap<&str, Place> = HashMap::new();
    for ancestor in lineage.iter().skip(1).rev() {
        ancestor.all("RUN").for_each(|run| take_assigned(run, &mut earlier));
    }
    for run in stage.all("RUN") {
        let mut assigned = HashMap::new();
        take_assigned(run, &mut assigned);
        check(run, &earlier, report);
        earlier.extend(assigned);
    }
}

/// Adds what a RUN gives to variables.
fn take_assigned<'a>(run: Instruction<'a>, into: &mut HashMap<&'a str, Place>) {
    for command in run.commands().filter(|command| !command.is_exec_form()) {
        for assignment in command.assignments().filter(|_| command.word(0).is_none()) {
            into.insert(assignment.name(), assignment.place());
        }
        for word in command.words().skip(1).filter(|_| words::is_declaration(command)) {
            if let Some(name) = words::declared_name(word) {
                into.insert(name, word.place());
            }
        }
    }
}

fn check<'a>(run: Instruction<'a>, earlier: &HashMap<&'a str, Place>, report: &mut Report) {
    let unset = report.options().flag("unset");
    for (name, part, command) in Values::of(run).unset() {
        let is_small = name.contains(|char: char| char.is_ascii_lowercase());
        let message = match earlier.get(name) {
            Some(_) => format!("`{name}` was set in another `RUN` and is gone in this one"),
            None if unset && is_small => format!("nothing sets `{name}`"),
            None => continue,
        };
        let finding = report.finding(part, message);
        if let Some(before) = earlier.get(name) {
            finding.related(*before, "it is set here");
        }
        finding.aliases(if is_small { shellcheck::ids(command.script(), &["SC2154"]) } else { &[] });
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn variables_that_are_there_are_accepted() {
        for text in [
            "RUN a=1; b $a\nRUN a=2; b $a",
            "RUN export A=1\nENV A=2\nRUN b $A",
            "RUN A=1 b\nRUN b $A",
            "RUN export PATH=/a:$PATH\nRUN b $PATH",
            "RUN export A=1\nRUN b ${A:-2}",
            "RUN export A=1\nRUN . ./env && b $A",
            "RUN export A=1\nRUN b '$A' \\$A",
            "RUN a $b $B",
            "RUN for a in b; do c; done\nRUN read -r d; e $d",
            "RUN A=1\nFROM x\nRUN b $A",
            "RUN A=1\nCMD b $A",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\n{text}\n")), [""; 0], "{text}");
        }
    }

    #[test]
    fn variables_of_an_earlier_run_are_flagged() {
        let text = "FROM x AS y\nRUN export A=1 && b=2\nRUN c \"$A\" $b ${b} >$A\nFROM y\nRUN d=${A%x}\n";
        assert_eq!(dockerfile(&RULE, text), ["$A", "$b", "${A%x}"]);
    }

    #[test]
    fn variables_that_nothing_sets_are_flagged_on_request() {
        let text = "FROM x\nRUN a $b $B $http_proxy; export c=1; d $c\n";
        assert_eq!(Trial::with(&RULE, r#"{"unset": true}"#).dockerfile(text), ["$b"]);
    }
}
