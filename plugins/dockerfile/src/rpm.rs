//! How yum and dnf read the names of packages.

use hullmark_sdk::prelude::*;

use crate::packages::Call;

/// Packages and modules that are named without a version. With `variables`, a version may be in a variable that the file
/// declares; without, nothing is said of words with a variable that has no value in the file.
pub(crate) fn unpinned<'a>(call: &Call<'a>, variables: bool) -> Vec<Word<'a>> {
    match call.noun {
        Some("module") => call.unpinned(variables, |module| module.contains([':', '/'])),
        Some(_) => Vec::new(),
        None => {
            let is_version =
                |part: &str| part.starts_with(|first: char| first.is_ascii_digit()) || is_declared(call, part);
            call.unpinned(variables, |package| is_file_or_group(package) || is_pinned(package, is_version))
        }
    }
}

fn is_file_or_group(package: &str) -> bool {
    package.contains('/') || package.ends_with(".rpm") || package.starts_with('@')
}

/// Whether one of the parts behind a dash is a version, and all of them may be parts of one.
fn is_pinned(package: &str, is_version: impl Fn(&str) -> bool) -> bool {
    let may_be_version =
        |part: &str| part.chars().all(|char| char.is_ascii_alphanumeric() || ".~^_:+${}".contains(char));
    let mut parts = package.split('-').skip(1);
    parts.clone().all(may_be_version) && parts.any(is_version)
}

/// Whether a part of a name begins with a variable that is declared above the command: by an ARG, or by an ENV that the stage
/// sees.
fn is_declared(call: &Call, part: &str) -> bool {
    let Some(variable) = part.strip_prefix('$') else { return false };
    let variable = variable.trim_start_matches('{');
    let name = variable.split(|char: char| !char.is_ascii_alphanumeric() && char != '_').next().unwrap_or_default();
    let run = call.command.instruction();
    let sees = |env: Instruction| {
        let mut lineage = call.command.stage().into_iter().flat_map(Stage::lineage);
        env.stage().is_some_and(|stage| lineage.any(|seen| seen.index() == stage.index()))
    };
    let file = run.node().document().dockerfile();
    let above = file.into_iter().flat_map(|file| file.instructions());
    let above = above.take_while(|instruction| instruction.place().span.start < run.place().span.start);
    let declaring =
        above.filter(|instruction| instruction.name() == "ARG" || instruction.name() == "ENV" && sees(*instruction));
    declaring.flat_map(Instruction::pairs).any(|pair| pair.key() == Some(name))
}
