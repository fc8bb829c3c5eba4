use std::collections::HashMap;

use hullmark_sdk::prelude::*;

use crate::base::{self, Sh};
use crate::dialect::{self, Extension};
use crate::shellcheck;
use crate::values::Values;

rule! {
    /// The script uses what bash knows and the `sh` of the image does not.
    ///
    /// ## What it checks
    ///
    /// Text that dash (the `sh` of Debian and Ubuntu) or BusyBox (that of Alpine) reads, for what that shell lacks:
    /// `[[`, `source`, `function`, arrays, `{a,b}`, `<(…)`, `$'…'`, `<<<`, `&>`, `|&`, `[ a == b ]`, `set -o pipefail`,
    /// `echo -e`, `${name/a/b}`, `$RANDOM`, `pushd`, `declare`, options of `read` and more. BusyBox knows many of
    /// these. In Fedora, CentOS, Amazon Linux and the like `sh` is bash, and nothing is flagged; nor where the base
    /// image is not a well-known one, or the Dockerfile puts another shell in the place of `sh`.
    ///
    /// ## Why it matters
    ///
    /// At best the build fails. At worst it does not: dash takes `command &> file` for a command in the background, and
    /// `mkdir -p {a,b}` makes one folder of that name.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN mkdir -p /srv/{conf,data}
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// SHELL ["/bin/bash", "-o", "pipefail", "-c"]
    /// RUN mkdir -p /srv/{conf,data}
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write what POSIX knows, or choose bash with `SHELL`.
    ///
    /// ## Options
    ///
    /// `posix` (default `false`): whether everything beyond POSIX is flagged that `sh` reads, whatever the image.
    ///
    /// ## Other tools
    ///
    /// hadolint, through ShellCheck, does not know the image and flags all that is beyond POSIX, as the option `posix`
    /// does.
    ///
    /// ## References
    ///
    /// - <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html>
    /// - <https://manpages.debian.org/stable/dash/dash.1.en.html>
    /// - <https://wiki.ubuntu.com/DashAsBinSh>
    level: Error,
    tags: &["portability"],
    precision: High,
    aliases: &[
        "SC2112", "SC2113", "SC3001", "SC3002", "SC3003", "SC3004", "SC3005", "SC3006", "SC3008", "SC3009", "SC3010",
        "SC3011", "SC3012", "SC3014", "SC3015", "SC3016", "SC3018", "SC3019", "SC3020", "SC3021", "SC3023", "SC3024",
        "SC3025", "SC3028", "SC3029", "SC3030", "SC3032", "SC3033", "SC3036", "SC3037", "SC3038", "SC3039", "SC3040",
        "SC3043", "SC3044", "SC3045", "SC3046", "SC3047", "SC3048", "SC3050", "SC3053", "SC3054", "SC3057", "SC3059",
        "SC3060", "SC3061",
    ],
    references: &[
        "https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html",
        "https://manpages.debian.org/stable/dash/dash.1.en.html",
        "https://wiki.ubuntu.com/DashAsBinSh",
    ],
    options: &[OptionSpec::flag(
        "posix",
        false,
        "Whether everything beyond POSIX is flagged that `sh` reads, whatever the image.",
    )],
    checks: &[Dockerfile(file)],
}

fn file(file: &Dockerfile, report: &mut Report) {
    let mut reader = Reader::default();
    for compound in file.compounds() {
        for extension in dialect::in_compound(compound).into_iter().filter(|extension| extension.variable.is_none()) {
            tell(extension, compound.script(), reader.of(compound.script()), report);
        }
    }
    let mut values = Values::default();
    for command in file.commands().filter(|command| !command.is_exec_form()) {
        for extension in dialect::in_command(command) {
            if let Some(name) = extension.variable {
                values.look_at(command);
                if values.is_declared(name) || values.is_assigned(name) {
                    continue;
                }
            }
            tell(extension, command.script(), reader.of(command.script()), report);
        }
    }
}

/// Which shell reads a script, by the name that the script's shell has and the stage: each is looked at once.
#[derive(Debug, Default)]
struct Reader<'a> {
    known: HashMap<(Option<&'a str>, Option<u32>), Sh>,
}

impl<'a> Reader<'a> {
    fn of(&mut self, script: Script<'a>) -> Sh {
        let key = (script.shell(), script.stage().map(Stage::index));
        *self.known.entry(key).or_insert_with(|| base::reader(script))
    }
}

