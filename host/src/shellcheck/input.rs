//! What ShellCheck reads for a script, and the way back from its lines and columns.

use super::process::Comment;
use crate::document::ShellText;

/// Variables that every build may set.
const PROXIES: [&str; 10] = [
    "ALL_PROXY",
    "FTP_PROXY",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "all_proxy",
    "ftp_proxy",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];

/// A script with what is known of its surroundings put before it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Input {
    /// Name of the shell, as ShellCheck has it.
    pub(super) dialect: &'static str,
    /// What it reads.
    pub(super) text: String,
    /// Where the lines begin and end that are not in the script: after its `#!` line, which must stay the first.
    preamble: (usize, usize),
}

impl Input {
    /// Nothing for shells that ShellCheck does not know.
    pub(super) fn of(script: &ShellText) -> Option<Self> {
        let dialect = match script.shell.as_str() {
            "sh" => "sh",
            "bash" | "rbash" => "bash",
            "dash" | "ash" => "dash",
            "ksh" | "mksh" => "ksh",
            _ => return None,
        };
        let text = script.as_str();
        let first = if text.starts_with("#!") { text.find('\n').map_or(text.len(), |end| end + 1) } else { 0 };
        let mut preamble = String::new();
        if first > 0 && !text[..first].ends_with('\n') {
            preamble.push('\n');
        }
        let variables = script.variables.iter().map(String::as_str).filter(|name| is_name(name));
        for name in variables.chain(PROXIES) {
            preamble += &format!("export {name}=1\n");
        }
        if stops_at_errors(&script.options) {
            preamble += "set -e\n";
        }
        let ends = (first, first + preamble.len());
        Some(Self { dialect, text: format!("{}{preamble}{}", &text[..first], &text[first..]), preamble: ends })
    }

    /// The bytes of the script that a comment is about; nothing where it is about none of them.
    pub(super) fn range(&self, comment: &Comment) -> Option<(usize, usize)> {
        let mut start = self.offset(comment.line, comment.column)?;
        let mut end = self.offset(comment.end_line, comment.end_column).unwrap_or(self.text.len());
        if end <= start {
            // A point: the character there, or the one before where the line ends.
            let (before, after) = self.text.split_at(start);
            match (after.chars().next().filter(|&next| next != '\n'), before.chars().next_back()) {
                (Some(next), _) => end = start + next.len_utf8(),
                (None, last) => (start, end) = (start - last.map_or(0, char::len_utf8), start),
            }
        }
        Some((self.in_script(start)?, self.in_script(end.checked_sub(1)?)? + 1))
    }

    /// Offset in the text of a line and a column, which count characters from 1.
    fn offset(&self, line: usize, column: usize) -> Option<usize> {
        let mut start = 0;
        for _ in 1..line {
            start += self.text[start..].find('\n')? + 1;
        }
        let rest = &self.text[start..];
        let rest = &rest[..rest.find('\n').unwrap_or(rest.len())];
        let inside = rest.char_indices().nth(column.checked_sub(1)?).map_or(rest.len(), |(at, _)| at);
        Some(start + inside)
    }

    /// Offset in the script of one in the text.
    fn in_script(&self, offset: usize) -> Option<usize> {
        let (start, end) = self.preamble;
        if offset < start {
            return Some(offset);
        }
        offset.checked_sub(end).map(|after| start + after)
    }
}

/// Whether a shell can have a variable of that name.
fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Whether a shell's own arguments say to stop at the first command that fails.
fn stops_at_errors(options: &str) -> bool {
    options.split(' ').any(|option| {
        let letters = option.strip_prefix('-').filter(|letters| !letters.starts_with('-'));
        option == "errexit" || letters.is_some_and(|letters| letters.contains('e'))
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::document::{Source, parse_dockerfile, shell_texts};

    fn input(dockerfile: &str) -> Option<Input> {
        let source = Arc::new(Source::new("Dockerfile", dockerfile.as_bytes().to_vec()));
        shell_texts(&parse_dockerfile(&source).documents[0]).first().and_then(Input::of)
    }

    fn at(line: usize, column: usize, end_line: usize, end_column: usize) -> Comment {
        Comment { line, column, end_line, end_column, level: "info".into(), code: 1, message: String::new() }
    }

    #[test]
    fn only_shells_that_shellcheck_knows_are_read() {
        let dialect = |shell: &str| {
            input(&format!("FROM a\nSHELL [\"{shell}\", \"-c\"]\nRUN b\n")).map_or("", |input| input.dialect)
        };
        let dialects = ["/bin/bash", "sh", "ash", "mksh", "zsh", "pwsh"].map(dialect);
        assert_eq!(dialects, ["bash", "sh", "dash", "ksh", "", ""]);
    }

    #[test]
    fn variables_and_options_stand_before_the_script() {
        let text = |dockerfile: &str| input(dockerfile).unwrap().text.replace(&proxies(), "…\n");
        assert_eq!(text("FROM a\nARG b.c\nARG d\nENV a=1\nRUN e\n"), "export a=1\nexport d=1\n…\ne");
        assert_eq!(text("FROM a\nSHELL [\"bash\", \"-euo\", \"pipefail\", \"-c\"]\nRUN e\n"), "…\nset -e\ne");
        assert_eq!(text("FROM a\nSHELL [\"bash\", \"-o\", \"pipefail\", \"--restore\", \"-c\"]\nRUN e\n"), "…\ne");
        assert_eq!(text("FROM a\nRUN <<EOF\n#!/bin/sh -e\nb\nEOF\n"), "#!/bin/sh -e\n…\nset -e\nb\n");
    }

    fn proxies() -> String {
        PROXIES.iter().map(|name| format!("export {name}=1\n")).collect()
    }

    #[test]
    fn places_lead_back_to_the_script() {
        let plain = input("FROM a\nRUN \u{e9}  \"$b\"\n").unwrap();
        assert_eq!(plain.range(&at(11, 5, 11, 7)), Some((5, 7)));
        assert_eq!(plain.range(&at(3, 1, 3, 4)), None, "before the script");
        assert_eq!(plain.range(&at(11, 4, 11, 4)), Some((4, 5)), "a point is a character");
        assert_eq!(plain.range(&at(11, 99, 12, 1)), Some((7, 8)), "the end is the last one");
        assert_eq!(plain.range(&at(99, 1, 99, 1)), None);
        let shebang = input("FROM a\nRUN <<EOF\n#!/bin/sh\nb\nEOF\n").unwrap();
        assert_eq!(shebang.range(&at(1, 3, 1, 10)), Some((2, 9)));
        assert_eq!(shebang.range(&at(12, 1, 12, 2)), Some((10, 11)));
        assert_eq!(shebang.range(&at(5, 1, 5, 2)), None);
    }
}
