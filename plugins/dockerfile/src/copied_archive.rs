use hullmark_sdk::prelude::*;

use crate::words::sources_and_destination;
use crate::{program, shipping};

rule! {
    /// An archive is copied and then extracted, so the image holds both.
    ///
    /// ## What it checks
    ///
    /// `COPY` of a tar archive from the build context, plain or compressed, that a later `RUN` of the same stage extracts with
    /// `tar`, where the stage is part of the image. The names must be the same; a name with variables is compared as it is
    /// written.
    ///
    /// ## Why it matters
    ///
    /// The archive is in a layer of its own. Removing it later hides it, but whoever pulls the image still fetches it.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// COPY app.tar.gz /tmp/
    /// RUN tar -xzf /tmp/app.tar.gz -C /opt
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// ADD app.tar.gz /opt/
    /// ```
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN --mount=type=bind,source=app.tar.gz,target=/tmp/app.tar.gz tar -xzf /tmp/app.tar.gz -C /opt --strip-components 1
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write `ADD`, which extracts a tar archive on its own. Where only a part of it is wanted, mount it instead of copying it.
    ///
    /// ## Options
    ///
    /// `every` (default `false`): whether other compressed files, other programs that extract them, and stages that are no part
    /// of the image count too.
    ///
    /// ## Other tools
    ///
    /// hadolint looks at all stages, and at files that `ADD` does not extract, such as `data.gz`; the option `every` does so here.
    /// It passes over `tar xf` without a dash and over `--file=`.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/build/building/best-practices/#add-or-copy>
    level: Note,
    precision: High,
    tags: &["size"],
    aliases: &["DL3010"],
    references: &["https://docs.docker.com/build/building/best-practices/#add-or-copy"],
    options: &[OptionSpec::flag(
        "every",
        false,
        "Whether other compressed files, other programs and stages that are no part of the image count too.",
    )],
    checks: &[Instruction("COPY", copy)],
}

/// Archives that ADD extracts.
const TAR: [&str; 11] =
    [".tar", ".tar.bz2", ".tar.gz", ".tar.xz", ".tar.zst", ".tb2", ".tbz", ".tbz2", ".tgz", ".txz", ".tzst"];
/// What else is compressed; with [`TAR`], all that hadolint takes for an archive and more.
const COMPRESSED: [&str; 9] = [".bz2", ".gz", ".lz", ".lzma", ".tlz", ".tpz", ".tZ", ".xz", ".Z"];
const EXTRACTORS: [&str; 9] = ["bunzip2", "gunzip", "gzcat", "uncompress", "unlzma", "unxz", "unzip", "zcat", "zgz"];

fn copy(copy: &Instruction, report: &mut Report) {
    let every = report.options().flag("every");
    let Some((sources, destination)) = sources_and_destination(copy) else { return };
    let is_kept = copy.stage().is_some_and(|stage| shipping::is_in_image(&stage));
    if copy.flag("from").is_some() || !is_kept && !every {
        return;
    }
    let archives = if is_archive(&destination, every) { vec![destination] } else { sources };
    for archive in archives.into_iter().filter(|archive| is_archive(archive, every)) {
        let name = base_name(archive.value().unwrap_or_default());
        let Some((at, is_known)) = extraction(copy, name, every) else { continue };
        let finding = report.finding(archive, format!("`{name}` is copied and then extracted: the image holds both"));
        finding.related(at, "extracted here");
        finding.aliases(if is_known { &["DL3010"] } else { &[] });
    }
}

fn is_archive(word: &Node, every: bool) -> bool {
    let name = base_name(word.value().unwrap_or_default());
    let ends = |end: &&str| name.ends_with(*end);
    TAR.iter().any(ends) || every && COMPRESSED.iter().any(ends)
}

fn base_name(path: &str) -> &str {
    path.trim_matches(['"', '\'']).rsplit(['/', '\\']).next().unwrap_or(path)
}

