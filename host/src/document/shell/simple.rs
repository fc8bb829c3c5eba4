//! Simple commands: assignments, words and redirections; and the scripts that some of them run.

use super::columns::{NewCommand, NewScript, Word, compound, content, context, join};
use super::heredoc::Heredoc;
use super::parser::{Here, Parser, ends_word};
use super::shells::{self, Runs};
use super::text::Text;
use super::{Unparsed, script};
use crate::document::dockerfile::Extent;
use crate::document::{NONE, Span};

/// Commands whose arguments are names of variables that they change.
const ASSIGNING: [&str; 12] = [
    "read",
    "export",
    "local",
    "declare",
    "typeset",
    "readonly",
    "unset",
    "getopts",
    "mapfile",
    "readarray",
    "printf",
    "let",
];

/// Context that a substitution or a script does not share with the command that holds it.
const OWN: u32 = context::PIPED_FROM | context::PIPED_INTO | context::NEGATED | context::BACKGROUND;

impl Parser<'_> {
    pub(super) fn simple(&mut self) -> Result<(), Unparsed> {
        let (start, mark, words, heredocs) = (self.at, self.out.mark(), self.words.len(), self.heredocs.len());
        let outer = std::mem::replace(&mut self.current, NONE);
        let result = self.parts(start);
        self.current = outer;
        self.words.truncate(words);
        if result.is_err() {
            self.out.go_back(mark);
            self.heredocs.truncate(heredocs);
            self.known = Some(start);
        }
        result
    }

    fn parts(&mut self, start: usize) -> Result<(), Unparsed> {
        let (mark, heredocs) = (self.out.mark(), self.heredocs.len());
        let command = self.begin(start);
        let first = self.words.len();
        let mut end = start;
        loop {
            self.blanks();
            match self.rest() {
                [] | [b'\n' | b';' | b')' | b'|', ..] => break,
                _ if self.at_redirection() => self.redirection(command)?,
                [b'&', ..] => break,
                [b'(', ..] if Self::is_name(&self.words[first..], start, end) => {
                    self.out.go_back(mark);
                    // A heredoc before the name belonged to the command that this is not.
                    self.heredocs.truncate(heredocs);
                    let name = self.words[first].extent;
                    self.at = name.start as usize;
                    let length = (name.end - name.start) as usize;
                    return self.grouped(compound::FUNCTION, length, Self::function_by_parentheses);
                }
                [b'(', ..] => return Err(Unparsed),
                _ if self.words.len() == first && self.assignment(command)? => {}
                _ => {
                    let word = self.word()?;
                    self.words.push(word);
                }
            }
            end = self.at;
        }
        if end == start {
            return Err(Unparsed);
        }
        self.finish(command, first, start, end)
    }

    /// Whether words are one alone that fills `start..end`.
    fn is_name(words: &[Word], start: usize, end: usize) -> bool {
        matches!(words, [word] if word.extent == Extent::new(start, end))
    }

    /// `name() { …; }`, from after the name on.
    fn function_by_parentheses(&mut self, row: usize) -> Result<(), Unparsed> {
        let compound = &mut self.out.compounds[row];
        let name =
            self.words.last().map_or("", |word| &self.text[word.extent.start as usize..word.extent.end as usize]);
        compound.name = self.out.strings.intern(name);
        self.blanks();
        self.eat("(");
        self.blanks();
        if !self.eat(")") {
            return Err(Unparsed);
        }
        self.current = NONE;
        self.function_body()
    }

    pub(super) fn begin(&mut self, start: usize) -> u32 {
        let new = NewCommand {
            script: self.here.script,
            parent: self.here.parent,
            context: self.here.context,
            pipeline: self.here.pipeline,
            join: std::mem::replace(&mut self.join, (join::NONE, Span::default())),
            start: self.source.physical(start),
        };
        let command = self.out.command(new, self.here.level);
        self.current = command;
        command
    }

    fn finish(&mut self, command: u32, first: usize, start: usize, end: usize) -> Result<(), Unparsed> {
        self.out.finish(command, &self.words[first..], self.source.span(start, end).end);
        let Some(name) = self.words.get(first).and_then(|word| self.out.text(word.value)) else { return Ok(()) };
        match name {
            "." | "source" | "eval" => self.out.any_assigned(),
            _ if ASSIGNING.contains(&name) => self.names(first),
            _ => self.environment(first),
        }
        let values: Vec<Option<&str>> = self.words[first..].iter().map(|word| self.out.text(word.value)).collect();
        match shells::runs(&values) {
            None => Ok(()),
            Some(runs) => {
                self.script_of(command, first, &runs);
                Ok(())
            }
        }
    }

    /// Notes the variables that the arguments name.
    fn names(&mut self, first: usize) {
        for word in &self.words[first + 1..] {
            let Some(raw) = self.out.text(word.raw) else { continue };
            let name = name_of(raw);
            if name > 0 {
                let name = raw[..name].to_owned();
                self.out.assigned(&name);
            }
        }
    }

    /// Notes the variables that are set for one command, as `env` does.
    fn environment(&mut self, first: usize) {
        for word in &self.words[first + 1..] {
            let Some(raw) = self.out.text(word.raw).filter(|raw| raw.contains('=')) else { continue };
            let name = name_of(raw);
            if name > 0 && raw[name..].starts_with('=') {
                let name = raw[..name].to_owned();
                self.out.assigned(&name);
            }
        }
    }

    /// Reads what a command gives to a shell.
    fn script_of(&mut self, command: u32, first: usize, runs: &Runs) {
        let Some(argument) = runs.argument else {
            self.heredocs.feed(command, runs);
            return;
        };
        let Some(word) = self.words.get(first + argument).copied() else { return };
        let context = (self.here.context & !OWN) | context::SCRIPT;
        let here = Here { parent: command, context, level: self.here.level + 1, ..self.here };
        let new = NewScript {
            node: self.out.rows.scripts.nodes[self.here.script as usize],
            command,
            shell: Some(&runs.shell),
            options: &runs.options,
            span: word.span,
        };
        // What the outer shell puts in may be anything.
        if word.flags & (content::SUBSTITUTION | content::QUOTED_SUBSTITUTION | content::VARIABLE | content::ARRAY) != 0
        {
            self.out.script(new);
            return;
        }
        let text = self.unquoted(word.extent);
        script::read(self.out, &text, new, here, self.depth + 1);
    }

    /// An assignment, if one stands here.
    fn assignment(&mut self, command: u32) -> Result<bool, Unparsed> {
        let start = self.at;
        let name_len = name_of(&self.text[start..]);
        let Some(equals) = self.equals_after(start + name_len).filter(|_| name_len > 0) else { return Ok(false) };
        self.at = equals;
        let empty = ends_word(self.peek()) && !matches!(self.rest(), [b'(', ..] | [b'<' | b'>', b'(', ..]);
        let word = if empty { self.empty_word() } else { self.word()? };
        let word = self.out.word(word);
        let name = &self.text[start..start + name_len];
        self.out.assignment(command, name, self.source.physical(start), word);
        self.out.assigned(name);
        Ok(true)
    }

    /// Offset after `=`, `+=` or `[…]=` that stands at an offset.
    fn equals_after(&self, at: usize) -> Option<usize> {
        let rest = self.bytes.get(at..)?;
        let index = match rest.first()? {
            b'[' => rest.iter().take(256).position(|&byte| matches!(byte, b']' | b' ' | b'\n'))? + 1,
            _ => 0,
        };
        match rest.get(index..)? {
            [b'=', ..] => Some(at + index + 1),
            [b'+', b'=', ..] => Some(at + index + 2),
            _ => None,
        }
    }

    fn empty_word(&mut self) -> Word {
        let span = self.source.span(self.at, self.at);
        let empty = self.out.strings.intern("");
        Word { extent: Extent::new(self.at, self.at), span, value: empty, raw: empty, flags: 0, mark: NONE }
    }

    /// Whether a redirection stands here: an operator, with or without a number before it.
    pub(super) fn at_redirection(&self) -> bool {
        match self.rest() {
            [b'<' | b'>', b'(', ..] => false,
            [b'<' | b'>', ..] | [b'&', b'>', ..] => true,
            [b'0'..=b'9', ..] => {
                let digits = self.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
                matches!(self.peek_at(digits), Some(b'<' | b'>'))
            }
            _ => false,
        }
    }

    /// Reads the redirection that stands here, for a command or for none ([`NONE`]).
    pub(super) fn redirection(&mut self, command: u32) -> Result<(), Unparsed> {
        const OPERATORS: [&str; 12] = ["<<<", "<<-", "<<", "<&", "<>", "<", ">>", ">&", ">|", ">", "&>>", "&>"];
        let start = self.at;
        let digits = self.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
        let descriptor = self.text[start..start + digits].parse().unwrap_or(NONE);
        self.at += digits;
        let operator = OPERATORS.into_iter().find(|operator| self.eat(operator)).ok_or(Unparsed)?;
        self.blanks();
        if ends_word(self.peek()) && !matches!(self.rest(), [b'<' | b'>', b'(', ..]) {
            return Err(Unparsed);
        }
        let word = self.word()?;
        let target = self.out.word(word);
        self.out.redirection(command, operator, descriptor, self.source.physical(start), target);
        if matches!(operator, "<<" | "<<-") {
            let name = Text::as_str(&self.unquoted(word.extent)).to_owned();
            // Kept free until the body is read.
            let empty = self.source.span(self.at, self.at);
            let body = self.out.word(Word { span: empty, value: NONE, raw: NONE, mark: NONE, ..word });
            self.out.body(body);
            let (quoted, chomp) = (word.flags & content::QUOTED != 0, operator == "<<-");
            self.heredocs.push(Heredoc { command, body, name, quoted, chomp, shell: None });
        }
        Ok(())
    }

    /// Reads a list of commands of its own: the inside of a substitution, whose end `read` finds.
    pub(super) fn substituted(&mut self, read: impl FnOnce(&mut Self) -> Result<(), Unparsed>) -> Result<(), Unparsed> {
        let (here, current, join, word) = (self.here, self.current, self.join, (self.mark, self.part));
        self.here = self.here_in_substitution();
        (self.current, self.join, (self.mark, self.part)) = (NONE, (join::NONE, Span::default()), (NONE, NONE));
        let result = self.deeper(read);
        (self.here, self.current, self.join, (self.mark, self.part)) = (here, current, join, word);
        result
    }

    /// Where the commands of a substitution stand.
    pub(super) fn here_in_substitution(&self) -> Here {
        Here {
            parent: if self.current == NONE { self.here.parent } else { self.current },
            context: (self.here.context & !OWN) | context::SUBSTITUTION,
            level: self.here.level + 1,
            ..self.here
        }
    }
}

/// Length of the variable's name that a text begins with.
pub(super) fn name_of(text: &str) -> usize {
    if text.starts_with(|first: char| first.is_ascii_digit()) {
        return 0;
    }
    text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count()
}
