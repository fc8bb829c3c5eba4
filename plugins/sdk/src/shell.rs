//! Commands of shell text: what a RUN, CMD, ENTRYPOINT or HEALTHCHECK runs, down to its words.
//!
//! A word that is not literal has no [`Word::text`], and a script that was not understood ends early: a rule about what
//! is missing asks [`Script::is_understood`] first.

use std::cell::OnceCell;

use crate::bindings::hullmark::policy::types as wit;
use crate::dockerfile::{Instruction, Stage};
use crate::document::{Document, no_strings};
use crate::report::Place;
use crate::tree::{NONE, Span, Strings};

/// The columns of a document's commands with what they refer to.
#[derive(Debug)]
pub(crate) struct CommandTables {
    columns: wit::Commands,
    pub(crate) strings: Strings,
    /// Commands by their pipelines.
    pipelines: OnceCell<Groups>,
    /// Assignments by their commands.
    assignments: OnceCell<Groups>,
    /// Redirections by their commands.
    redirections: OnceCell<Groups>,
    /// Commands that turn `pipefail` on or off, in order.
    pipefail: OnceCell<Vec<(u32, bool)>>,
    /// How many words stand before the innermost command in each, which nearly every rule asks of nearly every command.
    wrapping: OnceCell<Vec<u32>>,
}

impl CommandTables {
    pub(crate) fn new(mut columns: wit::Commands) -> Self {
        let strings = Strings::new(std::mem::replace(&mut columns.strings, no_strings()));
        Self {
            columns,
            strings,
            pipelines: OnceCell::new(),
            assignments: OnceCell::new(),
            redirections: OnceCell::new(),
            pipefail: OnceCell::new(),
            wrapping: OnceCell::new(),
        }
    }

    fn pipelines(&self) -> &Groups {
        self.pipelines.get_or_init(|| Groups::of(&self.columns.commands.pipelines))
    }

    fn assignments(&self) -> &Groups {
        self.assignments.get_or_init(|| Groups::of(&self.columns.assignments.commands))
    }

    fn redirections(&self) -> &Groups {
        self.redirections.get_or_init(|| Groups::of(&self.columns.redirections.commands))
    }
}

/// Rows of a table by what they belong to. A command is read before what stands in its substitutions, so that its rows
/// need not stand side by side.
#[derive(Debug)]
struct Groups {
    /// What a row belongs to, and the row; sorted.
    rows: Vec<(u32, u32)>,
}

impl Groups {
    fn of(owners: &[u32]) -> Self {
        let mut rows: Vec<(u32, u32)> = owners.iter().copied().zip(0..).collect();
        rows.sort_unstable();
        Self { rows }
    }

    /// The rows of one owner, in order.
    fn rows(&self, owner: u32) -> impl Iterator<Item = u32> {
        let first = self.rows.partition_point(|row| row.0 < owner);
        self.rows[first..].iter().take_while(move |row| row.0 == owner).map(|row| row.1)
    }
}

/// Commands that run the command which their arguments are, and their short options that take a value.
const WRAPPERS: [(&str, &str); 10] = [
    ("env", "uCS"),
    ("exec", "a"),
    ("command", ""),
    ("nohup", ""),
    ("time", "fo"),
    ("nice", "n"),
    ("sudo", "ugUghpCrt"),
    ("doas", "uC"),
    ("tini", ""),
    ("setsid", ""),
];

/// All commands of a document, in the order of the text.
pub(crate) fn commands<'a>(document: &'a Document<'a>) -> impl Iterator<Item = Command<'a>> {
    (0..document.command_tables().columns.commands.scripts.len() as u32).map(move |index| Command {
        document,
        index,
        skipped: 0,
    })
}

/// All scripts of a document.
pub(crate) fn scripts<'a>(document: &'a Document<'a>) -> impl Iterator<Item = Script<'a>> {
    (0..document.command_tables().columns.scripts.nodes.len() as u32).map(move |index| Script { document, index })
}

