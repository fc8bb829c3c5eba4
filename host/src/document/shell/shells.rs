//! Which programs are shells that we can read, and what they are given to run.

/// Shells whose grammar is that of POSIX, or close enough.
const SHELLS: [&str; 8] = ["sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "rbash"];

/// Commands that run the command which their arguments are, and their options that take a value.
const WRAPPERS: [(&str, &str); 11] = [
    ("env", "uCS"),
    ("exec", "a"),
    ("command", ""),
    ("nohup", ""),
    ("time", "fo"),
    ("nice", "n"),
    ("sudo", "ugUghpCrt"),
    ("doas", "uC"),
    ("tini", ""),
    ("dumb-init", ""),
    ("setsid", ""),
];

/// A command that runs a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Runs {
    /// Name of the shell.
    pub(super) shell: String,
    /// Its own arguments, with blanks between.
    pub(super) options: String,
    /// Index of the word that is the script; `None` where the shell reads its standard input.
    pub(super) argument: Option<usize>,
}

/// The name of a program without its folder.
pub(super) fn base_name(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

/// The name of a shell that we can read.
pub(super) fn posix_shell(program: &str) -> Option<&str> {
    let name = base_name(program);
    SHELLS.contains(&name).then_some(name)
}

/// What a command gives to a shell; `None` where it runs none, or a file. A word that is not literal is `None`.
pub(super) fn runs(words: &[Option<&str>]) -> Option<Runs> {
    let mut first = 0;
    loop {
        let name = base_name(words.get(first).copied().flatten()?);
        if matches!(name, "su" | "runuser") {
            return as_user(words, first);
        }
        let applet = name == "busybox" && words.get(first + 1).copied().flatten().is_some_and(is_shell);
        if applet {
            first += 1;
            continue;
        }
        if let Some(shell) = posix_shell(name) {
            return arguments(shell, words, first + 1);
        }
        let (_, valued) = WRAPPERS.into_iter().find(|(wrapper, _)| *wrapper == name)?;
        first = after_options(words, first + 1, valued)?;
    }
}

fn is_shell(name: &str) -> bool {
    posix_shell(name).is_some()
}

/// Index of the command that a wrapper runs.
fn after_options(words: &[Option<&str>], from: usize, valued: &str) -> Option<usize> {
    let mut at = from;
    loop {
        let word = words.get(at).copied().flatten()?;
        let Some(option) = word.strip_prefix('-') else {
            // `env NAME=value command`.
            if word.contains('=') {
                at += 1;
                continue;
            }
            return Some(at);
        };
        at += if option.len() == 1 && valued.contains(option) { 2 } else { 1 };
    }
}

/// The script among a shell's arguments.
fn arguments(shell: &str, words: &[Option<&str>], from: usize) -> Option<Runs> {
    let mut at = from;
    let mut command = false;
    let runs = |at: usize, argument| {
        // The value of the last option may be missing.
        let options: Vec<&str> = words.iter().take(at).skip(from).copied().flatten().collect();
        Some(Runs { shell: shell.to_owned(), options: options.join(" "), argument })
    };
    loop {
        let Some(word) = words.get(at) else {
            return if command { None } else { runs(at, None) };
        };
        let option = word.filter(|word| word.starts_with(['-', '+']) && *word != "-");
        let Some(option) = option else {
            return match (command, *word) {
                (true, _) => runs(at, Some(at)),
                (false, Some("-")) => runs(at, None),
                (false, _) => None,
            };
        };
        at += 1;
        if option.starts_with("--") {
            continue;
        }
        command |= option.contains('c') && option.starts_with('-');
        if !command && option.contains('s') {
            return runs(at, None);
        }
        if option.ends_with(['o', 'O']) {
            at += 1;
        }
    }
}

/// The script of `su user -c script`.
fn as_user(words: &[Option<&str>], first: usize) -> Option<Runs> {
    let option = words.iter().skip(first).position(|word| matches!(word, Some("-c" | "--command")))?;
    let argument = first + option + 1;
    words.get(argument)?;
    Some(Runs { shell: "sh".to_owned(), options: "-c".to_owned(), argument: Some(argument) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(command: &str) -> Option<(String, String, Option<usize>)> {
        let words: Vec<Option<&str>> = command.split(' ').map(|word| (word != "?").then_some(word)).collect();
        runs(&words).map(|runs| (runs.shell, runs.options, runs.argument))
    }

    #[test]
    fn other_programs_and_files_are_no_scripts() {
        for command in
            ["python -c x", "bash x.sh", "bash -x x.sh -c", "sh -c", "? -c x", "echo sh -c x", "env ? sh -c x"]
        {
            assert_eq!(found(command), None, "{command}");
        }
    }

    #[test]
    fn the_script_follows_the_options() {
        let expected = |shell: &str, options: &str, at| Some((shell.to_owned(), options.to_owned(), at));
        assert_eq!(found("/bin/bash -o pipefail -c x"), expected("bash", "-o pipefail -c", Some(4)));
        assert_eq!(found("bash -lc x y"), expected("bash", "-lc", Some(2)));
        assert_eq!(
            found("sudo -u me env A=b busybox sh -euo pipefail -c x"),
            expected("sh", "-euo pipefail -c", Some(10))
        );
        assert_eq!(found("su - me -c x"), expected("sh", "-c", Some(4)));
        assert_eq!(found("exec bash -c ?"), expected("bash", "-c", Some(3)));
    }

    #[test]
    fn a_shell_without_a_file_reads_its_input() {
        assert_eq!(found("bash").map(|found| found.2), Some(None));
        assert_eq!(found("bash -s -- arg").map(|found| found.2), Some(None));
        assert_eq!(found("sh -e -").map(|found| found.2), Some(None));
        assert_eq!(found("sh -eo"), Some(("sh".to_owned(), "-eo".to_owned(), None)));
    }
}
