//! Lists, pipelines and compound commands: the grammar of POSIX's shell, with what bash, ash and ksh add to it.
//!
//! The parser is tolerant where shells differ. At the first thing that no shell would read it stops; what it has read
//! until then stays.

use super::columns::{Builder, Compound, compound, context, join};
use super::heredoc::Heredocs;
use super::text::Text;
use super::{Unparsed, columns};
use crate::document::{NONE, Span};

/// Deepest nesting of commands and expansions that is followed.
const MAX_DEPTH: u32 = 48;

/// Where a list of commands ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// At the end of the text.
    End,
    /// At `)`.
    Parenthesis,
    /// At one of these reserved words.
    Words(&'static [&'static str]),
    /// At `;;`, `;&`, `;;&` or `esac`.
    CaseItem,
}

/// Words that end a list, wherever they stand as the first word of a command.
const ENDS: [&str; 8] = ["then", "do", "done", "fi", "elif", "else", "esac", "}"];

/// What a command inherits from what it stands in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Here {
    /// The script.
    pub(super) script: u32,
    /// The command whose substitution or script this is, or [`NONE`].
    pub(super) parent: u32,
    /// See [`context`].
    pub(super) context: u32,
    /// How many substitutions and scripts it is in.
    pub(super) level: u32,
    /// Number of the pipeline.
    pub(super) pipeline: u32,
}

/// Reads one text.
pub(super) struct Parser<'p> {
    /// The text with its places.
    pub(super) source: &'p Text<'p>,
    pub(super) text: &'p str,
    pub(super) bytes: &'p [u8],
    pub(super) at: usize,
    pub(super) depth: u32,
    pub(super) here: Here,
    /// The operator that the next command takes.
    pub(super) join: (u8, Span),
    pub(super) out: &'p mut Builder,
    pub(super) heredocs: Heredocs,
    /// Words of the commands that are being read, one on top of the other.
    pub(super) words: Vec<columns::Word>,
    /// The simple command that is being read, or [`NONE`].
    pub(super) current: u32,
    /// Where the outermost simple command begins that was not understood.
    pub(super) known: Option<usize>,
    /// What the parts of the word that is being read know it by, or [`NONE`].
    pub(super) mark: u32,
    /// The part that is being read, or [`NONE`].
    pub(super) part: u32,
}

impl<'p> Parser<'p> {
    pub(super) fn new(source: &'p Text<'p>, here: Here, depth: u32, out: &'p mut Builder) -> Self {
        let text = source.as_str();
        Self {
            source,
            text,
            bytes: text.as_bytes(),
            at: 0,
            depth,
            here,
            join: (join::NONE, Span::default()),
            out,
            heredocs: Heredocs::default(),
            words: Vec::new(),
            current: NONE,
            known: None,
            mark: NONE,
            part: NONE,
        }
    }

    /// Reads the whole text. On failure says where the understood part ends.
    pub(super) fn run(mut self) -> Result<(), usize> {
        self.list(Stop::End).map_err(|Unparsed| self.known.unwrap_or(self.at))
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    pub(super) fn peek_at(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    pub(super) fn rest(&self) -> &'p [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Passes `text` if it stands here.
    pub(super) fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text.as_bytes());
        if found {
            self.at += text.len();
        }
        found
    }

