//! The words of a Dockerfile in which BuildKit replaces variables: what each comes to, and the place of every variable.
//!
//! Text that a shell expands (of RUN, CMD, ENTRYPOINT and HEALTHCHECK) is not among them, nor are triggers of ONBUILD,
//! which another build expands.

use std::borrow::Cow;

use super::environment::{Environment, Scope};
use super::expand::{Expansion, expand_body};
use super::{Arguments, Command, Dockerfile, Escape, Extent, Flag, Instruction, Pair};
use crate::document::{Interner, NONE, NodeId, Span, Stages, Tree, Variables, kind};

/// Most variables that are copied from stages to those built from them.
const MAX_INHERITED: usize = 1 << 20;
/// Most bytes that words may grow to, all together.
const MAX_EXPANDED: usize = 1 << 24;
/// Most bytes of words that cross to a plugin.
const MAX_VALUES: usize = 1 << 20;

/// The columns of the plugin interface. `nodes` are the instructions' places in the tree, in the order of the file.
pub(crate) fn columns(file: &Dockerfile<'_>, tree: &Tree, nodes: &[NodeId], stages: &Stages) -> Variables {
    let mut reader = Reader {
        tree,
        stages,
        escape: file.escape,
        columns: Variables::default(),
        strings: Interner::default(),
        inherited: 0,
        expanded: 0,
        crossing: 0,
    };
    let mut global = Environment::default();
    // Docker refuses all but ARG before the first FROM; the words there are read all the same.
    let mut outside = Environment::of_stage(Scope::Image);
    let mut done: Vec<Environment> = Vec::new();
    let mut current: Option<Environment> = None;
    for (instruction, &node) in file.instructions().zip(nodes) {
        match (instruction.statement.command, &mut current) {
            (Some(Command::From), _) => {
                done.extend(current.take());
                reader.instruction(instruction, node, &global);
                current = Some(reader.begin(&done));
            }
            (Some(Command::Arg), None) => {
                reader.arg(instruction, node, &mut global, None);
                if let Arguments::Pairs(pairs) = &instruction.statement.arguments {
                    pairs.iter().for_each(|&pair| outside.declare(instruction, pair, file.escape, Some(&global)));
                }
            }
            (Some(Command::Arg), Some(stage)) => reader.arg(instruction, node, stage, Some(&global)),
            (Some(command), stage) => {
                let stage = stage.as_mut().unwrap_or(&mut outside);
                reader.instruction(instruction, node, stage);
                if command == Command::Env {
                    stage.assign(instruction, file.escape);
                }
            }
            (None, _) => {}
        }
    }
    reader.columns.strings = reader.strings.finish();
    reader.columns
}

struct Reader<'a> {
    tree: &'a Tree,
    stages: &'a Stages,
    escape: Escape,
    columns: Variables,
    strings: Interner,
    /// Variables copied so far.
    inherited: usize,
    /// Bytes of all expansions so far.
    expanded: usize,
    /// Bytes of all values so far.
    crossing: usize,
}

/// A word with the way back to the bytes of the file.
struct Word<'a> {
    /// Kind and first byte of the node that holds it.
    kind: u8,
    start: u32,
    text: Cow<'a, str>,
    origin: Origin,
    /// Whether the node's value is this word; it may also be a name, or a heredoc's body.
    is_value: bool,
}

/// Where the first byte of a word stands.
#[derive(Clone, Copy)]
enum Origin {
    /// At this byte of the instruction's joined text.
    Logical(u32),
    /// At this byte of the file.
    Physical(u32),
    /// Somewhere in this span: quotes or escapes keep word and text apart.
    Within(Span),
}

