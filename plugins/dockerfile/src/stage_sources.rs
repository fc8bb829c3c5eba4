//! Which stages a Dockerfile's instructions take files from.

use hullmark_sdk::prelude::*;

/// What `COPY --from` or `RUN --mount=from` names.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'a> {
    /// As written.
    pub(crate) name: &'a str,
    /// Where it is written.
    pub(crate) place: Place,
    /// Whether it stands in a COPY, where it may be the number of a stage.
    pub(crate) is_copy: bool,
}

impl<'a> Source<'a> {
    /// The stage of that number or name; of several with one name, BuildKit takes the last.
    pub(crate) fn stage(&self, file: Dockerfile<'a>) -> Option<Stage<'a>> {
        if let Some(number) = self.number() {
            return file.stages().nth(number);
        }
        file.stages().filter(|stage| stage.name().is_some_and(|name| name.eq_ignore_ascii_case(self.name))).last()
    }

    /// Whether it is written letter for letter as the name of the stage is.
    pub(crate) fn is_name_of(&self, stage: Stage<'a>) -> bool {
        stage.from().arguments().nth(1).and_then(Node::value) == Some(self.name)
    }

    /// The number of the stage that it means.
    pub(crate) fn number(&self) -> Option<usize> {
        if self.is_copy { self.name.parse().ok() } else { None }
    }
}

/// What an instruction takes files from.
pub(crate) fn sources<'a>(instruction: &Instruction<'a>) -> Vec<Source<'a>> {
    match instruction.name() {
        "COPY" => instruction.flag("from").and_then(copied).into_iter().collect(),
        "RUN" => instruction.mounts().filter_map(mounted).collect(),
        _ => Vec::new(),
    }
}

fn copied(flag: Node<'_>) -> Option<Source<'_>> {
    let name = flag.value().filter(|name| !name.is_empty())?;
    Some(Source { name, place: flag.part(0, name), is_copy: true })
}

fn mounted(mount: Mount<'_>) -> Option<Source<'_>> {
    let name = mount.from()?;
    Some(Source { name, place: mount.from_place(name), is_copy: false })
}
