//! What shell words are made of, and what groups commands.

use crate::bindings::hullmark::policy::types as wit;
use crate::dockerfile::Instruction;
use crate::document::Document;
use crate::report::Place;
use crate::shell::{Command, Script, Word};
use crate::tree::{NONE, Span};

/// All compound commands of a document, in the order of their beginnings.
pub(crate) fn compounds<'a>(document: &'a Document<'a>) -> impl Iterator<Item = Compound<'a>> {
    (0..document.shell_syntax().compounds.scripts.len() as u32).map(move |index| Compound { document, index })
}

/// What a part of a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PartKind {
    /// `'…'`.
    SingleQuoted,
    /// `"…"`.
    DoubleQuoted,
    /// `$'…'`.
    AnsiQuoted,
    /// `$"…"`.
    Translated,
    /// `$x` or `${x…}`.
    Variable,
    /// `$((…))`.
    Arithmetic,
    /// `$(…)`.
    Commands,
    /// A command substitution in backticks.
    Backticks,
    /// `<(…)` or `>(…)`.
    Process,
    /// The value of an array: `(…)`.
    Array,
    /// One that is newer than this SDK.
    Other,
}

/// A part of a word: quotes, a variable or a substitution.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    document: &'a Document<'a>,
    index: u32,
}

impl<'a> Part<'a> {
    fn columns(self) -> &'a wit::PartColumns {
        &self.document.shell_syntax().parts
    }

    fn row(self) -> usize {
        self.index as usize
    }

    fn string(self, number: u32) -> Option<&'a str> {
        self.document.command_tables().strings.get(number)
    }

    /// What it is.
    #[must_use]
    pub fn kind(self) -> PartKind {
        match self.columns().kinds[self.row()] {
            1 => PartKind::SingleQuoted,
            2 => PartKind::DoubleQuoted,
            3 => PartKind::AnsiQuoted,
            4 => PartKind::Translated,
            5 => PartKind::Variable,
            6 => PartKind::Arithmetic,
            7 => PartKind::Commands,
            8 => PartKind::Backticks,
            9 => PartKind::Process,
            10 => PartKind::Array,
            _ => PartKind::Other,
        }
    }

    /// Name of the variable: `HOME`, also `1`, `@`, `?`. Nothing for what is no variable.
    #[must_use]
    pub fn name(self) -> Option<&'a str> {
        self.string(self.columns().names[self.row()])
    }

    /// What `${…}` does with the variable: `:-`, `##`, `/` …; `length` for `${#x}`, `indirect` for `${!x}`.
    #[must_use]
    pub fn operator(self) -> Option<&'a str> {
        self.string(self.columns().operators[self.row()])
    }

    /// What stands between brackets after the name: `@` in `${x[@]}`.
    #[must_use]
    pub fn subscript(self) -> Option<&'a str> {
        self.string(self.columns().subscripts[self.row()])
    }

    /// The value of the variable as ARG and ENV of the file give it; nothing where the file does not tell.
    #[must_use]
    pub fn resolved(self) -> Option<&'a str> {
        self.string(self.columns().resolved[self.row()])
    }

    /// The word it stands in.
    #[must_use]
    pub fn word(self) -> Word<'a> {
        Word { document: self.document, index: self.columns().words[self.row()] }
    }

    /// The part that holds it, as `"…"` holds `$x`.
    #[must_use]
    pub fn parent(self) -> Option<Self> {
        let index = self.columns().parents[self.row()];
        (index != NONE).then_some(Self { index, ..self })
    }

    /// Whether no shell splits what it stands for: it stands in double quotes or in arithmetic.
    #[must_use]
    pub fn is_quoted(self) -> bool {
        std::iter::successors(self.parent(), |part| part.parent())
            .any(|part| matches!(part.kind(), PartKind::DoubleQuoted | PartKind::Translated | PartKind::Arithmetic))
    }

    /// Whether it is a command substitution, in either form.
    #[must_use]
    pub fn is_substitution(self) -> bool {
        matches!(self.kind(), PartKind::Commands | PartKind::Backticks)
    }

    /// The commands in a substitution, those in its own substitutions included.
    pub fn commands(self) -> impl Iterator<Item = Command<'a>> {
        let (first, last) = (self.columns().first_commands[self.row()], self.columns().last_commands[self.row()]);
        (first..last).map(move |index| Command { document: self.document, index, skipped: 0 })
    }

    /// Its text in the file.
    #[must_use]
    pub fn text(self) -> String {
        self.document.text_at(self.place().span)
    }

    /// All of it, with its quotes, `$` and braces.
    #[must_use]
    pub fn place(self) -> Place {
        self.document.place(Span::new(self.columns().starts[self.row()], self.columns().ends[self.row()]))
    }
}

