use hullmark_sdk::prelude::*;

use crate::fetch::{self, file_name};
use crate::words::{is_download, sources_and_destination};

rule! {
    /// A file from the network is used without a checksum.
    ///
    /// ## What it checks
    ///
    /// `ADD` of `http://` and `https://` addresses without `--checksum`. Git repositories are left out: there a commit in the
    /// address does the same.
    ///
    /// And `curl` and `wget` in `RUN`, where the same `RUN` unpacks, installs or runs what they fetch, or makes it executable,
    /// and compares it with no checksum or signature (`sha256sum`, `gpg` and the like). What goes straight into a shell is for
    /// another rule.
    ///
    /// ## Why it matters
    ///
    /// Whoever controls the server, or the way to it, decides what goes into the image, and a build tomorrow may get another
    /// file than the one of today.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM alpine:3.22
    /// ADD https://downloads.example/tool.tar.gz /opt/
    /// RUN wget -qO- https://downloads.example/other.tar.gz | tar xz -C /opt
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM alpine:3.22
    /// ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d \
    ///     https://downloads.example/tool.tar.gz /opt/
    /// ```
    ///
    /// ## How to fix
    ///
    /// Add `--checksum=sha256:…` with the digest of the file that you have looked at. In `RUN`, compare with it before the file is
    /// used: `echo "$DIGEST  tool.tar.gz" | sha256sum --check`.
    ///
    /// ## Options
    ///
    /// - `commands` (default: `true`): whether downloads of `curl` and `wget` are looked at.
    ///
    /// ## Other tools
    ///
    /// Checkov flags every `ADD`, one with a checksum too.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/reference/dockerfile/#add---checksum>
    tags: &["security", "supply-chain", "external/cwe/cwe-494"],
    security_severity: Some("5.9"),
    aliases: &["CKV_DOCKER_4"],
    references: &["https://docs.docker.com/reference/dockerfile/#add---checksum"],
    precision: Medium,
    options: &[OptionSpec::flag("commands", true, "Whether downloads of `curl` and `wget` are looked at.")],
    checks: &[Instruction("ADD", add), Command(command)],
}

const UNPACKERS: [&str; 10] = ["tar", "bsdtar", "unzip", "gunzip", "zcat", "bunzip2", "unxz", "xz", "7z", "cpio"];
/// Programs that install or run a file.
const RUNNERS: [&str; 12] =
    ["dpkg", "apt", "apt-get", "rpm", "yum", "dnf", "install", "sh", "bash", "python", "python3", "java"];
/// Programs that compare a file with a checksum or a signature.
const VERIFIERS: [&str; 12] = [
    "sha1sum",
    "sha256sum",
    "sha384sum",
    "sha512sum",
    "b2sum",
    "shasum",
    "md5sum",
    "openssl",
    "gpg",
    "gpgv",
    "cosign",
    "minisign",
];

fn add(add: &Instruction, report: &mut Report) {
    if add.flag("checksum").is_some() {
        return;
    }
    let Some((sources, _)) = sources_and_destination(add) else { return };
    for source in sources {
        // Where the version is a variable, the address still shows.
        let Some(address) = source.resolved().or_else(|| source.value()) else { continue };
        let address = address.trim_start_matches(['"', '\'']);
        if is_download(address) {
            report.finding(source, format!("`{address}` is fetched without a checksum"));
        }
    }
}

fn command(command: &Command, report: &mut Report) {
    if command.instruction().name() != "RUN" || !report.options().flag("commands") {
        return;
    }
    let inner = command.unwrapped();
    if !matches!(inner.name(), Some("curl" | "wget")) {
        return;
    }
    let Some(address) = inner.words().skip(1).find(|word| is_download(word.raw().trim_matches(['"', '\'']))) else {
        return;
    };
    let is_any = |other: Command, names: &[&str]| other.unwrapped().name().is_some_and(|name| names.contains(&name));
    let is_verified = command.instruction().commands().any(|other| is_any(other, &VERIFIERS));
    let is_unpacked = command.is_piped_into() && command.pipeline().any(|other| is_any(other, &UNPACKERS));
    let output = fetch::output(inner, address);
    let is_used = is_unpacked || output.is_some_and(|file| command.after().any(|later| uses(later, file)));
    if is_used && !is_verified && command.script().is_understood() {
        let text = address.raw().trim_matches(['"', '\'']);
        report.finding(address, format!("`{text}` is used without a checksum")).aliases(&[]);
    }
}

