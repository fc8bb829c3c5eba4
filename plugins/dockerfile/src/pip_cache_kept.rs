use hullmark_sdk::prelude::*;

use crate::plain::is_plain;
use crate::{cache, edit, environment, pip};

rule! {
    /// pip leaves its cache in the image.
    ///
    /// ## What it checks
    ///
    /// `pip install` and `python -m pip install` in `RUN` without `--no-cache-dir`, in stages whose layers an image carries: the
    /// last one, and those that others are built from. Accepted are `PIP_NO_CACHE_DIR` in `ENV`, `ARG` or the command's own
    /// environment, a cache or tmpfs mount over the cache, a later `pip cache purge` or `rm` of it in the same `RUN`, and
    /// options that a variable may hold.
    ///
    /// ## Why it matters
    ///
    /// The cache holds every downloaded package a second time. Nobody installs them again in a container, so the image is larger
    /// for nothing.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM python:3.13.9-slim
    /// COPY requirements.txt .
    /// RUN pip install -r requirements.txt
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM python:3.13.9-slim
    /// COPY requirements.txt .
    /// RUN pip install --no-cache-dir -r requirements.txt
    /// ```
    ///
    /// ```dockerfile
    /// FROM python:3.13.9-slim
    /// COPY requirements.txt .
    /// RUN --mount=type=cache,target=/root/.cache/pip pip install -r requirements.txt
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write `--no-cache-dir` after `install`, or keep the cache outside the image with `--mount=type=cache`.
    ///
    /// ## Options
    ///
    /// - `builders` (default: `false`): whether stages that end in no image are looked at too, those that others only copy from.
    /// - `explicit` (default: `false`): whether the command itself or a variable must turn the cache off for certain; the default of
    ///   an `ARG`, a variable that may hold the option, and a later command that removes the cache are then not enough.
    /// - `false-keeps-cache` (default: `false`): whether `PIP_NO_CACHE_DIR=false`, `0`, `off` and `no` mean what they seem to.
    ///   pip turns its cache off for these as well.
    ///
    /// ## Other tools
    ///
    /// hadolint looks at every stage, takes `PIP_NO_CACHE_DIR=false` at its word, and flags a cache that an `ARG` turns off or that
    /// is removed later in the step, as the options do here. Of mounts it knows `.cache/pip` only.
    ///
    /// ## References
    ///
    /// - <https://pip.pypa.io/en/stable/topics/caching/>
    tags: &["size"],
    precision: High,
    aliases: &["DL3042"],
    references: &["https://pip.pypa.io/en/stable/topics/caching/"],
    options: &[
        OptionSpec::flag("builders", false, "whether stages that end in no image are looked at too, those that others only copy from"),
        OptionSpec::flag(
            "explicit",
            false,
            "whether the command itself or a variable must turn the cache off for certain; the default of an `ARG`, a variable that may hold the option and a later removal are then not enough",
        ),
        OptionSpec::flag(
            "false-keeps-cache",
            false,
            "whether `PIP_NO_CACHE_DIR=false`, `0`, `off` and `no` mean what they seem to; pip turns its cache off for these as well",
        ),
    ],
    checks: &[Command(command)],
}

const TRUE: [&str; 5] = ["1", "true", "on", "yes", "y"];
const FALSE: [&str; 6] = ["0", "false", "off", "no", "n", "f"];

fn command(command: &Command, report: &mut Report) {
    let Some((install, packages)) = pip::install(command) else { return };
    let options = report.options();
    if command.instruction().name() != "RUN" || !options.flag("builders") && !cache::stays(command) {
        return;
    }
    let pip = command.unwrapped();
    let is_off = environment::seen_by(*command).any(|set| {
        let false_keeps_cache = options.flag("false-keeps-cache");
        let counts = set.name == "PIP_NO_CACHE_DIR" && !(set.is_default && options.flag("explicit"));
        counts && set.value.is_none_or(|value| turns_off(value, false_keeps_cache))
    });
    if is_off || pip.has_flag(&["--no-cache-dir", "-h", "--help", "--dry-run"]) || cache::is_mounted(command, "pip") {
        return;
    }
    let is_removed = || cache::is_removed(command, "pip") || is_purged(command);
    if !options.flag("explicit") && (may_hold_option(&packages) || is_removed()) {
        return;
    }
    let finding = report.finding(install, "`pip install` leaves its cache in the image");
    finding.fix(edit::with_option(Fix::safe("add `--no-cache-dir`"), command, install, "--no-cache-dir"));
    if !is_plain(command) {
        finding.aliases(&[]);
    }
}

/// Whether a variable stands beside other packages: alone it must be a package.
fn may_hold_option(packages: &[Word]) -> bool {
    let is_hidden = |word: &Word| word.may_split() && word.resolved().is_none() && word.raw().starts_with(['$', '`']);
    packages.len() > 1 && packages.iter().any(is_hidden)
}

