//! Variables that a step or the file sets for programs.

use hullmark_sdk::prelude::*;

/// A variable with what it is set to; no value where the file does not tell.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting<'a> {
    pub(crate) name: &'a str,
    pub(crate) value: Option<&'a str>,
    pub(crate) place: Place,
    /// Whether it is the default of an ARG, which the build may replace.
    pub(crate) is_default: bool,
}

/// What a command sets: `NAME=value` before it, or given to `export` and `env`.
pub(crate) fn of_command<'a>(command: Command<'a>) -> impl Iterator<Item = Setting<'a>> {
    let assigned = command.assignments().map(|assignment| Setting {
        name: assignment.name(),
        value: assignment.value().resolved(),
        place: assignment.place(),
        is_default: false,
    });
    let (exports, is_env) = (command.name() == Some("export"), command.name() == Some("env"));
    let is_given = move |word: &Word| exports || is_env && (word.is_option() || word.raw().contains('='));
    let given = command.words().skip(1).take_while(is_given);
    assigned.chain(given.filter_map(|word| {
        let (name, _) = word.raw().split_once('=').filter(|_| !word.is_option())?;
        let value = word.resolved().and_then(|text| text.split_once('=')).map(|(_, value)| value);
        Some(Setting { name, value, place: word.place(), is_default: false })
    }))
}

/// What an ENV or ARG sets; the value of an ARG without a default is only known to the build.
pub(crate) fn of_instruction<'a>(instruction: Instruction<'a>) -> impl Iterator<Item = Setting<'a>> {
    let is_meant = matches!(instruction.name(), "ENV" | "ARG");
    instruction.pairs().filter(move |_| is_meant).filter_map(move |pair| {
        let value = pair.value().and(pair.resolved());
        Some(Setting { name: pair.key()?, value, place: pair.key_place(), is_default: instruction.name() == "ARG" })
    })
}

/// What a command may see of its own settings, of those that earlier commands of its step make, and of ENV and ARG in its
/// stage and in those that it is built from.
pub(crate) fn seen_by<'a>(command: Command<'a>) -> impl Iterator<Item = Setting<'a>> {
    let start = command.instruction().place().span.start;
    let instructions = command.stage().into_iter().flat_map(Stage::lineage).flat_map(Stage::instructions);
    let earlier = instructions.filter(move |instruction| instruction.place().span.start < start);
    let shell = std::iter::once(command).chain(command.before());
    shell.flat_map(of_command).chain(earlier.flat_map(of_instruction))
}
