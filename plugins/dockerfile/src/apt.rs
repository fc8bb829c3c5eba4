//! How apt's command line is read.

use hullmark_sdk::prelude::*;

/// Options that take the next word as their value.
const VALUED: [&str; 8] =
    ["-o", "-t", "-c", "-a", "--option", "--target-release", "--default-release", "--config-file"];

/// What an `apt-get` or `apt` is told to do, `install` for one; nothing for other commands.
pub(crate) fn action<'a>(command: &Command<'a>) -> Option<Word<'a>> {
    let command = command.unwrapped();
    if !matches!(command.name()?, "apt-get" | "apt") {
        return None;
    }
    let mut words = command.words().skip(1);
    loop {
        let word = words.next()?;
        if !word.is_option() {
            return Some(word);
        }
        if word.text().is_some_and(|text| VALUED.contains(&text)) {
            words.next()?;
        }
    }
}
