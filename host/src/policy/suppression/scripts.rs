//! Comments of shell scripts in Dockerfiles: `RUN curl … # hullmark: ignore[…] why`. Of the forms of all tools only hullmark's
//! own counts in them: to the others, they are the shell's.

use super::Comment;
use super::pragma::Tool;
use crate::document::{Document, NONE, Source, Span, commands, kind, state};

/// The comments, each with the line that it is about: its own or, where it has that to itself, the next with content.
pub(super) fn comments(document: &Document) -> Vec<(Comment<'_>, Span)> {
    let (tree, source) = (&document.tree, &document.source);
    let may_have =
        |node: u32| tree.kind(node) == kind::INSTRUCTION && source.slice(tree.span(node)).contains("hullmark");
    if !(0..tree.len() as u32).any(may_have) {
        return Vec::new();
    }
    let (scripts, words) = (&commands(document).scripts, &commands(document).words);
    let directive =
        (0..tree.len() as u32).find(|&node| tree.kind(node) == kind::DIRECTIVE && tree.key(node) == Some("escape"));
    let escape = directive.and_then(|node| tree.value(node)).and_then(|value| value.chars().next()).unwrap_or('\\');
    let in_word = |at: u32| words.starts.iter().zip(&words.ends).any(|(&start, &end)| start <= at && at < end);
    let of_dockerfile: Vec<Span> =
        (0..tree.len() as u32).filter(|&node| tree.kind(node) == kind::COMMENT).map(|node| tree.span(node)).collect();
    let mut found = Vec::new();
    for index in (0..scripts.nodes.len()).filter(|&index| scripts.commands[index] == NONE) {
        let script = Span::new(scripts.starts[index], scripts.ends[index]);
        let signs = source.slice(script).match_indices('#').map(|(at, _)| script.start + at as u32);
        for at in signs.filter(|_| scripts.states[index] == state::PARSED) {
            let own = !of_dockerfile.iter().any(|comment| comment.start <= at && at < comment.end) && !in_word(at);
            found.extend(comment(source, at, escape).filter(|_| own));
        }
    }
    found
}

/// What a comment that may begin at a `#` says to hullmark, and the line that it is about.
fn comment(source: &Source, at: u32, escape: char) -> Option<(Comment<'_>, Span)> {
    let line = source.line(at);
    let whole = source.line_span(line);
    let before = source.slice(Span::new(whole.start, at));
    let begins = before.chars().next_back().is_none_or(|last| last.is_whitespace() || ";|&()".contains(last));
    // A comment that goes on in the next line takes the script with it.
    let goes_on = source.slice(whole).trim_end().ends_with(escape);
    let mut comment = Comment::read(source, Span::new(at, whole.end)).filter(|_| begins && !goes_on)?;
    comment.said.retain(|said| !matches!(said, Ok(pragma) if pragma.tool != Tool::Hullmark));
    let has_content = |line: u32| {
        let text = source.slice(source.line_span(line)).trim();
        !text.is_empty() && !text.starts_with('#')
    };
    let about =
        if before.trim().is_empty() { (line + 1..=source.line_count()).find(|&line| has_content(line))? } else { line };
    (!comment.said.is_empty()).then(|| (comment, source.line_span(about)))
}
