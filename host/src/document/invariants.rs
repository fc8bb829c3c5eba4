//! What holds for every text, however odd. The property tests hold documents to it, and so do the fuzz targets of `fuzz/`,
//! which take in this file.

use crate::document::dockerfile::{Command, Escape, Instruction, read};
use crate::document::{Commands, Document, NONE, NodeId, Problem, Span, Tree, commands, context, kind};

/// How property tests run: the same texts each time, so that a failure belongs to the change that brought it. New texts
/// are the fuzz targets' part; `PROPTEST_CASES` tries more here.
#[cfg(test)]
pub(crate) fn cases(count: u32) -> proptest::test_runner::Config {
    use proptest::test_runner::{Config, RngSeed};
    Config { failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..Config::with_cases(count) }
}

/// Whether a span lies in the text, on character boundaries.
pub(crate) fn is_whole(text: &str, span: Span) -> bool {
    span.start <= span.end && text.get(span.range()).is_some()
}

/// Problems point at something, in the order of the text.
pub(crate) fn problems(text: &str, problems: &[Problem]) {
    for problem in problems {
        assert!(is_whole(text, problem.span), "{problem:?}");
        assert!(!problem.span.is_empty() || text.is_empty(), "{problem:?}");
    }
    assert!(problems.is_sorted_by_key(|problem| problem.span), "{problems:?}");
}

/// Two readings of one text are the same.
pub(crate) fn same(one: &[Document], other: &[Document]) {
    assert_eq!(one.len(), other.len());
    for (one, other) in one.iter().zip(other) {
        assert_eq!(one.tree, other.tree);
        assert_eq!((&one.stages, &one.variables), (&other.stages, &other.variables));
        assert_eq!((&one.objects, &one.pods), (&other.objects, &other.pods));
        assert_eq!((&one.comments, one.traits), (&other.comments, other.traits));
        assert_eq!(commands(one), commands(other));
    }
}

/// Tokens in the order of the text share no byte: with the gaps between them they give the file back.
fn parts(text: &str, mut tokens: Vec<Span>) -> Vec<Span> {
    tokens.sort_unstable();
    let mut gaps = Vec::with_capacity(tokens.len() + 1);
    let mut end = 0;
    for token in &tokens {
        assert!(end <= token.start, "{:?} overlaps with what stands before", &text[token.range()]);
        gaps.push(Span::new(end, token.start));
        end = token.end;
    }
    gaps.push(Span::new(end, text.len() as u32));
    let mut parts: Vec<Span> = tokens.into_iter().chain(gaps.iter().copied()).collect();
    parts.sort_unstable();
    assert_eq!(parts.iter().map(|part| &text[part.range()]).collect::<String>(), text);
    gaps
}

/// A Dockerfile's tree, stages, variables and commands stand in its text.
pub(crate) fn dockerfile(document: &Document) {
    let text = document.source.text();
    let tree = &document.tree;
    let file = read(text);
    for node in 0..tree.len() as NodeId {
        for span in [Some(tree.span(node)), tree.key_span(node)].into_iter().flatten() {
            assert!(is_whole(text, span), "node {node}: {span:?}");
        }
        if let Some(parent) = tree.parent(node) {
            assert!(tree.span(parent).contains(tree.span(node)), "{node} in {parent}");
        }
        assert!(tree.children(node).is_sorted_by_key(|child| tree.span(child).start), "below {node}");
        token(text, tree, node, file.escape);
    }
    let gaps = parts(text, tokens(tree));
    for instruction in file.instructions().filter(|found| is_understood(found)) {
        let inside = gaps.iter().filter(|gap| instruction.span.contains(**gap));
        inside.for_each(|gap| gap_in_instruction(text, *gap, instruction, file.escape));
    }
    stages(document);
    variables(document);
    shell(document);
}