/// Whether a command unpacks, installs or runs a file, or makes it executable.
fn uses(later: Command, file: &str) -> bool {
    let inner = later.unwrapped();
    let names = |word: Word| !matches!(file, "" | "-") && file_name(word.raw()) == file;
    let Some(name) = inner.name() else { return inner.word(0).is_some_and(names) };
    let is_chmod = name == "chmod" && inner.arguments().next().is_some_and(lets_run);
    let is_user = is_chmod || UNPACKERS.contains(&name) || RUNNERS.contains(&name);
    inner.word(0).is_some_and(names) || is_user && inner.words().skip(1).any(names)
}

/// Whether a mode lets somebody run the file.
fn lets_run(mode: Word) -> bool {
    let text = mode.raw();
    text.contains('x') || text.contains('$') || text.chars().any(|digit| matches!(digit, '1' | '3' | '5' | '7'))
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn checksums_repositories_and_files_are_fine() {
        let text = "FROM a\nADD --checksum=sha256:1 https://x.example/a /\nADD https://github.com/a/b.git#v1 /c\nADD a /\n\
            ADD https.txt /\nCOPY a /\n";
        assert_eq!(dockerfile(&RULE, text), [""; 0]);
    }

    #[test]
    fn every_address_is_seen() {
        let text =
            "FROM a\nARG V\nARG U=http://x.example\nADD HTTP://x.example/a https://x.example/b-$V /c/\nADD $U/a /\n";
        assert_eq!(dockerfile(&RULE, text), ["HTTP://x.example/a", "https://x.example/b-$V", "$U/a"]);
    }

    #[test]
    fn what_is_compared_or_not_used_is_fine() {
        for run in [
            "curl -fsSLo a.tgz https://x.example/a.tgz && echo '1  a.tgz' | sha256sum -c && tar xf a.tgz",
            "wget https://x.example/a.deb https://x.example/a.deb.asc && gpg --verify a.deb.asc && dpkg -i a.deb",
            "curl -fsSL https://x.example/key | gpg --dearmor -o /etc/apt/keyrings/x.gpg",
            "curl -fsSL https://x.example/health",
            "curl -o a.json https://x.example/a.json && cat a.json",
            "curl -o a.tgz https://x.example/a.tgz && tar xf b.tgz",
            "curl -fsSL https://x.example/install | sh",
            "wget -qO- https://x.example/a | grep b",
            "tar xf a.tgz",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn what_commands_fetch_and_use_is_seen() {
        for run in [
            "curl -fsSL https://x.example/a.tgz | tar xz",
            "wget -qO- https://x.example/a.tgz \\\n | sudo tar xz -C /opt",
            "curl -fsSLo /tmp/a.zip https://x.example/a.tgz && unzip /tmp/a.zip",
            "curl -LO https://x.example/a.tgz; tar xf a.tgz",
            "curl https://x.example/a.tgz > /bin/a && chmod +x /bin/a",
            "wget https://x.example/a.tgz && apt-get install -y ./a.tgz",
            "wget -q https://x.example/a.tgz -O a.sh && ./a.sh",
            "wget --output-document=a.sh https://x.example/a.tgz && bash a.sh",
            "curl -o \"$TO\" https://x.example/a.tgz && tar xf $TO",
        ] {
            let text = format!("FROM x\nRUN {run}\n");
            assert_eq!(dockerfile(&RULE, &text), ["https://x.example/a.tgz"], "{run}");
            assert_eq!(Trial::with(&RULE, r#"{"commands": false}"#).dockerfile(&text), [""; 0]);
        }
    }
}
