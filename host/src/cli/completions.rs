//! `hullmark completions` and `hullmark man`: made from the same definitions as the arguments themselves.

use std::fs;

use clap::CommandFactory as _;

use super::args::{Args, CompletionsArgs, ManArgs};
use super::{CommandError, Exit, Streams, UsageError};

/// Writes what a shell reads to complete arguments.
pub(super) fn completions(args: &CompletionsArgs, streams: &mut Streams<'_>) -> Result<Exit, CommandError> {
    let mut command = Args::command();
    let mut bytes = Vec::new();
    clap_complete::generate(args.shell, &mut command, "hullmark", &mut bytes);
    streams.out.write_all(&bytes)?;
    Ok(Exit::Clean)
}

/// Writes the manual: one page to standard output, or the pages of all commands into a folder.
pub(super) fn man(args: &ManArgs, streams: &mut Streams<'_>) -> Result<Exit, CommandError> {
    let command = Args::command();
    match &args.output_dir {
        Some(folder) => {
            let wrong = |error| UsageError::new(format!("`{}` cannot be written: {error}", folder.display()));
            fs::create_dir_all(folder).map_err(wrong)?;
            clap_mangen::generate_to(command, folder).map_err(wrong)?;
        }
        None => clap_mangen::Man::new(command).render(&mut *streams.out)?,
    }
    Ok(Exit::Clean)
}