impl Reader<'_> {
    /// The environment at the beginning of the stage after those that are done.
    fn begin(&mut self, done: &[Environment]) -> Environment {
        let index = done.len();
        let column = |column: &[u32]| column.get(index).copied().unwrap_or(NONE);
        if let Some(parent) = done.get(column(&self.stages.parents) as usize) {
            self.inherited += parent.len();
            return if self.inherited <= MAX_INHERITED { parent.clone() } else { Environment::lost() };
        }
        let base = self.stages.strings.get(column(&self.stages.bases));
        Environment::of_stage(if base == Some("scratch") { Scope::Scratch } else { Scope::Image })
    }

    /// An ARG: each default sees the names before it.
    fn arg(
        &mut self,
        arg: &Instruction<'_>,
        node: NodeId,
        environment: &mut Environment,
        global: Option<&Environment>,
    ) {
        let Arguments::Pairs(pairs) = &arg.statement.arguments else { return };
        for &pair in pairs {
            for word in pair_words(arg, pair) {
                self.word(arg, node, environment, &word);
            }
            environment.declare(arg, pair, self.escape, global);
        }
    }

    fn instruction(&mut self, instruction: &Instruction<'_>, node: NodeId, environment: &Environment) {
        for word in words(instruction) {
            self.word(instruction, node, environment, &word);
        }
    }

    fn word(&mut self, instruction: &Instruction<'_>, node: NodeId, environment: &Environment, word: &Word<'_>) {
        let special = ['$', '\'', '"', '\\', self.escape.char()];
        if !word.text.contains(special) || self.expanded > MAX_EXPANDED {
            return;
        }
        let Some(node) = self.node(node, word) else { return };
        let expansion = match word.kind {
            kind::HEREDOC => expand_body(&word.text, |name| environment.lookup(name)).ok(),
            _ => environment.expand(&word.text, self.escape),
        };
        let Some(expansion) = expansion else { return };
        self.expanded += word.text.len() + expansion.text.len();
        self.references(&expansion, instruction, node, environment, word.origin);
        if word.is_value {
            self.value(node, &expansion);
        }
    }

    fn value(&mut self, node: NodeId, expansion: &Expansion) {
        self.crossing += expansion.text.len();
        if self.crossing > MAX_VALUES {
            return;
        }
        self.columns.nodes.push(node);
        self.columns.values.push(self.strings.intern(&expansion.text));
        self.columns.complete.push(u8::from(!expansion.incomplete));
    }

    fn references(
        &mut self,
        expansion: &Expansion,
        instruction: &Instruction<'_>,
        node: NodeId,
        environment: &Environment,
        origin: Origin,
    ) {
        for reference in &expansion.references {
            let Extent { start, end } = reference.extent;
            let span = match origin {
                Origin::Logical(at) => instruction.text.span(reference.extent.shifted(at)),
                Origin::Physical(at) => Span::new(at + start, at + end),
                Origin::Within(span) => span,
            };
            self.columns.reference_nodes.push(node);
            self.columns.reference_names.push(self.strings.intern(&reference.name));
            self.columns.reference_starts.push(span.start);
            self.columns.reference_ends.push(span.end);
            self.columns.reference_states.push(environment.state(&reference.name) as u8);
            self.columns.reference_defaults.push(u8::from(reference.has_default));
        }
    }

    /// The child of the instruction that holds the word. Children stand in the order of the text, and these instructions
    /// have no grandchildren.
    fn node(&self, instruction: NodeId, word: &Word<'_>) -> Option<NodeId> {
        let first = instruction as usize + 1;
        let starts = self.tree.starts.get(first..self.tree.subtree_end(instruction) as usize)?;
        let from = first + starts.partition_point(|&start| start < word.start);
        let holds = |&node: &usize| self.tree.kinds[node] == word.kind;
        (from..first + starts.len())
            .take_while(|&node| self.tree.starts[node] == word.start)
            .find(holds)
            .map(|node| node as NodeId)
    }
}

/// The words that BuildKit expands.
fn words<'a>(instruction: &'a Instruction<'_>) -> Vec<Word<'a>> {
    let statement = &instruction.statement;
    let Some(command) = statement.command else { return Vec::new() };
    let flags: &[&str] = match command {
        Command::From => &["platform"],
        Command::Add | Command::Copy => &["chown", "chmod", "checksum", "exclude"],
        Command::Run => &["mount"],
        _ => &[],
    };
    let flags = statement.flags.iter().filter(|flag| flags.contains(&flag.name.as_str()));
    let mut words: Vec<Word<'a>> = flags.filter_map(|flag| flag_word(instruction, flag)).collect();
    match command {
        Command::From => words.extend(arguments(instruction).into_iter().take(1)),
        Command::Add | Command::Copy => {
            words.extend(arguments(instruction));
            words.extend(instruction.heredocs.iter().filter(|heredoc| heredoc.expand).map(|heredoc| Word {
                kind: kind::HEREDOC,
                start: heredoc.span.start,
                text: Cow::Borrowed(heredoc.body),
                origin: Origin::Physical(heredoc.span.start),
                is_value: false,
            }));
        }
        Command::Env | Command::Label => {
            if let Arguments::Pairs(pairs) = &statement.arguments {
                words.extend(pairs.iter().flat_map(|&pair| pair_words(instruction, pair)));
            }
        }
        Command::Expose | Command::StopSignal | Command::User | Command::Volume | Command::Workdir => {
            words.extend(arguments(instruction));
        }
        _ => {}
    }
    words
}

