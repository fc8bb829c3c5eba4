//! What words of COPY, ADD and WORKDIR are: sources and destinations, paths and addresses.

use hullmark_sdk::prelude::*;

/// Sources and destination of a COPY or ADD; the openers of heredocs are among the sources.
pub(crate) fn sources_and_destination<'a>(instruction: &Instruction<'a>) -> Option<(Vec<Node<'a>>, Node<'a>)> {
    let mut words: Vec<Node<'a>> = instruction.arguments().collect();
    let destination = words.pop()?;
    (!words.is_empty()).then_some((words, destination))
}

/// Whether a source is the whole build context.
pub(crate) fn is_context(source: &Node) -> bool {
    source.resolved().is_some_and(|path| matches!(path, "." | "./" | "/" | "./."))
}

/// Whether a word opens a heredoc.
pub(crate) fn opens_heredoc(instruction: &Instruction, word: Node) -> bool {
    instruction.heredocs().any(|heredoc| heredoc.key_span() == Some(word.span()))
}

/// A word as it is written, without the quotes around it.
pub(crate) fn written(word: Node<'_>) -> &str {
    word.value().unwrap_or_default().trim_matches(['"', '\''])
}

/// Whether a path is absolute, on Linux or on Windows.
pub(crate) fn is_absolute(path: &str) -> bool {
    let bytes = path.as_bytes();
    let has_drive = bytes.first().is_some_and(u8::is_ascii_alphabetic) && bytes.get(1) == Some(&b':');
    path.starts_with(['/', '\\']) || has_drive
}

/// Whether a path is certainly relative, whatever its variables come to.
pub(crate) fn is_relative(word: Node) -> bool {
    match word.resolved() {
        Some(path) => !path.is_empty() && !is_absolute(path),
        None => {
            let text = word.value().unwrap_or_default().trim_start_matches(['"', '\'']);
            !text.is_empty() && !text.starts_with('$') && !is_absolute(text)
        }
    }
}

/// Whether a source of ADD is fetched from a server over HTTP, as a file.
pub(crate) fn is_download(source: &str) -> bool {
    let lower = source.to_ascii_lowercase();
    (lower.starts_with("http://") || lower.starts_with("https://")) && !is_git(source)
}

/// Whether a source of ADD is a Git repository.
pub(crate) fn is_git(source: &str) -> bool {
    let address = source.split(['#', '?']).next().unwrap_or_default();
    let has_host = |host: &str| source.starts_with(&format!("{host}/"));
    address.starts_with("git@")
        || address.starts_with("git://")
        || address.starts_with("ssh://")
        || address.contains("://") && address.ends_with(".git")
        || has_host("github.com")
}

/// The place from a flag up to the next word of its line, so that nothing is left of it; nothing where the line ends
/// behind it.
pub(crate) fn with_blank(flag: Node) -> Option<Place> {
    let document = flag.document();
    let next = flag.parent()?.children().find(|node| node.span().start >= flag.span().end)?;
    let between = document.text_at(Span::new(flag.span().end, next.span().start));
    let only_blanks = !between.is_empty() && between.chars().all(|char| char == ' ' || char == '\t');
    only_blanks.then(|| document.place(Span::new(flag.span().start, next.span().start)))
}