/// The commands of an instruction; `from` and `to` bound its nodes and those below it.
pub(crate) fn commands_between<'a>(
    document: &'a Document<'a>,
    from: u32,
    to: u32,
) -> impl Iterator<Item = Command<'a>> + use<'a> {
    let columns = &document.command_tables().columns;
    let node = |script: &u32| columns.scripts.nodes.get(*script as usize).copied().unwrap_or(NONE);
    // Commands stand in the order of their instructions.
    let first = columns.commands.scripts.partition_point(|script| node(script) < from);
    let last = columns.commands.scripts.partition_point(|script| node(script) < to);
    (first as u32..last as u32).map(move |index| Command { document, index, skipped: 0 })
}

/// A text that a shell reads, or an exec form, which none does.
#[derive(Clone, Copy, Debug)]
pub struct Script<'a> {
    pub(crate) document: &'a Document<'a>,
    pub(crate) index: u32,
}

impl<'a> Script<'a> {
    fn columns(self) -> &'a wit::ScriptColumns {
        &self.document.command_tables().columns.scripts
    }

    fn row(self) -> usize {
        self.index as usize
    }

    /// The instruction that holds it; for ONBUILD the one that is triggered.
    #[must_use]
    pub fn instruction(self) -> Instruction<'a> {
        Instruction::new(self.document.node(self.columns().nodes[self.row()]))
    }

    /// The stage it stands in.
    #[must_use]
    pub fn stage(self) -> Option<Stage<'a>> {
        let instruction = self.instruction();
        instruction.stage().or_else(|| Instruction::new(instruction.node().parent()?).stage())
    }

    /// The command that runs it, as in `bash -c '…'`; nothing for what the instruction itself runs.
    #[must_use]
    pub fn runner(self) -> Option<Command<'a>> {
        let index = self.columns().commands[self.row()];
        (index != NONE).then_some(Command { document: self.document, index, skipped: 0 })
    }

    /// Name of the shell that reads it, without its folder; nothing for the exec form.
    #[must_use]
    pub fn shell(self) -> Option<&'a str> {
        self.document.command_tables().strings.get(self.columns().shells[self.row()])
    }

    /// The shell's own arguments with blanks between: `-o pipefail -c`.
    #[must_use]
    pub fn options(self) -> &'a str {
        self.document.command_tables().strings.get(self.columns().options[self.row()]).unwrap_or_default()
    }

    /// Whether all of it was understood: nothing is missing among its commands.
    #[must_use]
    pub fn is_understood(self) -> bool {
        self.columns().states[self.row()] == 0
    }

    /// All of its text.
    #[must_use]
    pub fn place(self) -> Place {
        self.document.place(Span::new(self.columns().starts[self.row()], self.columns().ends[self.row()]))
    }

    /// Its commands, those in substitutions included.
    pub fn commands(self) -> impl Iterator<Item = Command<'a>> {
        self.instruction().commands().filter(move |command| command.script().index == self.index)
    }
}

/// What joins a command to what stands before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Join {
    /// Nothing: it is the first one, or a keyword stands between.
    None,
    /// `&&`.
    And,
    /// `||`.
    Or,
    /// `;`.
    Semicolon,
    /// The end of a line.
    Newline,
    /// `&`.
    Background,
    /// `|`, or `|&`.
    Pipe,
}

/// A simple command. Its words do not hold assignments and redirections.
#[derive(Clone, Copy, Debug)]
pub struct Command<'a> {
    pub(crate) document: &'a Document<'a>,
    pub(crate) index: u32,
    /// Number of words that [`Command::unwrapped`] passes over.
    pub(crate) skipped: u32,
}

impl PartialEq for Command<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.document.id() == other.document.id() && self.index == other.index
    }
}

impl Eq for Command<'_> {}

