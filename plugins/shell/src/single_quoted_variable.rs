use hullmark_sdk::prelude::*;

use crate::{shellcheck, words};

rule! {
    /// A variable or a substitution stands in single quotes, where the shell leaves it as it is.
    ///
    /// ## What it checks
    ///
    /// `$name`, `${…}`, `$(…)` and text between backticks in single quotes, but not in what another program is to read:
    /// scripts of shells, `awk`, `perl`, `find`, `jq` and their like, values of `PS1`.
    ///
    /// ## Why it matters
    ///
    /// The program gets the sign `$` and the name. Where the value was meant, double quotes belong there. Where the
    /// text itself was meant, as in a script that is written to a file, all is well.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN echo 'version $VERSION' > /etc/motd
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// ARG VERSION
    /// RUN echo "version $VERSION" > /etc/motd
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write double quotes, if the value is meant.
    ///
    /// ## References
    ///
    /// - <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02_02>
    level: Note,
    enabled: false,
    tags: &["correctness"],
    precision: Low,
    aliases: &["SC2016"],
    references: &["https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02_02"],
    checks: &[Command(command)],
}

/// Programs whose arguments are a language of their own, in which `$` means something.
const READERS: [&str; 32] = [
    "alias",
    "ash",
    "awk",
    "bash",
    "dash",
    "docker",
    "doas",
    "dpkg-query",
    "envsubst",
    "eval",
    "find",
    "gawk",
    "git",
    "jq",
    "ksh",
    "mawk",
    "nawk",
    "node",
    "oc",
    "perl",
    "php",
    "podman",
    "rename",
    "rg",
    "ruby",
    "sh",
    "ssh",
    "su",
    "sudo",
    "trap",
    "yq",
    "zsh",
];

fn command(command: &Command, report: &mut Report) {
    if command.is_exec_form() {
        return;
    }
    let name = command.name().unwrap_or_default();
    let is_reader = READERS.contains(&name);
    let values = command.assignments().filter(|it| !is_prompt(it.name())).map(Assignment::value);
    let arguments =
        command.words().skip(1).filter(|word| !is_reader && !words::declared_name(*word).is_some_and(is_prompt));
    for word in values.chain(arguments) {
        for part in word.parts().filter(|part| part.kind() == PartKind::SingleQuoted && part.parent().is_none()) {
            let text = part.text();
            let Some(sign) = expansion(text.trim_matches('\''), name == "sed") else { continue };
            let finding = report.finding(part, format!("`{sign}` stays as it is in single quotes"));
            finding.aliases(shellcheck::ids(command.script(), &["SC2016"]));
        }
    }
}

/// What a shell would replace in a text, if it stood in double quotes. In an address of `sed`, `$` is the last line.
fn expansion(text: &str, sed: bool) -> Option<&str> {
    let dollars = text.match_indices('$').filter_map(|(at, _)| {
        let rest = &text[at + 1..];
        let name = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
        match rest.as_bytes().first()? {
            b'(' | b'{' if !(sed && rest.starts_with('{')) => Some(&text[at..at + 2]),
            _ if name > 0 && !(sed && name == 1) => Some(&text[at..=at + name]),
            _ => None,
        }
    });
    let backticks = text.match_indices('`').take(2).map(|_| "`");
    dollars.chain(backticks.skip(1)).next()
}

/// Variables whose value a shell expands each time.
fn is_prompt(name: &str) -> bool {
    matches!(name, "PS1" | "PS2" | "PS3" | "PS4" | "PROMPT_COMMAND")
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn texts_for_other_programs_are_accepted() {
        for run in [
            "echo \"$a\"",
            "echo 'a $ b' 'c$' '`'",
            "awk '{print $1}' a",
            "sh -c 'echo $a'",
            "sed -i '$d' a",
            "sed '$a b' c",
            "export PS1='$a'",
            "PS1='$a'",
            "dpkg-query -f '${Package}' -W",
            "trap 'rm $a' EXIT",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn expansions_are_flagged() {
        let text = "FROM x\nRUN echo 'a $b' 'c${d}' '$(e)' && f='`g`' && sed 's/$hi/j/' k\n";
        let mut found = dockerfile(&RULE, text);
        found.sort();
        assert_eq!(found, ["'$(e)'", "'`g`'", "'a $b'", "'c${d}'", "'s/$hi/j/'"]);
    }
}