/// Whether all of an instruction became tokens.
fn is_understood(instruction: &Instruction<'_>) -> bool {
    let last = instruction.trigger.as_ref().unwrap_or(&instruction.statement);
    // An ONBUILD that triggers another is refused, and what that would trigger is not read.
    let is_refused = instruction.trigger.is_some() && last.command == Some(Command::Onbuild);
    instruction.fault.is_none() && last.command.is_some() && !is_refused
}

/// The smallest pieces that nodes stand for, none inside another: a comment between the lines of a token is left out.
fn tokens(tree: &Tree) -> Vec<Span> {
    let (mut tokens, mut comments) = (Vec::new(), Vec::new());
    for node in 0..tree.len() as NodeId {
        let (span, key) = (tree.span(node), tree.key_span(node));
        match tree.kind(node) {
            kind::DOCKERFILE | kind::STAGE => {}
            kind::COMMENT => comments.push(span),
            kind::INSTRUCTION => tokens.extend(key),
            // The `=` or the blank between name and value is part of the pair.
            kind::PAIR => {
                tokens.push(key.map_or(span, |key| Span::new(key.start.min(span.start), key.end.max(span.end))))
            }
            _ => tokens.push(span),
        }
    }
    tokens.retain(|span| !span.is_empty());
    with_comments(tokens, comments, |_| true)
}

/// Tokens and the comments that lie in no token; only in tokens that `may_hold` some may they lie.
fn with_comments(mut tokens: Vec<Span>, mut comments: Vec<Span>, may_hold: impl Fn(Span) -> bool) -> Vec<Span> {
    tokens.sort_unstable();
    comments.retain(|comment| {
        let before = tokens.partition_point(|token| token.start <= comment.start);
        !tokens[..before].last().is_some_and(|token| token.contains(*comment) && may_hold(*token))
    });
    tokens.extend(comments);
    tokens
}

/// A token is its own text, continuations and what stands between their lines left out.
fn token(text: &str, tree: &Tree, node: NodeId, escape: Escape) {
    let slice = &text[tree.span(node).range()];
    let value = tree.value(node).unwrap_or_default();
    let key = tree.key_span(node).map(|span| joined(&text[span.range()], escape));
    match tree.kind(node) {
        kind::ARGUMENT => assert_eq!(value, joined(slice, escape)),
        kind::KEYWORD => assert_eq!(value, joined(slice, escape).to_uppercase()),
        kind::INSTRUCTION => assert_eq!(tree.key(node), Some(&*key.unwrap_or_default().to_uppercase())),
        kind::STAGE => assert_eq!(key.map(|name| name.to_lowercase()).as_deref(), tree.value(node)),
        kind::JSON_ARGUMENT => {
            let word = joined(slice, escape);
            let inside = word.strip_prefix('"').and_then(|word| word.strip_suffix('"'));
            assert!(inside.is_some_and(|inside| inside.contains('\\') || inside == value), "{word:?} is not {value:?}");
        }
        kind::FLAG => {
            let word = joined(slice, escape);
            assert!(
                word.strip_prefix("--")
                    .is_some_and(|rest| key.is_some_and(|key| word.starts_with(&key)) && !rest.is_empty()),
                "{word:?}"
            );
        }
        kind::COMMENT => assert_eq!(slice.strip_prefix('#').map(str::trim), Some(value)),
        kind::DIRECTIVE => assert!(slice.starts_with('#') && slice.ends_with(value), "{slice:?}"),
        kind::HEREDOC => {
            let chomped = slice.split_inclusive('\n').map(|line| line.trim_start_matches('\t')).collect::<String>();
            assert!(value == slice || value == chomped, "{slice:?} is not {value:?}");
            assert!(key.is_some_and(|opener| opener.contains("<<")), "{slice:?} has no opener");
        }
        kind::PAIR => {
            let name = key.unwrap_or_default();
            assert!(name.contains(['\'', '"', escape.char()]) || tree.key(node) == Some(&*name), "{name:?}");
        }
        _ => {}
    }
}