impl<'a> Command<'a> {
    fn columns(self) -> &'a wit::CommandColumns {
        &self.document.command_tables().columns.commands
    }

    fn row(self) -> usize {
        self.index as usize
    }

    fn at(self, index: u32) -> Self {
        Self { document: self.document, index, skipped: 0 }
    }

    /// Name of the program, without its folder: `apt-get` for `/usr/bin/apt-get`. Nothing where it is not literal, or
    /// where the command only assigns.
    #[must_use]
    pub fn name(self) -> Option<&'a str> {
        self.word(0)?.text().map(|text| text.rsplit('/').next().unwrap_or(text))
    }

    /// The first argument that is no option: `install` of `apt-get -y install curl`.
    #[must_use]
    pub fn subcommand(self) -> Option<&'a str> {
        self.arguments().next().and_then(Word::text)
    }

    /// Word number `index`; the program is number 0.
    #[must_use]
    pub fn word(self, index: usize) -> Option<Word<'a>> {
        self.words().nth(index)
    }

    /// Its words, the program first.
    pub fn words(self) -> impl Iterator<Item = Word<'a>> {
        let (first, last) = (self.columns().first_words[self.row()], self.columns().last_words[self.row()]);
        (first + self.skipped..last).map(move |index| Word { document: self.document, index })
    }

    /// Its words after the program that are no options, and all after `--`. Values of options are among them: which
    /// options take one is for the rule to know.
    pub fn arguments(self) -> impl Iterator<Item = Word<'a>> {
        let mut only_arguments = false;
        self.words().skip(1).filter(move |word| {
            if only_arguments || !word.is_option() {
                return true;
            }
            only_arguments = word.text() == Some("--");
            false
        })
    }

    /// Its words after the program that are neither options nor values of options, and all after `--`. The options of
    /// `valued` take the next word as their value unless it is written behind `=`.
    ///
    /// ```
    /// use hullmark_sdk::testing::parsed;
    ///
    /// let document = parsed("FROM x\nRUN npm --prefix app install left-pad\n");
    /// let file = document.dockerfile().unwrap();
    /// let npm = file.commands().next().unwrap();
    /// let words: Vec<_> = npm.operands(&["--prefix"]).filter_map(|word| word.text()).collect();
    /// assert_eq!(words, ["install", "left-pad"]);
    /// ```
    pub fn operands(self, valued: &[&str]) -> impl Iterator<Item = Word<'a>> {
        let (mut only_operands, mut is_value) = (false, false);
        self.words().skip(1).filter(move |word| {
            if only_operands || std::mem::take(&mut is_value) {
                return only_operands;
            }
            if !word.is_option() {
                return true;
            }
            only_operands = word.text() == Some("--");
            is_value = word.resolved().is_some_and(|text| valued.contains(&text));
            false
        })
    }

    /// Its words after the program that begin with `-`, up to `--`.
    pub fn options(self) -> impl Iterator<Item = Word<'a>> {
        self.words().skip(1).take_while(|word| word.text() != Some("--")).filter(|word| word.is_option())
    }

    /// Whether one of these options is given: `-y`, also among others as in `-qy`, and `--yes`, also as `--yes=…`.
    #[must_use]
    pub fn has_flag(self, names: &[&str]) -> bool {
        self.flag(names).is_some()
    }

    /// The word that gives one of these options, see [`Command::has_flag`].
    #[must_use]
    pub fn flag(self, names: &[&str]) -> Option<Word<'a>> {
        self.options().find(|word| word.resolved().is_some_and(|text| names.iter().any(|name| gives(text, name))))
    }

    /// The value of one of these options: `-u 5`, `-u5`, `--uid 5`, `--uid=5`.
    ///
    /// ```
    /// use hullmark_sdk::testing::parsed;
    ///
    /// let document = parsed("FROM x\nRUN useradd -u5 a && useradd --uid=5 b\n");
    /// let file = document.dockerfile().unwrap();
    /// let ids: Vec<_> = file.commands().map(|command| command.flag_value(&["-u", "--uid"])).collect();
    /// assert_eq!(ids, [Some("5"), Some("5")]);
    /// ```
    #[must_use]
    pub fn flag_value(self, names: &[&str]) -> Option<&'a str> {
        let mut words = self.words().skip(1);
        while let Some(word) = words.next() {
            let Some(text) = word.resolved() else { continue };
            for name in names {
                if text == *name {
                    return words.next()?.resolved();
                }
                let Some(rest) = text.strip_prefix(name) else { continue };
                if name.starts_with("--") {
                    if let Some(value) = rest.strip_prefix('=') {
                        return Some(value);
                    }
                } else if name.len() == 2 {
                    return Some(rest.strip_prefix('=').unwrap_or(rest));
                }
            }
        }
        None
    }

    /// The command, then the one that it runs through `sudo`, `env`, `exec` and the like, and so on.
    pub fn layers(self) -> impl Iterator<Item = Self> {
        std::iter::successors(Some(self), |command| command.wrapped())
    }

    /// The command that this one runs through `sudo`, `env`, `exec`, `command`, `nice` and the like; itself for any other.
    ///
    /// ```
    /// use hullmark_sdk::testing::parsed;
    ///
    /// let document = parsed("FROM x\nRUN sudo -u app env CI=1 npm ci\n");
    /// let file = document.dockerfile().unwrap();
    /// let command = file.commands().next().unwrap();
    /// assert_eq!((command.name(), command.unwrapped().name()), (Some("sudo"), Some("npm")));
    /// ```
    #[must_use]
    pub fn unwrapped(self) -> Self {
        if self.skipped > 0 {
            return self.innermost();
        }
        let all = || commands(self.document).map(|command| command.innermost().skipped).collect();
        Self { skipped: self.document.command_tables().wrapping.get_or_init(all)[self.row()], ..self }
    }

    fn innermost(self) -> Self {
        self.layers().last().unwrap_or(self)
    }

    fn wrapped(self) -> Option<Self> {
        let program = self.name()?;
        let (_, valued) = WRAPPERS.into_iter().find(|(name, _)| *name == program)?;
        let mut words = self.words().enumerate().skip(1);
        loop {
            let (index, word) = words.next()?;
            let text = word.text()?;
            match text.strip_prefix('-') {
                // It asks whether there is such a command.
                Some(option) if program == "command" && option.contains(['v', 'V']) => return None,
                Some(option) if option.len() == 1 && valued.contains(option) => drop(words.next()),
                Some(_) => {}
                None if text.contains('=') => {}
                None => return Some(Self { skipped: self.skipped + index as u32, ..self }),
            }
        }
    }

    /// The program's word; the whole command where it only assigns.
    #[must_use]
    pub fn place(self) -> Place {
        self.word(0).map_or_else(|| self.whole_place(), Word::place)
    }

    /// All of it, from its first assignment or word to its last word or redirection.
    #[must_use]
    pub fn whole_place(self) -> Place {
        self.document.place(Span::new(self.columns().starts[self.row()], self.columns().ends[self.row()]))
    }

    /// Its assignments: `NAME=value` before the program, or instead of one.
    pub fn assignments(self) -> impl Iterator<Item = Assignment<'a>> {
        let rows = self.document.command_tables().assignments().rows(self.index);
        rows.map(move |row| Assignment { document: self.document, row: row as usize })
    }

    /// Its redirections.
    pub fn redirections(self) -> impl Iterator<Item = Redirection<'a>> {
        let rows = self.document.command_tables().redirections().rows(self.index);
        rows.map(move |row| Redirection { document: self.document, row: row as usize })
    }

    fn has_context(self, bits: u32) -> bool {
        self.columns().contexts[self.row()] & bits != 0
    }

    /// Whether its input is a pipe.
    #[must_use]
    pub fn is_piped_from(self) -> bool {
        self.has_context(1)
    }

    /// Whether its output goes into a pipe.
    #[must_use]
    pub fn is_piped_into(self) -> bool {
        self.has_context(2)
    }

    /// Whether it stands in `( … )`: what it does to the shell ends there.
    #[must_use]
    pub fn is_in_subshell(self) -> bool {
        self.has_context(4)
    }

    /// Whether it stands in the condition of `if`, `while` or `until`.
    #[must_use]
    pub fn is_in_condition(self) -> bool {
        self.has_context(16)
    }

    /// Whether it stands in the body of a loop.
    #[must_use]
    pub fn is_in_loop(self) -> bool {
        self.has_context(32)
    }

    /// Whether it stands in a branch of `if` or `case`, so that it may not run.
    #[must_use]
    pub fn is_in_branch(self) -> bool {
        self.has_context(64)
    }

    /// Whether it stands in a function.
    #[must_use]
    pub fn is_in_function(self) -> bool {
        self.has_context(128)
    }

    /// Whether it stands in `$( … )`, backticks, `<( … )` or `>( … )`.
    #[must_use]
    pub fn is_in_substitution(self) -> bool {
        self.has_context(256)
    }

    /// Whether `!` turns its result round.
    #[must_use]
    pub fn is_negated(self) -> bool {
        self.has_context(1024)
    }

    /// Whether it runs in the background.
    #[must_use]
    pub fn is_in_background(self) -> bool {
        self.has_context(2048)
    }

    /// Whether it is an exec form: no shell has read its words.
    #[must_use]
    pub fn is_exec_form(self) -> bool {
        self.has_context(4096)
    }

    /// What joins it to what stands before. The first command in parentheses, in a condition and the like has what joins
    /// the whole.
    #[must_use]
    pub fn join(self) -> Join {
        match self.columns().joins[self.row()] {
            1 => Join::And,
            2 => Join::Or,
            3 => Join::Semicolon,
            4 => Join::Newline,
            5 => Join::Background,
            6 | 7 => Join::Pipe,
            _ => Join::None,
        }
    }

    /// The operator that joins it; nothing where none does.
    #[must_use]
    pub fn join_place(self) -> Option<Place> {
        let span = Span::new(self.columns().join_starts[self.row()], self.columns().join_ends[self.row()]);
        (self.join() != Join::None).then(|| self.document.place(span))
    }

    /// The commands joined by pipes that it is one of, itself included, in order.
    pub fn pipeline(self) -> impl Iterator<Item = Self> {
        let number = self.columns().pipelines[self.row()];
        self.document.command_tables().pipelines().rows(number).map(move |index| self.at(index))
    }

    /// The command whose substitution or whose script holds it.
    #[must_use]
    pub fn parent(self) -> Option<Self> {
        let parent = self.columns().parents[self.row()];
        (parent != NONE).then(|| self.at(parent))
    }

    /// The script it stands in.
    #[must_use]
    pub fn script(self) -> Script<'a> {
        Script { document: self.document, index: self.columns().scripts[self.row()] }
    }

    /// The instruction it stands in; for ONBUILD the one that is triggered.
    #[must_use]
    pub fn instruction(self) -> Instruction<'a> {
        self.script().instruction()
    }

    /// The stage it stands in.
    #[must_use]
    pub fn stage(self) -> Option<Stage<'a>> {
        self.script().stage()
    }

    /// The commands of its instruction that stand before it, in the order of the text.
    ///
    /// ```
    /// use hullmark_sdk::testing::parsed;
    ///
    /// let document = parsed("FROM x\nRUN apt-get update && apt-get install -y curl\n");
    /// let file = document.dockerfile().unwrap();
    /// let install = file.commands().last().unwrap();
    /// assert!(install.before().any(|command| command.subcommand() == Some("update")));
    /// ```
    pub fn before(self) -> impl Iterator<Item = Self> {
        let first = self.instruction().commands().next().map_or(self.index, |command| command.index);
        (first..self.index).map(move |index| self.at(index))
    }

    /// The commands of its instruction that stand after it, in the order of the text.
    pub fn after(self) -> impl Iterator<Item = Self> {
        let node = self.instruction().node();
        (self.index + 1..self.columns().scripts.len() as u32)
            .map(move |index| self.at(index))
            .take_while(move |command| command.instruction().node() == node)
    }

    /// Whether a failure in the middle of a pipe fails the pipe here: the shell is started with `pipefail`, or a `set`
    /// that stands before in the script turns it on.
    #[must_use]
    pub fn has_pipefail(self) -> bool {
        let script = self.script();
        let changes = self.document.command_tables().pipefail.get_or_init(|| {
            commands(self.document).filter_map(|command| Some((command.index, command.sets_pipefail()?))).collect()
        });
        let first = self.before().next().map_or(self.index, |command| command.index);
        let last = changes.partition_point(|(index, _)| *index < self.index);
        let mut earlier = changes[..last].iter().rev().take_while(|(index, _)| *index >= first);
        match earlier.find(|(index, _)| self.at(*index).script().index == script.index) {
            Some((_, on)) => *on,
            None => script.options().split(' ').any(|option| option == "pipefail"),
        }
    }

    /// Whether it is a `set` that turns `pipefail` on, or off.
    fn sets_pipefail(self) -> Option<bool> {
        if self.name() != Some("set") {
            return None;
        }
        let words: Vec<&str> = self.words().map(|word| word.text().unwrap_or_default()).collect();
        words.windows(2).rfind(|pair| pair[1] == "pipefail").map(|pair| pair[0].starts_with('-'))
    }
}

