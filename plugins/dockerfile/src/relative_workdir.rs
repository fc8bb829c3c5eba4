use hullmark_sdk::prelude::*;

use crate::words::{is_relative, written};

rule! {
    /// `WORKDIR` is relative to a folder that only the base image knows.
    ///
    /// ## What it checks
    ///
    /// The first `WORKDIR` of a stage and of the stages that it is built from. Later ones are relative to the first, and one
    /// that begins with a variable is passed over.
    ///
    /// ## Why it matters
    ///
    /// A relative path starts at the working directory of the base image. When the image changes it, everything lands
    /// somewhere else, without a word.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM nginx:1.29.1
    /// WORKDIR usr/share/nginx/html
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM nginx:1.29.1
    /// WORKDIR /usr/share/nginx
    /// WORKDIR html
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write the path from the root.
    ///
    /// ## Options
    ///
    /// - `every` (default: `false`): flag every relative path, also one that follows an absolute one.
    ///
    /// ## Other tools
    ///
    /// BuildKit flags the first path only, hadolint, Trivy and Checkov flag every relative one, which the option `every` does
    /// too. hadolint does not know what a variable stands for, and Trivy accepts a path with a variable anywhere.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/reference/build-checks/workdir-relative-path/>
    tags: &["correctness"],
    aliases: &["WorkdirRelativePath", "DL3000", "DS-0009", "CKV_DOCKER_10"],
    references: &["https://docs.docker.com/reference/build-checks/workdir-relative-path/"],
    options: &[OptionSpec::flag("every", false, "whether to flag relative paths that follow an absolute one too")],
    checks: &[Stage(stage)],
}

fn stage(stage: &Stage, report: &mut Report) {
    let every = report.options().flag("every");
    let inherits = stage.lineage().skip(1).any(|parent| parent.all("WORKDIR").next().is_some());
    for (index, workdir) in stage.all("WORKDIR").enumerate() {
        let is_first = index == 0 && !inherits;
        let Some(path) = workdir.arguments().next().filter(|path| is_relative(*path)) else { continue };
        if !is_first && !every {
            continue;
        }
        let text = path.value().unwrap_or_default();
        let finding = report.finding(path, format!("`WORKDIR` is relative: `{text}`"));
        let written = written(path);
        finding.aliases_if(&[
            ("WorkdirRelativePath", is_first),
            ("DL3000", !written.starts_with('$')),
            ("DS-0009", !written.contains('$')),
            ("CKV_DOCKER_10", !written.starts_with('$')),
        ]);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn absolute_paths_and_variables_are_fine() {
        let text = "ARG D=/x\nFROM a\nWORKDIR /app\nFROM a\nWORKDIR \"/app\"\nFROM a\nWORKDIR $HOME/x\nFROM a\nWORKDIR C:\\app\n\
            FROM a\nARG D\nWORKDIR ${D}\n";
        assert_eq!(dockerfile(&RULE, text), [""; 0]);
    }

    #[test]
    fn the_first_one_gives_the_later_ones_a_root() {
        assert_eq!(dockerfile(&RULE, "FROM a AS one\nWORKDIR /a\nWORKDIR b\nFROM one\nWORKDIR c/\n"), [""; 0]);
        let trial = Trial::with(&RULE, r#"{"every": true}"#);
        assert_eq!(trial.dockerfile("FROM a AS one\nWORKDIR /a\nWORKDIR b\nFROM one\nWORKDIR c/\n"), ["b", "c/"]);
    }

    #[test]
    fn a_relative_path_is_flagged_once() {
        assert_eq!(
            dockerfile(&RULE, "FROM a\nWORKDIR app/\nWORKDIR x\nFROM b\nARG D=app\nWORKDIR $D\n"),
            ["app/", "$D"]
        );
    }
}
