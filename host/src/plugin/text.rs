//! Texts of plugins made fit to be shown: nothing in them may move a cursor, colour a terminal or fill a report.

/// Longest message, in characters.
pub(super) const MESSAGE: usize = 2_000;

/// A text of one line: line ends and tabs become spaces, control characters and escape sequences go, and what is longer
/// than `limit` characters is cut.
pub(super) fn line(text: &str, limit: usize) -> String {
    let plain = plain(text).map(|c| if c.is_control() { ' ' } else { c });
    cut(plain, limit).trim().to_owned()
}

/// A text of many lines: as [`line`], but line ends and tabs stay.
pub(super) fn block(text: &str, limit: usize) -> String {
    cut(plain(text).filter(|&c| c != '\r'), limit)
}

/// The text of an edit: it goes into a file, so only what no text file holds is left out.
pub(super) fn verbatim(text: &str) -> String {
    plain(text).collect()
}

fn cut(mut characters: impl Iterator<Item = char>, limit: usize) -> String {
    let mut text: String = characters.by_ref().take(limit).collect();
    if characters.next().is_some() {
        text.pop();
        text.push('…');
    }
    text
}

/// Characters without escape sequences and control characters other than line ends and tabs.
fn plain(text: &str) -> impl Iterator<Item = char> {
    let mut rest = text.chars();
    std::iter::from_fn(move || {
        loop {
            let c = rest.next()?;
            match c {
                '\u{1b}' | '\u{9b}' | '\u{9d}' => skip_escape(c, &mut rest),
                '\n' | '\r' | '\t' => return Some(c),
                _ if c.is_control() || turns_direction(c) => {}
                _ => return Some(c),
            }
        }
    })
}

/// Passes over the rest of an escape sequence, see ECMA-48: a control sequence ends with a byte from `@` to `~`, a
/// control string with BEL or ST, any other escape with the next character.
fn skip_escape(introducer: char, rest: &mut std::str::Chars<'_>) {
    let introducer = if introducer == '\u{1b}' {
        let Some(next) = rest.clone().next() else { return };
        if next.is_control() {
            return;
        }
        rest.next();
        next
    } else {
        introducer
    };
    match introducer {
        '[' | '\u{9b}' => {
            // Only parameters and intermediates belong to it: a sequence that is not finished eats no more.
            while rest.clone().next().is_some_and(|c| (' '..='?').contains(&c)) {
                rest.next();
            }
            if rest.clone().next().is_some_and(|c| ('@'..='~').contains(&c)) {
                rest.next();
            }
        }
        ']' | 'P' | 'X' | '^' | '_' | '\u{9d}' => {
            let text = rest.as_str();
            let Some(end) = text.find(['\u{7}', '\u{1b}', '\u{9c}', '\n']) else {
                *rest = "".chars();
                return;
            };
            let terminator = if text[end..].starts_with("\u{1b}\\") { 2 } else { 0 };
            *rest = text[end + terminator..].chars();
        }
        _ => {}
    }
}

/// Characters that reorder what stands beside them, so that a text reads other than it is.
const fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_with_brackets_and_accents_stay() {
        assert_eq!(line("use `[\"a\"]`, not `é\u{1f433}`", 100), "use `[\"a\"]`, not `é\u{1f433}`");
    }

    #[test]
    fn escape_sequences_go_as_a_whole() {
        assert_eq!(line("a\u{1b}[1;31mred\u{1b}[0m b", 100), "ared b");
        assert_eq!(line("a\u{1b}]8;;http://x\u{7}link\u{1b}]8;;\u{1b}\\b", 100), "alinkb");
        assert_eq!(line("a\u{9b}31mb\u{1b}cd\u{1b}", 100), "abd");
        assert_eq!(line("a\u{1b}]0;never ends", 100), "a");
        assert_eq!(line("\u{202e}evil\u{0}\u{8}", 100), "evil");
    }

    #[test]
    fn line_ends_become_spaces_in_a_line_and_stay_in_a_block() {
        assert_eq!(line("a\r\nb\tc\n", 100), "a  b c");
        assert_eq!(block("a\r\nb\tc\n", 100), "a\nb\tc\n");
    }

    #[test]
    fn long_texts_are_cut_at_a_character() {
        assert_eq!(line("ééé", 3), "ééé");
        assert_eq!(line("éééé", 3), "éé…");
    }
}