    /// Runs `read` one level deeper.
    pub(super) fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Unparsed>) -> Result<T, Unparsed> {
        if self.depth >= MAX_DEPTH {
            return Err(Unparsed);
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// Passes blanks, escaped line ends and a comment.
    pub(super) fn blanks(&mut self) {
        loop {
            match self.rest() {
                [b' ' | b'\t', ..] | [b'\r', b'\n', ..] => self.at += 1,
                [b'\\', b'\n', ..] => self.at += 2,
                [b'\\', b'\r', b'\n', ..] => self.at += 3,
                [b'#', ..] => self.at += memchr::memchr(b'\n', self.rest()).unwrap_or(self.rest().len()),
                _ => return,
            }
        }
    }

    /// Passes blanks, comments and line ends; reads the heredocs that begin at a line end.
    pub(super) fn lines(&mut self) -> Result<(), Unparsed> {
        loop {
            self.blanks();
            if self.peek() != Some(b'\n') {
                return Ok(());
            }
            self.newline()?;
        }
    }

    /// Passes the line end that stands here.
    fn newline(&mut self) -> Result<(), Unparsed> {
        self.at += 1;
        if self.heredocs.is_empty() { Ok(()) } else { self.bodies() }
    }

    /// A list of commands up to `stop`, which is left.
    pub(super) fn list(&mut self, stop: Stop) -> Result<(), Unparsed> {
        self.deeper(|parser| parser.commands(stop))
    }

    fn commands(&mut self, stop: Stop) -> Result<(), Unparsed> {
        loop {
            self.lines()?;
            if self.stops(stop)? {
                return Ok(());
            }
            let first = self.out.len();
            self.and_or()?;
            self.blanks();
            let start = self.at;
            match self.rest() {
                [b';', b';' | b'&', ..] => {}
                [b';', ..] => {
                    self.at += 1;
                    self.join = (join::SEMICOLON, self.source.span(start, self.at));
                }
                [b'&', ..] => {
                    self.at += 1;
                    self.join = (join::BACKGROUND, self.source.span(start, self.at));
                    self.out.add_context(first, self.here.level, context::BACKGROUND);
                }
                [b'\n', ..] => {
                    self.newline()?;
                    self.join = (join::NEWLINE, self.source.span(start, start + 1));
                }
                // After a compound command a list may end, or not go on: `stops` tells.
                _ => {
                    if !self.stops(stop)? {
                        return Err(Unparsed);
                    }
                }
            }
        }
    }

    /// Whether the list ends here; fails where it must not.
    fn stops(&mut self, stop: Stop) -> Result<bool, Unparsed> {
        let Some(byte) = self.peek() else {
            return if stop == Stop::End { Ok(true) } else { Err(Unparsed) };
        };
        let found = match byte {
            b')' => stop == Stop::Parenthesis,
            b';' => stop == Stop::CaseItem,
            b'a'..=b'z' | b'}' => match ENDS.into_iter().find(|word| self.at_word(word)) {
                None => return Ok(false),
                Some(word) => match stop {
                    Stop::Words(words) => words.contains(&word),
                    Stop::CaseItem => word == "esac",
                    _ => false,
                },
            },
            _ => return Ok(false),
        };
        if found { Ok(true) } else { Err(Unparsed) }
    }

    /// Whether this word, unquoted and whole, stands here.
    pub(super) fn at_word(&self, word: &str) -> bool {
        self.rest().starts_with(word.as_bytes()) && ends_word(self.peek_at(word.len()))
    }

    /// Passes a reserved word that must stand here.
    fn expect(&mut self, word: &str) -> Result<(), Unparsed> {
        if !self.at_word(word) {
            return Err(Unparsed);
        }
        self.at += word.len();
        Ok(())
    }

    /// Pipelines joined by `&&` and `||`.
    fn and_or(&mut self) -> Result<(), Unparsed> {
        loop {
            self.pipeline()?;
            self.blanks();
            let start = self.at;
            let operator = if self.eat("&&") {
                join::AND
            } else if self.eat("||") {
                join::OR
            } else {
                return Ok(());
            };
            self.join = (operator, self.source.span(start, self.at));
            self.lines()?;
        }
    }

    fn pipeline(&mut self) -> Result<(), Unparsed> {
        let outer = self.here;
        self.here.pipeline = self.out.pipeline();
        let result = self.elements();
        self.here = outer;
        result
    }

    fn elements(&mut self) -> Result<(), Unparsed> {
        while self.peek() == Some(b'!') && ends_word(self.peek_at(1)) {
            self.at += 1;
            self.here.context |= context::NEGATED;
            self.lines()?;
        }
        loop {
            let first = self.out.len();
            self.command()?;
            self.blanks();
            let start = self.at;
            let operator = match self.rest() {
                [b'|', b'|', ..] => return Ok(()),
                [b'|', b'&', ..] => join::PIPE_ALL,
                [b'|', ..] => join::PIPE,
                _ => return Ok(()),
            };
            self.at += if operator == join::PIPE { 1 } else { 2 };
            self.out.add_context(first, self.here.level, context::PIPED_INTO);
            self.here.context |= context::PIPED_FROM;
            self.join = (operator, self.source.span(start, self.at));
            self.lines()?;
        }
    }

    /// A simple or a compound command.
    pub(super) fn command(&mut self) -> Result<(), Unparsed> {
        self.blanks();
        match self.rest() {
            [b'(', b'(', ..] if self.arithmetic_end(self.at + 2).is_some() => {
                self.grouped(compound::ARITHMETIC, 2, |parser, _| parser.arithmetic(false))?;
            }
            [b'(', ..] => self.grouped(compound::SUBSHELL, 1, |parser, _| {
                parser.within(context::SUBSHELL, Stop::Parenthesis)?;
                parser.at += 1;
                Ok(())
            })?,
            [b'{', next, ..] if ends_word(Some(*next)) => self.grouped(compound::GROUP, 1, |parser, _| {
                parser.within(context::GROUP, Stop::Words(&["}"]))?;
                parser.expect("}")
            })?,
            [b'a'..=b'z' | b'[', ..] => match self.compound() {
                None => return self.simple(),
                Some(result) => result?,
            },
            _ => return self.simple(),
        }
        self.redirections_of_compound()
    }

    /// Reads a compound command that begins with `head` bytes here; `read` gets its index.
    pub(super) fn grouped(
        &mut self,
        kind: u8,
        head: usize,
        read: impl FnOnce(&mut Self, usize) -> Result<(), Unparsed>,
    ) -> Result<(), Unparsed> {
        let start = self.at;
        self.at += head;
        let span = self.source.span(start, self.at);
        let (script, first, row) = (self.here.script, self.out.len() as u32, self.out.compounds.len());
        self.out.compounds.push(Compound {
            script,
            kind,
            name: NONE,
            words: (0, 0),
            commands: (first, first),
            start: span.start,
            head_end: span.end,
            end: NONE,
        });
        read(self, row)?;
        let (end, last) = (self.source.span(start, self.at).end, self.out.len() as u32);
        let compound = &mut self.out.compounds[row];
        (compound.end, compound.commands.1) = (end, last);
        Ok(())
    }

    /// A compound command that begins with a reserved word.
    fn compound(&mut self) -> Option<Result<(), Unparsed>> {
        type Read<'p> = fn(&mut Parser<'p>, usize) -> Result<(), Unparsed>;
        let words: [(&str, u8, Read<'p>); 7] = [
            ("if", compound::IF, |parser, _| parser.r#if()),
            ("while", compound::WHILE, |parser, _| parser.r#while()),
            ("until", compound::WHILE, |parser, _| parser.r#while()),
            ("for", compound::FOR, Self::r#for),
            ("select", compound::SELECT, Self::r#for),
            ("case", compound::CASE, Self::case),
            ("function", compound::FUNCTION_KEYWORD, Self::function),
        ];
        if self.at_word("[[") {
            self.at += "[[".len();
            return Some(self.deeper(Self::test));
        }
        let (word, kind, read) = words.into_iter().find(|(word, ..)| self.at_word(word))?;
        Some(self.deeper(|parser| parser.grouped(kind, word.len(), read)))
    }

    /// A list in a context, up to `stop`.
    fn within(&mut self, context: u32, stop: Stop) -> Result<(), Unparsed> {
        let outer = self.here;
        self.here.context |= context;
        let result = self.list(stop);
        self.here = outer;
        // Keywords part what stands before from what follows.
        self.join = (join::NONE, Span::default());
        result
    }

    fn r#if(&mut self) -> Result<(), Unparsed> {
        loop {
            self.within(context::CONDITION, Stop::Words(&["then"]))?;
            self.expect("then")?;
            self.within(context::BRANCH, Stop::Words(&["elif", "else", "fi"]))?;
            if self.at_word("elif") {
                self.at += "elif".len();
                continue;
            }
            if self.at_word("else") {
                self.at += "else".len();
                self.within(context::BRANCH, Stop::Words(&["fi"]))?;
            }
            return self.expect("fi");
        }
    }

    fn r#while(&mut self) -> Result<(), Unparsed> {
        self.within(context::CONDITION, Stop::Words(&["do"]))?;
        self.body()
    }

    /// `do …; done`.
    fn body(&mut self) -> Result<(), Unparsed> {
        self.expect("do")?;
        self.within(context::LOOP, Stop::Words(&["done"]))?;
        self.expect("done")
    }

    /// `for name in words; do …; done`, without `in words`, or `for ((…; …; …))`.
    fn r#for(&mut self, row: usize) -> Result<(), Unparsed> {
        self.blanks();
        if self.eat("((") {
            self.out.compounds[row].kind = compound::FOR_ARITHMETIC;
            self.arithmetic_end(self.at).ok_or(Unparsed)?;
            self.arithmetic(false)?;
        } else {
            let start = self.at;
            self.word()?;
            let name = &self.text[start..self.at];
            self.out.compounds[row].name = self.out.strings.intern(name);
            self.out.assigned(name);
            self.lines()?;
            if self.at_word("in") {
                self.at += "in".len();
                self.loop_words(row)?;
            } else if self.out.compounds[row].kind == compound::FOR {
                self.out.compounds[row].kind = compound::FOR_ARGUMENTS;
            }
        }
        self.blanks();
        if self.peek() == Some(b';') {
            self.at += 1;
        }
        self.lines()?;
        if self.peek() == Some(b'{') {
            self.at += 1;
            self.within(context::LOOP, Stop::Words(&["}"]))?;
            return self.expect("}");
        }
        self.body()
    }

    fn loop_words(&mut self, row: usize) -> Result<(), Unparsed> {
        let first = self.words.len();
        loop {
            self.blanks();
            match self.peek() {
                None | Some(b';' | b'\n') => {
                    self.out.compounds[row].words = self.out.words(&self.words[first..]);
                    self.words.truncate(first);
                    return Ok(());
                }
                Some(_) => {
                    let word = self.word()?;
                    self.words.push(word);
                }
            }
        }
    }

    fn case(&mut self, row: usize) -> Result<(), Unparsed> {
        self.blanks();
        let word = self.word()?;
        self.out.compounds[row].words = self.out.words(&[word]);
        self.lines()?;
        self.expect("in")?;
        loop {
            self.lines()?;
            if self.at_word("esac") {
                return self.expect("esac");
            }
            self.patterns()?;
            self.within(context::BRANCH, Stop::CaseItem)?;
            let _ = self.eat(";;&") || self.eat(";;") || self.eat(";&");
        }
    }

    /// `(a | b)`, where the first parenthesis may lack.
    fn patterns(&mut self) -> Result<(), Unparsed> {
        self.eat("(");
        loop {
            self.blanks();
            self.word()?;
            self.blanks();
            if self.eat(")") {
                return Ok(());
            }
            if !self.eat("|") {
                return Err(Unparsed);
            }
        }
    }

    /// `function name { …; }`; the keyword is passed.
    fn function(&mut self, row: usize) -> Result<(), Unparsed> {
        self.blanks();
        let start = self.at;
        self.word()?;
        self.out.compounds[row].name = self.out.strings.intern(&self.text[start..self.at]);
        self.blanks();
        if self.eat("(") {
            self.blanks();
            if !self.eat(")") {
                return Err(Unparsed);
            }
        }
        self.function_body()
    }

    /// The body of a function: any command.
    pub(super) fn function_body(&mut self) -> Result<(), Unparsed> {
        self.lines()?;
        let outer = self.here;
        self.here.context |= context::FUNCTION;
        let result = self.deeper(Self::command);
        self.here = outer;
        result
    }

    fn redirections_of_compound(&mut self) -> Result<(), Unparsed> {
        loop {
            self.blanks();
            if !self.at_redirection() {
                return Ok(());
            }
            // No command owns them, so they are read for the substitutions in them.
            self.redirection(NONE)?;
        }
    }
}

/// Whether a word ends before this byte, or at the end of the text.
pub(super) const fn ends_word(byte: Option<u8>) -> bool {
    matches!(byte, None | Some(b' ' | b'\t' | b'\n' | b'\r' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')'))
}