/// Whether an option's word gives the option `name`.
fn gives(word: &str, name: &str) -> bool {
    if word == name {
        return true;
    }
    match (name.strip_prefix("--"), name.strip_prefix('-')) {
        (Some(_), _) => word.strip_prefix(name).is_some_and(|rest| rest.starts_with('=')),
        (None, Some(letter)) if letter.len() == 1 => {
            let bundle =
                word.strip_prefix('-').filter(|bundle| bundle.bytes().all(|byte| byte.is_ascii_alphanumeric()));
            bundle.is_some_and(|bundle| bundle.contains(letter))
        }
        _ => false,
    }
}

/// A word of a command.
#[derive(Clone, Copy, Debug)]
pub struct Word<'a> {
    pub(crate) document: &'a Document<'a>,
    pub(crate) index: u32,
}

impl<'a> Word<'a> {
    fn columns(self) -> &'a wit::WordColumns {
        &self.document.command_tables().columns.words
    }

    fn row(self) -> usize {
        self.index as usize
    }

    fn string(self, number: u32) -> Option<&'a str> {
        self.document.command_tables().strings.get(number)
    }

    /// Its text without quotes and escapes; nothing where it holds a variable or a substitution.
    #[must_use]
    pub fn text(self) -> Option<&'a str> {
        self.string(self.columns().values[self.row()])
    }

    /// [`Word::text`], or what its variables make of it where ARG and ENV of the file tell their values.
    ///
    /// ```
    /// use hullmark_sdk::testing::parsed;
    ///
    /// let document = parsed("FROM x\nARG APP=web\nRUN install $APP $OTHER\n");
    /// let file = document.dockerfile().unwrap();
    /// let words: Vec<_> = file.commands().next().unwrap().arguments().map(|word| (word.text(), word.resolved())).collect();
    /// assert_eq!(words, [(None, Some("web")), (None, None)]);
    /// ```
    #[must_use]
    pub fn resolved(self) -> Option<&'a str> {
        self.text().or_else(|| self.string(self.columns().resolved[self.row()]))
    }

    /// Its text as the shell gets it, quotes and variables included; empty where it is very long.
    #[must_use]
    pub fn raw(self) -> &'a str {
        self.string(self.columns().raws[self.row()]).unwrap_or_default()
    }

    /// Where it stands, through continuations.
    #[must_use]
    pub fn place(self) -> Place {
        self.document.place(Span::new(self.columns().starts[self.row()], self.columns().ends[self.row()]))
    }

    /// Whether it begins with `-` and has more than that.
    #[must_use]
    pub fn is_option(self) -> bool {
        let text = self.resolved().unwrap_or_else(|| self.raw().trim_start_matches(['"', '\'']));
        text.len() > 1 && text.starts_with('-')
    }

    fn has_bits(self, bits: u32) -> bool {
        self.columns().contents[self.row()] & bits != 0
    }

    /// Whether it holds quotes or escapes.
    #[must_use]
    pub fn is_quoted(self) -> bool {
        self.has_bits(1)
    }

    /// Whether it holds a variable, or arithmetic.
    #[must_use]
    pub fn has_variable(self) -> bool {
        self.has_bits(2 | 4)
    }

    /// Whether it holds a variable or a substitution outside quotes: the shell may make several words of it.
    #[must_use]
    pub fn may_split(self) -> bool {
        self.has_bits(2 | 8)
    }

    /// Whether it holds a substitution.
    #[must_use]
    pub fn has_substitution(self) -> bool {
        self.has_bits(8 | 16)
    }

    /// Whether it holds `{a,b}` or `{1..3}` outside quotes, which bash makes several words of.
    #[must_use]
    pub fn has_brace_expansion(self) -> bool {
        self.has_bits(64)
    }

    /// Whether it holds `*`, `?` or `[` outside quotes.
    #[must_use]
    pub fn is_pattern(self) -> bool {
        self.has_bits(32)
    }

    /// The part of it that equals `part`, at byte `offset` of its text; all of it where quotes or escapes keep the two
    /// apart.
    ///
    /// ```
    /// use hullmark_sdk::testing::parsed;
    ///
    /// let document = parsed("FROM x\nRUN pip install flask==3.1.2\n");
    /// let file = document.dockerfile().unwrap();
    /// let requirement = file.commands().next().unwrap().operands(&[]).last().unwrap();
    /// let (name, version) = requirement.text().unwrap().split_once("==").unwrap();
    /// let place = requirement.part(name.len() + 2, version);
    /// assert_eq!(document.text_at(place.span), "3.1.2");
    /// ```
    #[must_use]
    pub fn part(self, offset: usize, part: &str) -> Place {
        let whole = self.place();
        let (start, end) = (whole.span.start + offset as u32, whole.span.start + (offset + part.len()) as u32);
        let literal = self.text() == Some(self.raw()) && self.raw().len() as u32 == whole.span.end - whole.span.start;
        let fits = literal && self.raw().get(offset..offset + part.len()) == Some(part);
        if fits { self.document.place(Span::new(start, end)) } else { whole }
    }
}

