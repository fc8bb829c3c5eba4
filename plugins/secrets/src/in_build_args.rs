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
    /// - `names` (default: none): further names of secrets, whatever their case.
    /// - `parts` (default: none): texts that make any name with them the name of a secret, whatever their case and whatever else
    ///   is in it.
    /// - `any-value` (default: `false`): flag an `ENV` whatever its value.
    /// - `everywhere` (default: `false`): flag an `ARG` before the first `FROM`, which no stage sees without another `ARG`, and
    ///   triggers of `ONBUILD` too.
    ///
    /// ## Other tools
    ///
    /// BuildKit, hadolint and Trivy do not look at values. hadolint takes `password`, `secret`, `token`, `private`, `username`,
    /// `api_key` and `client_key` for a secret wherever they stand in a name, and knows some names of services; Trivy knows
    /// `usr` and `psw` too, and looks at the final stage only.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/build/building/secrets/>
    /// - <https://docs.docker.com/reference/build-checks/secrets-used-in-arg-or-env/>
    tags: &["security", "external/cwe/cwe-522", "external/cwe/cwe-538"],
    security_severity: Some("7.5"),
    precision: Medium,
    aliases: &["SecretsUsedInArgOrEnv", "DL3064", "DS-0031"],
    options: &[
        OptionSpec::texts("names", &[], "further names of secrets, whatever their case"),
        OptionSpec::texts("parts", &[], "texts that make any name with them the name of a secret, whatever their case"),
        OptionSpec::flag("any-value", false, "whether to flag an `ENV` whatever its value"),
        OptionSpec::flag("everywhere", false, "whether to flag an `ARG` before the first `FROM` and triggers of `ONBUILD` too"),
    ],
    checks: &[Dockerfile(file)],
    references: &["https://docs.docker.com/build/building/secrets/", "https://docs.docker.com/reference/build-checks/secrets-used-in-arg-or-env/"],
}

/// Words that mean a secret, those of BuildKit.
const SECRET: [&str; 10] =
    ["apikey", "auth", "credential", "credentials", "key", "password", "pword", "passwd", "secret", "token"];

/// Words that mean something about a secret, those of BuildKit.
const HARMLESS: [&str; 3] = ["public", "file", "version"];

/// What hadolint takes for a secret wherever it stands in a name.
const PARTS: [&str; 7] = ["api_key", "client_key", "password", "private", "secret", "token", "username"];

/// Variables that name files, which Trivy looks for elsewhere.
const FILES: [&str; 3] = ["AWS_CONFIG_FILE", "GOOGLE_APPLICATION_CREDENTIALS", "HF_TOKEN_PATH"];

fn file(file: &Dockerfile, report: &mut Report) {
    let everywhere = report.options().flag("everywhere");
    for instruction in file.instructions() {
        if instruction.stage().is_some() || everywhere {
            declared(&instruction, instruction.stage(), report);
        }
        if let Some(trigger) = instruction.trigger().filter(|_| everywhere) {
            declared(&trigger, None, report);
        }
    }
}

/// Looks at an instruction; `stage` is the one that it is run in.
fn declared(instruction: &Instruction, stage: Option<Stage>, report: &mut Report) {
    let is_env = instruction.name() == "ENV";
    if !is_env && instruction.name() != "ARG" {
        return;
    }
    for pair in instruction.pairs() {
        let Some(name) = pair.key() else { continue };
        let lower = name.to_ascii_lowercase();
        let options = report.options();
        let is_listed = options.texts("names").any(|secret| secret.eq_ignore_ascii_case(name));
        let has_part = options.texts("parts").any(|part| lower.contains(&part.to_ascii_lowercase()));
        let is_ignored = is_env && !options.flag("any-value") && is_harmless(pair.value().unwrap_or_default());
        if !(is_listed || has_part || is_secret(&lower)) || is_ignored {
            continue;
        }
        let message = if is_env {
            format!("variable `{name}` puts a secret into the image")
        } else {
            format!("build argument `{name}` puts a secret into the history of the image")
        };
        report.finding(pair.key_place(), message).aliases_if(&[
            ("SecretsUsedInArgOrEnv", stage.is_some() && is_secret(&lower)),
            ("DL3064", is_listed || name == "AWS_ACCESS_KEY_ID" || PARTS.into_iter().any(|part| lower.contains(part))),
            ("DS-0031", stage.is_some_and(Stage::is_final) && (is_listed || is_secret_to_trivy(name))),
        ]);
    }
}

fn has_word(name: &str, words: &[&str]) -> bool {
    name.split('_').any(|word| words.contains(&word))
}

fn is_secret(lower: &str) -> bool {
    has_word(lower, &SECRET) && !has_word(lower, &HARMLESS)
}

fn is_secret_to_trivy(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let is_secret = has_word(&lower, &SECRET) || has_word(&lower, &["usr", "psw"]);
    name == "AZURE_CLIENT_ID" || is_secret && !has_word(&lower, &["public"]) && !FILES.contains(&name)
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
    fn parts_and_other_places_can_be_asked_for() {
        let text = "ARG TOKEN\nFROM a\nONBUILD ENV PASSWORD=x\nARG PGPASSWORD TOKEN_FILE\nENV KEY=\n";
        let found = |options: &str| Trial::with(&RULE, options).dockerfile(text);
        assert_eq!(found(r#"{"parts": ["Password", "token"]}"#), ["PGPASSWORD", "TOKEN_FILE"]);
        assert_eq!(found(r#"{"everywhere": true}"#), ["TOKEN", "PASSWORD"]);
        assert_eq!(found(r#"{"any-value": true}"#), ["KEY"]);
    }

    #[test]
    fn further_names_can_be_given() {
        let trial = Trial::with(&RULE, r#"{"names": ["PGPASS"]}"#);
        assert_eq!(trial.dockerfile("FROM a\nARG pgpass\n"), ["pgpass"]);
    }
}