fn flag_word<'a>(instruction: &Instruction<'_>, flag: &'a Flag) -> Option<Word<'a>> {
    let value = flag.value.as_deref()?;
    let span = instruction.text.span(flag.extent);
    let start = flag.name_extent.end + 1;
    let as_written = instruction.slice(Extent { start, end: flag.extent.end }) == value;
    let origin = if as_written { Origin::Logical(start) } else { Origin::Within(span) };
    Some(Word { kind: kind::FLAG, start: span.start, text: Cow::Borrowed(value), origin, is_value: true })
}

fn arguments<'a>(instruction: &'a Instruction<'_>) -> Vec<Word<'a>> {
    let plain = |extent: Extent| Word {
        kind: kind::ARGUMENT,
        start: instruction.text.span(extent).start,
        text: Cow::Borrowed(instruction.slice(extent)),
        origin: Origin::Logical(extent.start),
        is_value: true,
    };
    match &instruction.statement.arguments {
        Arguments::Text(extent) => vec![plain(*extent)],
        Arguments::Words(words) => {
            let opens = |word: &Extent| instruction.heredocs.iter().any(|heredoc| heredoc.opener == *word);
            words.iter().filter(|word| !opens(word)).map(|&word| plain(word)).collect()
        }
        Arguments::Array(words) => words
            .iter()
            .map(|word| {
                let span = instruction.text.span(word.extent);
                let inside = Extent { start: word.extent.start + 1, end: word.extent.end.saturating_sub(1) };
                let as_written = instruction.slice(inside) == word.value;
                let origin = if as_written { Origin::Logical(inside.start) } else { Origin::Within(span) };
                let text = Cow::Borrowed(word.value.as_str());
                Word { kind: kind::JSON_ARGUMENT, start: span.start, text, origin, is_value: true }
            })
            .collect(),
        Arguments::None | Arguments::Pairs(_) => Vec::new(),
    }
}

