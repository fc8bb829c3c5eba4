//! What the shell text of a Dockerfile becomes: tables in columns, as they cross to a plugin.

use super::script::ShellText;
use super::text::Text;
use crate::document::dockerfile::Extent;
use crate::document::{Interner, NONE, NodeId, Span, StringTable};

/// How far a script was understood. Numbers are append-only: they are part of the plugin interface.
pub mod state {
    /// All of it.
    pub const PARSED: u8 = 0;
    /// Up to a place; what stands there is no shell that we know.
    pub const PARTIAL: u8 = 1;
    /// Not at all: another language, or a text that only the build knows.
    pub const UNPARSED: u8 = 2;
}

/// Where a command stands. Bits are append-only: they are part of the plugin interface.
pub mod context {
    /// Its standard input is a pipe.
    pub const PIPED_FROM: u32 = 1;
    /// Its output goes into a pipe.
    pub const PIPED_INTO: u32 = 1 << 1;
    /// In `( … )`.
    pub const SUBSHELL: u32 = 1 << 2;
    /// In `{ …; }`.
    pub const GROUP: u32 = 1 << 3;
    /// In the condition of `if`, `elif`, `while` or `until`.
    pub const CONDITION: u32 = 1 << 4;
    /// In the body of a loop.
    pub const LOOP: u32 = 1 << 5;
    /// In a branch of `if` or `case`.
    pub const BRANCH: u32 = 1 << 6;
    /// In the body of a function.
    pub const FUNCTION: u32 = 1 << 7;
    /// In `$( … )`, backticks, `<( … )` or `>( … )`; its parent, if any, is the command that holds the substitution.
    pub const SUBSTITUTION: u32 = 1 << 8;
    /// In a script that its parent runs: `sh -c '…'` or `sh <<EOF`.
    pub const SCRIPT: u32 = 1 << 9;
    /// After `!`.
    pub const NEGATED: u32 = 1 << 10;
    /// Runs in the background: `&` follows.
    pub const BACKGROUND: u32 = 1 << 11;
    /// A word list of the exec form: no shell has read it.
    pub const EXEC_FORM: u32 = 1 << 12;
}

/// What joins a command to the one before it. Numbers are append-only: they are part of the plugin interface.
pub mod join {
    /// Nothing: it is the first, or a keyword stands between.
    pub const NONE: u8 = 0;
    /// `&&`.
    pub const AND: u8 = 1;
    /// `||`.
    pub const OR: u8 = 2;
    /// `;`.
    pub const SEMICOLON: u8 = 3;
    /// The end of a line.
    pub const NEWLINE: u8 = 4;
    /// `&`.
    pub const BACKGROUND: u8 = 5;
    /// `|`.
    pub const PIPE: u8 = 6;
    /// `|&`.
    pub const PIPE_ALL: u8 = 7;
}

/// What a word holds. Bits are append-only: they are part of the plugin interface.
pub mod content {
    /// Quotes or escapes.
    pub const QUOTED: u32 = 1;
    /// A variable, or arithmetic, outside quotes.
    pub const VARIABLE: u32 = 1 << 1;
    /// A variable, or arithmetic, inside double quotes.
    pub const QUOTED_VARIABLE: u32 = 1 << 2;
    /// A command or process substitution outside quotes.
    pub const SUBSTITUTION: u32 = 1 << 3;
    /// A command substitution inside double quotes.
    pub const QUOTED_SUBSTITUTION: u32 = 1 << 4;
    /// `*`, `?` or `[` outside quotes.
    pub const GLOB: u32 = 1 << 5;
    /// `{` outside quotes, which bash may expand.
    pub const BRACE: u32 = 1 << 6;
    /// Begins with `~`.
    pub const TILDE: u32 = 1 << 7;
    /// The value of an array: `( … )`.
    pub const ARRAY: u32 = 1 << 8;

    /// What keeps a word from having a value.
    pub(crate) const UNKNOWN: u32 = VARIABLE | QUOTED_VARIABLE | SUBSTITUTION | QUOTED_SUBSTITUTION | ARRAY;
}

