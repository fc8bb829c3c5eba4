//! From the instructions of a Dockerfile to scripts: which shell reads which text.

use super::columns::{Builder, Commands, NewCommand, NewScript, Word, content, context, join, state};
use super::environment::Environment;
use super::parser::Here;
use super::pragma;
use super::script::{self, ShellText};
use super::shells::{self, Runs};
use super::text::Text;
use crate::document::dockerfile::{
    self, Arguments, Command, Dockerfile, Escape, Extent, Fault, Instruction, Item, Statement, expand,
};
use crate::document::{Document, ImageReference, NONE, NodeId, Span, Tree, kind};

/// What a stage's shell-form instructions are read by.
#[derive(Clone, Debug)]
struct Shell {
    /// Name of the program without its folder.
    name: String,
    /// Its arguments before the script, with blanks between.
    options: String,
    /// Whether we can read what it reads.
    posix: bool,
}

impl Shell {
    /// What Docker takes where no SHELL is set, on Linux.
    fn linux() -> Self {
        Self { name: "sh".to_owned(), options: "-c".to_owned(), posix: true }
    }

    /// What Docker takes where no SHELL is set, on Windows.
    fn windows() -> Self {
        Self { name: "cmd".to_owned(), options: "/S /C".to_owned(), posix: false }
    }

    /// What a SHELL instruction sets, or a comment in its place.
    fn of<'w>(words: impl IntoIterator<Item = &'w str>) -> Self {
        let mut words = words.into_iter();
        let mut program = words.next().unwrap_or_default();
        let mut options: Vec<&str> = words.collect();
        if shells::base_name(program) == "busybox" && !options.is_empty() {
            program = options.remove(0);
        }
        let name = program.rsplit(['/', '\\']).next().unwrap_or(program).to_owned();
        Self { posix: shells::posix_shell(program).is_some(), name, options: options.join(" ") }
    }
}

/// A stage, as far as shells see it.
#[derive(Clone, Debug)]
struct Stage {
    shell: Shell,
    environment: Environment,
}

struct Reader<'d> {
    text: &'d str,
    tree: &'d Tree,
    escape: Escape,
    out: Builder,
}

/// Reads all commands of a Dockerfile.
pub(super) fn read(document: &Document) -> Commands {
    read_into(Builder::default(), document).done()
}

/// The texts of all scripts of a Dockerfile.
pub(super) fn texts(document: &Document) -> Vec<ShellText> {
    let texts = read_into(Builder::with_texts(), document).texts.unwrap_or_default();
    texts.into_iter().map(|(_, text)| text).collect()
}

fn read_into(out: Builder, document: &Document) -> Builder {
    let text = document.source.text();
    let file = dockerfile::read(text);
    let mut reader = Reader { text, tree: &document.tree, escape: file.escape, out };
    reader.file(document, &file);
    reader.out
}