/// A piece of an instruction with its lines joined: continuations, comments and empty lines between them removed.
fn joined(piece: &str, escape: Escape) -> String {
    let mut lines: Vec<&str> = piece.split('\n').collect();
    let last = lines.pop().unwrap_or_default();
    let mut text = String::new();
    for (number, line) in lines.into_iter().enumerate() {
        let line = line.trim_end_matches('\r');
        if number > 0 && (line.trim_start().is_empty() || line.trim_start().starts_with('#')) {
            continue;
        }
        text += line.trim_end_matches([' ', '\t']).strip_suffix(escape.char()).unwrap_or("a line that does not go on");
    }
    text + last
}

/// What ends the flags of an instruction is none of them, with quotes around it or a part of it too.
const END_OF_FLAGS: &str = "--";

/// Between the tokens of an instruction stands nothing that means something by itself.
fn gap_in_instruction(text: &str, gap: Span, instruction: &Instruction<'_>, escape: Escape) {
    let rest = &text[gap.range()];
    // The line that ends a heredoc, and what its instruction's own line has after the last token.
    let ends =
        |line: &str| instruction.heredocs.iter().any(|heredoc| heredoc.name == line.trim_matches(['\t', '\r', '\n']));
    let is_nothing = |char: char| char.is_whitespace() || "[],=".contains(char) || char == escape.char();
    let is_end = |line: &str| line.trim_matches(is_nothing).replace(['\'', '"'], "") == END_OF_FLAGS;
    for line in rest.split_inclusive('\n').filter(|line| !is_end(line)) {
        assert!(
            ends(line) || line.chars().all(is_nothing),
            "{rest:?} is no token in {:?}",
            &text[instruction.span.range()]
        );
    }
}

fn stages(document: &Document) {
    let (tree, stages) = (&document.tree, &document.stages);
    for (index, (&node, &from)) in stages.nodes.iter().zip(&stages.froms).enumerate() {
        assert_eq!(tree.kind(node), kind::STAGE);
        assert_eq!(tree.parent(from), Some(node));
        assert!(stages.parents[index] == NONE || (stages.parents[index] as usize) < index);
        assert!(stages.bases[index] == NONE || stages.strings.get(stages.bases[index]).is_some());
    }
    assert_eq!(stages.shipped.last().copied().unwrap_or(1), 1);
}

fn variables(document: &Document) {
    let (text, variables) = (document.source.text(), &document.variables);
    assert!(variables.nodes.is_sorted() && variables.reference_nodes.is_sorted());
    assert!(variables.values.iter().all(|&value| variables.strings.get(value).is_some()));
    for (index, &node) in variables.reference_nodes.iter().enumerate() {
        let span = Span::new(variables.reference_starts[index], variables.reference_ends[index]);
        assert!(is_whole(text, span) && !span.is_empty(), "{span:?}");
        let key = document.tree.key_span(node);
        assert!(
            document.tree.span(node).contains(span) || key.is_some_and(|key| key.contains(span)),
            "{span:?} in {node}"
        );
        assert!(variables.strings.get(variables.reference_names[index]).is_some_and(|name| !name.is_empty()));
    }
}