/// What a part of a word is. Numbers are append-only: they are part of the plugin interface.
pub mod part {
    /// `'…'`.
    pub const SINGLE_QUOTED: u8 = 1;
    /// `"…"`.
    pub const DOUBLE_QUOTED: u8 = 2;
    /// `$'…'`.
    pub const ANSI_QUOTED: u8 = 3;
    /// `$"…"`.
    pub const TRANSLATED: u8 = 4;
    /// `$x` or `${x…}`.
    pub const VARIABLE: u8 = 5;
    /// `$((…))`.
    pub const ARITHMETIC: u8 = 6;
    /// `$(…)`.
    pub const COMMANDS: u8 = 7;
    /// A command substitution in backticks.
    pub const BACKTICKS: u8 = 8;
    /// `<(…)` or `>(…)`.
    pub const PROCESS: u8 = 9;
    /// The value of an array: `(…)`.
    pub const ARRAY: u8 = 10;
}

/// What a compound command is. Numbers are append-only: they are part of the plugin interface.
pub mod compound {
    /// `( … )`.
    pub const SUBSHELL: u8 = 1;
    /// `{ …; }`.
    pub const GROUP: u8 = 2;
    /// `if`.
    pub const IF: u8 = 3;
    /// `while` or `until`.
    pub const WHILE: u8 = 4;
    /// `for name in …`.
    pub const FOR: u8 = 5;
    /// `for name` over the arguments of the script.
    pub const FOR_ARGUMENTS: u8 = 6;
    /// `for ((…))`.
    pub const FOR_ARITHMETIC: u8 = 7;
    /// `select`.
    pub const SELECT: u8 = 8;
    /// `case`.
    pub const CASE: u8 = 9;
    /// `((…))`.
    pub const ARITHMETIC: u8 = 10;
    /// `function name …`.
    pub const FUNCTION_KEYWORD: u8 = 11;
    /// `name() …`.
    pub const FUNCTION: u8 = 12;
}

/// Texts that a shell, or nothing we know, reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScriptColumns {
    /// Node of the instruction that holds it; for ONBUILD that of the triggered one.
    pub nodes: Vec<NodeId>,
    /// The command that runs it (`sh -c '…'`), or [`NONE`] for what the instruction itself runs.
    pub commands: Vec<u32>,
    /// String number of the shell's name without its folder (`bash`); [`NONE`] for the exec form.
    pub shells: Vec<u32>,
    /// String number of the shell's own arguments, with blanks between: `-o pipefail -c`.
    pub options: Vec<u32>,
    /// See [`state`].
    pub states: Vec<u8>,
    /// First byte.
    pub starts: Vec<u32>,
    /// After the last byte.
    pub ends: Vec<u32>,
    /// Where what was understood ends.
    pub known_ends: Vec<u32>,
}

/// Simple commands, each before those in its substitutions, in the order of the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandColumns {
    /// Index of the script.
    pub scripts: Vec<u32>,
    /// The command whose substitution, or whose script, holds this one; or [`NONE`].
    pub parents: Vec<u32>,
    /// See [`context`].
    pub contexts: Vec<u32>,
    /// Number of the pipeline; commands side by side in one have the same.
    pub pipelines: Vec<u32>,
    /// See [`join`].
    pub joins: Vec<u8>,
    /// First byte of the operator that joins it to what stands before.
    pub join_starts: Vec<u32>,
    /// After the operator's last byte.
    pub join_ends: Vec<u32>,
    /// First byte.
    pub starts: Vec<u32>,
    /// After the last byte.
    pub ends: Vec<u32>,
    /// Index of the first word; assignments and redirections are not among the words.
    pub first_words: Vec<u32>,
    /// Index after the last word.
    pub last_words: Vec<u32>,
}

/// Words: of commands, of assignments and of redirections.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WordColumns {
    /// First byte.
    pub starts: Vec<u32>,
    /// After the last byte, through continuations.
    pub ends: Vec<u32>,
    /// String number of the text without quotes and escapes; [`NONE`] where it is not literal.
    pub values: Vec<u32>,
    /// String number of the text as the shell gets it, quotes included; [`NONE`] where it is very long.
    pub raws: Vec<u32>,
    /// String number of the value with variables replaced by what ARG and ENV of the file give them; [`NONE`] where
    /// that is unknown or the word is literal.
    pub resolved: Vec<u32>,
    /// See [`content`].
    pub contents: Vec<u32>,
}

