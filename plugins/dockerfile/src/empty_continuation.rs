use hullmark_sdk::prelude::*;

rule! {
    /// An empty line stands inside an instruction.
    ///
    /// ## What it checks
    ///
    /// Empty lines between the lines of an instruction that a continuation character joins. Heredocs may have empty lines, and comment lines may stand between.
    ///
    /// ## Why it matters
    ///
    /// Docker skips the line today and warns that it will not do so for ever: then the instruction ends there, and the rest of it is an error.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM alpine:3.22
    /// RUN apk add curl \
    ///
    ///     git
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM alpine:3.22
    /// RUN apk add curl \
    ///     # for the build
    ///     git
    /// ```
    ///
    /// ## How to fix
    ///
    /// Remove the empty lines, or write comments in their place.
    ///
    /// ## Other tools
    ///
    /// BuildKit reports the last line of the instruction, this rule the continuation before the empty line.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/reference/dockerfile/#format>
    /// - <https://docs.docker.com/reference/build-checks/no-empty-continuation/>
    tags: &["correctness"],
    aliases: &["NoEmptyContinuation"],
    checks: &[Dockerfile(file)],
    references: &["https://docs.docker.com/reference/dockerfile/#format", "https://docs.docker.com/reference/build-checks/no-empty-continuation/"],
}

fn file(file: &Dockerfile, report: &mut Report) {
    file.instructions().for_each(|instruction| empty_lines(&instruction, report));
}

fn empty_lines(instruction: &Instruction, report: &mut Report) {
    let node = instruction.node();
    let document = node.document();
    let heredocs: Vec<Span> =
        node.descendants().filter(|below| below.kind() == Kind::Heredoc).map(Node::span).collect();
    let text = document.text_at(node.span());
    let mut start = node.span().start;
    let mut continuation = Span::new(start, start);
    let mut before_empty = None;
    let mut empty = Vec::new();
    for line in text.split_inclusive('\n') {
        let span = Span::new(start, start + line.len() as u32);
        start = span.end;
        if heredocs.iter().any(|heredoc| heredoc.start <= span.start && span.start < heredoc.end) {
            continue;
        }
        let written = line.trim_end();
        if written.is_empty() {
            before_empty.get_or_insert(continuation);
            empty.push(span);
        } else if !written.trim_start().starts_with('#') {
            let end = span.start + written.len() as u32;
            // The continuation character is one byte, a backslash or a backtick.
            continuation = Span::new(end.saturating_sub(1), end);
        }
    }
    let Some(continuation) = before_empty.filter(|_| text.contains('\n')) else { return };
    let message = format!("an empty line follows inside this `{}`", instruction.name());
    let fix = Fix::safe("remove the empty lines");
    let fix = empty.into_iter().fold(fix, |fix, line| fix.replace(document.place(line), ""));
    report.finding(document.place(continuation), message).fix(fix);
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn empty_lines_between_instructions_are_accepted() {
        assert_eq!(dockerfile(&RULE, "FROM a\n\nRUN b \\\n  c\n\n\nRUN d\n"), [""; 0]);
    }

    #[test]
    fn comments_and_heredocs_are_accepted() {
        assert_eq!(dockerfile(&RULE, "FROM a\nRUN b \\\n# c\n  d\n"), [""; 0]);
        assert_eq!(dockerfile(&RULE, "FROM a\nRUN <<EOF\na\n\nb\nEOF\n"), [""; 0]);
        assert_eq!(dockerfile(&RULE, "FROM a\nONBUILD RUN <<EOF\n\nb\nEOF\n"), [""; 0]);
    }

    #[test]
    fn the_continuation_before_is_flagged_once() {
        let found = Trial::of(&RULE).found(&[("Dockerfile", "FROM a\nRUN b \\\n# c\n\n \n  d \\\n\n  e\n")]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].finding.place().span, Span::new(13, 14));
    }

    #[test]
    fn the_fix_removes_them_all() {
        let text = "FROM a\nRUN b \\\n\n \n  d \\\n\n  e\n";
        assert_eq!(Trial::of(&RULE).fixed("Dockerfile", text), "FROM a\nRUN b \\\n  d \\\n  e\n");
    }
}