/// Scripts, commands and words stand in their instruction, in order, and words are their raw text.
fn shell(document: &Document) {
    let text = document.source.text();
    let found = commands(document);
    let whole = |start: u32, end: u32| assert!(is_whole(text, Span::new(start, end)), "{start}..{end}");
    let (scripts, rows, words) = (&found.scripts, &found.commands, &found.words);
    for index in 0..scripts.nodes.len() {
        whole(scripts.starts[index], scripts.ends[index]);
        whole(scripts.starts[index], scripts.known_ends[index]);
    }
    for index in 0..words.starts.len() {
        whole(words.starts[index], words.ends[index]);
    }
    for index in 0..rows.scripts.len() {
        whole(rows.starts[index], rows.ends[index]);
        whole(rows.join_starts[index], rows.join_ends[index]);
        let instruction = document.tree.span(scripts.nodes[rows.scripts[index] as usize]);
        assert!(instruction.contains(Span::new(rows.starts[index], rows.ends[index])));
        assert!(rows.parents[index] == NONE || (rows.parents[index] as usize) < index);
        let range = rows.first_words[index] as usize..rows.last_words[index] as usize;
        assert!(range.clone().zip(range.clone().skip(1)).all(|(one, next)| words.ends[one] <= words.starts[next]));
        range.for_each(|word| word_is_its_text(document, found, index, word));
    }
    assert!(rows.scripts.is_sorted_by_key(|&script| scripts.nodes[script as usize]));
    let known = |owner: u32| (owner as usize) < rows.scripts.len();
    let word = |word: u32| (word as usize) < words.starts.len();
    let redirections = &found.redirections;
    for row in 0..redirections.commands.len() {
        assert!(redirections.commands[row] == NONE || known(redirections.commands[row]));
        assert!(word(redirections.words[row]));
        assert!(redirections.bodies[row] == NONE || word(redirections.bodies[row]));
    }
    for row in 0..found.assignments.commands.len() {
        assert!(known(found.assignments.commands[row]) && word(found.assignments.words[row]));
    }
}

fn word_is_its_text(document: &Document, found: &Commands, command: usize, word: usize) {
    let (rows, words) = (&found.commands, &found.words);
    let script = rows.scripts[command] as usize;
    // Where nothing is escaped on the way from the file to the shell, a word is its own text.
    let nested = found.scripts.commands[script] != NONE || rows.contexts[command] & context::SUBSTITUTION != 0;
    let slice = document.source.slice(Span::new(words.starts[word], words.ends[word]));
    let raw = found.strings.get(words.raws[word]);
    assert!(nested || slice.contains(['\n', '\r']) || raw.is_none_or(|raw| raw == slice), "{raw:?} {slice:?}");
}

/// A tree of YAML stands in its text.
pub(crate) fn yaml(text: &str, tree: &Tree) {
    for node in 0..tree.len() as NodeId {
        let span = tree.span(node);
        assert!(is_whole(text, span), "{span:?}");
        assert!(tree.key_span(node).is_none_or(|key| is_whole(text, key)));
        match tree.parent(node) {
            None => assert_eq!(node, 0),
            Some(parent) => yaml_child(tree, node, parent),
        }
        yaml_token(&text[span.range()], tree, node);
    }
}

fn yaml_child(tree: &Tree, node: NodeId, parent: NodeId) {
    assert!(parent < node);
    let mapping = tree.kind(parent) == kind::MAPPING;
    assert_eq!(tree.keys[node as usize] != NONE, mapping);
    if tree.alias(node).is_some() {
        return;
    }
    assert!(tree.span(parent).contains(tree.span(node)), "{:?} in {:?}", tree.span(node), tree.span(parent));
    let key = tree.key_span(node).filter(|_| mapping);
    assert!(key.is_none_or(|key| tree.span(parent).contains(key) && key.end <= tree.span(node).start));
}

/// A value is its own text, quotes, escapes and folded lines left out.
fn yaml_token(slice: &str, tree: &Tree, node: NodeId) {
    let value = tree.value(node).unwrap_or_default();
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let inside = |quote: char| slice.strip_prefix(quote).and_then(|slice| slice.strip_suffix(quote));
    match (tree.kind(node), slice.chars().next()) {
        (kind::STRING, Some('\'')) => {
            assert_eq!(inside('\'').map(|inside| words(&inside.replace("''", "'"))), Some(words(value)));
        }
        (kind::STRING, Some('"')) => {
            let inside = inside('"');
            assert!(inside.is_some_and(|inside| inside.contains('\\') || words(inside) == words(value)), "{slice:?}");
        }
        // A tagged value may be missing.
        (kind::STRING, None) => assert_eq!(value, ""),
        (kind::STRING, Some('|' | '>')) => {}
        (kind::STRING, Some(_)) => assert_eq!(words(slice), words(value)),
        (kind::SEQUENCE, first) => assert!(matches!(first, Some('-' | '[')), "{slice:?}"),
        _ => {}
    }
}