/// Assignments before a command's first word, or instead of one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AssignmentColumns {
    /// Index of the command.
    pub commands: Vec<u32>,
    /// String number of the name.
    pub names: Vec<u32>,
    /// First byte, which is that of the name.
    pub starts: Vec<u32>,
    /// Index of the word that is the value.
    pub words: Vec<u32>,
}

/// Redirections.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RedirectionColumns {
    /// Index of the command.
    pub commands: Vec<u32>,
    /// String number of the operator: `>`, `>>`, `<<-`, `&>` …
    pub operators: Vec<u32>,
    /// The file descriptor before it, or [`NONE`] where none is written.
    pub descriptors: Vec<u32>,
    /// First byte.
    pub starts: Vec<u32>,
    /// Index of the word after the operator.
    pub words: Vec<u32>,
    /// Index of the word that is the body of a heredoc, or [`NONE`].
    pub bodies: Vec<u32>,
}

/// What words are made of beside plain text: in the order of the words, and within a word in that of the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartColumns {
    /// Index of the word.
    pub words: Vec<u32>,
    /// Index of the part that holds it, as `"…"` holds `$x`; or [`NONE`].
    pub parents: Vec<u32>,
    /// See [`part`].
    pub kinds: Vec<u8>,
    /// String number of a variable's name: `HOME`, `1`, `@`; [`NONE`] for what is no variable.
    pub names: Vec<u32>,
    /// String number of what `${…}` does: `:-`, `%%`; `length` for `${#x}`, `indirect` for `${!x}`; [`NONE`] for nothing.
    pub operators: Vec<u32>,
    /// String number of what stands in `[…]` after a variable's name; or [`NONE`].
    pub subscripts: Vec<u32>,
    /// String number of the value of a variable that ARG and ENV of the file give it; [`NONE`] where that is unknown.
    pub resolved: Vec<u32>,
    /// First byte.
    pub starts: Vec<u32>,
    /// After the last byte.
    pub ends: Vec<u32>,
    /// Index of the first command in a substitution.
    pub first_commands: Vec<u32>,
    /// Index after the last one.
    pub last_commands: Vec<u32>,
}

/// Compound commands, in the order of their beginnings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompoundColumns {
    /// Index of the script.
    pub scripts: Vec<u32>,
    /// See [`compound`].
    pub kinds: Vec<u8>,
    /// String number of the name of a loop's variable, or of a function; else [`NONE`].
    pub names: Vec<u32>,
    /// Index of the first word that a loop goes over, or of the one that `case` compares.
    pub first_words: Vec<u32>,
    /// Index after the last one.
    pub last_words: Vec<u32>,
    /// Index of the first command in it.
    pub first_commands: Vec<u32>,
    /// Index after the last one.
    pub last_commands: Vec<u32>,
    /// First byte.
    pub starts: Vec<u32>,
    /// After the last byte of the keyword, operator or name that it begins with.
    pub head_ends: Vec<u32>,
    /// After the last byte; redirections are not counted.
    pub ends: Vec<u32>,
}

/// All commands of a Dockerfile, in columns; the fields are those of `commands` and `shell-syntax` in the plugin interface.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commands {
    /// Texts that were read.
    pub scripts: ScriptColumns,
    /// Their commands.
    pub commands: CommandColumns,
    /// The commands' words.
    pub words: WordColumns,
    /// Their assignments.
    pub assignments: AssignmentColumns,
    /// Their redirections.
    pub redirections: RedirectionColumns,
    /// What their words are made of.
    pub parts: PartColumns,
    /// What groups them.
    pub compounds: CompoundColumns,
    /// What the string numbers stand for.
    pub strings: StringTable,
}

/// A word that has been read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word {
    /// Where it stands in the text of its script.
    pub(super) extent: Extent,
    pub(super) span: Span,
    pub(super) value: u32,
    pub(super) raw: u32,
    pub(super) flags: u32,
    /// What its parts know it by until it has an index; [`NONE`] for a word without parts.
    pub(super) mark: u32,
}

/// A part of a word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    /// That of its word.
    pub(super) mark: u32,
    pub(super) parent: u32,
    pub(super) kind: u8,
    pub(super) name: u32,
    pub(super) operator: u32,
    pub(super) subscript: u32,
    pub(super) resolved: u32,
    pub(super) span: Span,
    pub(super) commands: (u32, u32),
}

