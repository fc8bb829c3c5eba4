//! Images that an instruction takes files from: those of `COPY --from` and `RUN --mount=from`. Stages are none.

use hullmark_sdk::prelude::*;

/// An image that files are taken from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Borrowed<'a> {
    /// As written.
    pub(crate) text: &'a str,
    flag: Flag<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Flag<'a> {
    From(Node<'a>),
    Mount(Mount<'a>),
}

impl<'a> Borrowed<'a> {
    /// The first bytes of it, as many as `part` has.
    pub(crate) fn place(&self, part: &str) -> Place {
        match self.flag {
            Flag::From(flag) => flag.part(0, part),
            Flag::Mount(mount) => mount.from_place(part),
        }
    }

    /// Those of one instruction.
    pub(crate) fn all(instruction: &Instruction<'a>) -> impl Iterator<Item = Self> {
        let copied = instruction.flag("from").filter(|_| instruction.name() == "COPY");
        let copied = copied.and_then(|flag| Some(Self { text: flag.value()?, flag: Flag::From(flag) }));
        let mounted =
            instruction.mounts().filter_map(|mount| Some(Self { text: mount.from()?, flag: Flag::Mount(mount) }));
        let instruction = *instruction;
        copied.into_iter().chain(mounted).filter(move |borrowed| !is_stage(&instruction, borrowed.text))
    }
}

/// Whether it means a stage, by name or number, or nothing at all.
fn is_stage(instruction: &Instruction, from: &str) -> bool {
    let named = |stage: Stage| stage.name().is_some_and(|name| name.eq_ignore_ascii_case(from));
    let file = instruction.node().document().dockerfile();
    from == "scratch" || from.parse::<u32>().is_ok() || file.is_some_and(|file| file.stages().any(named))
}
