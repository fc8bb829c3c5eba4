use hullmark_sdk::prelude::*;

use crate::words::{is_download, is_git, opens_heredoc, sources_and_destination, written};

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
    /// ## Options
    ///
    /// - `every` (default: `false`): flag every `ADD`, also one that does what `COPY` cannot.
    ///
    /// ## Other tools
    ///
    /// With the option `every` each tool has its own verdicts: Checkov flags every `ADD`; hadolint accepts those of which every
    /// source is an archive (not `.zst`, and in lower case only) or begins with `http://` or `https://`; Trivy those with `.tar`,
    /// such an address or `git@` anywhere in the line.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/build/building/best-practices/#add-or-copy>
    tags: &["correctness"],
    aliases: &["DL3020", "DS-0005", "CKV_DOCKER_4"],
    references: &["https://docs.docker.com/build/building/best-practices/#add-or-copy"],
    options: &[OptionSpec::flag("every", false, "whether to flag every `ADD`, also one that does what `COPY` cannot")],
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
    let has_flag = add.flags().filter_map(Node::key).any(|flag| only_add.contains(&flag));
    let copies = |source: &Node| opens_heredoc(add, *source) || source.resolved().is_some_and(is_plain);
    let is_copy = !has_flag && sources.iter().all(copies);
    if !is_copy && !report.options().flag("every") {
        return;
    }
    let source = sources.first().and_then(|source| source.value()).unwrap_or_default();
    let message = match is_copy {
        true => format!("`ADD` of `{source}` does what `COPY` does"),
        false => format!("`ADD` is used for `{source}`"),
    };
    let finding = report.finding(add.place(), message);
    let text = add.text();
    finding.aliases_if(&[
        ("DL3020", !sources.iter().all(|source| is_archive_or_address(written(*source)))),
        ("DS-0005", ![".tar", "http://", "https://", "git@"].into_iter().any(|mark| text.contains(mark))),
        ("CKV_DOCKER_4", true),
    ]);
    if !is_copy {
        return;
    }
    let is_lower = add.node().document().text_at(add.place().span) == "add";
    let copy = if is_lower { "copy" } else { "COPY" };
    // A pattern may stand for archives.
    let is_pattern = sources.iter().any(|source| source.value().is_some_and(|text| text.contains(['*', '?', '['])));
    let fix = if is_pattern { Fix::needs_review("use `COPY`") } else { Fix::safe("use `COPY`") };
    finding.fix(fix.replace(add.place(), copy));
}

/// What hadolint accepts: other endings than BuildKit unpacks, each in one case.
fn is_archive_or_address(source: &str) -> bool {
    const ENDINGS: [&str; 15] = [
        ".tar", ".Z", ".bz2", ".gz", ".lz", ".lzma", ".tZ", ".tb2", ".tbz", ".tbz2", ".tgz", ".tlz", ".tpz", ".txz",
        ".xz",
    ];
    source.starts_with("http://")
        || source.starts_with("https://")
        || ENDINGS.into_iter().any(|ending| source.ends_with(ending))
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
    fn every_use_may_be_flagged() {
        let trial = Trial::with(&RULE, r#"{"every": true}"#);
        let text = "FROM a\nADD a.tar.gz /\nADD --checksum=x https://x.example/a /b\nADD $X /\n";
        assert_eq!(trial.dockerfile(text), ["ADD", "ADD", "ADD"]);
        assert_eq!(trial.fixed("Dockerfile", text), text);
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
