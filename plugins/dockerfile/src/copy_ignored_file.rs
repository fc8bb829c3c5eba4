use hullmark_sdk::prelude::*;

use crate::ignore::Patterns;
use crate::words::{is_download, is_git, opens_heredoc, sources_and_destination};

rule! {
    /// A file is copied that `.dockerignore` keeps out of the build.
    ///
    /// ## What it checks
    ///
    /// Sources of `COPY` and `ADD` from the build context, against `<name>.dockerignore` or `.dockerignore` beside the
    /// Dockerfile. Sources with wildcards are passed over, and so is a folder of which an exception (`!`) may bring back a
    /// part. Where the Dockerfile has no such file beside it, nothing is known of the build context.
    ///
    /// ## Why it matters
    ///
    /// The build fails: the file is `not found`, although it is there.
    ///
    /// ## Flagged
    ///
    /// With `dist` in `.dockerignore`:
    ///
    /// ```dockerignore
    /// dist
    /// ```
    ///
    /// ```dockerfile
    /// FROM nginx:1.29.1
    /// COPY dist/ /usr/share/nginx/html/
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerignore
    /// dist
    /// !dist/public
    /// ```
    ///
    /// ```dockerfile
    /// FROM nginx:1.29.1
    /// COPY dist/public/ /usr/share/nginx/html/
    /// ```
    ///
    /// ## How to fix
    ///
    /// Take the file out of `.dockerignore`, or add an exception with `!`.
    ///
    /// ## Other tools
    ///
    /// BuildKit says nothing where `.dockerignore` has any exception.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/reference/build-checks/copy-ignored-file/>
    /// - <https://docs.docker.com/build/concepts/context/#dockerignore-files>
    level: Error,
    tags: &["correctness"],
    precision: High,
    aliases: &["CopyIgnoredFile"],
    references: &[
        "https://docs.docker.com/reference/build-checks/copy-ignored-file/",
        "https://docs.docker.com/build/concepts/context/#dockerignore-files",
    ],
    checks: &[Dockerfile(file)],
}

fn file(file: &Dockerfile, report: &mut Report) {
    let document = file.document();
    let folder = |path: &str| path.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned());
    // One that lies at the root says nothing of a Dockerfile further down, which may have its context beside it.
    let Some(ignore) = document.ignore_file().filter(|ignore| folder(&ignore.path) == folder(document.path())) else {
        return;
    };
    let patterns = Patterns::of(ignore);
    let copies = file.instructions().filter(|instruction| matches!(instruction.name(), "COPY" | "ADD"));
    for copy in copies.filter(|copy| copy.flag("from").is_none()) {
        let Some((sources, _)) = sources_and_destination(&copy) else { continue };
        for source in sources.into_iter().filter(|source| !opens_heredoc(&copy, *source)) {
            let Some(path) = source.resolved() else { continue };
            let is_elsewhere = is_download(path) || is_git(path);
            if !is_elsewhere && !path.is_empty() && !path.contains(['*', '?', '[', '\\']) && patterns.leave_out(path) {
                report.finding(source, format!("`{path}` is kept out of the build by `{}`", ignore.path));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(ignore: &str, text: &str) -> Vec<String> {
        project(&RULE, &[(".dockerignore", ignore), ("Dockerfile", text)])
    }

    #[test]
    fn without_the_file_nothing_is_known() {
        assert_eq!(dockerfile(&RULE, "FROM a\nCOPY dist /\n"), [""; 0]);
        let files = [(".dockerignore", "dist"), ("web/Dockerfile", "FROM a\nCOPY dist /\n")];
        assert_eq!(project(&RULE, &files), [""; 0]);
    }

    #[test]
    fn other_sources_are_not_of_the_context() {
        let text = "FROM a AS b\nFROM a\nCOPY --from=b dist /\nADD https://x.example/dist /\nCOPY <<dist /\nx\ndist\nCOPY dist* $X /\n";
        assert_eq!(flagged("dist\n", text), [""; 0]);
        assert_eq!(flagged("*\n!src\n", "FROM a\nCOPY . /\nCOPY src /\n"), [""; 0]);
    }

    #[test]
    fn what_is_left_out_is_flagged() {
        let text = "FROM a\nCOPY Dockerfile .\nADD [\"./Dockerfile\", \"/\"]\nCOPY src \\\n  dist/app /x/\n";
        assert_eq!(flagged("Dockerfile\ndist\n", text), ["Dockerfile", "\"./Dockerfile\"", "dist/app"]);
        assert_eq!(flagged("*\n", "FROM a\nCOPY . /\n"), ["."]);
    }
}