impl From<Part<'_>> for Place {
    fn from(part: Part<'_>) -> Self {
        part.place()
    }
}

impl<'a> Word<'a> {
    /// What it is made of beside plain text, in the order of the text; what stands inside another part follows it.
    pub fn parts(self) -> impl Iterator<Item = Part<'a>> {
        let words = &self.document.shell_syntax().parts.words;
        let first = words.partition_point(|&word| word < self.index);
        let last = words.partition_point(|&word| word <= self.index);
        (first as u32..last as u32).map(move |index| Part { document: self.document, index })
    }
}

impl<'a> Instruction<'a> {
    /// What groups its commands, see [`Dockerfile::compounds`](crate::Dockerfile::compounds).
    pub fn compounds(self) -> impl Iterator<Item = Compound<'a>> {
        compounds(self.node().document()).filter(move |compound| compound.script().instruction().node() == self.node())
    }
}

impl<'a> Command<'a> {
    /// The substitutions that it stands in, the innermost first.
    pub fn substitutions(self) -> impl Iterator<Item = Part<'a>> {
        let parts = &self.document.shell_syntax().parts;
        let holds = move |row: &u32| {
            let row = *row as usize;
            (parts.first_commands[row]..parts.last_commands[row]).contains(&self.index)
        };
        let mut rows: Vec<u32> = (0..parts.words.len() as u32)
            .filter(holds)
            .filter(|&row| matches!(parts.kinds[row as usize], 7..=9))
            .collect();
        rows.sort_by_key(|&row| parts.last_commands[row as usize] - parts.first_commands[row as usize]);
        rows.into_iter().map(move |index| Part { document: self.document, index })
    }

    /// The compound commands that it stands in, the innermost first.
    pub fn compounds(self) -> impl Iterator<Item = Compound<'a>> {
        let holding: Vec<Compound<'a>> = compounds(self.document).filter(|compound| compound.holds(self)).collect();
        holding.into_iter().rev()
    }
}

/// What a compound command is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompoundKind {
    /// `( … )`.
    Subshell,
    /// `{ …; }`.
    Group,
    /// `if`.
    If,
    /// `while` or `until`.
    While,
    /// `for name in …`.
    For,
    /// `for name` over the arguments of the script.
    ForArguments,
    /// `for ((…))`.
    ForArithmetic,
    /// `select`.
    Select,
    /// `case`.
    Case,
    /// `((…))`.
    Arithmetic,
    /// `function name …`.
    FunctionKeyword,
    /// `name() …`.
    Function,
    /// One that is newer than this SDK.
    Other,
}

/// A compound command.
#[derive(Clone, Copy, Debug)]
pub struct Compound<'a> {
    document: &'a Document<'a>,
    index: u32,
}

