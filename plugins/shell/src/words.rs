//! Words of a command, and what they are made of.

use hullmark_sdk::prelude::*;

/// All words of a command: its own, the values that it assigns, and those of its redirections.
pub(crate) fn all(command: Command<'_>) -> impl Iterator<Item = Word<'_>> {
    let assigned = command.assignments().map(Assignment::value);
    let redirected = command.redirections().flat_map(|it| std::iter::once(it.target()).chain(it.body()));
    command.words().chain(assigned).chain(redirected)
}

/// Words that the shell splits: arguments, and targets of redirections.
pub(crate) fn split(command: Command<'_>) -> impl Iterator<Item = Word<'_>> {
    let declares = is_declaration(command) && command.script().shell() == Some("bash");
    let is_split = move |word: &Word<'_>| command.name() != Some("[[") && !(declares && declared_name(*word).is_some());
    let targets = command.redirections().filter(|it| !matches!(it.operator(), "<<" | "<<-" | "<<<"));
    command.words().skip(1).chain(targets.map(Redirection::target)).filter(is_split)
}

/// Whether a command declares variables: its arguments may be assignments.
pub(crate) fn is_declaration(command: Command<'_>) -> bool {
    matches!(command.name(), Some("export" | "readonly" | "local" | "declare" | "typeset"))
}

/// The variable that an argument of a declaration gives a value.
pub(crate) fn declared_name(word: Word<'_>) -> Option<&str> {
    let (name, _) = word.raw().trim_start_matches(['"', '\'']).split_once('=')?;
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    (is_name && !name.is_empty()).then_some(name)
}

/// A stretch of a word.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Piece<'a> {
    /// Text as it is written, escapes included, without the quotes around it.
    Text(&'a str),
    /// A variable, arithmetic or a substitution.
    Part(Part<'a>),
}

/// The stretches of a word in order. Nothing where the file does not hold the word byte for byte.
pub(crate) fn pieces<'a>(word: Word<'a>) -> Option<Vec<Piece<'a>>> {
    let span = word.place().span;
    let raw = word.raw();
    if raw.len() as u32 != span.end - span.start {
        return None;
    }
    let mut pieces = Vec::new();
    let mut at = 0;
    let text = |from: usize, to: usize| raw.get(from..to).filter(|text| !text.is_empty()).map(Piece::Text);
    // Quotes are entered, everything else is passed over whole. Where a quote ends is a cut between two texts.
    let mut closing: Vec<usize> = Vec::new();
    for part in word.parts() {
        let (start, end) =
            ((part.place().span.start - span.start) as usize, (part.place().span.end - span.start) as usize);
        while let Some(close) = closing.pop_if(|close| *close < start) {
            pieces.extend(text(at, close));
            at = close + 1;
        }
        if start < at {
            continue;
        }
        pieces.extend(text(at, start));
        match part.kind() {
            PartKind::SingleQuoted | PartKind::DoubleQuoted => {
                at = start + 1;
                closing.push(end - 1);
            }
            _ => {
                pieces.push(Piece::Part(part));
                at = end;
            }
        }
    }
    while let Some(close) = closing.pop() {
        pieces.extend(text(at, close));
        at = close + 1;
    }
    pieces.extend(text(at, raw.len()));
    Some(pieces)
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::parsed;

    use super::*;

    fn shown(script: &str) -> Vec<String> {
        let document = parsed(&format!("FROM x\nRUN a {script}\n"));
        let word = document.dockerfile().unwrap().commands().next().unwrap().word(1).unwrap();
        let show = |piece| match piece {
            Piece::Text(text) => text.to_owned(),
            Piece::Part(part) => format!("<{}>", part.text()),
        };
        pieces(word).unwrap_or_default().into_iter().map(show).collect()
    }

    #[test]
    fn a_word_falls_into_pieces() {
        assert_eq!(shown("b"), ["b"]);
        assert_eq!(shown("b\"c$d\"e'f'"), ["b", "c", "<$d>", "e", "f"]);
        assert_eq!(shown("\"\"$(b \"$c\")/${d:-\"e\"}"), ["<$(b \"$c\")>", "/", "<${d:-\"e\"}>"]);
        assert_eq!(shown("b\\\nc"), [""; 0]);
    }
}
