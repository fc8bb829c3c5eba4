use hullmark_sdk::prelude::*;

use crate::{environment, fetch, pip};

rule! {
    /// Certificates of servers are not verified.
    ///
    /// ## What it checks
    ///
    /// Options and settings that keep a program from verifying with whom it speaks: `curl -k`, `wget --no-check-certificate`,
    /// `pip --trusted-host`, `strict-ssl` of npm, Yarn and pnpm, `http.sslVerify` of Git and `ssl_verify` of conda in commands of
    /// `RUN`; and variables that do the same, in `ENV`, `ARG` and `RUN`. Values that only the build knows are passed over.
    ///
    /// ## Why it matters
    ///
    /// Whoever stands between the build and the server can put anything into the image. What `ENV` sets holds for the container
    /// as well, where it opens the service's own connections.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM node:22.21.1
    /// ENV NODE_TLS_REJECT_UNAUTHORIZED=0
    /// RUN npm config set strict-ssl false && npm ci
    /// RUN curl -fsSLk https://downloads.example/tool -o /usr/local/bin/tool
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM node:22.21.1
    /// COPY company-ca.crt /usr/local/share/ca-certificates/
    /// RUN update-ca-certificates
    /// ENV NODE_EXTRA_CA_CERTS=/usr/local/share/ca-certificates/company-ca.crt
    /// RUN npm ci
    /// ```
    ///
    /// ## How to fix
    ///
    /// Add the certificate of your own authority to the image (`update-ca-certificates`, or the program's own option for it), and
    /// drop what turns verification off.
    ///
    /// ## Other tools
    ///
    /// Checkov does not know pnpm, Git's own settings, conda, and variables other than the five that it has a check for.
    ///
    /// ## References
    ///
    /// - <https://cwe.mitre.org/data/definitions/295.html>
    tags: &["security", "external/cwe/cwe-295"],
    security_severity: Some("7.4"),
    aliases: &[
        "CKV2_DOCKER_2",
        "CKV2_DOCKER_3",
        "CKV2_DOCKER_4",
        "CKV2_DOCKER_5",
        "CKV2_DOCKER_6",
        "CKV2_DOCKER_12",
        "CKV2_DOCKER_13",
        "CKV2_DOCKER_14",
        "CKV2_DOCKER_16",
    ],
    references: &["https://cwe.mitre.org/data/definitions/295.html"],
    checks: &[
        Command(command),
        Instruction("ENV", instruction),
        Instruction("ARG", instruction),
        Instruction("ONBUILD", onbuild),
    ],
}

/// Variables that turn verification off, the values that do, and who else reports them. No value stands for any.
const VARIABLES: [(&str, &[&str], &[&str]); 11] = [
    ("PYTHONHTTPSVERIFY", &["0"], &["CKV2_DOCKER_5"]),
    ("NODE_TLS_REJECT_UNAUTHORIZED", &["0"], &["CKV2_DOCKER_6"]),
    ("NPM_CONFIG_STRICT_SSL", &["false"], &["CKV2_DOCKER_12"]),
    ("npm_config_strict_ssl", &["false"], &["CKV2_DOCKER_12"]),
    ("GIT_SSL_NO_VERIFY", &[], &["CKV2_DOCKER_14"]),
    ("PIP_TRUSTED_HOST", &[], &["CKV2_DOCKER_16"]),
    ("YARN_ENABLE_STRICT_SSL", &["0", "false"], &[]),
    ("BUNDLE_SSL_VERIFY_MODE", &["0"], &[]),
    ("CONDA_SSL_VERIFY", &["0", "false", "no"], &[]),
    ("GOINSECURE", &[], &[]),
    // Programs on top of Python's requests take the empty list for "do not verify".
    ("CURL_CA_BUNDLE", &[""], &[]),
];

