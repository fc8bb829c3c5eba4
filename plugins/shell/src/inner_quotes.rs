use hullmark_sdk::prelude::*;

use crate::shellcheck;
use crate::words;

rule! {
    /// Quotes inside quotes end them, so the program never gets the inner ones.
    ///
    /// ## What it checks
    ///
    /// Words such as `"NAME="value""` and `"{"key":"value"}"`: text between two texts in double quotes, where the first
    /// ends, or the second begins, with a sign before which a quote is meant to stand: `=`, `:`, `,`, a bracket or a
    /// blank.
    ///
    /// ## Why it matters
    ///
    /// The second quote ends what the first began. The quotes that were meant as text are gone, and what stands between
    /// them is open to splitting: a configuration file or a JSON text gets other content than the Dockerfile seems to
    /// say.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN echo "{"storage-driver":"overlay2"}" > /etc/docker/daemon.json
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN echo '{"storage-driver":"overlay2"}' > /etc/docker/daemon.json
    /// ```
    ///
    /// ## How to fix
    ///
    /// Put the whole text into single quotes, or write the inner quotes as `\"`.
    ///
    /// ## Options
    ///
    /// `always` (default `false`): whether any text between two texts in double quotes is flagged, whatever signs stand
    /// there, and a variable or a substitution there too.
    ///
    /// ## Other tools
    ///
    /// hadolint, through ShellCheck, flags all such words. `"a"/b/"c"` is sound, though, and often meant.
    ///
    /// ## References
    ///
    /// - <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02_03>
    tags: &["reliability"],
    precision: High,
    aliases: &["SC2140", "SC2027"],
    references: &["https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02_03"],
    options: &[OptionSpec::flag(
        "always",
        false,
        "Whether any text, variable or substitution between two texts in double quotes is flagged.",
    )],
    checks: &[Command(command)],
}

fn command(command: &Command, report: &mut Report) {
    let always = report.options().flag("always");
    if command.is_exec_form() {
        return;
    }
    for word in words::all(*command).filter(|word| word.is_quoted()) {
        let quotes: Vec<Part> =
            word.parts().filter(|part| part.kind() == PartKind::DoubleQuoted && part.parent().is_none()).collect();
        for pair in quotes.windows(2) {
            check(*command, word, [pair[0], pair[1]], always, report);
        }
    }
}

/// Reports what stands between two quoted texts of a word, if it was meant to stand in quotes.
fn check(command: Command, word: Word, [left, right]: [Part; 2], always: bool, report: &mut Report) {
    let between = Span::new(left.place().span.end, right.place().span.start);
    let document = command.instruction().node().document();
    let text = document.text_at(between);
    let is_text = |text: &str| !text.contains(['\'', '"', '$', '`', '\n']);
    let inner = word
        .parts()
        .filter(|part| part.parent().is_none() && (between.start..between.end).contains(&part.place().span.start));
    let is_variable = inner.count() == 1 && !is_text(&text);
    let is_word = text.contains(|char: char| char.is_alphanumeric());
    if !is_word || !(is_text(&text) || is_variable) {
        return;
    }
    let (left, right) = (left.text(), right.text());
    let (before, after) = (left.trim_end_matches('"'), right.trim_start_matches('"'));
    let opens = before.ends_with(['=', ':', ',', '{', '[', '(', ' ']);
    let closes = after.is_empty() || after.starts_with([':', ',', '}', ']', ')', ' ']);
    let holds_text = |text: &str| text.contains(|char: char| char.is_ascii_alphanumeric()) && !text.starts_with("\"$");
    let is_meant = opens && closes && is_text(&text);
    let any = is_variable || holds_text(&left) || holds_text(&right) || is_meant;
    if !(is_meant || always && any) {
        return;
    }
    let finding =
        report.finding(document.place(between), format!("the quotes around `{text}` end those before and after it"));
    finding.aliases(shellcheck::ids(command.script(), if is_variable { &["SC2027"] } else { &["SC2140"] }));
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn words_that_are_sound_are_accepted() {
        for run in [
            "a \"b\"c",
            "a \"b\"\"c\"",
            "a \"$b\"/c/\"$d\"",
            "a \"b\"/c/\"d\"",
            "a '{\"b\":\"c\"}'",
            "a \"{\\\"b\\\":1}\"",
            "a \"b=\"$c\"\"",
            "a \"b=\"'c'\"\"",
            "a --b=\"c\" d=\"e\"",
            "a \"b\" \"c\"",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn inner_quotes_are_flagged() {
        assert_eq!(
            dockerfile(&RULE, "FROM x\nRUN echo \"{\"a\":\"b\"}\" \"C=\"d\"\" && e=\"f \"g\" h\"\n"),
            ["a", "b", "d", "g"]
        );
    }

    #[test]
    fn all_are_flagged_on_request() {
        let trial = Trial::with(&RULE, r#"{"always": true}"#);
        assert_eq!(trial.dockerfile("FROM x\nRUN a \"b\"/c/\"d\" \"e\"$f\"g\" \"$h\"/\"$i\"\n"), ["/c/", "$f"]);
    }
}
