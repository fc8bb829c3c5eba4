use hullmark_sdk::prelude::*;

rule! {
    /// The build gives a user a password.
    ///
    /// ## What it checks
    ///
    /// `chpasswd`, `passwd` that reads from a pipe or with `--stdin`, and `useradd` and `usermod` with `-p`, in `RUN`. A password of
    /// `*` or `!` is accepted, for nobody can log in with it.
    ///
    /// ## Why it matters
    ///
    /// A container needs no passwords: nobody logs in. Whoever can pull the image can read the password, in its history or as a
    /// hash in `/etc/shadow`, and it is the same in every container.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN echo 'app:changeme' | chpasswd
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN useradd --uid 10001 app
    /// USER 10001
    /// ```
    ///
    /// ## How to fix
    ///
    /// Drop the password. To get into a container use `docker exec` or `kubectl exec`; a step that needs another user has `USER`.
    ///
    /// ## Other tools
    ///
    /// Checkov knows `chpasswd` only, also where it is the name of a package or an argument.
    ///
    /// ## References
    ///
    /// - <https://cwe.mitre.org/data/definitions/798.html>
    tags: &["security", "external/cwe/cwe-798"],
    security_severity: Some("6.0"),
    precision: High,
    aliases: &["CKV2_DOCKER_17"],
    references: &["https://cwe.mitre.org/data/definitions/798.html"],
    checks: &[Command(command)],
}

fn command(command: &Command, report: &mut Report) {
    let inner = command.unwrapped();
    let Some(name) = inner.name() else { return };
    let sets = match name {
        "chpasswd" => true,
        "passwd" => command.is_piped_from() || inner.has_flag(&["--stdin"]),
        "useradd" | "usermod" => {
            inner.flag_value(&["-p", "--password"]).is_some_and(|password| !password.starts_with(['*', '!']))
        }
        _ => return,
    };
    if sets && command.instruction().name() == "RUN" {
        let finding = report.finding(inner.place(), format!("`{name}` gives a user a password"));
        if name != "chpasswd" {
            finding.aliases(&[]);
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn locked_users_and_other_commands_are_accepted() {
        for run in [
            "useradd -p '*' a",
            "usermod --password=! a",
            "passwd -l root",
            "passwd -d a",
            "chgrp root /etc/passwd",
            "apt-get install passwd",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn every_way_to_set_one_is_flagged() {
        let text = "FROM x\nRUN a && echo 'b:c' \\\n | sudo chpasswd; chpasswd < d\nRUN yes e | passwd root; useradd -p $(f) g\nRUN usermod -p h i\n";
        assert_eq!(dockerfile(&RULE, text), ["chpasswd", "chpasswd", "passwd", "usermod"]);
    }
}