/// A compound command.
#[derive(Clone, Copy, Debug)]
pub(super) struct Compound {
    pub(super) script: u32,
    pub(super) kind: u8,
    pub(super) name: u32,
    pub(super) words: (u32, u32),
    pub(super) commands: (u32, u32),
    pub(super) start: u32,
    pub(super) head_end: u32,
    /// [`NONE`] until it is read to its end.
    pub(super) end: u32,
}

/// A script as its row begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct NewScript<'a> {
    pub(super) node: NodeId,
    pub(super) command: u32,
    pub(super) shell: Option<&'a str>,
    pub(super) options: &'a str,
    pub(super) span: Span,
}

/// A command as its row begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct NewCommand {
    pub(super) script: u32,
    pub(super) parent: u32,
    pub(super) context: u32,
    pub(super) pipeline: u32,
    pub(super) join: (u8, Span),
    pub(super) start: u32,
}

/// Numbers of rows, to go back to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    scripts: usize,
    commands: usize,
    words: usize,
    assignments: usize,
    redirections: usize,
    parts: usize,
    compounds: usize,
}

/// Fills the tables.
#[derive(Debug, Default)]
pub(super) struct Builder {
    pub(super) rows: Commands,
    pub(super) strings: Interner,
    /// For each command, how many substitutions and scripts it is in.
    levels: Vec<u32>,
    /// Parts in the order in which they begin.
    pub(super) parts: Vec<Part>,
    /// Compound commands in the order in which they begin.
    pub(super) compounds: Vec<Compound>,
    /// Indexes of words by what their parts know them by; [`NONE`] for a word that belongs to nothing.
    marked: Vec<u32>,
    pipelines: u32,
    /// String numbers of the variables that the instruction's scripts may change.
    assigned: Vec<u32>,
    /// Whether they may change any variable.
    any_assigned: bool,
    /// The texts of the scripts with the numbers of their rows, where someone wants them.
    pub(super) texts: Option<Vec<(u32, ShellText)>>,
}

impl Builder {
    /// A builder that also keeps the texts of the scripts.
    pub(super) fn with_texts() -> Self {
        Self { texts: Some(Vec::new()), ..Self::default() }
    }

    /// Keeps the text of a script where someone wants it.
    pub(super) fn keep(&mut self, script: u32, text: &Text<'_>, new: &NewScript<'_>) {
        if let (Some(texts), Some(shell)) = (&mut self.texts, new.shell) {
            texts.push((script, ShellText::new(shell, new.options, text)));
        }
    }

    /// Begins a script, as one that is not understood.
    pub(super) fn script(&mut self, new: NewScript<'_>) -> u32 {
        let rows = &mut self.rows.scripts;
        rows.nodes.push(new.node);
        rows.commands.push(new.command);
        rows.shells.push(self.strings.intern_option(new.shell));
        rows.options.push(self.strings.intern(new.options));
        rows.states.push(state::UNPARSED);
        rows.starts.push(new.span.start);
        rows.ends.push(new.span.end);
        rows.known_ends.push(new.span.start);
        rows.nodes.len() as u32 - 1
    }

    /// Says how far a script was understood.
    pub(super) fn settle(&mut self, script: u32, state: u8, known_end: u32) {
        self.rows.scripts.states[script as usize] = state;
        self.rows.scripts.known_ends[script as usize] = known_end;
    }

    /// Begins a command that has no words yet.
    pub(super) fn command(&mut self, new: NewCommand, level: u32) -> u32 {
        let rows = &mut self.rows.commands;
        rows.scripts.push(new.script);
        rows.parents.push(new.parent);
        rows.contexts.push(new.context);
        rows.pipelines.push(new.pipeline);
        rows.joins.push(new.join.0);
        rows.join_starts.push(new.join.1.start);
        rows.join_ends.push(new.join.1.end);
        rows.starts.push(new.start);
        rows.ends.push(new.start);
        rows.first_words.push(0);
        rows.last_words.push(0);
        self.levels.push(level);
        rows.scripts.len() as u32 - 1
    }

    /// Ends a command: its words, and where its last byte stands.
    pub(super) fn finish(&mut self, command: u32, words: &[Word], end: u32) {
        let (first, last) = self.words(words);
        let rows = &mut self.rows.commands;
        rows.ends[command as usize] = end;
        rows.first_words[command as usize] = first;
        rows.last_words[command as usize] = last;
    }

