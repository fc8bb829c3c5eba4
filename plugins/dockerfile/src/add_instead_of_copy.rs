use hullmark_sdk::prelude::*;

use crate::words::{is_download, is_git, opens_heredoc, sources_and_destination};

rule! {
    /// `ADD` is used where `COPY` does the same.
    ///
    /// ## What it checks
    ///
    /// `ADD` of local files and of heredocs. What only `ADD` can do is accepted: addresses, Git repositories, archives (by
    /// their names), and the flags `--checksum`, `--keep-git-dir` and `--unpack`. A source that is a variable without a value
    /// may be any of these and is passed over.
    ///
    /// ## Why it matters
    ///
    /// `ADD` unpacks what looks like an archive and fetches what looks like an address. `COPY` only copies, so a file with an
    /// unlucky name or content does no harm, and the reader knows that nothing else happens.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM alpine:3.22
    /// ADD config.json /etc/app/
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM alpine:3.22
    /// COPY config.json /etc/app/
    /// ADD rootfs.tar.gz /
    /// ADD https://github.com/acme/app.git#v1.4.0 /src/
    /// ```
    ///
    /// ## How to fix
    ///
    /// Use `COPY`.
    ///
    /// ## Other tools
    ///
    /// Checkov flags every `ADD`. hadolint takes Git repositories for files. Trivy accepts `.tar` anywhere in the line.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/build/building/best-practices/#add-or-copy>
    tags: &["correctness"],
    aliases: &["DL3020", "DS-0005", "CKV_DOCKER_4"],
    references: &["https://docs.docker.com/build/building/best-practices/#add-or-copy"],
    checks: &[Instruction("ADD", add)],
}

/// Endings of names that BuildKit's `ADD` unpacks; it looks at the content, but a name is all there is here.
const ARCHIVES: [&str; 18] = [
    ".tar", ".z", ".bz2", ".gz", ".lz", ".lzma", ".tb2", ".tbz", ".tbz2", ".tgz", ".tlz", ".tpz", ".txz", ".xz",
    ".zst", ".tzst", ".tar.br", ".tzo",
];

fn add(add: &Instruction, report: &mut Report) {
    let Some((sources, _)) = sources_and_destination(add) else { return };
    let only_add = ["checksum", "keep-git-dir", "unpack"];
    if add.flags().filter_map(Node::key).any(|flag| only_add.contains(&flag)) {
        return;
    }
    if !sources.iter().all(|source| opens_heredoc(add, *source) || source.resolved().is_some_and(is_plain)) {
        return;
    }
    let source = sources.first().and_then(|source| source.value()).unwrap_or_default();
    let finding = report.finding(add.place(), format!("`ADD` of `{source}` does what `COPY` does"));
    if add.text().contains(".tar") || add.text().contains("git@") {
        finding.aliases(&["DL3020", "CKV_DOCKER_4"]);
    }
    let is_lower = add.node().document().text_at(add.place().span) == "add";
    let copy = if is_lower { "copy" } else { "COPY" };
    // A pattern may stand for archives.
    let is_pattern = sources.iter().any(|source| source.value().is_some_and(|text| text.contains(['*', '?', '['])));
    let fix = if is_pattern { Fix::needs_review("use `COPY`") } else { Fix::safe("use `COPY`") };
    finding.fix(fix.replace(add.place(), copy));
}

fn is_plain(source: &str) -> bool {
    let lower = source.to_ascii_lowercase();
    !is_download(source) && !is_git(source) && !ARCHIVES.iter().any(|ending| lower.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn what_only_add_can_do_is_fine() {
        let text = "FROM a\nARG A=x.tgz\nADD a.tar.gz /\nADD https://x.example/a /b\nADD git@github.com:a/b.git /c\n\
            ADD https://github.com/a/b.git#main /c\nADD $X /\nADD $A /\nADD --keep-git-dir=true a /\nADD a.tar b.txt /c/\n\
            ADD [\"a.TGZ\", \"/\"]\nCOPY a /\n";
        assert_eq!(dockerfile(&RULE, text), [""; 0]);
    }

    #[test]
    fn local_files_and_heredocs_are_for_copy() {
        let text = "FROM a\nADD . /app\nadd --chown=1 a.zip b /c/\nADD <<A /x\n1\nA\n";
        assert_eq!(dockerfile(&RULE, text), ["ADD", "add", "ADD"]);
        let fixed = Trial::of(&RULE).fixed("Dockerfile", text);
        assert_eq!(fixed, "FROM a\nCOPY . /app\ncopy --chown=1 a.zip b /c/\nCOPY <<A /x\n1\nA\n");
        assert_eq!(dockerfile(&RULE, &fixed), [""; 0]);
    }
}
