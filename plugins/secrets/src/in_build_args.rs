use hullmark_sdk::prelude::*;

rule! {
    /// The name of a build argument or variable says that it holds a secret, which the image would then carry.
    ///
    /// ## What it checks
    ///
    /// Names of `ARG` and `ENV` in stages: one of their words, parted by `_`, is `apikey`, `auth`, `credential`, `credentials`, `key`, `password`, `pword`, `passwd`, `secret` or `token`, and none is `public`, `file` or `version`. An `ENV` that is empty, a path, or a yes or no is accepted: that is no secret. The default of an `ARG` says nothing, for the value comes from outside.
    ///
    /// ## Why it matters
    ///
    /// Values of `ENV` stand in the image, and values of `ARG` in its history and provenance. Everyone who can pull the image can read them, even after a later layer removes them.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM node:22.21.1
    /// ARG NPM_TOKEN
    /// RUN npm ci
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM node:22.21.1
    /// RUN --mount=type=secret,id=npm,target=/root/.npmrc npm ci
    /// ```
    ///
    /// ```dockerfile
    /// FROM postgres:18
    /// ENV POSTGRES_PASSWORD_FILE=/run/secrets/password
    /// ```
    ///
    /// ## How to fix
    ///
    /// Give the secret to the `RUN` that needs it with `--mount=type=secret`, and to the container when it starts.
    ///
    /// ## Options
    ///
    /// `names` (default none): further names of secrets, whatever their case.
    ///
    /// ## Other tools
    ///
    /// BuildKit, hadolint and Trivy do not look at values. hadolint and Trivy know further names; the option `names` adds such.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/build/building/secrets/>
    /// - <https://docs.docker.com/reference/build-checks/secrets-used-in-arg-or-env/>
    tags: &["security", "external/cwe/cwe-522", "external/cwe/cwe-538"],
    security_severity: Some("7.5"),
    precision: Medium,
    aliases: &["SecretsUsedInArgOrEnv", "DL3064", "DS-0031"],
    options: &[OptionSpec::texts("names", &[], "Further names of secrets, whatever their case.")],
    checks: &[Stage(stage)],
    references: &["https://docs.docker.com/build/building/secrets/", "https://docs.docker.com/reference/build-checks/secrets-used-in-arg-or-env/"],
}

/// Words that mean a secret, those of BuildKit.
const SECRET: [&str; 10] =
    ["apikey", "auth", "credential", "credentials", "key", "password", "pword", "passwd", "secret", "token"];

/// Words that mean something about a secret, those of BuildKit.
const HARMLESS: [&str; 3] = ["public", "file", "version"];

fn stage(stage: &Stage, report: &mut Report) {
    for instruction in stage.instructions().filter(|instruction| matches!(instruction.name(), "ARG" | "ENV")) {
        for pair in instruction.pairs() {
            let Some(name) = pair.key() else { continue };
            let is_env = instruction.name() == "ENV";
            let is_named =
                is_secret(name) || report.options().texts("names").any(|secret| secret.eq_ignore_ascii_case(name));
            if !is_named || is_env && is_harmless(pair.value().unwrap_or_default()) {
                continue;
            }
            let message = if is_env {
                format!("variable `{name}` puts a secret into the image")
            } else {
                format!("build argument `{name}` puts a secret into the history of the image")
            };
            report.finding(pair.key_place(), message);
        }
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let has = |words: &[&str]| name.split('_').any(|word| words.contains(&word));
    has(&SECRET) && !has(&HARMLESS)
}

fn is_harmless(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    value.starts_with('/') || matches!(value.as_str(), "" | "0" | "1" | "true" | "false" | "yes" | "no")
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn whole_words_count() {
        assert_eq!(dockerfile(&RULE, "FROM a\nARG MONKEY=1 TOKENIZER AUTHOR KEYBOARD tokens\n"), [""; 0]);
    }

    #[test]
    fn what_is_about_a_secret_is_accepted() {
        assert_eq!(dockerfile(&RULE, "FROM a\nENV DB_PASSWORD_FILE=x PUBLIC_KEY=x KEY_VERSION=2\n"), [""; 0]);
    }

    #[test]
    fn values_that_are_no_secret_are_accepted() {
        let text = "FROM a\nENV ALLOW_EMPTY_PASSWORD=yes SSH_AUTH_SOCK=/run/agent PASSWORD=\"\"\n";
        assert_eq!(dockerfile(&RULE, text), [""; 0]);
    }

    #[test]
    fn an_argument_outside_stages_goes_nowhere() {
        assert_eq!(dockerfile(&RULE, "ARG TOKEN\nFROM a\n"), [""; 0]);
    }

    #[test]
    fn names_are_flagged_whatever_their_case() {
        let text = "FROM a\nARG npm_token AWS_SECRET_ACCESS_KEY=\nENV Password=$P A=b\n";
        assert_eq!(dockerfile(&RULE, text), ["npm_token", "AWS_SECRET_ACCESS_KEY", "Password"]);
    }

    #[test]
    fn further_names_can_be_given() {
        let trial = Trial::with(&RULE, r#"{"names": ["PGPASS"]}"#);
        assert_eq!(trial.dockerfile("FROM a\nARG pgpass\n"), ["pgpass"]);
    }
}