impl Reader<'_> {
    fn file(&mut self, document: &Document, file: &Dockerfile<'_>) {
        let mut global = Environment::default();
        let mut stages: Vec<Stage> = Vec::new();
        // BuildKit refuses what stands before the first FROM; what it would run is read like any other.
        let mut lost = Stage { shell: Shell::linux(), environment: Environment::default() };
        // What a comment said since the last instruction, and what those above the first stage say for all.
        let (mut told, mut default) = (None, None);
        let mut nodes = nodes(self.tree);
        for item in &file.items {
            let instruction = match item {
                Item::Instruction(instruction) => &**instruction,
                Item::Comment(comment) => {
                    told = pragma::shell(comment.text).map(Shell::of).or(told);
                    continue;
                }
                Item::Directive(_) => continue,
            };
            let Some(node) = nodes.next() else { break };
            let told = told.take();
            if stages.is_empty() && told.is_some() {
                default.clone_from(&told);
            }
            if instruction.statement.command == Some(Command::From) {
                let mut stage = self.begin_stage(document, &stages, instruction, default.as_ref());
                stage.shell = told.unwrap_or(stage.shell);
                stages.push(stage);
                continue;
            }
            if stages.is_empty() && instruction.statement.command == Some(Command::Arg) {
                global.declare(instruction, &instruction.statement, self.escape, None);
                continue;
            }
            let stage = stages.last_mut().unwrap_or(&mut lost);
            if let Some(told) = told {
                stage.shell = told;
            }
            self.instruction(stage, &global, instruction, node);
        }
    }

    /// The shell and the variables that a stage begins with; `default` is what the file says of every base image.
    fn begin_stage(
        &self,
        document: &Document,
        earlier: &[Stage],
        from: &Instruction<'_>,
        default: Option<&Shell>,
    ) -> Stage {
        let (index, columns) = (earlier.len(), &document.stages);
        let parent = columns.parents.get(index).and_then(|&parent| earlier.get(parent as usize));
        if let Some(parent) = parent {
            return Stage { shell: parent.shell.clone(), environment: parent.environment.inherited() };
        }
        if let Some(default) = default {
            return Stage { shell: default.clone(), environment: Environment::default() };
        }
        let base = columns.bases.get(index).and_then(|&base| columns.strings.get(base));
        let platform = from.statement.flags.iter().find(|flag| flag.name == "platform");
        let platform = platform.and_then(|flag| flag.value.as_deref()).unwrap_or_default();
        // A backtick as the escape character is for Windows paths.
        let windows = self.escape == Escape::Backtick
            || platform.to_ascii_lowercase().starts_with("windows")
            || base.is_some_and(is_windows);
        let shell = if windows { Shell::windows() } else { Shell::linux() };
        Stage { shell, environment: Environment::default() }
    }

    fn instruction(&mut self, stage: &mut Stage, global: &Environment, instruction: &Instruction<'_>, node: NodeId) {
        if let Some(trigger) = &instruction.trigger {
            let inner = self.tree.children(node).find(|&child| self.tree.kind(child) == kind::INSTRUCTION);
            self.statement(stage, instruction, trigger, inner.unwrap_or(node));
            return;
        }
        let statement = &instruction.statement;
        match (statement.command, &statement.arguments) {
            (Some(Command::Env | Command::Arg), _) => {
                stage.environment.declare(instruction, statement, self.escape, Some(global));
            }
            (Some(Command::Shell), Arguments::Array(words)) => {
                stage.shell = Shell::of(words.iter().map(|word| word.value.as_str()));
            }
            _ => self.statement(stage, instruction, statement, node),
        }
    }

    fn statement(&mut self, stage: &Stage, instruction: &Instruction<'_>, statement: &Statement, node: NodeId) {
        let healthcheck = || statement.kind.is_some_and(|kind| instruction.slice(kind).eq_ignore_ascii_case("CMD"));
        match statement.command {
            Some(Command::Run | Command::Cmd | Command::Entrypoint) => {}
            Some(Command::Healthcheck) if healthcheck() => {}
            _ => return,
        }
        let (words, parts) = (self.out.word_count(), self.out.parts.len());
        let texts = self.out.texts.as_ref().map_or(0, Vec::len);
        self.out.forget_assigned();
        match &statement.arguments {
            Arguments::Text(extent) => self.shell_form(&stage.shell, instruction, statement, *extent, node),
            Arguments::Array(words) => self.exec_form(instruction, words, node),
            Arguments::None | Arguments::Words(_) | Arguments::Pairs(_) => {}
        }
        self.resolve(words, &stage.environment);
        self.resolve_parts(parts, &stage.environment);
        for (_, text) in self.out.texts.iter_mut().flatten().skip(texts) {
            text.variables = stage.environment.names();
        }
    }

    fn shell_form(
        &mut self,
        shell: &Shell,
        instruction: &Instruction<'_>,
        statement: &Statement,
        extent: Extent,
        node: NodeId,
    ) {
        let mut text = Text::of(&instruction.text, extent);
        let mut span = instruction.text.span(extent);
        let mut shell = std::borrow::Cow::Borrowed(shell);
        if let [heredoc] = &instruction.heredocs[..]
            && instruction.slice(heredoc.opener) == text.as_str()
        {
            // BuildKit gives the body alone to the shell, or runs it as a file.
            text = Text::verbatim(heredoc.body, heredoc.span.start);
            span = heredoc.span;
            if let Some(interpreter) = shebang(heredoc.body) {
                shell = std::borrow::Cow::Owned(interpreter);
            }
        } else if statement.command == Some(Command::Run) {
            for heredoc in &instruction.heredocs {
                // As BuildKit puts it together: a line end, the body, the delimiter.
                text.push_file("\n", heredoc.span.start.saturating_sub(1));
                text.push_file(heredoc.body, heredoc.span.start);
                text.push_file(&heredoc.name, self.delimiter(heredoc.span.end, &heredoc.name));
                span.end = instruction.span.end;
            }
        }
        let new = NewScript { node, command: NONE, shell: Some(&shell.name), options: &shell.options, span };
        let here = Here { script: 0, parent: NONE, context: 0, level: 0, pipeline: 0 };
        if !shell.posix || instruction.fault == Some(Fault::Heredoc) {
            self.out.script(new);
            return;
        }
        script::read(&mut self.out, &text, new, here, 0);
    }

    /// Where the delimiter after a body stands: `<<-` allows tabs before it.
    fn delimiter(&self, body_end: u32, name: &str) -> u32 {
        let line = self.text.get(body_end as usize..).unwrap_or_default();
        let tabs = line.len() - line.trim_start_matches('\t').len();
        if line[tabs..].starts_with(name) { body_end + tabs as u32 } else { body_end }
    }

    /// A list of words that no shell reads; one of them may be a script.
    fn exec_form(&mut self, instruction: &Instruction<'_>, words: &[dockerfile::Word], node: NodeId) {
        let (Some(first), Some(last)) = (words.first(), words.last()) else { return };
        let text = Text::of(&instruction.text, Extent { start: 0, end: instruction.text.text().len() as u32 });
        let span = instruction.text.span(Extent { start: first.extent.start, end: last.extent.end });
        let row = self.out.script(NewScript { node, command: NONE, shell: None, options: "", span });
        self.out.settle(row, state::PARSED, span.end);
        let pipeline = self.out.pipeline();
        let here = Here { script: row, parent: NONE, context: context::EXEC_FORM, level: 0, pipeline };
        let new = NewCommand {
            script: row,
            parent: NONE,
            context: here.context,
            pipeline,
            join: (join::NONE, Span::default()),
            start: span.start,
        };
        let command = self.out.command(new, 0);
        let rows: Vec<Word> = words.iter().map(|word| self.exec_word(instruction, word)).collect();
        self.out.finish(command, &rows, span.end);
        let values: Vec<Option<&str>> = words.iter().map(|word| Some(word.value.as_str())).collect();
        let Some(Runs { shell, options, argument: Some(argument) }) = shells::runs(&values) else { return };
        let Some(word) = words.get(argument) else { return };
        let new = NewScript { node, command, shell: Some(&shell), options: &options, span: rows[argument].span };
        let here = Here { parent: command, context: context::SCRIPT, level: 1, ..here };
        script::read(&mut self.out, &unescaped(&text, word), new, here, 1);
    }

    fn exec_word(&mut self, instruction: &Instruction<'_>, word: &dockerfile::Word) -> Word {
        let strings = &mut self.out.strings;
        Word {
            extent: word.extent,
            span: instruction.text.span(word.extent),
            value: strings.intern(&word.value),
            raw: strings.intern(instruction.slice(word.extent)),
            flags: content::QUOTED,
            mark: NONE,
        }
    }

    /// Fills in what the variables of an instruction's words stand for.
    fn resolve(&mut self, first: usize, environment: &Environment) {
        const VARIABLE: u32 = content::VARIABLE | content::QUOTED_VARIABLE;
        for index in first..self.out.word_count() {
            let words = &self.out.rows.words;
            let flags = words.contents[index];
            if flags & content::UNKNOWN & !VARIABLE != 0 || flags & VARIABLE == 0 {
                continue;
            }
            let Some(raw) = self.out.text(words.raws[index]) else { continue };
            // Not BuildKit's language: arithmetic, and quotes that only a shell knows.
            if ["$(", "$'", "$\"", "$["].into_iter().any(|odd| raw.contains(odd)) {
                continue;
            }
            let lookup = |name: &str| {
                if self.out.is_assigned(name) { dockerfile::Variable::Unknown } else { environment.get(name) }
            };
            let Ok(expansion) = expand(raw, Escape::Backslash, lookup) else { continue };
            let Some(value) = expansion.complete() else { continue };
            // The shell splits an unquoted value at blanks, and takes signs in it for a pattern.
            if flags & content::VARIABLE != 0 && (expansion.words.len() != 1 || value.contains(['*', '?', '['])) {
                continue;
            }
            let number = self.out.strings.intern(value);
            self.out.rows.words.resolved[index] = number;
        }
    }

    /// Fills in the values of variables.
    fn resolve_parts(&mut self, first: usize, environment: &Environment) {
        for index in first..self.out.parts.len() {
            let name = self.out.parts[index].name;
            let Some(name) = self.out.text(name).filter(|name| !self.out.is_assigned(name)) else { continue };
            let dockerfile::Variable::Value(value) = environment.get(name) else { continue };
            self.out.parts[index].resolved = self.out.strings.intern(value);
        }
    }
}

