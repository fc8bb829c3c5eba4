use hullmark_sdk::prelude::*;

use crate::words::{is_download, sources_and_destination};

rule! {
    /// `ADD` fetches a file from the network without a checksum.
    ///
    /// ## What it checks
    ///
    /// `ADD` of `http://` and `https://` addresses without `--checksum`. Git repositories are left out: there a commit in the
    /// address does the same.
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
    /// Add `--checksum=sha256:…` with the digest of the file that you have looked at.
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
    checks: &[Instruction("ADD", add)],
}

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
}
