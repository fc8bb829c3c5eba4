//! Programs that install what a project needs, by its own list.

use hullmark_sdk::prelude::*;

/// A program that installs what a project needs.
#[derive(Debug)]
pub(crate) struct Installer {
    pub(crate) name: &'static str,
    /// What it is told to do; the empty text for nothing at all.
    actions: &'static [&'static str],
    /// Options that leave packages for development out, the one to add first; and those with which it does something else.
    pub(crate) options: &'static [&'static str],
    /// Variables that leave them out.
    pub(crate) variables: &'static [&'static str],
}

static INSTALLERS: [Installer; 6] = [
    Installer {
        name: "npm",
        actions: &["ci", "install", "i"],
        options: &["--omit=dev", "--omit", "--production", "--only", "--prod", "-g", "--global", "--package-lock-only"],
        variables: &["NODE_ENV", "NPM_CONFIG_PRODUCTION", "NPM_CONFIG_OMIT"],
    },
    Installer {
        name: "yarn",
        actions: &["", "install"],
        options: &["--production", "--prod", "-v", "--version", "-h", "--help"],
        variables: &["NODE_ENV"],
    },
    Installer {
        name: "pnpm",
        actions: &["install", "i"],
        options: &["--prod", "--production", "-P", "-g", "--global"],
        variables: &["NODE_ENV"],
    },
    Installer { name: "composer", actions: &["install", "i"], options: &["--no-dev"], variables: &["COMPOSER_NO_DEV"] },
    Installer {
        name: "poetry",
        actions: &["install", "sync"],
        options: &["--only=main", "--only", "--without", "--no-dev"],
        variables: &["POETRY_WITHOUT"],
    },
    Installer {
        name: "uv",
        actions: &["sync"],
        options: &["--no-dev", "--no-default-groups", "--only-group"],
        variables: &["UV_NO_DEV"],
    },
];

/// The program of a command that installs what the whole project needs.
pub(crate) fn installer(command: &Command) -> Option<&'static Installer> {
    let inner = command.unwrapped();
    let installer = INSTALLERS.iter().find(|installer| Some(installer.name) == inner.name())?;
    let mut arguments = inner.arguments();
    let action = arguments.next().map_or(Some(""), Word::text)?;
    // A word behind the action is a package, or the value of an option that may change what is installed.
    (installer.actions.contains(&action) && arguments.next().is_none()).then_some(installer)
}
