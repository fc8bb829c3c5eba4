//! The stages of a Dockerfile: what each is built from, and which of them the final one needs.

use std::collections::HashMap;

use super::environment::Environment;
use super::lower::{StageNodes, stage_name};
use super::{Arguments, Command, Dockerfile, Escape, Expansion, Instruction, mount};
use crate::document::{Interner, NONE, Stages};

/// Names of stages in lower case; the last stage of a name has it.
type Names = HashMap<String, usize>;

/// One stage while references are resolved.
#[derive(Debug, Default)]
struct Stage {
    base: Option<String>,
    parent: Option<usize>,
    /// What its COPYs and mounts name: a stage's name or number, or an image.
    sources: Vec<Source>,
}

/// What `--from` or a mount's `from` names.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Source {
    Number(usize),
    Name(String),
}

/// The columns of the plugin interface; `nodes` are the stages' places in the tree.
pub(crate) fn columns(file: &Dockerfile<'_>, nodes: &[StageNodes]) -> Stages {
    let (stages, names) = collect(file);
    let shipped = shipped(&stages, &names);
    let mut strings = Interner::default();
    let index = |parent: Option<usize>| parent.map_or(NONE, |parent| parent as u32);
    Stages {
        nodes: nodes.iter().map(|nodes| nodes.stage).collect(),
        froms: nodes.iter().map(|nodes| nodes.from).collect(),
        parents: stages.iter().map(|stage| index(stage.parent)).collect(),
        bases: stages.iter().map(|stage| strings.intern_option(stage.base.as_deref())).collect(),
        shipped: shipped.into_iter().map(u8::from).collect(),
        strings: strings.finish(),
    }
}

fn collect(file: &Dockerfile<'_>) -> (Vec<Stage>, Names) {
    let mut globals = Environment::default();
    let mut stages: Vec<Stage> = Vec::new();
    let mut names = Names::new();
    for instruction in file.instructions() {
        match (instruction.statement.command, stages.last_mut()) {
            (Some(Command::From), _) => {
                stages.push(begin(instruction, &globals, file.escape, &names));
                if let Some(name) = stage_name(instruction) {
                    names.insert(instruction.slice(name).to_lowercase(), stages.len() - 1);
                }
            }
            (Some(Command::Arg), None) => declare(instruction, &mut globals, file.escape),
            (_, Some(stage)) => sources(instruction, &mut stage.sources),
            (_, None) => {}
        }
    }
    (stages, names)
}

fn declare(arg: &Instruction<'_>, globals: &mut Environment, escape: Escape) {
    if let Arguments::Pairs(pairs) = &arg.statement.arguments {
        pairs.iter().for_each(|&pair| globals.declare(arg, pair, escape, None));
    }
}

/// The stage that a FROM begins. A name means the last stage before it that has it, whatever the case.
fn begin(from: &Instruction<'_>, globals: &Environment, escape: Escape, earlier: &Names) -> Stage {
    let image = match &from.statement.arguments {
        Arguments::Words(words) => words.first().map(|&word| from.slice(word)),
        _ => None,
    };
    let expansion = image.and_then(|image| globals.expand(image, escape));
    let base = expansion.as_ref().and_then(Expansion::complete).filter(|base| !base.is_empty()).map(str::to_owned);
    let parent = base.as_ref().and_then(|base| earlier.get(&base.to_lowercase()).copied());
    Stage { base, parent, sources: Vec::new() }
}

/// What an instruction copies or mounts from. That of an ONBUILD counts for its own stage, too: a stage built from
/// this one needs both.
fn sources(instruction: &Instruction<'_>, sources: &mut Vec<Source>) {
    let statement = instruction.trigger.as_ref().unwrap_or(&instruction.statement);
    for flag in &statement.flags {
        let Some(value) = &flag.value else { continue };
        match (statement.command, flag.name.as_str()) {
            (Some(Command::Copy), "from") => sources.push(match value.parse() {
                Ok(number) => Source::Number(number),
                Err(_) => Source::Name(value.to_lowercase()),
            }),
            (Some(Command::Run), "mount") => {
                sources.extend(
                    mount::fields(value)
                        .filter(|field| field.key.eq_ignore_ascii_case("from"))
                        .filter_map(|field| Some(Source::Name(field.value?.to_lowercase()))),
                );
            }
            _ => {}
        }
    }
}

