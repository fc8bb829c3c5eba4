use hullmark_sdk::prelude::*;

rule! {
    /// The package manager is told not to check where packages come from.
    ///
    /// ## What it checks
    ///
    /// Options in `RUN` that turn off the check of signatures or of a repository's certificate: `--allow-untrusted` of apk;
    /// `--allow-unauthenticated`, `--allow-insecure-repositories` and `--force-yes` of apt; `--nogpgcheck` of yum, dnf and
    /// tdnf, and their settings `gpgcheck` and `sslverify`; `--no-gpg-checks` of zypper; `--nosignature`, `--nodigest` and the like
    /// of rpm.
    ///
    /// ## Why it matters
    ///
    /// The signature is what tells a package of the distribution from one that somebody between the mirror and the build has put
    /// in its place. Packages run their scripts as root.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM alpine:3.22
    /// RUN apk add --no-cache --allow-untrusted https://example.com/tool.apk
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM alpine:3.22
    /// COPY example.rsa.pub /etc/apk/keys/
    /// RUN apk add --no-cache https://example.com/tool.apk
    /// ```
    ///
    /// ## How to fix
    ///
    /// Install the key of whoever signs the packages, and drop the option. Compare a single file that nobody signs with a checksum
    /// that you have written down.
    ///
    /// ## Other tools
    ///
    /// Checkov has one check for each option and does not know all of them. It also flags rpm where that only asks for something
    /// (`rpm -q --nosignature`).
    ///
    /// ## References
    ///
    /// - <https://manpages.debian.org/stable/apt/apt-secure.8.en.html>
    /// - <https://rpm.org/docs/latest/man/rpm.8>
    level: Warning,
    precision: High,
    tags: &["security", "supply-chain", "external/cwe/cwe-347"],
    security_severity: Some("7.0"),
    aliases: &["CKV2_DOCKER_7", "CKV2_DOCKER_8", "CKV2_DOCKER_9", "CKV2_DOCKER_10", "CKV2_DOCKER_11", "CKV2_DOCKER_15"],
    references: &["https://manpages.debian.org/stable/apt/apt-secure.8.en.html", "https://rpm.org/docs/latest/man/rpm.8"],
    checks: &[Command(command)],
}

/// Settings of yum and dnf that turn off a check when they are off.
const SETTINGS: [&str; 4] = ["gpgcheck", "repo_gpgcheck", "pkg_gpgcheck", "sslverify"];
/// Settings of apt that turn off a check when they are on.
const APT_SETTINGS: [&str; 4] = [
    "APT::Get::AllowUnauthenticated",
    "Acquire::AllowInsecureRepositories",
    "Acquire::AllowDowngradeToInsecureRepositories",
    "Acquire::AllowWeakRepositories",
];
/// Settings of apt that turn off a check when they are off.
const APT_CHECKS: [&str; 2] = ["Acquire::https::Verify-Peer", "Acquire::https::Verify-Host"];
const RPM: [&str; 7] =
    ["--nosignature", "--nosignatures", "--nodigest", "--nodigests", "--noverify", "--nofiledigest", "--nofiledigests"];

fn command(command: &Command, report: &mut Report) {
    let inner = command.unwrapped();
    let Some(program) = inner.name().filter(|_| command.instruction().name() == "RUN") else { return };
    if program == "rpm" && is_question(inner) {
        return;
    }
    let mut words = inner.words().skip(1).take_while(|word| word.text() != Some("--")).peekable();
    while let Some(word) = words.next() {
        let Some(text) = word.resolved() else { continue };
        let value = words.peek().and_then(|next| next.resolved());
        if let Some(aliases) = turns_off(inner, text, value) {
            let message = format!("`{program}` is told by `{text}` not to check where packages come from");
            report.finding(word, message).aliases(aliases);
        }
    }
}