/// The trees of a stream without errors, and its comments, are all of its text, but for what YAML itself is made of.
pub(crate) fn yaml_stream(text: &str, trees: &[&Tree], comments: &[Span]) {
    assert!(comments.iter().all(|&comment| is_whole(text, comment) && text[comment.range()].starts_with('#')));
    let mut tokens = Vec::new();
    for tree in trees {
        let written = |node: &NodeId| tree.alias(*node).is_none();
        for node in (0..tree.len() as NodeId).filter(written) {
            let scalar = !matches!(tree.kind(node), kind::MAPPING | kind::SEQUENCE);
            tokens.extend(tree.key_span(node));
            tokens.extend(scalar.then(|| tree.span(node)).filter(|span| !span.is_empty()));
        }
        // The key is written where the alias stands; what the alias brings has the keys of its own place.
        let mut keys: Vec<Span> =
            (0..tree.len() as NodeId).filter(|node| !written(node)).filter_map(|node| tree.key_span(node)).collect();
        keys.sort_unstable();
        keys.dedup();
        tokens.sort_unstable();
        keys.retain(|key| tokens.binary_search(key).is_err());
        tokens.extend(keys);
    }
    // A comment may follow the indicator of a block scalar.
    let is_block = |token: Span| text[token.range()].starts_with(['|', '>']);
    let gaps = parts(text, with_comments(tokens, comments.to_vec(), is_block));
    // A merge key is spent, and so is what stands there twice because of it.
    if text.contains("<<") {
        return;
    }
    for gap in gaps {
        assert!(is_structure(&text[gap.range()]), "{:?} is no token", &text[gap.range()]);
    }
}

/// Whether a piece of YAML holds no content: indicators, anchors, aliases, tags, directives and blanks.
fn is_structure(gap: &str) -> bool {
    let mut rest = gap;
    while let Some(first) = rest.chars().next() {
        let word = |ends: &[char]| rest.find(|char: char| char.is_whitespace() || ends.contains(&char));
        let len = match first {
            '&' | '*' => word(&[',', '[', ']', '{', '}']).unwrap_or(rest.len()),
            '!' => word(&[]).unwrap_or(rest.len()),
            '%' => rest.find(['\n', '\r']).unwrap_or(rest.len()),
            '.' if rest.starts_with("...") => 3,
            ':' | '-' | '?' | ',' | '[' | ']' | '{' | '}' | '\u{feff}' => first.len_utf8(),
            _ if first.is_whitespace() => first.len_utf8(),
            _ => return false,
        };
        rest = &rest[len..];
    }
    true
}

/// What a manifest's columns name is in its tree.
pub(crate) fn manifest(document: &Document) {
    let (text, tree) = (document.source.text(), &document.tree);
    yaml(text, tree);
    assert!(document.comments.iter().all(|&comment| is_whole(text, comment)));
    assert!(document.comments.is_sorted());
    let (objects, pods) = (&document.objects, &document.pods);
    assert!(!objects.nodes.is_empty());
    assert!(objects.nodes.iter().all(|&node| tree.kind(node) == kind::MAPPING));
    let nodes = pods.templates.iter().chain(&pods.specs).chain(&pods.container_nodes);
    assert!(nodes.copied().all(|node| (node as usize) < tree.len()));
    assert!(pods.objects.iter().all(|&object| (object as usize) < objects.nodes.len()));
    assert!(pods.container_pods.iter().all(|&pod| (pod as usize) < pods.specs.len()));
}
