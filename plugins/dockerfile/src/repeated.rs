//! Instructions of which the last one of a stage alone counts. Not what such an instruction holds.

use hullmark_sdk::prelude::*;

/// Reports all instructions of a name but the last one of the stage, each with the one that counts.
pub(crate) fn repeated(stage: &Stage, name: &'static str, report: &mut Report) {
    let mut all: Vec<Instruction> = stage.all(name).collect();
    let Some(last) = all.pop() else { return };
    for instruction in all {
        let message = format!("a later `{name}` of the same stage replaces this `{name}`");
        report.finding(instruction.place(), message).related(last.place(), format!("the `{name}` that counts"));
    }
}