fn turns_off(value: &str, false_keeps_cache: bool) -> bool {
    let value = value.to_ascii_lowercase();
    TRUE.contains(&value.as_str()) || !false_keeps_cache && FALSE.contains(&value.as_str())
}

fn is_purged(command: &Command) -> bool {
    command.after().any(|later| {
        let words: Vec<_> = later.words().filter_map(Word::text).collect();
        pip::is_pip(&later) && words.ends_with(&["cache", "purge"])
    })
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn a_cache_that_is_off_or_gone_is_accepted() {
        for run in [
            "pip --no-cache-dir install a",
            "pip install a --no-cache-dir",
            "pip install $OPTIONS a",
            "pip install --dry-run a",
            "PIP_NO_CACHE_DIR=1 pip install a",
            "export PIP_NO_CACHE_DIR=off && pip install a",
            "env PIP_NO_CACHE_DIR=1 pip install a",
            "--mount=type=cache,target=/root/.cache pip install a",
            "--mount=type=tmpfs,dst=/root/.cache/pip pip install a",
            "pip install a && rm -rf ~/.cache/*",
            "pip install a && pip cache purge",
            "pip download a",
            "pip list install",
            "pipx install a",
            "pipenv install a",
            "python setup.py install",
            "echo pip install a",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn the_file_may_turn_the_cache_off() {
        for text in [
            "FROM x\nENV PIP_NO_CACHE_DIR=on\nRUN pip install a\n",
            "FROM x\nARG PIP_NO_CACHE_DIR=1\nRUN pip install a\n",
            "FROM x\nARG PIP_NO_CACHE_DIR\nRUN pip install a\n",
            "FROM x AS y\nENV PIP_NO_CACHE_DIR 0\nFROM y\nRUN pip install a\n",
        ] {
            assert_eq!(dockerfile(&RULE, text), [""; 0], "{text}");
        }
        for text in [
            "FROM x\nRUN pip install a\nENV PIP_NO_CACHE_DIR=1\n",
            "FROM x\nENV PIP_NO_CACHE_DIR=maybe\nRUN pip install a\n",
            "FROM x AS y\nENV PIP_NO_CACHE_DIR=1\nFROM z\nRUN pip install a\n",
        ] {
            assert_eq!(dockerfile(&RULE, text), ["install"], "{text}");
        }
    }

    #[test]
    fn every_way_to_call_pip_is_seen() {
        let text = "FROM x\nRUN pip3.12 install a; sudo python3 -m pip -q install b \\\n && /opt/bin/pip install $(cat c)\n\
            RUN --mount=type=bind,target=/root/.cache/pip [\"pip\", \"install\", \"d\"]\nONBUILD RUN pip install \"$E\"\n";
        assert_eq!(dockerfile(&RULE, text), ["install", "install", "install", "\"install\"", "install"]);
    }

    #[test]
    fn stages_that_are_left_behind_count_on_request() {
        let text = "FROM x AS y\nRUN pip install a\nFROM z\nCOPY --from=y /venv /venv\n";
        assert_eq!(dockerfile(&RULE, text), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"builders": true}"#).dockerfile(text), ["install"]);
        assert_eq!(dockerfile(&RULE, "FROM x AS y\nRUN pip install a\nFROM y AS z\nFROM b\n"), ["install"]);
    }

    #[test]
    fn the_option_may_have_to_be_explicit() {
        for text in [
            "FROM x\nRUN pip install $A b\n",
            "FROM x\nRUN pip install b && rm -rf /root/.cache\n",
            "FROM x\nARG PIP_NO_CACHE_DIR=1\nRUN pip install b\n",
        ] {
            assert_eq!(dockerfile(&RULE, text), [""; 0], "{text}");
            assert_eq!(Trial::with(&RULE, r#"{"explicit": true}"#).dockerfile(text), ["install"], "{text}");
        }
    }

    #[test]
    fn false_can_mean_false() {
        let text = "FROM x\nENV PIP_NO_CACHE_DIR=0\nRUN pip install a\n";
        assert_eq!(Trial::with(&RULE, r#"{"false-keeps-cache": true}"#).dockerfile(text), ["install"]);
    }

    #[test]
    fn the_fix_adds_the_option() {
        let text = "FROM x\nRUN pip install \\\n  a\nRUN [\"pip\", \"install\", \"b\"]\n";
        let fixed = Trial::of(&RULE).fixed("Dockerfile", text);
        let expected =
            "FROM x\nRUN pip install --no-cache-dir \\\n  a\nRUN [\"pip\", \"install\", \"--no-cache-dir\", \"b\"]\n";
        assert_eq!(fixed, expected);
        assert_eq!(dockerfile(&RULE, &fixed), [""; 0]);
    }
}
