//! Heredocs inside a script: their bodies begin on the line after the command.

use super::columns::{NewScript, Word, content, context};
use super::parser::{Here, Parser};
use super::shells::Runs;
use super::text::Text;
use super::{Unparsed, script};
use crate::document::NONE;
use crate::document::dockerfile::Extent;

/// A heredoc whose body has not come yet.
#[derive(Clone, Debug)]
pub(super) struct Heredoc {
    /// Its command, or [`NONE`].
    pub(super) command: u32,
    /// The word that is kept free for its body.
    pub(super) body: u32,
    /// The delimiter.
    pub(super) name: String,
    /// Whether the delimiter is quoted: the body then is taken as it is.
    pub(super) quoted: bool,
    /// `<<-`: tabs at the start of lines are removed.
    pub(super) chomp: bool,
    /// The shell that reads the body as its script.
    pub(super) shell: Option<Runs>,
}

/// Heredocs whose bodies have not come yet.
#[derive(Clone, Debug, Default)]
pub(super) struct Heredocs(Vec<Heredoc>);

impl Heredocs {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn truncate(&mut self, len: usize) {
        self.0.truncate(len);
    }

    pub(super) fn push(&mut self, heredoc: Heredoc) {
        self.0.push(heredoc);
    }

    /// Notes that a command is a shell which reads its script from its standard input.
    pub(super) fn feed(&mut self, command: u32, runs: &Runs) {
        if let Some(heredoc) = self.0.iter_mut().rfind(|heredoc| heredoc.command == command) {
            heredoc.shell = Some(runs.clone());
        }
    }
}

impl Parser<'_> {
    /// Reads the bodies of all heredocs that were opened on the line before.
    pub(super) fn bodies(&mut self) -> Result<(), Unparsed> {
        for heredoc in std::mem::take(&mut self.heredocs).0 {
            let start = self.at;
            let end = self.body_end(&heredoc);
            self.heredoc(&heredoc, start, end)?;
        }
        Ok(())
    }

    /// Passes a body and the line of its delimiter; returns where the body ends.
    fn body_end(&mut self, heredoc: &Heredoc) -> usize {
        loop {
            let start = self.at;
            let rest = &self.text[start..];
            if rest.is_empty() {
                return start;
            }
            let len = memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
            self.at = self.text.len().min(start + len + 1);
            let line = rest[..len].strip_suffix('\r').unwrap_or(&rest[..len]);
            let line = if heredoc.chomp { line.trim_start_matches('\t') } else { line };
            if line == heredoc.name {
                return start;
            }
        }
    }

    fn heredoc(&mut self, heredoc: &Heredoc, start: usize, end: usize) -> Result<(), Unparsed> {
        let body = self.text.get(start..end).unwrap_or_default();
        let expands = !heredoc.quoted && body.contains(['$', '`', '\\']);
        let mut text = self.body_text(heredoc, start, end);
        let value = if expands { NONE } else { self.out.strings.intern(text.as_str()) };
        let span = self.source.span(start, end);
        let flags = if expands { content::QUOTED_VARIABLE } else { 0 };
        let word = if expands { self.out.mark_word() } else { NONE };
        self.out.settle_word(word, heredoc.body);
        self.out.replace_word(
            heredoc.body,
            Word { extent: Extent::new(start, end), span, value, raw: NONE, flags, mark: word },
        );
        let here = Here { parent: heredoc.command, context: context::SCRIPT, level: self.here.level + 1, ..self.here };
        match &heredoc.shell {
            Some(runs) => {
                if !heredoc.quoted {
                    text = unescaped(&text);
                }
                let new = NewScript {
                    node: self.out.rows.scripts.nodes[self.here.script as usize],
                    command: heredoc.command,
                    shell: Some(&runs.shell),
                    options: &runs.options,
                    span,
                };
                script::read(self.out, &text, new, here, self.depth + 1);
            }
            None if expands => {
                let here = Here { context: context::SUBSTITUTION, ..here };
                let mark = self.out.mark();
                let mut parser = Parser::new(&text, here, self.depth + 1, self.out);
                (parser.current, parser.mark) = (heredoc.command, word);
                // What is no substitution after all is plain text.
                if parser.expansions().is_err() {
                    self.out.go_back(mark);
                }
            }
            None => {}
        }
        Ok(())
    }

    /// The body as the command gets it, but for what is expanded in it.
    fn body_text(&self, heredoc: &Heredoc, start: usize, end: usize) -> Text<'static> {
        let mut text = Text::default();
        if !heredoc.chomp {
            text.push(self.source, start, end);
            return text;
        }
        let mut at = start;
        for line in self.text.get(start..end).unwrap_or_default().split_inclusive('\n') {
            let tabs = line.len() - line.trim_start_matches('\t').len();
            text.push(self.source, at + tabs, at + line.len());
            at += line.len();
        }
        text
    }
}

/// A body as a command gets it whose delimiter is not quoted.
fn unescaped(body: &Text<'_>) -> Text<'static> {
    let (mut text, bytes) = (Text::default(), body.as_str().as_bytes());
    let mut from = 0;
    let mut at = 0;
    while let Some(len) = memchr::memchr(b'\\', &bytes[at..]) {
        at += len;
        match bytes.get(at + 1) {
            Some(b'$' | b'`' | b'\\') => {
                text.push(body, from, at);
                text.push_escape(body, at, at + 2, &body.as_str()[at + 1..at + 2]);
                at += 2;
                from = at;
            }
            _ => at += 1,
        }
    }
    text.push(body, from, body.len());
    text
}
