use hullmark_sdk::prelude::*;

rule! {
    /// A short `RUN` follows another one, and both could be one.
    ///
    /// ## What it checks
    ///
    /// `RUN` directly after `RUN` with the same flags, where each holds no more than `commands` commands. Comments between them
    /// do not matter; any other instruction does. The rule is off unless it is selected: several steps are cached one by
    /// one, and easier to read in a log.
    ///
    /// ## Why it matters
    ///
    /// Each `RUN` is a layer. What one layer adds and a later one removes is still part of the image, and the number of layers
    /// is bounded.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN mkdir /data
    /// RUN chmod 700 /data
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN mkdir /data && chmod 700 /data
    /// ```
    ///
    /// ## How to fix
    ///
    /// Join the commands with `&&`, or write both in one heredoc.
    ///
    /// ## Options
    ///
    /// `commands` (default `1`): the most commands that a `RUN` may hold to be called short.
    ///
    /// ## Other tools
    ///
    /// hadolint counts commands in the same way: those in substitutions too, those in scripts of `bash -c`, tests with `[` and
    /// programs that only a variable names not.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/build/building/best-practices/#run>
    level: Note,
    enabled: false,
    tags: &["size"],
    aliases: &["DL3059"],
    references: &["https://docs.docker.com/build/building/best-practices/#run"],
    options: &[OptionSpec::integer("commands", 1, 0, "The most commands that a `RUN` may hold to be called short.")],
    checks: &[Dockerfile(file)],
}

fn file(file: &Dockerfile, report: &mut Report) {
    let most = usize::try_from(report.options().integer("commands")).unwrap_or(usize::MAX);
    // The RUN that the next one is held against, and the one directly before it.
    let mut first: Option<Instruction> = None;
    let mut previous: Option<Instruction> = None;
    for instruction in file.instructions() {
        if instruction.name() != "RUN" {
            (first, previous) = (None, None);
            continue;
        }
        let is_like = |first: Instruction| flags(&first) == flags(&instruction) && count(&first) <= most;
        if first.is_some_and(is_like) && count(&instruction) <= most {
            let finding = report.finding(instruction.place(), "this `RUN` could be part of the one before it");
            if let Some(previous) = previous {
                finding.related(previous.place(), "the one before it");
                if let Some(fix) = merge(&previous, &instruction) {
                    finding.fix(fix);
                }
            }
        } else {
            first = Some(instruction);
        }
        previous = Some(instruction);
    }
}

/// The flags in a form that can be compared: in one order, and with one name for what has several.
fn flags(run: &Instruction) -> Vec<String> {
    let field = |field: &str| {
        let (key, value) = field.split_once('=').unwrap_or((field, "true"));
        let key = match key {
            "dst" | "destination" => "target",
            "src" => "source",
            "ro" => "readonly",
            "rw" => "readwrite",
            key => key,
        };
        format!("{key}={value}")
    };
    let mut flags: Vec<String> = run
        .flags()
        .map(|flag| {
            let mut fields: Vec<String> = flag.value().unwrap_or_default().split(',').map(field).collect();
            fields.retain(|field| field != "type=bind");
            fields.sort();
            format!("{}={}", flag.key().unwrap_or_default(), fields.join(","))
        })
        .collect();
    flags.sort();
    flags
}

/// How many programs it names.
fn count(run: &Instruction) -> usize {
    let is_program = |command: &Command| {
        let program = command.word(0).filter(|word| !word.is_pattern()).and_then(Word::text);
        command.script().runner().is_none() && program.is_some_and(|program| program != "[" && program != "[[")
    };
    run.commands().filter(is_program).count()
}

/// Joins two steps of one command each.
fn merge(before: &Instruction, run: &Instruction) -> Option<Fix> {
    // What these change of the shell would reach the second command.
    const LASTING: [&str; 9] = ["cd", "export", "set", "umask", "source", ".", "exec", "exit", "alias"];
    let (first, second) = (only(before)?, only(run)?);
    if first.name().is_none_or(|name| LASTING.contains(&name)) {
        return None;
    }
    let document = run.node().document();
    let between = Span::new(first.script().place().span.end, run.place().span.start);
    if !document.text_at(between).chars().all(|char| char.is_ascii_whitespace()) {
        return None;
    }
    let mut directives = document.root().children().filter(|node| node.kind() == Kind::Directive);
    let escape = directives.find(|node| node.key() == Some("escape")).and_then(Node::value).unwrap_or("\\");
    let joint = document.place(Span::new(between.start, second.script().place().span.start));
    Some(Fix::needs_review("join the two").replace(joint, format!(" {escape}\n    && ")))
}

/// The command of a RUN in shell form that holds just one.
fn only<'a>(run: &Instruction<'a>) -> Option<Command<'a>> {
    let mut commands = run.commands();
    let command = commands.next()?;
    let is_plain = commands.next().is_none()
        && command.script().is_understood()
        && !command.is_exec_form()
        && !command.is_in_background()
        && command.script().place().span == command.whole_place().span;
    (is_plain && run.heredocs().next().is_none()).then_some(command)
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn lines(text: &str) -> Vec<usize> {
        let found = Trial::of(&RULE).found(&[("Dockerfile", text)]);
        let line = |at: u32| text[..at as usize].matches('\n').count() + 1;
        found.iter().map(|found| line(found.finding.place().span.start)).collect()
    }

    #[test]
    fn what_stands_alone_or_is_long_is_fine() {
        for text in [
            "FROM x\nRUN a\nENV b=c\nRUN d\n",
            "FROM x\nRUN a\nONBUILD RUN b\nRUN c\n",
            "FROM x\nRUN a\nFROM y\nRUN b\n",
            "FROM x\nRUN a && b\nRUN c\n",
            "FROM x\nRUN a\nRUN b $(c)\n",
            "FROM x\nRUN --network=none a\nRUN b\n",
            "FROM x\nRUN --mount=type=cache,target=/a a\nRUN --mount=type=cache,target=/b b\n",
        ] {
            assert_eq!(lines(text), [0; 0], "{text}");
        }
    }

    #[test]
    fn short_neighbours_are_flagged() {
        assert_eq!(lines("FROM x\nRUN a\n# why\nRUN [ -f b ] && c\nRUN bash -c 'd; e'\n"), [4, 5]);
        assert_eq!(lines("FROM x\nRUN a; b\nRUN c\nRUN d\n"), [4]);
        assert_eq!(lines("FROM x\nRUN --mount=dst=/a,from=b c\nRUN --mount=type=bind,from=b,target=/a d\n"), [3]);
        let two = Trial::with(&RULE, r#"{"commands": 2}"#);
        assert_eq!(two.dockerfile("FROM x\nRUN a; b\nRUN c && d\nRUN e; f; g\n"), ["RUN"]);
    }

    #[test]
    fn the_fix_joins_what_is_simple() {
        let fixed = |text: &str| Trial::of(&RULE).fixed("Dockerfile", text);
        assert_eq!(fixed("FROM x\nRUN a\n\nRUN b\nRUN c\n"), "FROM x\nRUN a \\\n    && b \\\n    && c\n");
        for text in ["FROM x\nRUN cd a\nRUN b\n", "FROM x\nRUN [\"a\"]\nRUN b\n", "FROM x\nRUN a\n# why\nRUN b\n"] {
            assert_eq!(fixed(text), text);
        }
    }
}
