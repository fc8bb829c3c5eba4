use hullmark_sdk::prelude::*;

use crate::pins::{self, is_unpinned};
use crate::pip;
use crate::plain::is_plain;

rule! {
    /// A Python package is installed without a version.
    ///
    /// ## What it checks
    ///
    /// Packages of `pip install`, `python -m pip install` and `pipx install` in `RUN` that have neither a version (`==`, or a bound
    /// such as `>=`) nor, as repositories do, a revision behind `@`. Files, folders and addresses are passed over, and so is the whole
    /// command where `-r`, `-c` or the project itself (`.`) may say which versions hold.
    ///
    /// ## Why it matters
    ///
    /// The build of tomorrow may install another version than the one that was tested, or fail.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM python:3.13.9-slim
    /// RUN pip install --no-cache-dir gunicorn
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM python:3.13.9-slim
    /// COPY requirements.txt .
    /// RUN pip install --no-cache-dir gunicorn==23.0.0
    /// RUN pip install --no-cache-dir -r requirements.txt
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write the version that you have tested: `gunicorn==23.0.0`. For more than a few packages, lock them all in a file of
    /// requirements.
    ///
    /// ## Options
    ///
    /// - `variables` (default: `false`): whether a word with a variable whose value the file does not tell is judged as it is
    ///   written (`$PACKAGES` has no version, `flask==$VERSION` has one); otherwise nothing is said of it.
    ///
    /// ## Other tools
    ///
    /// hadolint flags every package that is only a variable, as the option does here; it also flags `.[extra]` and local archives
    /// other than `.whl` and `.tar.gz`, and takes the `@` of `git+ssh://git@host/…` for a revision.
    ///
    /// ## References
    ///
    /// - <https://pip.pypa.io/en/stable/topics/repeatable-installs/>
    level: Note,
    enabled: false,
    precision: High,
    tags: &["reproducibility"],
    aliases: &["DL3013"],
    references: &["https://pip.pypa.io/en/stable/topics/repeatable-installs/"],
    options: &[pins::VARIABLES],
    checks: &[Command(command)],
}

/// Options of pipx that take the next word as their value.
const PIPX_VALUED: [&str; 6] = ["--python", "-i", "--index-url", "--pip-args", "--suffix", "--backend"];
const ELSEWHERE: [&str; 5] = ["-r", "--requirement", "-c", "--constraint", "--group"];
const ARCHIVES: [&str; 7] = [".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar"];
const REPOSITORIES: [&str; 5] = ["git+", "hg+", "svn+", "bzr+", "git:"];

fn command(command: &Command, report: &mut Report) {
    let Some(packages) = pip_packages(command).or_else(|| pipx_packages(command)) else { return };
    if command.instruction().name() != "RUN" {
        return;
    }
    for package in packages {
        if !is_unpinned(package, report.options(), is_pinned) {
            continue;
        }
        let finding = report.finding(package, format!("`{}` is installed without a version", package.raw()));
        if !is_plain(command) || package.raw().contains('@') {
            finding.aliases(&[]);
        }
    }
}

fn pip_packages<'a>(command: &Command<'a>) -> Option<Vec<Word<'a>>> {
    let (_, packages) = pip::install(command)?;
    let is_project = packages.iter().any(|package| package.text() == Some("."));
    let pip = command.unwrapped();
    let is_elsewhere = pip.has_flag(&ELSEWHERE) || pip.flag_value(&ELSEWHERE).is_some();
    (!is_project && !is_elsewhere).then_some(packages)
}

fn pipx_packages<'a>(command: &Command<'a>) -> Option<Vec<Word<'a>>> {
    let pipx = command.unwrapped();
    let mut operands = pipx.operands(&PIPX_VALUED);
    (pipx.name() == Some("pipx") && operands.next()?.text() == Some("install")).then(|| operands.collect())
}

fn is_pinned(package: &str) -> bool {
    let is_repository = REPOSITORIES.iter().any(|scheme| package.starts_with(scheme));
    if is_repository {
        // An `@` before the path belongs to the user of the server.
        return package.rsplit('/').next().is_some_and(|name| name.contains('@'));
    }
    let is_versioned = package.contains(['<', '>']) || ["==", "!=", "~="].iter().any(|sign| package.contains(sign));
    let is_file = package.starts_with('.') || ARCHIVES.iter().any(|ending| package.ends_with(ending));
    is_versioned || is_file || package.contains('/')
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn versions_files_and_what_is_decided_elsewhere_are_accepted() {
        for run in [
            "pip install a==1 'b>=1' 'c[d]<2' e~=1 f!=3",
            "pip install -i https://x.example --retries 5 a==1",
            "pip install -r a.txt b",
            "pip install b -ca.txt",
            "pip install --requirement=a.txt b",
            "pip install . b",
            "pip install -e .[dev]",
            "pip install .[dev] ../b a.whl b.tar.gz ./c https://x.example/d.zip",
            "pip install git+https://x.example/y@v1 git+https://x.example/y@v1#egg=z",
            "pip install a==$VERSION \"b==${VERSION}\" $PACKAGES \"$PACKAGE\"",
            "pip download a",
            "pipenv install a",
            "pipx install a==1 --python python3",
            "pipx run a",
            "pip list install a",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn every_package_is_flagged() {
        let text = "FROM x\nARG P=h\nRUN pip install -U a b[c]==1 \\\n \"d[e]\" git+https://x.example/f && \\\n python3 -m pip install g $P\n\
            RUN pipx install i\nONBUILD RUN pip install j\n";
        let expected = ["a", "\"d[e]\"", "git+https://x.example/f", "g", "$P", "i", "j"];
        assert_eq!(dockerfile(&RULE, text), expected);
    }

    #[test]
    fn variables_count_on_request() {
        let text = "FROM x\nRUN pip install $A b==$C \"$D\"\n";
        assert_eq!(Trial::with(&RULE, r#"{"variables": true}"#).dockerfile(text), ["$A", "\"$D\""]);
    }

    #[test]
    fn an_account_is_no_revision() {
        assert_eq!(
            dockerfile(&RULE, "FROM x\nRUN pip install git+ssh://git@x.example/y\n"),
            ["git+ssh://git@x.example/y"]
        );
    }
}
