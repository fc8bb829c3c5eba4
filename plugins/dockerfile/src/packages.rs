//! How the command lines of package managers are read.

use hullmark_sdk::prelude::*;

use crate::plain::is_plain;

/// A package manager, or several that read the same command line. Lists are words with blanks between.
#[derive(Debug)]
pub(crate) struct Manager {
    programs: &'static str,
    /// Options that take the next word as their value.
    valued: &'static str,
    /// Actions that are followed by another: `group` of `dnf group install`.
    nouns: &'static str,
    /// Actions that are followed by the names of packages to install.
    installs: &'static str,
    /// Actions that ask for a confirmation.
    asks: &'static str,
    /// Options that answer it.
    yes: &'static str,
    /// Options with which nothing is done, so nothing is asked.
    idle: &'static str,
    /// What stands in a setting that answers it.
    assumes: &'static str,
    /// Actions that do no more than fetch the lists of packages.
    refreshes: &'static str,
    /// Actions that leave files in the cache.
    pub(crate) fills: &'static str,
    /// Actions that empty it.
    pub(crate) empties: &'static str,
    /// Folders that are the cache, in one version or another.
    pub(crate) caches: &'static str,
}

/// Debian's and Ubuntu's. Their images remove packages after they are installed, so the lists are what stays.
pub(crate) static APT: Manager = Manager {
    programs: "apt-get apt aptitude",
    valued: "-o --option -t --target-release --default-release -c --config-file -a --host-architecture -P --build-profiles",
    nouns: "",
    installs: "install",
    asks: "install reinstall upgrade dist-upgrade full-upgrade remove purge autoremove auto-remove autopurge build-dep \
           satisfy",
    yes: "-y --yes --assume-yes --force-yes",
    idle: "-s --simulate --just-print --dry-run --recon --no-act --print-uris -h --help",
    assumes: "Assume-Yes",
    refreshes: "update",
    fills: "update",
    empties: "distclean dist-clean",
    caches: "/var/lib/apt/lists",
};

/// Alpine's. It never asks.
pub(crate) static APK: Manager = Manager {
    programs: "apk",
    valued: "-t --virtual -X --repository -p --root --keys-dir --repositories-file --wait --arch --cache-dir \
             --cache-max-age --progress-fd --timeout",
    nouns: "",
    installs: "add",
    asks: "",
    yes: "",
    idle: "",
    assumes: "",
    refreshes: "update",
    fills: "add update upgrade",
    empties: "",
    caches: "/var/cache/apk /etc/apk/cache",
};

/// That of older Fedora and Red Hat; where dnf took over, its name still works.
pub(crate) static YUM: Manager = Manager {
    programs: "yum",
    valued: "-c --config -d --debuglevel -e --errorlevel -R --randomwait -x --exclude --installroot --releasever \
             --enablerepo --disablerepo --repo --repoid --repofrompath --setopt --setvar --enableplugin \
             --disableplugin --forcearch --color --comment --downloaddir --destdir --advisory --bz --cve --sec-severity",
    nouns: "group groups module",
    installs: "install",
    asks: "install in groupinstall localinstall reinstall rei update upgrade up upgrade-minimal up-min downgrade dg \
           distro-sync dsync swap remove rm erase autoremove groupremove builddep enable disable reset switch-to",
    yes: "-y --assumeyes",
    idle: "--assumeno -h --help",
    assumes: "assumeyes",
    refreshes: "makecache mc",
    fills: "install in groupinstall localinstall reinstall rei update upgrade up upgrade-minimal up-min downgrade dg \
            distro-sync dsync swap builddep makecache mc",
    empties: "clean",
    caches: "/var/cache/yum /var/cache/dnf /var/cache/libdnf5",
};

/// Fedora's and Red Hat's, and those of small images that follow it.
pub(crate) static DNF: Manager = Manager {
    programs: "dnf dnf5 microdnf tdnf",
    installs: "install in",
    caches: "/var/cache/dnf /var/cache/libdnf5 /var/cache/yum /var/cache/tdnf /.cache/libdnf5",
    ..YUM
};

/// openSUSE's.
pub(crate) static ZYPPER: Manager = Manager {
    programs: "zypper",
    valued: "-R --root --installroot -C --cache-dir --pkg-cache-dir --raw-cache-dir --solv-cache-dir -c --config \
             --reposd-dir --userdata --releasever -r --repo --from -t --type",
    nouns: "",
    installs: "install in",
    asks: "install in remove rm source-install si patch update up dist-upgrade dup verify ve install-new-recommends inr",
    yes: "-n --non-interactive -y --no-confirm",
    idle: "-D --dry-run -h --help",
    assumes: "",
    refreshes: "refresh ref",
    fills: "install in source-install si patch update up dist-upgrade dup install-new-recommends inr refresh ref",
    empties: "clean cc",
    caches: "/var/cache/zypp",
};

/// All of them.
pub(crate) static MANAGERS: [&Manager; 5] = [&APT, &APK, &YUM, &DNF, &ZYPPER];

