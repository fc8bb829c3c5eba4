use hullmark_sdk::prelude::*;

use crate::values::Values;
use crate::words::{self, Piece};
use crate::{directories, shellcheck};

rule! {
    /// An empty variable turns the path that is removed into one of the system's own folders.
    ///
    /// ## What it checks
    ///
    /// Paths of `rm -r` that hold variables and name `/`, `/usr`, `/lib` or another folder of the system when those
    /// variables are empty: `"$DIR/"*`, `$PREFIX/lib`. A variable counts as never empty where the script, `ARG` or
    /// `ENV` gives it a value, and where it is written `${DIR:?}`.
    ///
    /// ## Why it matters
    ///
    /// An unset variable, or one with a typing error, is empty to the shell. `rm -rf "$DIR/"*` then removes everything
    /// that the user of the build may remove.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// ARG CACHE
    /// RUN rm -rf "$CACHE/"*
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// ARG CACHE
    /// RUN rm -rf "${CACHE:?}/"*
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write `${NAME:?}`: the shell then stops instead when the variable is empty.
    ///
    /// ## Other tools
    ///
    /// hadolint, through ShellCheck, also flags variables whose value stands in the Dockerfile.
    ///
    /// ## References
    ///
    /// - <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_06_02>
    tags: &["reliability"],
    precision: High,
    aliases: &["SC2115"],
    references: &["https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_06_02"],
    checks: &[Dockerfile(file)],
}

fn file(file: &Dockerfile, report: &mut Report) {
    let mut values = Values::default();
    for command in file.commands() {
        let rm = command.unwrapped();
        if rm.name() != Some("rm") || !rm.has_flag(&["-r", "-R", "--recursive"]) || rm.is_exec_form() {
            continue;
        }
        for word in rm.arguments().filter(|word| word.has_variable() && word.resolved().is_none()) {
            values.look_at(command);
            let Some((path, variables)) = when_empty(word, &values) else { continue };
            let Some(folder) = directories::vital(&path).or_else(|| directories::shared(&path)) else { continue };
            let message = format!("`{}` is `{folder}` when `{}` is empty", word.raw(), variables[0].text());
            let finding = report.finding(word, message);
            finding.aliases(if command == rm { shellcheck::ids(command.script(), &["SC2115"]) } else { &[] });
            if let Some(fix) = guard(variables[0]) {
                finding.fix(fix);
            }
        }
    }
}

/// The path with nothing in the place of variables that may be empty, and those variables; nothing where none may.
fn when_empty<'a>(word: Word<'a>, values: &Values<'a>) -> Option<(String, Vec<Part<'a>>)> {
    let (mut path, mut variables) = (String::new(), Vec::new());
    for piece in words::pieces(word)? {
        match piece {
            Piece::Text(text) => path += text,
            Piece::Part(part) if part.kind() != PartKind::Variable => return None,
            Piece::Part(part) => match part.resolved() {
                Some(value) if part.operator().is_none() => path += value,
                _ if matches!(part.operator(), None | Some("%" | "%%" | "#" | "##" | "-")) => {
                    // What the script itself sets is not empty by accident.
                    if values.is_assigned(part.name().unwrap_or_default()) {
                        return None;
                    }
                    variables.push(part);
                }
                _ => return None,
            },
        }
    }
    (!variables.is_empty()).then_some((path, variables))
}

/// `$x` and `${x}` become `${x:?}`.
fn guard(part: Part) -> Option<Fix> {
    let name = part.name()?;
    let text = part.text();
    let is_bare = text == format!("${name}") || text == format!("${{{name}}}");
    is_bare.then(|| Fix::safe("stop when it is empty").replace(part, format!("${{{name}:?}}")))
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn paths_that_stay_harmless_are_accepted() {
        for run in [
            "rm -rf \"$A\"",
            "rm -rf \"$A/b\"",
            "rm -rf \"${A:?}/\"*",
            "rm -rf ${A:-/x}/*",
            "rm -f $A/*",
            "rm -rf \"$KNOWN/\"*",
            "A=$(b); rm -rf \"$A/\"",
            "for A in b c; do rm -rf $A/*; done",
            "rm -rf /opt/$A",
            "rm -rf '$A/'",
            "rm -rf \"$(a)/\"",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nENV KNOWN=/x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn paths_that_become_the_system_are_flagged() {
        let text = "FROM x\nARG A\nRUN rm -rf \"$A/\" $A/* && sudo rm -r \"${B}$A\"/lib \"/usr/$A\"\n";
        assert_eq!(dockerfile(&RULE, text), ["\"$A/\"", "$A/*", "\"${B}$A\"/lib", "\"/usr/$A\""]);
    }

    #[test]
    fn the_fix_guards() {
        let fixed = Trial::of(&RULE).fixed("Dockerfile", "FROM x\nRUN rm -rf \"$A/\" ${B}/*\n");
        assert_eq!(fixed, "FROM x\nRUN rm -rf \"${A:?}/\" ${B:?}/*\n");
    }
}