/// Where a later command of the stage extracts the archive, and whether hadolint knows it.
fn extraction(copy: &Instruction, name: &str, every: bool) -> Option<(Place, bool)> {
    let file = copy.node().document().dockerfile()?;
    let later = file.instructions().skip_while(|instruction| instruction.node() != copy.node()).skip(1);
    let runs = later.take_while(|later| later.name() != "FROM").filter(|later| later.name() == "RUN");
    for command in runs.flat_map(Instruction::commands) {
        let inner = command.unwrapped();
        let is_tar = inner.name() == Some("tar") && extracts(inner);
        let is_other = every && inner.name().is_some_and(|name| EXTRACTORS.contains(&name));
        if !is_tar && !is_other {
            continue;
        }
        let value = |word: &Word| {
            let text = word.text().unwrap_or_else(|| word.raw());
            text.strip_prefix("--file=").is_some_and(|file| base_name(file) == name) || base_name(text) == name
        };
        let Some(word) = inner.words().skip(1).find(value) else { continue };
        let has_dash = inner.options().any(|option| option.raw().contains('x') || option.raw() == "--get");
        let is_plain = program::is_in_run(&command) && program::written(&command) == inner.name();
        return Some((word.place(), is_plain && (!is_tar || has_dash) && !word.is_option() && !name.contains('$')));
    }
    None
}

/// Whether `tar` is told to extract, with a dash or without.
fn extracts(tar: Command) -> bool {
    let is_bundle = |word: Word| word.text().is_some_and(|text| text.contains('x') && !text.contains(['/', '.']));
    tar.has_flag(&["-x", "--extract", "--get"]) || tar.word(1).is_some_and(is_bundle)
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn run(command: &str) -> Vec<String> {
        dockerfile(&RULE, &format!("FROM x\nCOPY a.tar.gz b.zip /c/\nRUN {command}\n"))
    }

    #[test]
    fn what_is_not_extracted_or_not_kept_is_fine() {
        for command in
            ["tar -tf /c/a.tar.gz", "tar -czf /c/a.tar.gz x", "tar -xf d.tar", "unzip /c/b.zip", "cat a.tar.gz"]
        {
            assert_eq!(run(command), [""; 0], "{command}");
        }
        for text in [
            "FROM x\nRUN tar -xf a.tar\nCOPY a.tar .\n",
            "FROM x AS y\nCOPY a.tar .\nRUN tar -xf a.tar\nFROM z\nCOPY --from=y /b /b\n",
            "FROM x\nCOPY --from=y a.tar .\nRUN tar -xf a.tar\n",
            "FROM x\nADD a.tar .\nRUN tar -xf a.tar\n",
            "FROM x\nCOPY a.gz .\nRUN gunzip a.gz\n",
        ] {
            assert_eq!(dockerfile(&RULE, text), [""; 0], "{text}");
        }
    }

    #[test]
    fn both_forms_of_tar_are_known() {
        for command in ["tar -xzf c/a.tar.gz", "tar xf a.tar.gz", "cd c && sudo tar --extract --file=a.tar.gz"] {
            assert_eq!(run(command), ["a.tar.gz"], "{command}");
        }
    }

    #[test]
    fn the_name_that_it_gets_counts() {
        let text = "ARG V\nFROM x\nCOPY a /c/b-$V.tgz\nENV X=1\nRUN tar -xf \"/c/b-$V.tgz\"\n";
        assert_eq!(dockerfile(&RULE, text), ["/c/b-$V.tgz"]);
        assert_eq!(dockerfile(&RULE, "FROM x\nCOPY a.tar /b.tar\nRUN tar -xf a.tar\n"), [""; 0]);
    }

    #[test]
    fn every_compressed_file_is_flagged_on_request() {
        let text = "FROM x\nCOPY a.gz b.zip .\nRUN gunzip a.gz && unzip b.zip\nFROM y\n";
        assert_eq!(Trial::with(&RULE, r#"{"every": true}"#).dockerfile(text), ["a.gz"]);
    }
}
