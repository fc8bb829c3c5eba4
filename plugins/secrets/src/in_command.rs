use hullmark_sdk::prelude::*;

rule! {
    /// A command of the build is given a secret.
    ///
    /// ## What it checks
    ///
    /// Commands of `RUN` that log in: `aws configure set` of a key, `gcloud auth activate-service-account`, `az login`,
    /// `doctl auth init`, `docker login` and `helm registry login` with a password or token, `npm config set` of a token, `sshpass -p`; and
    /// user and password in an address (`https://user:token@host`) and behind `curl --user`. The secret is a text, or a variable that an
    /// `ARG` or `ENV` of the file declares. A `RUN` with `--mount=type=secret` is passed over, and so is what a command prints:
    /// `"$(cat /run/secrets/token)"`.
    ///
    /// ## Why it matters
    ///
    /// The command, with the values of its arguments, stands in the history of the image, and what it stores in a layer. Everyone who
    /// can pull the image can read both, even after a later layer removes the file.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// ARG KEY
    /// RUN aws configure set aws_secret_access_key "$KEY"
    /// RUN git clone https://bot:3f9c1e@git.example/app.git
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN --mount=type=secret,id=aws,target=/root/.aws/credentials aws s3 cp s3://assets/logo.svg .
    /// RUN --mount=type=secret,id=token,env=TOKEN git clone "https://bot:$TOKEN@git.example/app.git"
    /// ```
    ///
    /// ## How to fix
    ///
    /// Give the secret to the `RUN` that needs it with `--mount=type=secret`, as a file or, with `env=`, as a variable, and do
    /// not log in: tools take the file or the variable. A secret that has been in an image must be replaced.
    ///
    /// ## Other tools
    ///
    /// Trivy knows the first four commands, in the last stage only, and flags them whatever the value is.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/build/building/secrets/>
    tags: &["security", "external/cwe/cwe-522", "external/cwe/cwe-798"],
    security_severity: Some("7.5"),
    precision: High,
    aliases: &["DS-0031"],
    references: &["https://docs.docker.com/build/building/secrets/"],
    checks: &[Command(command)],
}

/// Commands that take a secret as the value of an option: program, first arguments, options, and whether Trivy knows them.
const BY_OPTION: [(&str, &[&str], &[&str], bool); 7] = [
    ("az", &["login"], &["-p", "--password", "--federated-token"], true),
    ("doctl", &["auth", "init"], &["-t", "--access-token"], true),
    ("docker", &["login"], &["-p", "--password"], false),
    ("podman", &["login"], &["-p", "--password"], false),
    ("helm", &["registry", "login"], &["-p", "--password"], false),
    ("sshpass", &[], &["-p"], false),
    ("curl", &[], &["-u", "--user"], false),
];

/// Settings that hold a secret: program, first arguments, ends of the setting's name, and whether Trivy knows them.
const BY_SETTING: [(&str, &[&str], &[&str], bool); 3] = [
    ("aws", &["configure", "set"], &["aws_access_key_id", "aws_secret_access_key", "aws_session_token"], true),
    ("npm", &["config", "set"], &["_authToken", "_auth", "_password"], false),
    ("yarn", &["config", "set"], &["npmAuthToken", "_authToken"], false),
];

fn command(command: &Command, report: &mut Report) {
    let run = command.instruction();
    if run.name() != "RUN" || run.mounts().any(|mount| mount.kind() == "secret") {
        return;
    }
    let inner = command.unwrapped();
    let Some(name) = inner.name() else { return };
    let begins = |program: &str, first: &[&str]| {
        let mut arguments = inner.arguments();
        program == name && first.iter().all(|word| arguments.next().and_then(Word::text) == Some(word))
    };
    if begins("gcloud", &["auth", "activate-service-account"]) {
        secret(command, inner.place(), "gcloud", true, report);
    }
    for (program, first, options, is_known) in BY_OPTION {
        if !begins(program, first) {
            continue;
        }
        if let Some(word) = value(inner, options).filter(|word| is_secret(command, program, *word)) {
            secret(command, word.place(), program, is_known, report);
        }
    }
    for (program, first, settings, is_known) in BY_SETTING {
        if !begins(program, first) {
            continue;
        }
        let words: Vec<Word> = inner.arguments().skip(first.len()).collect();
        let [setting, word, ..] = words.as_slice() else { continue };
        let is_meant = setting.text().is_some_and(|text| settings.iter().any(|name| text.ends_with(name)));
        if is_meant && is_secret(command, program, *word) {
            secret(command, word.place(), program, is_known, report);
        }
    }
    for word in inner.words().skip(1) {
        if password(word.raw()).is_some_and(|password| is_given(command, password)) {
            secret(command, word.place(), name, false, report);
        }
    }
}

