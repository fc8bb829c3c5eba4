use hullmark_sdk::prelude::*;

use crate::shellcheck;
use crate::values::Values;

rule! {
    /// Nothing sets the variable, but one with almost the same name is set.
    ///
    /// ## What it checks
    ///
    /// Variables in capitals of a `RUN` that neither it nor `ARG` nor `ENV` sets, while one of these, or Docker itself,
    /// sets another whose name differs in one letter, or in two that have changed places. Nothing is said of names of
    /// less than five letters, of two that differ in a digit, nor where the script reads a file (`.`, `source`) or says
    /// what holds without a value (`${NAME:-…}`).
    ///
    /// ## Why it matters
    ///
    /// A variable that nobody has set is empty, and the shell does not complain.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// ARG RELEASE=1.2
    /// RUN make install-"$RELAESE"
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// ARG RELEASE=1.2
    /// RUN make install-"$RELEASE"
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write the name as it was declared. Where the base image sets the variable, say so with `${NAME:?}`.
    ///
    /// ## Other tools
    ///
    /// hadolint, through ShellCheck, also takes names for the same that differ in more letters, or in a digit.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/reference/dockerfile/#arg>
    tags: &["correctness"],
    precision: Medium,
    aliases: &["SC2153"],
    references: &["https://docs.docker.com/reference/dockerfile/#arg"],
    checks: &[Instruction("RUN", run)],
}

/// Shortest name that is taken for a misspelled one.
const SHORTEST: usize = 5;

fn run(run: &Instruction, report: &mut Report) {
    let values = Values::of(*run);
    for (name, part, command) in values.unset() {
        if name.len() < SHORTEST || name.contains(|char: char| char.is_ascii_lowercase()) {
            continue;
        }
        let mut near: Vec<&str> = values.names().filter(|known| is_near(name, known)).collect();
        near.sort_unstable();
        let Some(meant) = near.first() else { continue };
        let finding = report.finding(part, format!("nothing sets `{name}`, but something sets `{meant}`"));
        finding.aliases(shellcheck::ids(command.script(), &["SC2153"]));
        let text = part.text();
        finding.fix(Fix::needs_review(format!("write `{meant}`")).replace(part, text.replacen(name, meant, 1)));
    }
}

/// Whether two names differ in one letter, or in two side by side that have changed places.
fn is_near(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let same = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let (one, other) = (&one[same..], &other[same..]);
    match (one, other) {
        ([a, rest @ ..], [b, others @ ..]) if rest == others => !a.is_ascii_digit() && !b.is_ascii_digit(),
        ([a, b, rest @ ..], [c, d, others @ ..]) if a == d && b == c && rest == others => true,
        ([a, rest @ ..], other) if rest == other => !a.is_ascii_digit(),
        (one, [b, rest @ ..]) if rest == one => !b.is_ascii_digit(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn names_that_are_set_or_far_apart_are_accepted() {
        for run in [
            "a $RELEASE $UNKNOWN $release",
            "a $KEY2 $ABD",
            "a ${RELEASES:-1}",
            "RELEASES=1; a $RELEASES",
            ". ./a; b $RELEASES",
            "a '$RELEASES'",
            "a $HTTP_PROXY",
        ] {
            let text = format!("FROM x\nARG RELEASE=1 KEY1 ABC\nRUN {run}\n");
            assert_eq!(dockerfile(&RULE, &text), [""; 0], "{run}");
        }
        assert_eq!(dockerfile(&RULE, "FROM x\nARG RELEASE\nFROM x\nRUN a $RELEASES\n"), [""; 0]);
    }

    #[test]
    fn misspelled_names_are_flagged_and_mended() {
        let text = "FROM x\nARG RELEASE=1\nRUN LONGER=1; a $RELEASES \"$RELAESE\" ${RELASE} $LONGED $RTTP_PROXY\n";
        assert_eq!(dockerfile(&RULE, text), ["$RELEASES", "$RELAESE", "${RELASE}", "$LONGED", "$RTTP_PROXY"]);
        assert_eq!(
            Trial::of(&RULE).fixed("Dockerfile", "FROM x\nARG RELEASE=1\nRUN a ${RELEASES%.*}\n"),
            "FROM x\nARG RELEASE=1\nRUN a ${RELEASE%.*}\n"
        );
    }
}