/// Which stages the last one needs, itself included.
fn shipped(stages: &[Stage], names: &Names) -> Vec<bool> {
    let mut needed = vec![false; stages.len()];
    let mut open: Vec<usize> = stages.len().checked_sub(1).into_iter().collect();
    while let Some(index) = open.pop() {
        let Some(stage) = stages.get(index) else { continue };
        if std::mem::replace(&mut needed[index], true) {
            continue;
        }
        open.extend(stage.parent);
        open.extend(stage.sources.iter().filter_map(|source| match source {
            Source::Number(number) => Some(*number),
            Source::Name(name) => names.get(name).copied(),
        }));
    }
    needed
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::parse;
    use super::*;

    /// For each stage: base, parent, shipped.
    fn stages(text: &str) -> Vec<(Option<String>, Option<u32>, bool)> {
        let source = Arc::new(crate::document::Source::new("Dockerfile", text.as_bytes().to_vec()));
        let stages = parse(&source).documents.remove(0).stages;
        assert_eq!(stages.nodes.len(), stages.bases.len());
        let base = |index: usize| stages.strings.get(stages.bases[index]).map(str::to_owned);
        let parent = |index: usize| Some(stages.parents[index]).filter(|&parent| parent != NONE);
        (0..stages.nodes.len()).map(|index| (base(index), parent(index), stages.shipped[index] == 1)).collect()
    }

    fn bases(text: &str) -> Vec<Option<String>> {
        stages(text).into_iter().map(|(base, ..)| base).collect()
    }

    fn shipped_of(text: &str) -> Vec<bool> {
        stages(text).into_iter().map(|(.., shipped)| shipped).collect()
    }

    #[test]
    fn a_base_is_known_only_where_the_file_tells_it() {
        let text = "ARG V=1\nARG IMAGE=a:$V\nARG NONE\nARG W=${NONE}x\nFROM $IMAGE\nARG V=2\nFROM b:${V}\nFROM c:$NONE\n\
            FROM d:$TARGETARCH\nFROM ${NONE:-e}\nFROM f:$W\nFROM \"g\"\nFROM ${h\nFROM $U";
        let expected = [Some("a:1"), Some("b:1"), None, None, Some("e"), None, Some("g"), None, None]
            .map(|base| base.map(str::to_owned));
        assert_eq!(bases(text), expected);
        assert_eq!(bases("ARG TARGETARCH=x\nFROM a:$TARGETARCH"), [Some("a:x".into())]);
    }

    #[test]
    fn a_parent_is_the_last_earlier_stage_of_that_name() {
        let text = "ARG P=ONE\nFROM one as One\nFROM x AS one\nFROM $P\nFROM 0\nFROM later\nFROM y AS later";
        let parents: Vec<_> = stages(text).into_iter().map(|(_, parent, _)| parent).collect();
        assert_eq!(parents, [None, None, Some(1), None, None, None]);
    }

    #[test]
    fn what_the_final_stage_reaches_is_shipped() {
        let text = "FROM a AS base\nFROM b AS test\nFROM base AS build\nFROM c\nFROM d AS tools\nFROM e AS unused\nFROM f\n\
            COPY --from=Build /x /\nCOPY --from=3 /y /\nCOPY --from=test:1 /z /\n\
            RUN --mount=type=bind,target=/t,from=tools ls\n";
        assert_eq!(shipped_of(text), [true, false, true, true, true, false, true]);
    }

    #[test]
    fn stages_that_need_each_other_end() {
        assert_eq!(shipped_of("FROM a AS a\nCOPY --from=b x /\nFROM a AS b\nCOPY --from=99 x /"), [true, true]);
        assert!(stages("ENV a=b").is_empty());
    }
}