/// Whether a list holds a word.
pub(crate) fn has(list: &str, word: &str) -> bool {
    list.split(' ').any(|entry| entry == word)
}

fn words(list: &'static str) -> Vec<&'static str> {
    list.split(' ').filter(|word| !word.is_empty()).collect()
}

/// A command of a package manager.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'a> {
    pub(crate) manager: &'static Manager,
    /// As it stands in the instruction, perhaps behind `sudo`.
    pub(crate) outer: Command<'a>,
    /// The package manager's own words.
    pub(crate) command: Command<'a>,
    pub(crate) program: &'a str,
    /// `group` or `module`, where that comes before the action.
    pub(crate) noun: Option<&'a str>,
    /// The word of what is to be done: `install`.
    pub(crate) word: Word<'a>,
    pub(crate) action: &'a str,
}

impl<'a> Call<'a> {
    /// A command of `RUN` as one of that package manager.
    pub(crate) fn of(command: &Command<'a>, manager: &'static Manager) -> Option<Self> {
        let outer = *command;
        let command = outer.unwrapped();
        let program = command.name().filter(|name| has(manager.programs, name))?;
        if outer.instruction().name() != "RUN" {
            return None;
        }
        let mut noun = None;
        for word in command.operands(&words(manager.valued)) {
            // What a variable holds may be an option.
            let Some(action) = word.text() else { continue };
            if noun.is_none() && has(manager.nouns, action) {
                noun = Some(action);
            } else {
                return Some(Self { manager, outer, command, program, noun, word, action });
            }
        }
        None
    }

    /// The command as it is named in messages: `dnf group install`.
    pub(crate) fn title(&self) -> String {
        let Self { program, action, .. } = self;
        self.noun.map_or_else(|| format!("{program} {action}"), |noun| format!("{program} {noun} {action}"))
    }

    /// Whether the action is one of these words.
    pub(crate) fn does(&self, actions: &[&str]) -> bool {
        actions.contains(&self.action)
    }

    /// Whether the instruction itself runs it, by its bare name.
    pub(crate) fn is_plain(&self) -> bool {
        is_plain(&self.outer)
    }

    /// Whether packages are named after the action that it installs.
    pub(crate) fn is_install(&self) -> bool {
        has(self.manager.installs, self.action)
    }

    /// Whether it does no more than fetch the lists of packages.
    pub(crate) fn is_refresh(&self) -> bool {
        has(self.manager.refreshes, self.action)
    }

    /// Whether it empties the cache.
    pub(crate) fn is_cleaning(&self) -> bool {
        has(self.manager.empties, self.action)
    }

    /// What is named after the action.
    fn operands(&self) -> Vec<Word<'a>> {
        let behind = |word: &Word| word.place() > self.word.place();
        self.command.operands(&words(self.manager.valued)).filter(behind).collect()
    }

    /// Packages that are named without a version. Of a word with a variable, what its value makes of it is asked; where the
    /// file does not tell that, nothing, or with `variables` the word as it is written.
    pub(crate) fn unpinned(&self, variables: bool, is_pinned: impl Fn(&str) -> bool) -> Vec<Word<'a>> {
        let is_pinned = |word: &Word| match (word.text(), word.resolved()) {
            (Some(text), _) => is_pinned(text),
            (None, Some(value)) => value.split_whitespace().all(&is_pinned),
            (None, None) => !variables || is_pinned(&word.raw().replace(['"', '\''], "")),
        };
        let packages = self.is_install().then(|| self.operands());
        packages.into_iter().flatten().filter(|word| !is_pinned(word)).collect()
    }

    /// Whether a variable among its words may hold an option.
    pub(crate) fn is_hidden(&self) -> bool {
        self.command.words().any(|word| word.may_split() && word.resolved().is_none())
    }

    /// Whether it asks for a confirmation that is not given. Unless that has to be `explicit`, a variable, a pipe and a setting
    /// anywhere in the file may give it.
    pub(crate) fn waits(&self, explicit: bool) -> bool {
        let Manager { asks, yes, idle, assumes, .. } = self.manager;
        let is_set = |text: &str| !assumes.is_empty() && text.contains(assumes);
        let is_answered = self.command.has_flag(&words(yes))
            || self.command.has_flag(&words(idle))
            || self.command.words().any(|word| is_set(word.raw()));
        let may_be_answered = || self.is_hidden() || self.outer.is_piped_from() || writes(&self.outer, is_set);
        has(asks, self.action) && !is_answered && (explicit || !may_be_answered())
    }

    /// How an option is added behind a word: as a further string in exec form.
    pub(crate) fn added(&self, option: &str) -> String {
        if self.command.is_exec_form() { format!(", \"{option}\"") } else { format!(" {option}") }
    }
}

/// Whether the file sets something, by an option or in a file that it writes.
pub(crate) fn writes(command: &Command, is_meant: impl Fn(&str) -> bool) -> bool {
    let document = command.instruction().node().document();
    document.root().descendants().any(|node| node.value().is_some_and(&is_meant))
}
