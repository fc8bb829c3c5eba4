//! How pip's command line is read.

use hullmark_sdk::prelude::*;

/// Options that take the next word as their value.
pub(crate) const VALUED: [&str; 50] = [
    "-r",
    "--requirement",
    "--requirements-from-script",
    "-c",
    "--constraint",
    "--build-constraint",
    "-e",
    "--editable",
    "-t",
    "--target",
    "--platform",
    "--python-version",
    "--implementation",
    "--abi",
    "--root",
    "--prefix",
    "--src",
    "--upgrade-strategy",
    "-C",
    "--config-setting",
    "--config-settings",
    "--global-option",
    "--install-option",
    "--build-option",
    "--no-binary",
    "--only-binary",
    "--progress-bar",
    "--root-user-action",
    "--report",
    "--group",
    "-i",
    "--index-url",
    "--extra-index-url",
    "-f",
    "--find-links",
    "--log",
    "--proxy",
    "--retries",
    "--timeout",
    "--exists-action",
    "--trusted-host",
    "--cert",
    "--client-cert",
    "--cache-dir",
    "--use-feature",
    "--use-deprecated",
    "--python",
    "--keyring-provider",
    "-b",
    "--build",
];

/// Whether the command is pip: `pip`, `pip3`, `pip3.12`, or `python -m pip`.
pub(crate) fn is_pip(command: &Command) -> bool {
    let command = command.unwrapped();
    let Some(name) = command.name() else { return false };
    is_version_of("pip", name) || is_version_of("python", name) && command.flag_value(&["-m"]) == Some("pip")
}

/// The word `install` of `pip install`, and what is installed.
pub(crate) fn install<'a>(command: &Command<'a>) -> Option<(Word<'a>, Vec<Word<'a>>)> {
    if !is_pip(command) {
        return None;
    }
    let command = command.unwrapped();
    let is_module = command.name().is_some_and(|name| name.starts_with("python"));
    let mut operands = command.operands(&VALUED).skip_while(|word| is_module && word.text() == Some("pip"));
    let action = operands.next().filter(|word| word.text() == Some("install"))?;
    Some((action, operands.collect()))
}

fn is_version_of(program: &str, name: &str) -> bool {
    name.strip_prefix(program).is_some_and(|version| version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
}