fn command(command: &Command, report: &mut Report) {
    if command.instruction().name() != "RUN" {
        return;
    }
    for setting in environment::of_command(*command) {
        variable(setting, report);
    }
    let inner = command.unwrapped();
    match inner.name() {
        Some("curl") => {
            for word in inner.options().filter(|word| word.resolved().is_some_and(is_insecure)) {
                program(word, "curl", &["CKV2_DOCKER_2"], report);
            }
        }
        Some("wget") => {
            if let Some(word) = inner.flag(&["--no-check-certificate"]) {
                program(word, "wget", &["CKV2_DOCKER_3"], report);
            }
        }
        Some("npm" | "yarn" | "pnpm") => strict_ssl(command, report),
        Some("git") => ssl_verify(inner, report),
        Some("conda" | "mamba") => {
            let words: Vec<Word> = inner.words().collect();
            if let Some([setting, _]) = words.windows(2).find(|pair| is_off(pair, "ssl_verify", &["false", "no"])) {
                program(*setting, "conda", &[], report);
            }
        }
        _ if pip::is_pip(command) => {
            for word in inner.options().filter(|word| word.raw().split('=').next() == Some("--trusted-host")) {
                program(word, "pip", &["CKV2_DOCKER_4"], report);
            }
        }
        _ => {}
    }
}

fn is_insecure(option: &str) -> bool {
    let (letters, _) = fetch::letters(option, fetch::CURL_VALUED);
    letters.contains('k') || matches!(option, "--insecure" | "--proxy-insecure")
}

/// `npm config set strict-ssl false` in its forms, and the option that says the same for one command.
fn strict_ssl(command: &Command, report: &mut Report) {
    let inner = command.unwrapped();
    let name = inner.name().unwrap_or_default();
    if let Some(word) =
        inner.options().find(|word| matches!(word.text(), Some("--no-strict-ssl" | "--strict-ssl=false")))
    {
        program(word, name, &[], report);
    }
    let words: Vec<Word> = inner.arguments().collect();
    let text = |index: usize| words.get(index).and_then(|word| word.resolved());
    let first = match (text(0), text(1)) {
        (Some("set"), _) => 1,
        (Some("config" | "c"), Some("set")) => 2,
        _ => return,
    };
    let is_one = text(first) == Some("strict-ssl=false");
    if is_one || is_off(words.get(first..first + 2).unwrap_or_default(), "strict-ssl", &["false"]) {
        program(words[first], name, if name == "pnpm" { &[] } else { &["CKV2_DOCKER_13"] }, report);
    }
}

/// `git -c http.sslVerify=false`, and `git config http.sslVerify false`.
fn ssl_verify(git: Command, report: &mut Report) {
    let words: Vec<Word> = git.words().collect();
    let is_key = |key: &str| {
        let key = key.to_ascii_lowercase();
        key.starts_with("http.") && key.ends_with(".sslverify")
    };
    for (index, word) in words.iter().enumerate() {
        let (Some(text), next) = (word.resolved(), words.get(index + 1).and_then(|next| next.resolved())) else {
            continue;
        };
        let value = text.split_once('=').or_else(|| next.map(|next| (text, next)));
        if value.is_some_and(|(key, value)| is_key(key) && matches!(value, "false" | "0" | "no" | "off")) {
            program(*word, "git", &[], report);
        }
    }
}

/// Whether two words give a setting one of these values.
fn is_off(pair: &[Word], setting: &str, values: &[&str]) -> bool {
    let [name, value] = pair else { return false };
    let has_value = value.resolved().is_some_and(|value| values.iter().any(|off| value.eq_ignore_ascii_case(off)));
    name.resolved() == Some(setting) && has_value
}