/// The aliases of an option that turns off a check; `next` is the word behind it.
fn turns_off(command: Command, option: &str, next: Option<&str>) -> Option<&'static [&'static str]> {
    match (command.name()?, option) {
        ("apk", "--allow-untrusted") => Some(&["CKV2_DOCKER_7"]),
        ("apt-get", "--allow-unauthenticated") => Some(&["CKV2_DOCKER_8"]),
        ("apt-get", "--force-yes") => Some(&["CKV2_DOCKER_11"]),
        ("apt" | "aptitude", "--allow-unauthenticated" | "--force-yes" | "--allow-untrusted") => Some(&[]),
        ("apt" | "apt-get", "--allow-insecure-repositories") => Some(&[]),
        ("yum" | "dnf" | "tdnf" | "microdnf", "--nogpgcheck") => Some(&["CKV2_DOCKER_9"]),
        ("dnf" | "dnf5", "--no-gpgchecks") | ("dnf5", "--nogpgcheck") => Some(&[]),
        ("zypper", "--no-gpg-checks" | "--allow-unsigned-rpm") => Some(&[]),
        ("rpm", _) if RPM.contains(&option) => Some(&["CKV2_DOCKER_10"]),
        ("apt" | "apt-get" | "aptitude", _) => {
            let setting =
                option.strip_prefix("--option=").or_else(|| option.strip_prefix("-o").filter(|text| !text.is_empty()));
            let setting = if matches!(option, "-o" | "--option") { next } else { setting };
            setting.is_some_and(is_apt_setting).then_some(&[])
        }
        (program, _) if is_rpm_manager(program) => {
            let setting = if option == "--setopt" { next } else { option.strip_prefix("--setopt=") };
            let is_certificate = setting.and_then(rpm_setting)? == "sslverify";
            let configures = program.ends_with("config-manager") || command.subcommand() == Some("config-manager");
            Some(if is_certificate && configures { &["CKV2_DOCKER_15"] } else { &[] })
        }
        _ => None,
    }
}

fn is_rpm_manager(program: &str) -> bool {
    matches!(program, "yum" | "dnf" | "dnf5" | "tdnf" | "microdnf" | "yum-config-manager" | "dnf-config-manager")
}

fn is_apt_setting(setting: &str) -> bool {
    let Some((name, value)) = setting.split_once('=') else { return false };
    let is = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    is(&APT_SETTINGS) && is_on(value) || is(&APT_CHECKS) && is_off(value)
}

/// The setting that turns off a check, without the repository that it may begin with.
fn rpm_setting(setting: &str) -> Option<&'static str> {
    let (name, value) = setting.split_once('=')?;
    let name = name.rsplit('.').next()?;
    SETTINGS.into_iter().find(|known| *known == name && is_off(value))
}

fn is_off(value: &str) -> bool {
    ["0", "false", "no", "off"].iter().any(|off| off.eq_ignore_ascii_case(value))
}

fn is_on(value: &str) -> bool {
    ["1", "true", "yes", "on"].iter().any(|on| on.eq_ignore_ascii_case(value))
}

/// Whether rpm is only asked for something, or verifies what is installed.
fn is_question(rpm: Command) -> bool {
    rpm.has_flag(&["-q", "-V", "--query", "--verify", "-K", "--checksig"])
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn other_options_words_and_programs_are_accepted() {
        for run in [
            "apk add x",
            "apk add x | grep -- --allow-untrusted",
            "apt-get install -- --force-yes",
            "apt-get install --allow-downgrades x",
            "apt-get -o APT::Get::AllowUnauthenticated=false install x",
            "apt-get -o Acquire::https::Verify-Peer=true update",
            "echo --nogpgcheck",
            "yum --setopt=sslverify=1 install x",
            "yum-config-manager --save --setopt=install_weak_deps=False",
            "dnf --setopt gpgcheck=True install x",
            "rpm -qa --nosignature",
            "rpm -V --nodigest x",
            "rpm -i x.rpm",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
        assert_eq!(dockerfile(&RULE, "FROM x\nCMD apk add --allow-untrusted x\n"), [""; 0]);
    }

    #[test]
    fn every_way_to_turn_off_a_check_is_flagged() {
        for (run, word) in [
            ("apk --allow-untrusted add x", "--allow-untrusted"),
            ("sudo apt-get install \\\n --allow-unauthenticated x", "--allow-unauthenticated"),
            ("apt-get install --force-yes x", "--force-yes"),
            ("apt-get -oAcquire::AllowInsecureRepositories=1 update", "-oAcquire::AllowInsecureRepositories=1"),
            ("apt-get -o Acquire::https::Verify-Peer=false update", "-o"),
            ("tdnf install --nogpgcheck x", "--nogpgcheck"),
            ("dnf --setopt epel.gpgcheck=0 install x", "--setopt"),
            ("zypper --no-gpg-checks in x", "--no-gpg-checks"),
            ("rpm -i --nodigest x.rpm", "--nodigest"),
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [word], "{run}");
        }
    }

    #[test]
    fn settings_of_repositories_are_read_through_quotes() {
        for option in ["--setopt=sslverify=0", "--setopt=\\*.sslverify=No", "--setopt='x.sslverify'=\"False\""] {
            for program in ["yum-config-manager", "yum config-manager", "dnf config-manager"] {
                let text = format!("FROM x\nRUN {program} --save {option} x\n");
                assert_eq!(dockerfile(&RULE, &text), [option], "{text}");
            }
        }
    }
}