    /// Adds words side by side; returns their range.
    pub(super) fn words(&mut self, words: &[Word]) -> (u32, u32) {
        let first = self.rows.words.starts.len() as u32;
        for word in words {
            self.word(*word);
        }
        (first, first + words.len() as u32)
    }

    /// What the parts of a new word know it by.
    pub(super) fn mark_word(&mut self) -> u32 {
        self.marked.push(NONE);
        self.marked.len() as u32 - 1
    }

    /// Says which word the parts with a mark belong to.
    pub(super) fn settle_word(&mut self, mark: u32, word: u32) {
        if let Some(index) = self.marked.get_mut(mark as usize) {
            *index = word;
        }
    }

    pub(super) fn word(&mut self, word: Word) -> u32 {
        self.settle_word(word.mark, self.rows.words.starts.len() as u32);
        let rows = &mut self.rows.words;
        rows.starts.push(word.span.start);
        rows.ends.push(word.span.end);
        rows.values.push(word.value);
        rows.raws.push(word.raw);
        rows.resolved.push(NONE);
        rows.contents.push(word.flags);
        rows.starts.len() as u32 - 1
    }

    /// Puts a word in the place of one that was kept free for it.
    pub(super) fn replace_word(&mut self, index: u32, word: Word) {
        let (rows, index) = (&mut self.rows.words, index as usize);
        rows.starts[index] = word.span.start;
        rows.ends[index] = word.span.end;
        rows.values[index] = word.value;
        rows.raws[index] = word.raw;
        rows.contents[index] = word.flags;
    }

    pub(super) fn assignment(&mut self, command: u32, name: &str, start: u32, word: u32) {
        let rows = &mut self.rows.assignments;
        rows.commands.push(command);
        rows.names.push(self.strings.intern(name));
        rows.starts.push(start);
        rows.words.push(word);
    }

    pub(super) fn redirection(&mut self, command: u32, operator: &str, descriptor: u32, start: u32, word: u32) {
        let rows = &mut self.rows.redirections;
        rows.commands.push(command);
        rows.operators.push(self.strings.intern(operator));
        rows.descriptors.push(descriptor);
        rows.starts.push(start);
        rows.words.push(word);
        rows.bodies.push(NONE);
    }

    /// Names the body of the redirection that was pushed last.
    pub(super) fn body(&mut self, word: u32) {
        if let Some(body) = self.rows.redirections.bodies.last_mut() {
            *body = word;
        }
    }

    /// The number of a new pipeline.
    pub(super) fn pipeline(&mut self) -> u32 {
        self.pipelines += 1;
        self.pipelines - 1
    }

    /// Notes that a script gives a variable a value.
    pub(super) fn assigned(&mut self, name: &str) {
        let name = self.strings.intern(name);
        self.assigned.push(name);
    }

    /// Notes that a script may give any variable a value.
    pub(super) fn any_assigned(&mut self) {
        self.any_assigned = true;
    }

    /// Begins an instruction: no script of it has changed a variable yet.
    pub(super) fn forget_assigned(&mut self) {
        self.assigned.clear();
        self.any_assigned = false;
    }

    /// Whether a script of the instruction may have changed a variable.
    pub(super) fn is_assigned(&self, name: &str) -> bool {
        self.any_assigned || self.assigned.iter().any(|&number| self.strings.get(number) == Some(name))
    }

    /// Number of words so far.
    pub(super) fn word_count(&self) -> usize {
        self.rows.words.starts.len()
    }

    /// Number of commands so far.
    pub(super) fn len(&self) -> usize {
        self.levels.len()
    }

    /// Adds context to the commands from `first` on that stand at `level`, not in a substitution of theirs.
    pub(super) fn add_context(&mut self, first: usize, level: u32, context: u32) {
        let levels = &self.levels[first..];
        for (bits, _) in self.rows.commands.contexts[first..].iter_mut().zip(levels).filter(|(_, at)| **at == level) {
            *bits |= context;
        }
    }

    pub(super) fn mark(&self) -> Mark {
        Mark {
            scripts: self.rows.scripts.nodes.len(),
            commands: self.levels.len(),
            words: self.rows.words.starts.len(),
            assignments: self.rows.assignments.commands.len(),
            redirections: self.rows.redirections.commands.len(),
            parts: self.parts.len(),
            compounds: self.compounds.len(),
        }
    }

