//! A Dockerfile as BuildKit's parser understands it, with the place of everything.

use std::borrow::Cow;

use super::{Command, Extent, Logical, SyntaxError};
use crate::document::Span;

/// The character that continues lines and escapes other characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Escape {
    /// The default.
    #[default]
    Backslash,
    /// Set by `# escape=` for files full of Windows paths.
    Backtick,
}

impl Escape {
    /// The character itself.
    #[must_use]
    pub const fn char(self) -> char {
        match self {
            Self::Backslash => '\\',
            Self::Backtick => '`',
        }
    }
}

/// One Dockerfile.
#[derive(Clone, Debug, Default)]
pub struct Dockerfile<'s> {
    /// The escape character that holds for the whole file.
    pub escape: Escape,
    /// What stands in it, in the order of the text.
    pub items: Vec<Item<'s>>,
    /// What BuildKit's parser would refuse, in the order of the text.
    pub errors: Vec<(Span, SyntaxError)>,
}

impl<'s> Dockerfile<'s> {
    /// The instructions in order.
    pub fn instructions(&self) -> impl Iterator<Item = &Instruction<'s>> {
        self.items.iter().filter_map(|item| match item {
            Item::Instruction(instruction) => Some(&**instruction),
            Item::Directive(_) | Item::Comment(_) => None,
        })
    }
}

/// What a line, or several, hold.
#[derive(Clone, Debug)]
pub enum Item<'s> {
    /// `# key=value` at the head of the file.
    Directive(Directive<'s>),
    /// A comment outside every instruction.
    Comment(Comment<'s>),
    /// An instruction with its continuation lines and heredocs.
    Instruction(Box<Instruction<'s>>),
}

/// A parser directive.
#[derive(Clone, Copy, Debug)]
pub struct Directive<'s> {
    /// From `#` to the last byte of the value.
    pub span: Span,
    /// The key as written.
    pub key: &'s str,
    /// Place of the key.
    pub key_span: Span,
    /// The value without the blanks around it.
    pub value: &'s str,
}

/// A comment line.
#[derive(Clone, Copy, Debug)]
pub struct Comment<'s> {
    /// From `#` to the last byte that is no blank.
    pub span: Span,
    /// The text after `#`, without the blanks around it.
    pub text: &'s str,
}

/// One instruction.
#[derive(Clone, Debug)]
pub struct Instruction<'s> {
    /// Its text with continuations joined; every [`Extent`] of the instruction counts its bytes.
    pub text: Logical<'s>,
    /// From its first byte to its last that is no blank, heredocs included.
    pub span: Span,
    /// First and last line that it takes up, from 1, as BuildKit counts them: skipped lines and heredocs included.
    pub lines: (u32, u32),
    /// The instruction.
    pub statement: Statement,
    /// The instruction that ONBUILD defers.
    pub trigger: Option<Statement>,
    /// Its heredocs, in the order of their openers and bodies.
    pub heredocs: Vec<Heredoc<'s>>,
    /// Comments between its lines.
    pub comments: Vec<Comment<'s>>,
    /// Whether there are empty lines between its lines.
    pub empty_continuation: bool,
    /// What BuildKit's parser would refuse in it.
    pub fault: Option<Fault>,
}

impl Instruction<'_> {
    /// The text of an extent.
    #[must_use]
    pub fn slice(&self, extent: Extent) -> &str {
        self.text.slice(extent)
    }
}

/// Which part of an instruction could not be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Its arguments, which then are missing.
    Arguments,
    /// A heredoc, which never ends.
    Heredoc,
}

/// Keyword, flags and arguments.
#[derive(Clone, Debug)]
pub struct Statement {
    /// The keyword as written; empty for a file that ends in a lone continuation.
    pub keyword: Extent,
    /// The instruction; `None` for a keyword that is none.
    pub command: Option<Command>,
    /// Words that begin with `--`, before all arguments.
    pub flags: Vec<Flag>,
    /// All after the flags, without the blanks around it.
    pub rest: Extent,
    /// The type of a HEALTHCHECK, `CMD` or `NONE`: the first word of its rest, as written.
    pub kind: Option<Extent>,
    /// The rest, after `kind`, in the instruction's grammar.
    pub arguments: Arguments,
}

/// A flag of an instruction.
#[derive(Clone, Debug)]
pub struct Flag {
    /// The whole word.
    pub extent: Extent,
    /// `--name`, up to `=`.
    pub name_extent: Extent,
    /// The name without `--`.
    pub name: String,
    /// The text after `=` without quotes and escapes; `None` where there is no `=`.
    pub value: Option<String>,
}

/// What stands after the flags.
#[derive(Clone, Debug)]
pub enum Arguments {
    /// Nothing, or nothing that could be understood.
    None,
    /// The whole rest.
    Text(Extent),
    /// Words between blanks.
    Words(Vec<Extent>),
    /// The strings of a JSON array.
    Array(Vec<Word>),
    /// Names with values.
    Pairs(Vec<Pair>),
}

/// A string of a JSON array.
#[derive(Clone, Debug)]
pub struct Word {
    /// The word as written, quotes included.
    pub extent: Extent,
    /// Its value.
    pub value: String,
}

/// A name with a value, or without; both may hold quotes and escapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The name as written.
    pub name: Extent,
    /// The value as written; `None` for an ARG without a default.
    pub value: Option<Extent>,
    /// Whether they are parted by a blank, as in `ENV name value`, and not by `=`.
    pub legacy: bool,
}

/// A heredoc.
#[derive(Clone, Debug)]
pub struct Heredoc<'s> {
    /// The word that opens it.
    pub opener: Extent,
    /// The delimiter without quotes and escapes.
    pub name: String,
    /// File descriptor before `<<`; 0 where none is written.
    pub descriptor: u32,
    /// Whether variables in the body are expanded: no part of the delimiter is quoted.
    pub expand: bool,
    /// `<<-`: tabs at the start of lines are removed.
    pub chomp: bool,
    /// The body as written, with its line ends.
    pub body: &'s str,
    /// Place of the body.
    pub span: Span,
}

impl Heredoc<'_> {
    /// The body as the command gets it: for `<<-` without the tabs at the start of its lines.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        if !self.chomp || !self.body.contains('\t') {
            return Cow::Borrowed(self.body);
        }
        Cow::Owned(self.body.split_inclusive('\n').map(|line| line.trim_start_matches('\t')).collect())
    }
}
