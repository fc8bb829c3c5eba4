use hullmark_sdk::prelude::*;

rule! {
    /// `npm install` may install other versions than those of the lock file.
    ///
    /// ## What it checks
    ///
    /// `npm install` without names of packages in `RUN`.
    ///
    /// ## Why it matters
    ///
    /// `npm install` changes the lock file where it does not fit `package.json`, so that the image gets versions that nobody
    /// has tested.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM node:22.21.1
    /// RUN npm install
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM node:22.21.1
    /// RUN npm ci
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write `npm ci`.
    level: Warning,
    tags: &["reproducibility"],
    checks: &[Command(command)],
}

/// The names of the command.
const INSTALL: [&str; 1] = ["install"];

fn command(command: &Command, report: &mut Report) {
    let npm = command.unwrapped();
    if command.instruction().name() != "RUN" || npm.name() != Some("npm") {
        return;
    }
    let mut operands = npm.operands(&[]);
    let Some(install) = operands.next() else { return };
    if !install.text().is_some_and(|name| INSTALL.contains(&name)) || operands.next().is_some() {
        return;
    }
    let message = format!("`npm {}` may install other versions than those of the lock file", install.raw());
    report.finding(install, message).fix(Fix::needs_review("use `npm ci`").replace(install, "ci"));
}
