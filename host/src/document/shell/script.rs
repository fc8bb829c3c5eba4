//! One script: its row, and its commands.

use super::columns::{Builder, NewScript, state};
use super::parser::{Here, Parser};
use super::text::Text;

/// Reads a text as a script of a POSIX-like shell.
pub(super) fn read(out: &mut Builder, text: &Text<'_>, new: NewScript<'_>, here: Here, depth: u32) {
    let script = out.script(new);
    let here = Here { script, ..here };
    match Parser::new(text, here, depth, out).run() {
        Ok(()) => out.settle(script, state::PARSED, new.span.end),
        Err(at) => out.settle(script, state::PARTIAL, text.physical(at)),
    }
}