fn secret(command: &Command, place: Place, program: &str, is_known: bool, report: &mut Report) {
    let finding = report.finding(place, format!("`{program}` is given a secret, which stays in the image's history"));
    if !is_known || !command.stage().is_some_and(Stage::is_final) {
        finding.aliases(&[]);
    }
}

/// The word that holds the value of an option.
fn value<'a>(command: Command<'a>, options: &[&str]) -> Option<Word<'a>> {
    let mut words = command.words().skip(1);
    while let Some(word) = words.next() {
        if options.contains(&word.raw()) {
            return words.next();
        }
        if word.raw().split_once('=').is_some_and(|(option, _)| options.contains(&option)) {
            return Some(word);
        }
    }
    None
}

fn is_secret(command: &Command, program: &str, word: Word) -> bool {
    let value = match word.raw().strip_prefix("--") {
        Some(option) => option.split_once('=').map_or("", |(_, value)| value),
        None => word.raw(),
    };
    let value = value.trim_matches(['"', '\'']);
    // curl asks for a password that is not given.
    let value = if program == "curl" { value.split_once(':').map_or("", |(_, password)| password) } else { value };
    is_given(command, value)
}

/// The password in an address.
fn password(word: &str) -> Option<&str> {
    let (scheme, rest) = word.split_once("://")?;
    if !scheme.ends_with("http") && !scheme.ends_with("https") {
        return None;
    }
    let (account, _) = rest.split('/').next()?.rsplit_once('@')?;
    account.split_once(':').map(|(_, password)| password)
}

/// Whether a value is a text, or a variable that an ARG or ENV declares, and so known to whoever has the image.
fn is_given(command: &Command, value: &str) -> bool {
    let Some(variable) = value.strip_prefix('$') else { return !value.is_empty() && !value.contains(['$', '`', '<']) };
    let name = variable.trim_start_matches('{').trim_end_matches('}').split(':').next().unwrap_or_default();
    let instructions = command.stage().into_iter().flat_map(Stage::lineage).flat_map(Stage::instructions);
    let mut declared =
        instructions.filter(|instruction| matches!(instruction.name(), "ARG" | "ENV")).flat_map(Instruction::pairs);
    declared.any(|pair| pair.key() == Some(name))
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn secrets_of_the_build_and_other_commands_are_accepted() {
        for run in [
            "aws configure set region eu-west-1",
            "aws configure set aws_access_key_id \"$(cat /run/secrets/key)\"",
            "--mount=type=secret,id=k aws configure set aws_access_key_id \"$(cat /run/secrets/k)\"",
            "--mount=type=secret,id=k,env=K az login -p $K",
            "az login --identity",
            "az storage -p a",
            "docker login --password-stdin",
            "docker run -p 80:80 a",
            "curl -u user https://x.example",
            "curl https://x.example/a:b@c",
            "git clone https://git@x.example/a",
            "rails db:migrate postgres://a:b@localhost/c",
            "git clone https://$USER:$TOKEN@x.example/a",
            "npm config set registry https://x.example",
            "echo gcloud auth activate-service-account",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn every_way_to_give_one_is_flagged() {
        for (run, token) in [
            ("aws configure set aws_secret_access_key \"$KEY\"", "\"$KEY\""),
            ("aws configure \\\n  set aws_access_key_id AKIA1", "AKIA1"),
            ("gcloud auth activate-service-account --key-file=/a.json", "gcloud"),
            ("az login -u a -p 'b'", "'b'"),
            ("az login --federated-token=${KEY}", "--federated-token=${KEY}"),
            ("doctl auth init -t abc", "abc"),
            ("sudo docker login -u a --password b x.example", "b"),
            ("sshpass -p a ssh b", "a"),
            ("curl -u a:b https://x.example", "a:b"),
            ("npm config set //x.example/:_authToken abc", "abc"),
            ("git clone https://a:$KEY@x.example/b", "https://a:$KEY@x.example/b"),
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nARG KEY\nRUN {run}\n")), [token], "{run}");
        }
    }
}
