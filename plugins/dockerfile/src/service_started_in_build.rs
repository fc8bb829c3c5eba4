use hullmark_sdk::prelude::*;

use crate::program;

rule! {
    /// A service is started in a build step that does nothing with it.
    ///
    /// ## What it checks
    ///
    /// `service NAME start`, `systemctl start NAME` and `/etc/init.d/NAME start` in `RUN`, also with `restart`, where no
    /// command of the same `RUN` follows that could use the service.
    ///
    /// ## Why it matters
    ///
    /// Processes end with the build step. The image holds files only, so the service does not run in its containers, and
    /// nothing says so until somebody looks for it.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN apt-get update && apt-get install -y nginx && service nginx start
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN apt-get update && apt-get install -y nginx
    /// CMD ["nginx", "-g", "daemon off;"]
    /// ```
    ///
    /// ```dockerfile
    /// FROM mariadb:11.8
    /// RUN service mariadb start && mariadb -e 'CREATE DATABASE shop'
    /// ```
    ///
    /// ## How to fix
    ///
    /// Start the service with `CMD` or `ENTRYPOINT`, in the foreground.
    ///
    /// ## Other tools
    ///
    /// hadolint flags `service` wherever it stands, also where the same step uses what it started.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/engine/containers/multi-service_container/>
    level: Warning,
    precision: High,
    tags: &["correctness"],
    aliases: &["DL3001"],
    references: &["https://docs.docker.com/engine/containers/multi-service_container/"],
    checks: &[Command(command)],
}

fn command(command: &Command, report: &mut Report) {
    if command.instruction().name() != "RUN" || !command.script().is_understood() || command.is_in_function() {
        return;
    }
    let Some(service) = started(command) else { return };
    if command.after().any(|after| started(&after).is_none() && !is_idle(&after)) {
        return;
    }
    let message = format!("service `{service}` ends with this build step, in which nothing uses it");
    let finding = report.finding(command.unwrapped().place(), message);
    let is_known = program::is_in_run(command) && program::written(command) == Some("service");
    finding.aliases(if is_known { &["DL3001"] } else { &[] });
}

/// The service that a command starts.
fn started<'a>(command: &Command<'a>) -> Option<&'a str> {
    let command = command.unwrapped();
    let words: Vec<&str> = command.arguments().filter_map(Word::text).collect();
    let program = command.word(0)?.text()?;
    let is_start = |word: &str| word == "start" || word == "restart";
    match (program.rsplit_once('/'), &words[..]) {
        (Some(("/etc/init.d" | "/etc/rc.d", service)), [action]) if is_start(action) => Some(service),
        (_, [service, action]) if command.name() == Some("service") && is_start(action) => Some(service),
        (_, [action, service]) if command.name() == Some("systemctl") && is_start(action) => Some(service),
        _ => None,
    }
}

/// Whether it cannot use a service: it waits, says something, or ends the script.
fn is_idle(command: &Command) -> bool {
    matches!(command.name(), Some("sleep" | "echo" | "true" | ":" | "exit"))
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn a_service_that_is_used_or_only_set_up_is_fine() {
        for run in [
            "service mysql start && mysql -e x",
            "service nginx stop",
            "systemctl enable nginx",
            "/etc/init.d/postgresql start && sleep 5 && psql",
            "service $X start",
            "echo service x start",
            "f() { service x start; }",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\nCMD service x start\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn a_service_for_nobody_is_flagged() {
        let text = "FROM x\nRUN a; service b start && /etc/init.d/c restart; sleep 1\nRUN sudo systemctl start d\n";
        assert_eq!(dockerfile(&RULE, text), ["service", "/etc/init.d/c", "systemctl"]);
    }
}
