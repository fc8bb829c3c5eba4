//! `hullmark merge`: the SARIF files of runs that shared a tree as one.

use std::fs;

use super::args::MergeArgs;
use super::output::{Target, stays_inside};
use super::{CommandError, Exit, Streams, UsageError, configure};
use crate::discover;
use crate::report::merge_sarif;

/// Writes what a single run over the whole would have written.
pub(super) fn merge(args: &MergeArgs, streams: &mut Streams<'_>) -> Result<Exit, CommandError> {
    if let Some(output) = &args.output {
        let current = configure::current_folder()?;
        let root = configure::root(&discover::Options::new(&current))?;
        stays_inside(&root, &current, output)?;
    }
    let target = args.output.as_deref().map(Target::new).transpose()?;
    let mut files = Vec::with_capacity(args.files.len());
    for path in &args.files {
        let name = path.display().to_string();
        let bytes = fs::read(path).map_err(|error| UsageError::new(format!("`{name}` cannot be read: {error}")))?;
        files.push((name, bytes));
    }
    let merged = merge_sarif(&files).map_err(|error| UsageError::new(error.to_string()))?;
    let merged = merged.ok_or_else(|| UsageError::new("there is nothing to merge"))?;
    match &target {
        Some(target) => {
            if let Err(message) = target.write(&merged.bytes) {
                writeln!(streams.err, "error: {message}")?;
                return Ok(Exit::Incomplete);
            }
        }
        None => streams.out.write_all(&merged.bytes)?,
    }
    Ok(if merged.complete { Exit::Clean } else { Exit::Incomplete })
}