/// The instructions of a Dockerfile's tree in order, triggers of ONBUILD left out.
fn nodes(tree: &Tree) -> impl Iterator<Item = NodeId> + '_ {
    let is_instruction = |node: NodeId| tree.kind(node) == kind::INSTRUCTION;
    (0..tree.len() as NodeId)
        .filter(move |&node| is_instruction(node) && !tree.parent(node).is_some_and(is_instruction))
}

/// Whether an image is known to hold Windows.
fn is_windows(image: &str) -> bool {
    const MARKS: [&str; 2] = ["nanoserver", "windowsservercore"];
    let Some(reference) = ImageReference::parse(image) else { return false };
    let repository = reference.repository.as_str();
    let microsoft = reference.registry == "mcr.microsoft.com" || repository.starts_with("microsoft/");
    let tag = reference.tag.as_deref().unwrap_or_default();
    MARKS.into_iter().any(|mark| repository.contains(mark) || tag.contains(mark))
        || microsoft && (repository.starts_with("windows/") || repository == "windows")
}

/// What `#!` names, where a heredoc is run as a file.
fn shebang(body: &str) -> Option<Shell> {
    let line = body.strip_prefix("#!")?.lines().next().unwrap_or_default();
    let mut words = line.split_whitespace();
    let mut program = words.next().unwrap_or_default();
    if shells::base_name(program) == "env" {
        program = words.find(|word| !word.starts_with('-') && !word.contains('=')).unwrap_or_default();
    }
    let options = words.collect::<Vec<_>>().join(" ");
    let name = shells::base_name(program).to_owned();
    Some(Shell { posix: shells::posix_shell(program).is_some(), name, options })
}

/// The value of a JSON string as a text, byte for byte where nothing is escaped.
fn unescaped(instruction: &Text<'_>, word: &dockerfile::Word) -> Text<'static> {
    let (start, end) = (word.extent.start as usize + 1, word.extent.end as usize - 1);
    let raw = instruction.as_str().get(start..end).unwrap_or_default();
    let mut text = Text::default();
    let mut value = word.value.chars();
    let mut at = 0;
    while at < raw.len() {
        let plain = memchr::memchr(b'\\', &raw.as_bytes()[at..]).unwrap_or(raw.len() - at);
        text.push(instruction, start + at, start + at + plain);
        value.by_ref().take(raw[at..at + plain].chars().count()).for_each(drop);
        at += plain;
        if at >= raw.len() {
            break;
        }
        let Some(char) = value.next() else { break };
        let mut len = if raw.as_bytes().get(at + 1) == Some(&b'u') { 6 } else { 2 };
        if u32::from(char) > 0xffff {
            len = 12;
        }
        let len = len.min(raw.len() - at);
        text.push_escape(instruction, start + at, start + at + len, char.encode_utf8(&mut [0; 4]));
        at += len;
    }
    text
}
