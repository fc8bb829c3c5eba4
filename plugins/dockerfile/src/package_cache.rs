//! The caches of package managers: what fills and what empties them, and whether they become part of an image.

use hullmark_sdk::prelude::*;

use crate::cache;
use crate::packages::{Call, MANAGERS, Manager, has};

impl<'a> Call<'a> {
    /// Whether the image keeps what the command leaves in the cache, and a later command of the step neither empties it nor
    /// fills it again.
    pub(crate) fn keeps_cache(&self, builders: bool) -> bool {
        let fills = |later: Self| self.shares_cache(&later) && has(self.manager.fills, later.action);
        let is_refilled = || self.outer.after().filter_map(|later| Self::of(&later, self.manager)).any(fills);
        self.fills_cache(builders) && !is_refilled() && !self.is_emptied()
    }

    /// Whether the command leaves something in the cache, and that is part of the image: the step does not mount it, and an
    /// image is made of the stage unless `builders` is set.
    pub(crate) fn fills_cache(&self, builders: bool) -> bool {
        has(self.manager.fills, self.action)
            && self.outer.script().is_understood()
            && (builders || cache::stays(&self.outer))
            && !self.has_cache_mount()
    }

    /// Whether a later command of the step empties the cache.
    pub(crate) fn is_emptied(&self) -> bool {
        self.outer.after().any(|later| self.manager.removes_cache(&later) || self.is_emptied_by(&later))
    }

    /// Whether the step has such a command that leaves its files in the same cache, with `plain` only one that the instruction
    /// itself runs. A step is reported once, at the last of its commands; some tools look for certain ones.
    pub(crate) fn is_beside(&self, actions: &[&str], plain: bool) -> bool {
        let calls = self.outer.instruction().commands().filter_map(|command| Self::of(&command, self.manager));
        let is_meant = |call: &Self| call.does(actions) && self.shares_cache(call) && (!plain || call.is_plain());
        calls.filter(is_meant).any(|call| !call.is_emptied())
    }

    /// Whether hadolint believes that the step empties the cache: behind the first command with such an action there is a
    /// `clean`, or something that looks like a removal.
    pub(crate) fn seems_emptied(&self, actions: &[&str], path: &str) -> bool {
        let is_same = |other: &Command| other.name() == Some(self.program);
        let is_meant = |other: &Command<'a>| Self::of(other, self.manager).is_some_and(|call| call.does(actions));
        let mut later = self.outer.instruction().commands().skip_while(|other| !is_meant(other));
        later.any(|other| {
            let cleans = other.words().any(|word| matches!(word.text(), Some("clean" | "all")));
            is_same(&other) && cleans || seems_to_remove(&other, path)
        })
    }

    fn is_emptied_by(&self, later: &Command<'a>) -> bool {
        let calls = MANAGERS.iter().filter_map(|manager| Self::of(later, manager));
        calls.into_iter().any(|call| self.shares_cache(&call) && call.is_cleaning())
    }

    fn shares_cache(&self, other: &Self) -> bool {
        cache_owner(self.program) == cache_owner(other.program)
    }

    /// Whether the cache lies in a mount, which is no part of the image.
    pub(crate) fn has_cache_mount(&self) -> bool {
        let mounts = self.outer.instruction().mounts().filter(|mount| mount.is_outside_image());
        mounts.filter_map(Mount::target).any(|target| {
            let target = target.trim_matches('"').trim_end_matches('/');
            let is_cache = |folder: &str| target.contains(folder) || is_inside(folder, target);
            target.contains('$') || self.manager.caches.split(' ').any(is_cache)
        })
    }

    /// Where `&& …` can be added to the step: behind its last command, where that runs whenever this one does.
    pub(crate) fn end_of_step(&self) -> Option<Place> {
        let script = self.outer.script();
        let is_open = |command: &Command| {
            let is_bound = command.is_in_branch()
                || command.is_in_loop()
                || command.is_in_condition()
                || command.is_in_function()
                || command.is_in_subshell()
                || command.is_in_background();
            !is_bound
        };
        let last = script.commands().filter(|command| !command.is_in_substitution()).last()?;
        let is_plain_text = script.shell().is_some() && self.outer.instruction().heredocs().next().is_none();
        (self.is_plain() && is_plain_text && is_open(&self.outer) && is_open(&last)).then(|| last.whole_place())
    }
}

impl Manager {
    /// Whether a command removes the cache's folder or what is in it, or may do so, for a variable holds what it removes.
    fn removes_cache(&self, command: &Command) -> bool {
        let inner = command.unwrapped();
        let (is_rm, is_find) = (inner.name() == Some("rm"), inner.name() == Some("find"));
        let is_cache = |word: Word| {
            let Some(path) = word.resolved() else { return is_rm };
            let any = |is_meant: &dyn Fn(&str) -> bool| self.caches.split(' ').any(is_meant);
            let goes_there = |cd: Command| {
                cd.name() == Some("cd") && cd.subcommand().is_some_and(|to| any(&|folder| is_inside(folder, to)))
            };
            match path.starts_with('/') {
                true if is_find => any(&|folder| is_inside(path, folder)),
                true => any(&|folder| path.contains(folder) || folder.starts_with(beginning(path))),
                false => is_rm && command.before().any(goes_there),
            }
        };
        (is_rm || is_find) && inner.arguments().any(is_cache)
    }
}

/// Whether hadolint believes that a command removes a cache: of `rm -rf` with the path it asks for one of the two.
pub(crate) fn seems_to_remove(command: &Command, path: &str) -> bool {
    command.name() == Some("rm")
        && command.words().any(|word| word.text().is_some_and(|text| text == "-rf" || text == path))
}

/// The program that is named for a cache that several share; microdnf and tdnf have their own.
fn cache_owner(program: &str) -> &str {
    match program {
        "yum" | "dnf5" => "dnf",
        "apt" | "aptitude" => "apt-get",
        other => other,
    }
}

/// What a path is before its first sign of a pattern, without a slash at its end.
fn beginning(path: &str) -> &str {
    path.split(['*', '?', '[', '{']).next().unwrap_or_default().trim_end_matches('/')
}

fn is_inside(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder.trim_end_matches('/')).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
