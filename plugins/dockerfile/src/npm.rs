//! How npm's command line is read.

use hullmark_sdk::prelude::*;

/// Options that take the next word as their value.
const VALUED: [&str; 26] = [
    "--loglevel",
    "--registry",
    "--prefix",
    "-C",
    "--cache",
    "--tag",
    "--userconfig",
    "--globalconfig",
    "--workspace",
    "-w",
    "--omit",
    "--include",
    "--only",
    "--install-strategy",
    "--before",
    "--script-shell",
    "--fetch-retries",
    "--fetch-timeout",
    "--maxsockets",
    "--proxy",
    "--https-proxy",
    "--noproxy",
    "--cafile",
    "--cpu",
    "--os",
    "--libc",
];

/// Names of npm's command that installs packages.
pub(crate) const INSTALL: [&str; 4] = ["install", "i", "in", "add"];

/// What npm is told to do, and what with.
pub(crate) fn action<'a>(command: &Command<'a>) -> Option<(Word<'a>, Vec<Word<'a>>)> {
    let npm = command.unwrapped();
    if npm.name() != Some("npm") {
        return None;
    }
    let mut operands = npm.operands(&VALUED);
    Some((operands.next()?, operands.collect()))
}