fn program(word: Word, name: &str, aliases: &[&'static str], report: &mut Report) {
    let message = format!("`{}` keeps {name} from verifying certificates", word.raw());
    report.finding(word, message).aliases(aliases);
}

fn onbuild(onbuild: &Instruction, report: &mut Report) {
    if let Some(trigger) = onbuild.trigger() {
        instruction(&trigger, report);
    }
}

fn instruction(instruction: &Instruction, report: &mut Report) {
    for setting in environment::of_instruction(*instruction) {
        variable(setting, report);
    }
}

fn variable(setting: environment::Setting, report: &mut Report) {
    let Some((name, off, aliases)) = VARIABLES.iter().find(|(name, _, _)| *name == setting.name) else { return };
    let is_off = |value: &str| match off {
        [] => !value.is_empty(),
        _ => off.iter().any(|off| value.eq_ignore_ascii_case(off)),
    };
    if setting.value.is_some_and(is_off) {
        report
            .finding(setting.place, format!("variable `{name}` turns the verification of certificates off"))
            .aliases(aliases);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn other_options_values_and_programs_are_accepted() {
        for run in [
            "curl -fsSLo kraken https://x.example",
            "curl -okay -H k https://x.example | grep -k x",
            "curl -- -k",
            "wget -k --no-clobber https://x.example",
            "pip install a | grep -- --trusted-host",
            "npm config set strict-ssl true || false",
            "npm config get strict-ssl false",
            "npm install strict-ssl false",
            "npm config set audit false",
            "git config http.sslVerify true",
            "git commit -m http.sslVerify=maybe",
            "conda config --set ssl_verify true",
            "NODE_TLS_REJECT_UNAUTHORIZED=1 X_GIT_SSL_NO_VERIFY=1 node a",
            "unset GIT_SSL_NO_VERIFY",
            "echo GIT_SSL_NO_VERIFY=1",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
        let text = "FROM x\nARG GIT_SSL_NO_VERIFY\nENV PIP_TRUSTED_HOST=$X PYTHONHTTPSVERIFY=1\nHEALTHCHECK CMD curl -k localhost\n";
        assert_eq!(dockerfile(&RULE, text), [""; 0]);
    }

    #[test]
    fn options_of_programs_are_flagged() {
        for (run, token) in [
            ("curl -fsSLk https://x.example", "-fsSLk"),
            ("curl \\\n  --insecure https://x.example", "--insecure"),
            ("sudo wget --no-check-certificate https://x.example", "--no-check-certificate"),
            ("python3 -m pip install --trusted-host x.example a", "--trusted-host"),
            ("pip --trusted-host=x.example install a", "--trusted-host=x.example"),
            ("npm  c set 'strict-ssl' \"false\"", "'strict-ssl'"),
            ("yarn config set strict-ssl=false -g", "strict-ssl=false"),
            ("pnpm set strict-ssl false", "strict-ssl"),
            ("npm ci --no-strict-ssl", "--no-strict-ssl"),
            ("git -c http.sslVerify=false clone x", "http.sslVerify=false"),
            ("git config --global http.https://x.example.sslverify 0", "http.https://x.example.sslverify"),
            ("conda config --set ssl_verify no", "ssl_verify"),
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [token], "{run}");
        }
    }

    #[test]
    fn variables_are_flagged_wherever_they_are_set() {
        let text = "FROM x\nENV A=b NODE_TLS_REJECT_UNAUTHORIZED=\"0\"\nENV PYTHONHTTPSVERIFY 0\nARG GIT_SSL_NO_VERIFY=0\n\
            RUN C=d PIP_TRUSTED_HOST='e' pip install f; export npm_config_strict_ssl=False && env GIT_SSL_NO_VERIFY=1 g\n\
            ONBUILD ENV GOINSECURE=* CURL_CA_BUNDLE=\n";
        let expected = [
            "PIP_TRUSTED_HOST='e'",
            "npm_config_strict_ssl=False",
            "GIT_SSL_NO_VERIFY=1",
            "NODE_TLS_REJECT_UNAUTHORIZED",
            "PYTHONHTTPSVERIFY",
            "GIT_SSL_NO_VERIFY",
            "GOINSECURE",
            "CURL_CA_BUNDLE",
        ];
        assert_eq!(dockerfile(&RULE, text), expected);
    }
}