impl<'a> Compound<'a> {
    fn columns(self) -> &'a wit::CompoundColumns {
        &self.document.shell_syntax().compounds
    }

    fn row(self) -> usize {
        self.index as usize
    }

    /// What it is.
    #[must_use]
    pub fn kind(self) -> CompoundKind {
        match self.columns().kinds[self.row()] {
            1 => CompoundKind::Subshell,
            2 => CompoundKind::Group,
            3 => CompoundKind::If,
            4 => CompoundKind::While,
            5 => CompoundKind::For,
            6 => CompoundKind::ForArguments,
            7 => CompoundKind::ForArithmetic,
            8 => CompoundKind::Select,
            9 => CompoundKind::Case,
            10 => CompoundKind::Arithmetic,
            11 => CompoundKind::FunctionKeyword,
            12 => CompoundKind::Function,
            _ => CompoundKind::Other,
        }
    }

    /// Name of a loop's variable, or of a function.
    #[must_use]
    pub fn name(self) -> Option<&'a str> {
        self.document.command_tables().strings.get(self.columns().names[self.row()])
    }

    /// The words that a loop goes over; for `case` the one that it compares.
    pub fn words(self) -> impl Iterator<Item = Word<'a>> {
        let (first, last) = (self.columns().first_words[self.row()], self.columns().last_words[self.row()]);
        (first..last).map(move |index| Word { document: self.document, index })
    }

    /// The commands in it, those of its condition and of its words included.
    pub fn commands(self) -> impl Iterator<Item = Command<'a>> {
        let (first, last) = (self.columns().first_commands[self.row()], self.columns().last_commands[self.row()]);
        (first..last).map(move |index| Command { document: self.document, index, skipped: 0 })
    }

    /// Whether a command stands in it.
    #[must_use]
    pub fn holds(self, command: Command<'_>) -> bool {
        let range = self.columns().first_commands[self.row()]..self.columns().last_commands[self.row()];
        range.contains(&command.index)
    }

    /// The script it stands in.
    #[must_use]
    pub fn script(self) -> Script<'a> {
        Script { document: self.document, index: self.columns().scripts[self.row()] }
    }

    /// The keyword, operator or name that it begins with.
    #[must_use]
    pub fn place(self) -> Place {
        self.document.place(Span::new(self.columns().starts[self.row()], self.columns().head_ends[self.row()]))
    }

    /// All of it, without redirections.
    #[must_use]
    pub fn whole_place(self) -> Place {
        self.document.place(Span::new(self.columns().starts[self.row()], self.columns().ends[self.row()]))
    }
}

impl From<Compound<'_>> for Place {
    fn from(compound: Compound<'_>) -> Self {
        compound.place()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use hullmark::document::{Source, parse_dockerfile};

    use super::*;
    use crate::native;

    fn document(text: &str) -> Document<'static> {
        let source = Arc::new(Source::new("Dockerfile", text.as_bytes().to_vec()));
        native::document(Arc::new(parse_dockerfile(&source).documents.remove(0)), 0)
    }

    #[test]
    fn a_word_gives_its_parts() {
        let document = document("FROM x\nENV A=1\nRUN a b$A\"${B:-$C}$(d \"$E\")\"'$F'\n");
        let command = document.dockerfile().unwrap().commands().next().unwrap();
        let parts: Vec<Part<'_>> = command.word(1).unwrap().parts().collect();
        let texts: Vec<String> = parts.iter().map(|part| document.text_at(part.place().span)).collect();
        assert_eq!(texts, ["$A", "\"${B:-$C}$(d \"$E\")\"", "${B:-$C}", "$C", "$(d \"$E\")", "'$F'"]);
        let names: Vec<_> = parts.iter().map(|part| part.name()).collect();
        assert_eq!(names, [Some("A"), None, Some("B"), Some("C"), None, None]);
        assert_eq!((parts[0].resolved(), parts[2].operator(), parts[3].is_quoted()), (Some("1"), Some(":-"), true));
        let inner = parts[4].commands().next().unwrap();
        assert_eq!(inner.name(), Some("d"));
        assert_eq!(inner.word(1).unwrap().parts().filter_map(Part::name).collect::<Vec<_>>(), ["E"]);
        assert_eq!(inner.substitutions().map(|part| part.kind()).collect::<Vec<_>>(), [PartKind::Commands]);
        assert_eq!(command.word(0).unwrap().parts().count(), 0);
    }

    #[test]
    fn compounds_hold_their_commands() {
        let document = document("FROM x\nRUN for i in a \"$b\"; do { c; }; done; d\n");
        let file = document.dockerfile().unwrap();
        let compounds: Vec<Compound<'_>> = file.compounds().collect();
        assert_eq!(compounds.iter().map(|it| it.kind()).collect::<Vec<_>>(), [CompoundKind::For, CompoundKind::Group]);
        assert_eq!(compounds[0].name(), Some("i"));
        assert_eq!(compounds[0].words().map(Word::raw).collect::<Vec<_>>(), ["a", "\"$b\""]);
        assert_eq!(document.text_at(compounds[0].place().span), "for");
        let commands: Vec<Command<'_>> = file.commands().collect();
        assert_eq!(compounds[0].commands().collect::<Vec<_>>(), commands[..1]);
        assert_eq!(commands[0].compounds().map(Compound::kind).next(), Some(CompoundKind::Group));
        assert_eq!(commands[1].compounds().count(), 0);
    }
}
