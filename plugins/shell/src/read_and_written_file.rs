use hullmark_sdk::prelude::*;

use crate::shellcheck;

rule! {
    /// A pipeline writes the file that it reads, and the shell empties it before it is read.
    ///
    /// ## What it checks
    ///
    /// `>` to a file that the same pipeline reads: through `<`, or as an operand of `cat`, `sed`, `grep`, `sort`, `jq`
    /// and their like.
    ///
    /// ## Why it matters
    ///
    /// The shell opens and empties the file before the command starts. The command reads nothing, and the file stays
    /// empty.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN sed 's/main/main contrib/' /etc/apt/sources.list > /etc/apt/sources.list
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN sed -i 's/main/main contrib/' /etc/apt/sources.list
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write to another file and move it over the first one, or use `sed -i`, or `sort -o`.
    ///
    /// ## Other tools
    ///
    /// hadolint, through ShellCheck, also flags `>>`, which empties nothing.
    ///
    /// ## References
    ///
    /// - <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_07>
    level: Error,
    tags: &["reliability"],
    precision: High,
    aliases: &["SC2094"],
    references: &["https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_07"],
    checks: &[Command(command)],
}

/// Commands whose operands are files that they read.
const READERS: [&str; 16] = [
    "base64", "cat", "column", "cut", "expand", "fold", "head", "nl", "paste", "rev", "sort", "tac", "tail", "uniq",
    "wc", "xxd",
];

/// Those whose first operand is a script or a pattern.
const SCRIPTED: [&str; 9] = ["awk", "egrep", "fgrep", "gawk", "grep", "jq", "mawk", "sed", "yq"];

fn command(command: &Command, report: &mut Report) {
    for output in command.redirections().filter(|it| matches!(it.operator(), ">" | ">|")) {
        let target = output.target();
        // What stands below `/dev` cannot be emptied.
        if target.raw().starts_with("/dev/") || target.may_split() || target.is_pattern() {
            continue;
        }
        let mut inputs = command.pipeline().flat_map(reads);
        let Some(input) = inputs.find(|input| is_same(*input, target)) else { continue };
        let message = format!("`{}` is emptied before it is read", target.raw());
        let finding = report.finding(target, message);
        finding.related(input, "it is read here").aliases(shellcheck::ids(command.script(), &["SC2094"]));
    }
}

/// The words of a command that name files which it reads.
fn reads<'a>(command: Command<'a>) -> impl Iterator<Item = Word<'a>> {
    let inner = command.unwrapped();
    let name = inner.name().unwrap_or_default();
    let skipped = match name {
        _ if READERS.contains(&name) => 0,
        _ if !SCRIPTED.contains(&name) => usize::MAX,
        _ if inner.has_flag(&["-e", "-f", "--expression", "--file", "--regexp", "--from-file"]) => 0,
        _ => 1,
    };
    let inputs = command.redirections().filter(|it| it.operator() == "<").map(Redirection::target);
    inner.arguments().skip(skipped).chain(inputs)
}

fn is_same(one: Word, other: Word) -> bool {
    one.raw() == other.raw() || one.text().is_some() && one.text() == other.text()
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn other_files_are_accepted() {
        for run in [
            "sed x a > b",
            "cat a >> a",
            "sort -o a a",
            "echo a > a",
            "grep a b > a",
            "cat /dev/null > /dev/null",
            "cat a | b && c > a",
            "cat a; b > a",
            "b > a < c",
            "cat $(b > a)",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn a_file_that_is_read_and_written_is_flagged() {
        let text = "FROM x\nRUN sed x a > a; cat \"b\" | c 2>&1 > b; tr d e <\"$f\" >\"$f\"; sudo jq -f g h > h; grep -e i j > j\n";
        assert_eq!(dockerfile(&RULE, text), ["a", "b", "\"$f\"", "h", "j"]);
    }
}