    /// Forgets all rows after a mark.
    pub(super) fn go_back(&mut self, mark: Mark) {
        self.levels.truncate(mark.commands);
        if let Some(texts) = &mut self.texts {
            texts.retain(|(script, _)| (*script as usize) < mark.scripts);
        }
        self.parts.truncate(mark.parts);
        self.compounds.truncate(mark.compounds);
        let Commands { scripts, commands, words, assignments, redirections, .. } = &mut self.rows;
        for column in [
            &mut scripts.nodes,
            &mut scripts.commands,
            &mut scripts.shells,
            &mut scripts.options,
            &mut scripts.starts,
            &mut scripts.ends,
            &mut scripts.known_ends,
        ] {
            column.truncate(mark.scripts);
        }
        scripts.states.truncate(mark.scripts);
        for column in [
            &mut commands.scripts,
            &mut commands.parents,
            &mut commands.contexts,
            &mut commands.pipelines,
            &mut commands.join_starts,
            &mut commands.join_ends,
            &mut commands.starts,
            &mut commands.ends,
            &mut commands.first_words,
            &mut commands.last_words,
        ] {
            column.truncate(mark.commands);
        }
        commands.joins.truncate(mark.commands);
        for column in [
            &mut words.starts,
            &mut words.ends,
            &mut words.values,
            &mut words.raws,
            &mut words.resolved,
            &mut words.contents,
        ] {
            column.truncate(mark.words);
        }
        for column in
            [&mut assignments.commands, &mut assignments.names, &mut assignments.starts, &mut assignments.words]
        {
            column.truncate(mark.assignments);
        }
        for column in [
            &mut redirections.commands,
            &mut redirections.operators,
            &mut redirections.descriptors,
            &mut redirections.starts,
            &mut redirections.words,
            &mut redirections.bodies,
        ] {
            column.truncate(mark.redirections);
        }
    }

    /// Text of a string number.
    pub(super) fn text(&self, number: u32) -> Option<&str> {
        self.strings.get(number)
    }

    pub(super) fn done(mut self) -> Commands {
        self.fill_parts();
        self.fill_compounds();
        Commands { strings: self.strings.finish(), ..self.rows }
    }

    /// Word of a part, if that has come into the tables.
    pub(super) fn word_of(&self, part: &Part) -> Option<u32> {
        self.marked.get(part.mark as usize).copied().filter(|&word| word != NONE)
    }

    fn fill_parts(&mut self) {
        let words = |index: &usize| self.word_of(&self.parts[*index]);
        let mut order: Vec<usize> = (0..self.parts.len()).filter(|index| words(index).is_some()).collect();
        order.sort_by_key(words);
        let mut indexes = vec![NONE; self.parts.len()];
        for (new, &old) in order.iter().enumerate() {
            indexes[old] = new as u32;
        }
        let mut rows = PartColumns::default();
        for old in order {
            let part = self.parts[old];
            rows.words.push(self.word_of(&part).unwrap_or(NONE));
            rows.parents.push(indexes.get(part.parent as usize).copied().unwrap_or(NONE));
            rows.kinds.push(part.kind);
            rows.names.push(part.name);
            rows.operators.push(part.operator);
            rows.subscripts.push(part.subscript);
            rows.resolved.push(part.resolved);
            rows.starts.push(part.span.start);
            rows.ends.push(part.span.end);
            rows.first_commands.push(part.commands.0);
            rows.last_commands.push(part.commands.1);
        }
        self.rows.parts = rows;
    }

    /// What was not read to its end is left out.
    fn fill_compounds(&mut self) {
        let rows = &mut self.rows.compounds;
        for compound in self.compounds.iter().filter(|compound| compound.end != NONE) {
            rows.scripts.push(compound.script);
            rows.kinds.push(compound.kind);
            rows.names.push(compound.name);
            rows.first_words.push(compound.words.0);
            rows.last_words.push(compound.words.1);
            rows.first_commands.push(compound.commands.0);
            rows.last_commands.push(compound.commands.1);
            rows.starts.push(compound.start);
            rows.head_ends.push(compound.head_end);
            rows.ends.push(compound.end);
        }
    }
}
