//! `# hadolint shell=…`: a comment that says what reads the shell forms below it. Base images do not tell.

/// The command line that a comment names, without the comment's sign: `powershell`, or `/bin/bash -o pipefail -c`. What
/// stands behind another `#` is a remark.
pub(super) fn shell(comment: &str) -> Option<Vec<&str>> {
    let rest = comment.strip_prefix("hadolint")?.strip_prefix([' ', '\t'])?.trim_start();
    let value = rest.strip_prefix("shell")?.trim_start().strip_prefix('=')?;
    let words: Vec<&str> = value.split('#').next().unwrap_or_default().split_whitespace().collect();
    (!words.is_empty()).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_pragma_itself_counts() {
        for comment in ["shell=bash", "hadolint shell", "hadolint shell=", "hadolint shell= # bash", "hadolintshell=sh"]
        {
            assert_eq!(shell(comment), None, "{comment}");
        }
        for comment in ["hadolint ignore=DL3004", "a hadolint shell=bash", "hadolint: shell=bash"] {
            assert_eq!(shell(comment), None, "{comment}");
        }
    }

    #[test]
    fn the_words_of_the_command_line_are_given() {
        assert_eq!(shell("hadolint shell=powershell"), Some(vec!["powershell"]));
        assert_eq!(shell("hadolint\tshell = /bin/bash -c # since 2.0"), Some(vec!["/bin/bash", "-c"]));
    }
}
