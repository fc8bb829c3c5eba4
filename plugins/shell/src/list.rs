//! How the commands of a list stand to each other.

use hullmark_sdk::prelude::*;

/// The command that stands next in the same script, substitutions left out; nothing at the end, or where a substitution
/// that holds the command ends.
pub(crate) fn next(command: Command<'_>) -> Option<Command<'_>> {
    let is_beside = move |other: &Command<'_>| {
        other.script().place() == command.script().place() && other.parent() == command.parent()
    };
    let next = command.after().find(is_beside)?;
    let place = |command: Command<'_>| command.substitutions().next().map(|part| part.place());
    (place(command) == place(next)).then_some(next)
}

/// The innermost `( … )` that holds a command.
pub(crate) fn subshell(command: Command<'_>) -> Option<Compound<'_>> {
    command.compounds().find(|compound| compound.kind() == CompoundKind::Subshell)
}

/// Whether the script ends here when a command fails, because `set -e` or the shell's own options say so.
pub(crate) fn ends_on_failure(command: Command<'_>) -> bool {
    let script = command.script();
    let earlier = command.before().filter(|earlier| earlier.script().place() == script.place());
    let set = earlier.filter(|earlier| earlier.name() == Some("set")).filter_map(sets_errexit).last();
    set.unwrap_or_else(|| {
        let mut words = script.options().split(' ').peekable();
        words.any(|word| has_letter(word, '-', 'e') || word == "errexit")
    })
}

/// Whether a `set` turns `-e` on, or off.
fn sets_errexit(set: Command<'_>) -> Option<bool> {
    let words: Vec<&str> = set.words().skip(1).map(|word| word.text().unwrap_or_default()).collect();
    let long = words.windows(2).rfind(|pair| pair[1] == "errexit").map(|pair| pair[0].starts_with('-'));
    let short = |word: &&&str| has_letter(word, '-', 'e') || has_letter(word, '+', 'e');
    long.or_else(|| words.iter().rfind(short).map(|word| word.starts_with('-')))
}

/// Whether a word is a bundle of options with this letter among them: `-eux`.
fn has_letter(word: &str, sign: char, letter: char) -> bool {
    word.strip_prefix(sign).is_some_and(|bundle| !bundle.starts_with('-') && bundle.contains(letter))
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::parsed;

    use super::*;

    #[test]
    fn errexit_is_known_in_every_way_to_write_it() {
        let last = |text: &str| {
            let document = parsed(text);
            let last = document.dockerfile().unwrap().commands().last().unwrap();
            ends_on_failure(last)
        };
        for run in ["set -e; a", "set -eux; a", "set -o errexit; a", "set -euo pipefail; a", "set +e; set -e; a"] {
            assert!(last(&format!("FROM x\nRUN {run}\n")), "{run}");
        }
        for run in ["a", "set -x; a", "set -e; set +e; a", "sh -c 'set -e'; a", "set --error; a"] {
            assert!(!last(&format!("FROM x\nRUN {run}\n")), "{run}");
        }
        assert!(last("FROM x\nSHELL [\"/bin/bash\", \"-eo\", \"pipefail\", \"-c\"]\nRUN a\n"));
    }
}