/// Name and value.
fn pair_words<'a>(instruction: &'a Instruction<'_>, pair: Pair) -> impl Iterator<Item = Word<'a>> {
    let shown = pair.value.filter(|value| !value.is_empty()).unwrap_or(pair.name);
    let start = instruction.text.span(shown).start;
    let word = move |extent: Extent, is_value| Word {
        kind: kind::PAIR,
        start,
        text: Cow::Borrowed(instruction.slice(extent)),
        origin: Origin::Logical(extent.start),
        is_value,
    };
    [Some(word(pair.name, false)), pair.value.map(|value| word(value, true))].into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::parse;
    use crate::document::{Document, Source};

    fn document(text: &str) -> Document {
        parse(&Arc::new(Source::new("Dockerfile", text.as_bytes().to_vec()))).documents.remove(0)
    }

    /// Each variable as it is written, with its state.
    fn references(text: &str) -> Vec<(String, u8)> {
        let document = document(text);
        let variables = &document.variables;
        (0..variables.reference_names.len())
            .map(|index| {
                let (start, end) = (variables.reference_starts[index], variables.reference_ends[index]);
                (text[start as usize..end as usize].to_owned(), variables.reference_states[index])
            })
            .collect()
    }

    fn told(text: &str) -> Vec<(String, u8)> {
        references(text).into_iter().filter(|(name, _)| name.starts_with('$')).collect()
    }

    fn named<const N: usize>(expected: [(&str, u8); N]) -> [(String, u8); N] {
        expected.map(|(name, state)| (name.to_owned(), state))
    }

    /// Each value, and whether the file tells all of it.
    fn values(text: &str) -> Vec<(String, bool)> {
        let document = document(text);
        let variables = &document.variables;
        let value = |index: usize| variables.strings.get(variables.values[index]).unwrap().to_owned();
        (0..variables.nodes.len()).map(|index| (value(index), variables.complete[index] == 1)).collect()
    }

    #[test]
    fn text_of_a_shell_is_left_alone() {
        assert_eq!(references("FROM a\nRUN echo $X\nCMD $Y\nENTRYPOINT [\"$Z\"]\nONBUILD COPY $A /\n"), []);
        assert_eq!(references("FROM a\nCOPY <<'E' /x\n$A\nE\nCOPY --from=$B a /\nSHELL [\"$C\"]\n"), []);
    }

    #[test]
    fn every_word_that_buildkit_expands_is_known() {
        let text = "ARG A=$B\nFROM --platform=$C i:$D\nADD --chown=$E --checksum=$F $G \\\n  ${H:-x} /\nCOPY [\"a$I\", \"/\"]\n\
            ENV J=\"$K\" $L=1\nENV M $N\nLABEL a=$O\nSTOPSIGNAL $P\nUSER $Q\nVOLUME $R\nWORKDIR /$S\nEXPOSE $T\n\
            RUN --mount=type=bind,source=$U,target=/x y\nCOPY <<E /z\n'$V'\nE\nARG W=$X\n";
        let names: Vec<String> = references(text).into_iter().map(|(name, _)| name).collect();
        let expected = [
            "$B", "$C", "$D", "$E", "$F", "$G", "${H:-x}", "$I", "$K", "$L", "$N", "$O", "$P", "$Q", "$R", "$S", "$T",
            "$U", "$V", "$X",
        ];
        assert_eq!(names, expected);
    }

    #[test]
    fn an_image_may_bring_what_is_not_declared() {
        assert_eq!(told("FROM a\nCOPY $X $PATH $http_proxy /\n"), named([("$X", 3), ("$PATH", 2), ("$http_proxy", 2)]));
        assert_eq!(told("FROM scratch AS a\nFROM a\nCOPY $X /\n"), named([("$X", 4)]));
        assert_eq!(told("ARG I=scratch\nFROM $I\nCOPY $X /\n"), named([("$I", 0), ("$X", 4)]));
    }

    #[test]
    fn a_global_arg_holds_in_froms_until_a_stage_asks_for_it() {
        let text = "ARG A=1\nARG B\nFROM i:$A-$B-$C-$TARGETARCH\nCOPY $A /\nARG A\nARG B\nARG TARGETARCH\nCOPY $A $B $TARGETARCH /\n";
        let expected =
            [("$A", 0), ("$B", 1), ("$C", 4), ("$TARGETARCH", 2), ("$A", 3), ("$A", 0), ("$B", 1), ("$TARGETARCH", 2)];
        assert_eq!(told(text), named(expected));
    }

    #[test]
    fn a_part_of_a_file_is_read_like_a_stage() {
        assert_eq!(told("ARG A=1\nENV B=$A C=$B\nCOPY $B $X /\n"), named([("$A", 0), ("$B", 3), ("$B", 0), ("$X", 3)]));
        assert_eq!(values("WORKDIR \"/a\"\nFROM x\nUSER 'b'\n"), [("/a".to_owned(), true), ("b".to_owned(), true)]);
    }

    #[test]
    fn env_sees_what_stands_before_the_instruction_and_arg_before_the_name() {
        assert_eq!(told("FROM a\nENV A=1 B=$A\nCOPY $A /\n"), named([("$A", 3), ("$A", 0)]));
        assert_eq!(told("FROM a\nARG A=1 B=$A\n"), named([("$A", 0)]));
    }

    #[test]
    fn stages_inherit() {
        let text = "FROM a AS one\nENV A=/x\nARG B=y\nFROM one\nWORKDIR $A/$B\n";
        assert_eq!(values(text), [("/x/y".to_owned(), true)]);
    }

    #[test]
    fn a_value_tells_whether_something_is_missing() {
        let text = "FROM a\nARG V\nCOPY \"ab\" x$V ${W:-w} /\n";
        let expected = [("ab", true), ("x", false), ("w", true)].map(|(value, complete)| (value.to_owned(), complete));
        assert_eq!(values(text), expected);
    }

    #[test]
    fn what_has_no_name_is_no_variable() {
        let names = |text: &str| document(text).variables.reference_names.len();
        assert_eq!((names("FROM a\nUSER ${%}:b\n"), names("FROM a\nUSER ${b%}:$c\n")), (0, 2));
    }

    #[test]
    fn growth_is_bounded() {
        let mut text = "FROM a\nENV A=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n".to_owned();
        text += &"ENV A=$A$A\n".repeat(40);
        text += &"COPY $A$A$A /\n".repeat(2000);
        assert!(document(&text).variables.strings.bytes.len() < 2 << 20);
    }

    #[test]
    fn many_stages_with_many_variables_take_bounded_time() {
        let mut text = "FROM a AS s\n".to_owned();
        for index in 0..5000 {
            text += &format!("FROM s AS s\nENV V{index}=1\nCOPY $V0 /\n");
        }
        assert_eq!(document(&text).variables.reference_names.len(), 5000);
    }
}