impl From<Word<'_>> for Place {
    fn from(word: Word<'_>) -> Self {
        word.place()
    }
}

/// An assignment before a command, or instead of one.
#[derive(Clone, Copy, Debug)]
pub struct Assignment<'a> {
    document: &'a Document<'a>,
    row: usize,
}

impl<'a> Assignment<'a> {
    fn columns(self) -> &'a wit::AssignmentColumns {
        &self.document.command_tables().columns.assignments
    }

    /// Name of the variable.
    #[must_use]
    pub fn name(self) -> &'a str {
        self.document.command_tables().strings.get(self.columns().names[self.row]).unwrap_or_default()
    }

    /// The value.
    #[must_use]
    pub fn value(self) -> Word<'a> {
        Word { document: self.document, index: self.columns().words[self.row] }
    }

    /// All of it, from the name to the end of the value.
    #[must_use]
    pub fn place(self) -> Place {
        self.document.place(Span::new(self.columns().starts[self.row], self.value().place().span.end))
    }
}

/// A redirection of a command.
#[derive(Clone, Copy, Debug)]
pub struct Redirection<'a> {
    document: &'a Document<'a>,
    row: usize,
}

impl<'a> Redirection<'a> {
    fn columns(self) -> &'a wit::RedirectionColumns {
        &self.document.command_tables().columns.redirections
    }

    /// `>`, `>>`, `<<-`, `&>` …
    #[must_use]
    pub fn operator(self) -> &'a str {
        self.document.command_tables().strings.get(self.columns().operators[self.row]).unwrap_or_default()
    }

    /// The file descriptor that is written before the operator.
    #[must_use]
    pub fn descriptor(self) -> Option<u32> {
        Some(self.columns().descriptors[self.row]).filter(|&descriptor| descriptor != NONE)
    }

    /// What stands after the operator.
    #[must_use]
    pub fn target(self) -> Word<'a> {
        Word { document: self.document, index: self.columns().words[self.row] }
    }

    /// The body of a heredoc.
    #[must_use]
    pub fn body(self) -> Option<Word<'a>> {
        let index = self.columns().bodies[self.row];
        (index != NONE).then_some(Word { document: self.document, index })
    }

    /// All of it, from its first byte to the end of the word after the operator.
    #[must_use]
    pub fn place(self) -> Place {
        self.document.place(Span::new(self.columns().starts[self.row], self.target().place().span.end))
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

    /// Asks the commands of one RUN.
    fn ask<T>(script: &str, question: impl Fn(Command<'_>) -> T) -> Vec<T> {
        let document = document(&format!("FROM x\nENV YES=-y\nRUN {script}\n"));
        document.dockerfile().unwrap().commands().map(question).collect()
    }

    #[test]
    fn near_flags_are_none() {
        let yes = |script: &str| ask(script, |command| command.has_flag(&["-y", "--yes"]))[0];
        for script in
            ["a -- -y", "a y", "a --y", "a --yesterday", "a -o=y", "a '-o Dpkg::y'", "a $X", "-y", "a -t=y --no-yes"]
        {
            assert!(!yes(script), "{script}");
        }
        for script in ["a -y", "a x -qy", "a --yes", "a --yes=1", "a \"-y\"", "a $YES", "a -\\\ny"] {
            assert!(yes(script), "{script}");
        }
    }

    #[test]
    fn options_take_values_in_four_ways() {
        let value =
            |script: &str| ask(script, |command| command.flag_value(&["-u", "--uid"]).map(str::to_owned)).remove(0);
        for script in ["a -u 5", "a -u5", "a --uid 5", "a --uid=5"] {
            assert_eq!(value(script).as_deref(), Some("5"), "{script}");
        }
        assert_eq!(value("a -x 5 --uid"), None);
        assert_eq!(value("a --uidx=5"), None);
    }

    #[test]
    fn arguments_are_what_is_no_option() {
        let arguments = |script: &str| {
            ask(script, |command| command.arguments().map(|word| word.raw().to_owned()).collect::<Vec<_>>()).remove(0)
        };
        assert_eq!(arguments("a -x b -j$(c) - \"$d\" -- -e"), ["b", "-", "\"$d\"", "-e"]);
        assert_eq!(
            ask("apt-get -y install b", |command| command.subcommand().map(str::to_owned)),
            [Some("install".into())]
        );
    }

    #[test]
    fn operands_are_neither_options_nor_their_values() {
        let operands = |script: &str| {
            let raw = |command: Command<'_>| {
                command.operands(&["-t", "--target"]).map(|word| word.raw().to_owned()).collect::<Vec<_>>()
            };
            ask(script, raw).remove(0)
        };
        assert_eq!(operands("a -t b c --target d --target=e f -- -t g"), ["c", "f", "-t", "g"]);
        assert_eq!(operands("a b -t"), ["b"]);
        assert_eq!(operands("a -- b"), ["b"]);
    }

    #[test]
    fn wrappers_are_looked_through() {
        let name = |script: &str| ask(script, |command| command.unwrapped().name().map(str::to_owned)).remove(0);
        assert_eq!(name("sudo -E -u me env A=b /usr/bin/apt-get install x").as_deref(), Some("apt-get"));
        assert_eq!(name("env").as_deref(), Some("env"));
        assert_eq!(name("sudo $A x").as_deref(), Some("sudo"));
        assert_eq!(name("command -p ls").as_deref(), Some("ls"));
        assert_eq!(name("command -v ls").as_deref(), Some("command"));
        assert_eq!(name("A=b"), None);
    }

    #[test]
    fn a_command_knows_its_place_among_others() {
        let text = "FROM x\nRUN a | b \"$(c)\" && D=1 e >f\nONBUILD RUN g\nSHELL [\"bash\", \"-o\", \"pipefail\", \"-c\"]\nRUN h\n";
        let document = document(text);
        let file = document.dockerfile().unwrap();
        let commands: Vec<Command<'_>> = file.commands().collect();
        let names = |commands: &mut dyn Iterator<Item = Command<'_>>| {
            commands.map(|command| command.name().unwrap_or_default().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names(&mut commands[1].pipeline()), ["a", "b"]);
        assert_eq!(names(&mut commands[1].before()), ["a"]);
        assert_eq!(names(&mut commands[1].after()), ["c", "e"]);
        assert_eq!(commands[2].parent(), Some(commands[1]));
        assert_eq!((commands[3].join(), commands[0].join_place()), (Join::And, None));
        assert_eq!(document.text_at(commands[3].whole_place().span), "D=1 e >f");
        assert_eq!(document.text_at(commands[3].join_place().unwrap().span), "&&");
        let assignment = commands[3].assignments().next().unwrap();
        assert_eq!((assignment.name(), assignment.value().text()), ("D", Some("1")));
        assert_eq!(commands[3].redirections().next().map(Redirection::operator), Some(">"));
        assert_eq!(commands[4].stage().map(Stage::index), Some(0));
        assert!(!commands[1].has_pipefail() && commands[5].has_pipefail());
        let triggers = file.instructions().filter_map(Instruction::trigger);
        assert_eq!(names(&mut triggers.flat_map(Instruction::commands)), ["g"]);
        assert_eq!(ask("set -euo pipefail; a | b", |command| command.has_pipefail()), [false, true, true]);
        assert_eq!(
            ask("set -o pipefail; set +o pipefail; a | b", |command| command.has_pipefail())[2..],
            [false, false]
        );
    }

    #[test]
    fn what_is_not_understood_is_known() {
        let document = document("FROM x\nRUN a && 'b\nSHELL [\"pwsh\"]\nRUN c\nRUN [\"d\"]\n");
        let scripts: Vec<_> = document.dockerfile().unwrap().scripts().collect();
        let found: Vec<_> = scripts.iter().map(|script| (script.shell(), script.is_understood())).collect();
        assert_eq!(found, [(Some("sh"), false), (Some("pwsh"), false), (None, true)]);
        assert_eq!(scripts[0].commands().count(), 1);
    }
}