fn tell(extension: Extension, script: Script, shell: Sh, report: &mut Report) {
    let who = match shell {
        _ if extension.is_unknown_to(shell) => {
            if shell == Sh::Dash {
                "dash, the shell here,"
            } else {
                "BusyBox, the shell here,"
            }
        }
        _ if report.options().flag("posix") && script.shell() == Some("sh") => "POSIX",
        _ => return,
    };
    let finding = report.finding(extension.place, format!("{who} does not know {}", extension.what));
    // To ShellCheck `echo -e` is another matter where the shell is called dash.
    let ids: &[&str] =
        if extension.ids == ["SC3037"] && script.shell() != Some("sh") { &["SC3036"] } else { extension.ids };
    finding.aliases(shellcheck::ids(script, ids));
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn in_image(image: &str, run: &str) -> Vec<String> {
        dockerfile(&RULE, &format!("FROM {image}\nRUN {run}\n"))
    }

    #[test]
    fn what_every_shell_knows_is_accepted() {
        for run in [
            ". ./a && f() { b; } && [ \"$c\" = d ] && export E=f",
            "echo -n a; echo a -e; echo \"-e\"b; printf '%s\\n' '[[' '{a,b}' \\{c,d\\}",
            "a >b 2>&1; c 2>&1 | d; e >&2; f <<E\ng\nE",
            "echo ${#a} ${b%%c} ${d:-e} ${f##*/} $((1 + 2)) \"$@\"",
            "read -r a; read -p b c; local d=e; set -eux; trap f INT EXIT",
            "find . -exec a {} +; awk '{print $1}'; echo {} {a}",
            "bash -c '[[ a ]] && source b'",
            "UID=1; echo $UID",
            "A={b,c} export D={e,f}",
        ] {
            assert_eq!(in_image("debian", run), [""; 0], "{run}");
        }
        assert_eq!(dockerfile(&RULE, "FROM debian\nARG UID\nRUN a $UID\nCMD [\"a\", \"{b,c}\"]\n"), [""; 0]);
    }

    #[test]
    fn images_with_a_large_or_an_unknown_shell_are_accepted() {
        for image in ["fedora", "rockylinux:9", "example/app", "$BASE"] {
            assert_eq!(in_image(image, "[[ a ]] && source b && pushd c"), [""; 0], "{image}");
        }
        assert_eq!(in_image("debian", "ln -sf bash /bin/sh && [[ a ]]"), [""; 0]);
    }

    #[test]
    fn dash_knows_little() {
        for (run, token) in [
            ("[[ a ]]", "[["),
            ("source a", "source"),
            ("function f { a; }", "function"),
            ("a {b,c}/d", "{b,c}/d"),
            ("a \"b\"/{c,d}", "\"b\"/{c,d}"),
            ("for i in {1..3}; do a; done", "{1..3}"),
            ("a <(b)", "<(b)"),
            ("a <<< b", "<<< b"),
            ("a &> b", "&> b"),
            ("a >& b", ">& b"),
            ("a |& b", "|&"),
            ("echo -e a", "-e"),
            ("echo $'a'", "$'a'"),
            ("a=(b c)", "(b c)"),
            ("a+=b", "+="),
            ("echo ${a[0]}", "${a[0]}"),
            ("echo \"${a//b/c}\"", "${a//b/c}"),
            ("echo ${a:1}", "${a:1}"),
            ("echo ${a^^} ", "${a^^}"),
            ("echo ${!a}", "${!a}"),
            ("echo $RANDOM", "$RANDOM"),
            ("[ a == b ]", "=="),
            ("test a =~ b", "=~"),
            ("[ -v a ]", "-v"),
            ("set -euo pipefail", "pipefail"),
            ("read -rs a", "-rs"),
            ("trap a ERR", "ERR"),
            ("trap a SIGINT", "SIGINT"),
            ("((a))", "(("),
            ("for ((;;)); do a; done", "for"),
            ("select a in b; do c; done", "select"),
            ("f-g() { a; }", "f-g"),
            ("echo $((a ** b))", "$((a ** b))"),
            ("printf '%q' a", "'%q'"),
            ("export -f a", "-f"),
            ("a </dev/tcp/b/1", "/dev/tcp/b/1"),
            ("rm !(a)", "!(a)"),
            ("declare a=b", "declare"),
        ] {
            assert_eq!(in_image("debian", run), [token], "{run}");
        }
    }

    #[test]
    fn busybox_knows_more() {
        for run in [
            "[[ a ]]",
            "source a",
            "echo -e a",
            "[ a == b ]",
            "set -o pipefail",
            "a &> b",
            "echo ${a//b/c}",
            "read -s a",
        ] {
            assert_eq!(in_image("alpine", run), [""; 0], "{run}");
        }
        for run in ["a {b,c}", "pushd a", "a=(b)", "a <<< b", "echo ${a^^}", "trap a ERR", "declare a"] {
            assert_eq!(in_image("alpine", run).len(), 1, "{run}");
        }
    }

    #[test]
    fn all_beyond_posix_is_flagged_on_request() {
        let trial = Trial::with(&RULE, r#"{"posix": true}"#);
        let text = "FROM x\nRUN local a; echo -n b; [[ c ]]\nSHELL [\"bash\", \"-c\"]\nRUN [[ d ]]\n";
        assert_eq!(trial.dockerfile(text), ["local", "-n", "[["]);
    }
}
