//! Parser directives, and the frontend that a file asks for.

/// A line that has the form of a known directive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found<'l> {
    /// The key as written.
    pub(crate) key: &'l str,
    /// Where it begins in the line.
    pub(crate) key_at: usize,
    /// The value without the blanks around it.
    pub(crate) value: &'l str,
    /// Where the value ends in the line.
    pub(crate) end: usize,
}

/// Reads a line as `#key=value` with a key that BuildKit knows; `prefix` is the comment sign.
pub(crate) fn read<'l>(line: &'l str, prefix: &str) -> Option<Found<'l>> {
    let after = line.strip_prefix(prefix)?.trim_start();
    let key_at = line.len() - after.len();
    let key_len = after.find(|char: char| !char.is_ascii_alphanumeric()).unwrap_or(after.len());
    let key = &after[..key_len];
    if !["syntax", "escape", "check"].iter().any(|known| key.eq_ignore_ascii_case(known)) {
        return None;
    }
    let written = after[key_len..].trim_start_matches(blank).strip_prefix('=')?;
    let value = written.trim_matches(blank);
    // Of a value of blanks only, the expression that BuildKit uses keeps the last one.
    let value = if value.is_empty() { &written[written.len().checked_sub(1)?..] } else { value };
    let after = if value.ends_with(blank) { 0 } else { written.len() - written.trim_end_matches(blank).len() };
    Some(Found { key, key_at, value, end: line.len() - after })
}

const fn blank(char: char) -> bool {
    matches!(char, ' ' | '\t' | '\n' | '\x0c' | '\r')
}

/// The image that `# syntax=` names, if any: it decides what the rest of the file means.
///
/// As BuildKit has it: one `#!` line may come first, and the directive may also be written with `//`.
#[must_use]
pub(crate) fn frontend(text: &str) -> Option<&str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let text = match text.split_once('\n') {
        Some((first, rest)) if first.starts_with("#!") => rest,
        _ => text,
    };
    ["#", "//"].iter().find_map(|prefix| {
        let directives = text.lines().map_while(|line| read(line, prefix));
        let syntax = directives.into_iter().find(|found| found.key.eq_ignore_ascii_case("syntax"))?;
        syntax.value.split(' ').next()
    })
}

/// Whether an image is Docker's own Dockerfile frontend, of any version.
pub(crate) fn is_docker(image: &str) -> bool {
    let image = image.split('@').next().unwrap_or_default();
    let name = image.strip_prefix("docker.io/").unwrap_or(image);
    let name = name.split(':').next().unwrap_or_default();
    matches!(name, "docker/dockerfile" | "docker/dockerfile-upstream")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_directives_are_comments() {
        for line in ["# escape", "# escapes=x", "#= x", "# key=value", "escape=x", "#escape=", "# es cape=`"] {
            assert_eq!(read(line, "#"), None, "{line}");
        }
    }

    #[test]
    fn blanks_and_case_do_not_matter() {
        let found = read("#\tESCAPE =  `  ", "#").unwrap();
        assert_eq!((found.key, found.key_at, found.value), ("ESCAPE", 2, "`"));
        assert_eq!(found.end, 13);
        assert_eq!(read("# check= ", "#").map(|found| (found.value, found.end)), Some((" ", 9)));
        assert_eq!(read("#escape=`\u{2028} ", "#").map(|found| (found.value, found.end)), Some(("`\u{2028}", 12)));
    }

    #[test]
    fn the_frontend_is_found_where_buildkit_finds_it() {
        assert_eq!(frontend("#!/usr/bin/env docker\n# escape=`\n# syntax = a/b:1 --x\nFROM a"), Some("a/b:1"));
        assert_eq!(frontend("// syntax=a\n{}"), Some("a"));
        assert_eq!(frontend("# a comment\n# syntax=a\n"), None);
        assert_eq!(frontend(" # syntax=a\n"), None, "an indented one has no effect");
    }

    #[test]
    fn only_dockers_own_frontend_is_dockers() {
        for image in [
            "docker/dockerfile",
            "docker.io/docker/dockerfile:1.7-labs",
            "docker/dockerfile-upstream:master",
            "docker/dockerfile:1@sha256:ab",
        ] {
            assert!(is_docker(image), "{image}");
        }
        for image in ["docker/dockerfile-x", "me/docker/dockerfile", "dockerfile", "ghcr.io/docker/dockerfile"] {
            assert!(!is_docker(image), "{image}");
        }
    }
}
