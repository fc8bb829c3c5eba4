//! What BuildKit's own tests pin, in our words; and the shape of the tree.

use std::sync::Arc;

use super::*;
use crate::document::kind;

/// One line per instruction in the notation of BuildKit's dumps, with its lines.
fn dump(text: &str) -> Vec<String> {
    let file = read(text);
    file.instructions().map(|instruction| format!("{} @{:?}", sexp(instruction), instruction.lines)).collect()
}

/// An instruction as BuildKit dumps it.
fn sexp(instruction: &Instruction<'_>) -> String {
    let mut text = statement(instruction, &instruction.statement);
    if let Some(trigger) = &instruction.trigger {
        text = format!("{text} ({})", statement(instruction, trigger));
    }
    text.trim().to_owned()
}

fn statement(instruction: &Instruction<'_>, statement: &Statement) -> String {
    let mut text = instruction.slice(statement.keyword).to_lowercase();
    if !statement.flags.is_empty() {
        let flags: Vec<_> = statement.flags.iter().map(|flag| quote(&flag_text(flag))).collect();
        text += &format!(" [{}]", flags.join(" "));
    }
    let mut words: Vec<String> = statement.kind.map(|kind| instruction.slice(kind).to_owned()).into_iter().collect();
    // Upstream gives what it does not know one empty argument.
    words.extend(statement.command.is_none().then(String::new));
    match &statement.arguments {
        Arguments::None => {}
        Arguments::Text(extent) => words.push(instruction.slice(*extent).to_owned()),
        Arguments::Words(found) => words.extend(found.iter().map(|word| instruction.slice(*word).to_owned())),
        Arguments::Array(found) => words.extend(found.iter().map(|word| word.value.clone())),
        Arguments::Pairs(pairs) => {
            words.extend(pairs.iter().flat_map(|pair| pair_words(instruction, statement, *pair)))
        }
    }
    words.iter().fold(text, |text, word| text + " " + &quote(word))
}

fn flag_text(flag: &Flag) -> String {
    let value = flag.value.as_ref().map(|value| format!("={value}")).unwrap_or_default();
    format!("--{}{value}", flag.name)
}

fn pair_words(instruction: &Instruction<'_>, statement: &Statement, pair: Pair) -> Vec<String> {
    let name = instruction.slice(pair.name).to_owned();
    let value = pair.value.map(|value| instruction.slice(value).to_owned());
    if statement.command == Some(Command::Arg) {
        return vec![value.map(|value| format!("{name}={value}")).unwrap_or(name)];
    }
    vec![name, value.unwrap_or_default(), if pair.legacy { "" } else { "=" }.to_owned()]
}

/// A string as Go's `%q` writes it, as far as it matters here.
fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for char in text.chars() {
        match char {
            '"' | '\\' => quoted.extend(['\\', char]),
            '\n' => quoted += "\\n",
            '\r' => quoted += "\\r",
            '\t' => quoted += "\\t",
            '\u{8}' => quoted += "\\b",
            '\u{c}' => quoted += "\\f",
            '\0' => quoted += "\\x00",
            _ => quoted.push(char),
        }
    }
    quoted + "\""
}

fn errors(text: &str) -> Vec<(String, String)> {
    let source = Arc::new(Source::new("Dockerfile", text.as_bytes().to_vec()));
    let problems = parse(&source).problems;
    problems.into_iter().map(|problem| (source.slice(problem.span).to_owned(), problem.message)).collect()
}

/// A tree, one node a line: kind, key, value, and the text that its spans cover.
fn outline(text: &str) -> Vec<String> {
    let source = Arc::new(Source::new("Dockerfile", text.as_bytes().to_vec()));
    let parsed = parse(&source);
    let tree = &parsed.documents[0].tree;
    let depth = |node| std::iter::successors(Some(node), |&node| tree.parent(node)).count() - 1;
    let line = |node| {
        let word = match tree.kind(node) {
            kind::DOCKERFILE => "root",
            kind::STAGE => "stage",
            kind::INSTRUCTION => "instruction",
            kind::FLAG => "flag",
            kind::ARGUMENT => "argument",
            kind::PAIR => "pair",
            kind::HEREDOC => "heredoc",
            kind::DIRECTIVE => "directive",
            kind::COMMENT => "comment",
            kind::JSON_ARGUMENT => "json",
            kind::KEYWORD => "keyword",
            _ => "?",
        };
        let key = tree.key(node).map(|key| format!(" {key}")).unwrap_or_default();
        let value = tree.value(node).map(|value| format!(" ={value:?}")).unwrap_or_default();
        let at = tree.key_span(node).map(|span| format!("{:?} ", source.slice(span))).unwrap_or_default();
        format!("{}{word}{key}{value} @{at}{:?}", " ".repeat(depth(node)), source.slice(tree.span(node)))
    };
    (1..tree.len() as u32).map(line).collect()
}

#[test]
fn continuations_join_without_a_separator() {
    assert_eq!(dump("\\\nFROM x\n"), ["from \"x\" @(1, 2)"]);
    assert_eq!(dump("FROM a\nRUN a\\\n\\\nb\n")[1], "run \"ab\" @(2, 4)");
    assert_eq!(dump("FROM a\nRUN x \\\n  # c \\\n\n  && y\n")[1], "run \"x   && y\" @(2, 5)");
    assert_eq!(dump("FROM a\nRUN a \\ \t\n b")[1], "run \"a  b\" @(2, 3)");
    assert_eq!(dump("FROM a\nRUN a \\")[1], "run \"a\" @(2, 2)");
}

#[test]
fn two_escape_characters_continue_nothing() {
    assert_eq!(dump("FROM a\nRUN a \\\\\nRUN b\n")[1..], ["run \"a \\\\\\\\\" @(2, 2)", "run \"b\" @(3, 3)"]);
    assert_eq!(dump("# c \\\nFROM a"), ["from \"a\" @(2, 2)"], "nor does a comment");
}

#[test]
fn the_escape_directive_holds_only_at_the_head() {
    assert_eq!(
        dump("# escape=`\nFROM a\nRUN a `\n b\nUSER c\\\n")[1..],
        ["run \"a  b\" @(3, 4)", "user \"c\\\\\" @(5, 5)"]
    );
    assert_eq!(dump("\n# escape=`\nFROM a\nRUN a `\n")[1], "run \"a `\" @(4, 4)");
    assert_eq!(dump("# c\n# escape=`\nFROM a\nRUN a `\n")[1], "run \"a `\" @(4, 4)");
}

#[test]
fn arguments_follow_the_grammar_of_their_instruction() {
    let text = "FROM --platform=x a AS b\nENV a b=c d\nLABEL a='x y' b=\"q\\\"r\" c=z\\ w\nARG a b=\"c d\"\n\
        CMD [\"a\" ]  \nCOPY [\"a\",\"b\"] c\nRUN ['a']\nHEALTHCHECK --retries=3 cmd [\"x\"]\nONBUILD RUN [\"a\"]\n\
        COPY --a -- --b  c\nEXPOSE 1  2\nUSER  a b \nHEALTHCHECK\nVOLUME []\nenv \"a b\"=c";
    let expected = [
        r#"from ["--platform=x"] "a" "AS" "b" @(1, 1)"#,
        r#"env "a" "b=c d" "" @(2, 2)"#,
        r#"label "a" "'x y'" "=" "b" "\"q\\\"r\"" "=" "c" "z\\ w" "=" @(3, 3)"#,
        r#"arg "a" "b=\"c d\"" @(4, 4)"#,
        r#"cmd "a" @(5, 5)"#,
        r#"copy "[\"a\",\"b\"]" "c" @(6, 6)"#,
        r#"run "['a']" @(7, 7)"#,
        r#"healthcheck ["--retries=3"] "cmd" "x" @(8, 8)"#,
        r#"onbuild (run "a") @(9, 9)"#,
        r#"copy ["--a"] "--b" "c" @(10, 10)"#,
        r#"expose "1" "2" @(11, 11)"#,
        r#"user "a b" @(12, 12)"#,
        r#"healthcheck @(13, 13)"#,
        r#"volume @(14, 14)"#,
        r#"env "\"a b\"" "c" "=" @(15, 15)"#,
    ];
    assert_eq!(dump(text), expected);
}

#[test]
fn heredocs_take_their_bodies_in_order() {
    let text = "FROM a\r\nRUN cat <<-A <<'B' \\\r\n# c\r\n x\r\n\ta\r\n\tA\r\n# y\\\r\nB\r\nRUN z\r\n";
    assert_eq!(dump(text)[1..], ["run \"cat <<-A <<'B'  x\" @(2, 8)", "run \"z\" @(9, 9)"]);
    let file = read(text);
    let heredocs = &file.instructions().nth(1).unwrap().heredocs;
    assert_eq!((heredocs[0].body, heredocs[0].text().as_ref()), ("\ta\r\n", "a\r\n"));
    assert_eq!((heredocs[1].body, heredocs[1].expand), ("# y\\\r\n", false));
}

#[test]
fn only_some_instructions_take_heredocs() {
    for text in ["USER <<X", "RUN [\"a\", \"<<X\"]", "RUN \"<<X\" y", "ONBUILD USER <<X"] {
        let file = format!("FROM a\n{text}\nRUN b\n");
        assert_eq!(dump(&file).len(), 3, "{text}");
        assert_eq!(errors(&file), [], "{text}");
    }
    assert_eq!(dump("FROM a\nONBUILD COPY <<X /\nb\nX\n")[1], "onbuild (copy \"<<X\" \"/\") @(2, 4)");
}

#[test]
fn one_bad_line_costs_only_itself() {
    let text = "FROM a\nENV PATH\nENV a=b c\nCMD [\"echo\", [ \"x\" ] ]\nRUN echo $((1 << 2))\nUSER b\n";
    let at: Vec<_> = errors(text).into_iter().map(|(at, _)| at).collect();
    assert_eq!(at, ["PATH", "c", "[ \"x\" ]", "<< 2))"]);
    assert_eq!(dump(text).last().map(String::as_str), Some("user \"b\" @(6, 6)"));
}

/// Where a problem is found in a stage that holds `line`, and what it says first.
fn problem(line: &str) -> Vec<(String, String)> {
    errors(&format!("FROM a\n{line}\n"))
}

#[test]
fn what_the_instructions_refuse_is_named_at_its_token() {
    for (line, at, message) in [
        ("FORM x", "FORM", "unknown instruction `FORM`: did you mean `FROM`?"),
        ("apt-get x", "apt-get", "unknown instruction `apt-get`"),
        ("FROM", "FROM", "FROM requires either one or three"),
        ("FROM b c", "c", "FROM requires either one or three"),
        ("FROM a # b", "# b", "FROM requires either one or three"),
        ("FROM a AS 1b", "1b", "invalid name for a build stage `1b`"),
        ("COPY --form=x a b", "--form", "unknown flag `--form`: did you mean `--from`?"),
        ("RUN --link x", "--link", "unknown flag `--link`"),
        ("COPY --chown=1 --chown=2 a b", "--chown=2", "duplicate flag `--chown`"),
        ("COPY --from a b", "--from", "missing value on flag `--from`"),
        ("COPY --link= a b", "--link=", "missing value on flag `--link`"),
        ("COPY --link=yes a b", "yes", "flag `--link` expects"),
        ("RUN --network=hots x", "hots", "flag `--network` does not know `hots`"),
        ("RUN --mount=type=volume,target=/x y", "type=volume", "unsupported mount type `volume`"),
        ("RUN --mount=type=bind,form=x y", "form=x", "unexpected key `form`"),
        ("RUN --mount=type=bind,source y", "source", "invalid field `source`"),
        ("RUN --mount=type=bind, source=y x", ",", "invalid field ``"),
        ("RUN --mount=type='volume' x", "--mount=type='volume'", "unsupported mount type `volume`"),
        ("RUN --mount=from=$x,target=/ y", "from=$x", "`from` of a mount takes no variables"),
        ("HEALTHCHECK --interval=5 CMD x", "5", "flag `--interval` does not know `5`"),
        ("HEALTHCHECK --retries=-1 CMD x", "-1", "flag `--retries`"),
        ("HEALTHCHECK", "HEALTHCHECK", "HEALTHCHECK requires at least one argument"),
        ("HEALTHCHECK NONE x", "NONE x", "HEALTHCHECK NONE takes no arguments"),
        ("HEALTHCHECK CMD", "CMD", "missing command"),
        ("HEALTHCHECK curl x", "curl", "unknown type `curl`"),
        ("COPY a", "COPY", "COPY requires at least two arguments"),
        ("ADD [\"a\"]", "ADD", "ADD requires at least two arguments"),
        ("COPY a <<X\nX", "<<X", "COPY cannot accept a heredoc"),
        ("ENV", "ENV", "ENV requires at least one argument"),
        ("LABEL =x", "=x", "LABEL names can not be blank"),
        ("SHELL bash -c", "bash -c", "SHELL requires its arguments in JSON form"),
        ("SHELL []", "SHELL", "SHELL requires at least one argument"),
        ("EXPOSE", "EXPOSE", "EXPOSE requires at least one argument"),
        ("VOLUME [\" \"]", "\" \"", "VOLUME can not be"),
        ("USER", "USER", "USER requires exactly one argument"),
        ("ONBUILD", "ONBUILD", "ONBUILD requires at least one argument"),
        ("ONBUILD onbuild RUN x", "onbuild", "ONBUILD is not allowed as an ONBUILD trigger"),
        ("ONBUILD FROM x", "FROM", "FROM is not allowed"),
        ("\\\n\n", "\\", "line continuation leads to no instruction"),
    ] {
        let found = problem(line);
        assert_eq!(found.len(), 1, "{line}: {found:?}");
        assert_eq!(found[0].0, at, "{line}");
        assert!(found[0].1.starts_with(message), "{line}: {}", found[0].1);
    }
}

#[test]
fn what_builds_has_no_problem() {
    for line in [
        "from scratch as B.1-x_y",
        "RUN",
        "CMD",
        "CMD []",
        "RUN --mount=type=secret,id=x,required,env=Y --network=none --security=sandbox --device=a --device=b x",
        "RUN --mount=type=$T,rw,from=a --mount=type=CACHE,target=/x x",
        "COPY --link --parents=TRUE --exclude=a --exclude=b --chmod=$x a b",
        "ADD --keep-git-dir=false --unpack --checksum=x a b",
        "HEALTHCHECK --interval=1m30s --start-period=0s --retries=0 CMD x",
        "HEALTHCHECK --whatever NONE",
        "ARG --x a",
        "ONBUILD COPY a",
        "ONBUILD FOO",
        "ENV a=",
        "ARG a b= c=d",
        "VOLUME a b",
        "RUN -x --y",
    ] {
        assert_eq!(problem(line), [], "{line}");
    }
}

#[test]
fn a_missing_from_is_said_once() {
    assert_eq!(errors("ARG a\nRUN b\nRUN c").len(), 1);
    assert_eq!(errors("FORM a\nRUN b\nRUN c").len(), 1, "the misspelt one is the reason");
    assert_eq!(errors("ARG a")[0], ("ARG".into(), "file has no build stage: it needs a FROM".into()));
}

#[test]
fn the_body_of_an_endless_heredoc_is_not_taken_for_instructions() {
    let found = errors("FROM a\nRUN <<EOF\necho a\ncd b\n\nUSER c\necho d\n");
    let at: Vec<_> = found.iter().map(|(at, _)| at.as_str()).collect();
    assert_eq!(at, ["<<EOF", "echo"]);
}

#[test]
fn a_file_without_instructions_is_pointed_at_where_it_has_text() {
    assert_eq!(errors(""), [("".into(), "file has no instructions".into())]);
    assert_eq!(errors("# a\n\n")[0].0, "# a");
    assert_eq!(errors("\n\n")[0].0, "\n");
}

#[test]
fn directives_are_read_once() {
    assert_eq!(errors("# escape=`\n# Escape=\\\nFROM a\nRUN b `\n c")[0].0, "# Escape=\\");
    assert_eq!(errors("# escape=x\nFROM a")[0].1, "invalid escape character `x`: write a backslash or a backtick");
    assert_eq!(errors("# syntax=me/mine\nFROM a\nENV x"), [], "another frontend decides what the file means");
    assert_eq!(errors("# syntax=docker/dockerfile:1\nFROM a\nENV x").len(), 1);
}

#[test]
fn the_tree_has_every_token_at_its_place() {
    let text = "\u{feff}# Syntax = docker/dockerfile:1\n# c\narg V=\"1 2\"\n# s\nFROM --platform=$P a:$V as B\n# r\n\
        RUN --mount=type=cache,target=\"/x\" a \\\n # in\n  && b\nONBUILD COPY --from=x a b\n# end\n";
    let expected = [
        r##" directive syntax ="docker/dockerfile:1" @"Syntax" "# Syntax = docker/dockerfile:1""##,
        r##" comment ="c" @"# c""##,
        r##" instruction ARG ="V=\"1 2\"" @"arg" "arg V=\"1 2\"""##,
        r##"  pair V ="1 2" @"V" "\"1 2\"""##,
        r##" comment ="s" @"# s""##,
        r##" stage ="b" @"B" "FROM --platform=$P a:$V as B\n# r\nRUN --mount=type=cache,target=\"/x\" a \\\n # in\n  && b\nONBUILD COPY --from=x a b""##,
        r##"  instruction FROM ="a:$V as B" @"FROM" "FROM --platform=$P a:$V as B""##,
        r##"   flag platform ="$P" @"--platform" "--platform=$P""##,
        r##"   argument ="a:$V" @"a:$V""##,
        r##"   keyword ="AS" @"as""##,
        r##"   argument ="B" @"B""##,
        r##"  comment ="r" @"# r""##,
        r##"  instruction RUN ="a   && b" @"RUN" "RUN --mount=type=cache,target=\"/x\" a \\\n # in\n  && b""##,
        r##"   flag mount ="type=cache,target=/x" @"--mount" "--mount=type=cache,target=\"/x\"""##,
        r##"   argument ="a   && b" @"a \\\n # in\n  && b""##,
        r##"   comment ="in" @"# in""##,
        r##"  instruction ONBUILD ="COPY --from=x a b" @"ONBUILD" "ONBUILD COPY --from=x a b""##,
        r##"   instruction COPY ="a b" @"COPY" "COPY --from=x a b""##,
        r##"    flag from ="x" @"--from" "--from=x""##,
        r##"    argument ="a" @"a""##,
        r##"    argument ="b" @"b""##,
        r##" comment ="end" @"# end""##,
    ];
    assert_eq!(outline(text), expected);
}

#[test]
fn pairs_lose_quotes_and_keep_variables() {
    let text = "FROM a\nENV \"k\"='x $y'\\ z e= \nARG n\nENV old  \"v\"";
    let pairs: Vec<_> = outline(text).into_iter().filter(|line| line.contains("pair")).collect();
    let expected = [
        r#"   pair k ="x $y z" @"\"k\"" "'x $y'\\ z""#,
        r#"   pair e ="" @"e" "e=""#,
        r#"   pair n @"n" "n""#,
        r#"   pair old ="v" @"old" "\"v\"""#,
    ];
    assert_eq!(pairs, expected);
}

#[test]
fn heredoc_nodes_have_opener_and_body() {
    let found = outline("FROM a\nCOPY <<-\"E\" /x\n\tb\nE\nHEALTHCHECK none\nCMD [\"\\u0041\"]");
    assert_eq!(found[3], r#"  instruction COPY ="<<-\"E\" /x" @"COPY" "COPY <<-\"E\" /x\n\tb\nE""#);
    assert_eq!(found[6], r#"   heredoc E ="b\n" @"<<-\"E\"" "\tb\n""#);
    assert_eq!(found[8], r#"   keyword ="NONE" @"none""#);
    assert_eq!(found[10], r#"   json ="A" @"\"\\u0041\"""#);
}

#[test]
fn a_file_that_is_no_text_is_one_problem_and_no_document() {
    for bytes in [b"\x7fELF\0RUN x".as_slice(), b"\xff\xfeF\0R\0", "\u{e9}\0".as_bytes()] {
        let source = Arc::new(Source::new("Dockerfile", bytes.to_vec()));
        let parsed = parse(&source);
        assert!(parsed.documents.is_empty());
        let [problem] = parsed.problems.as_slice() else { panic!("{:?}", parsed.problems) };
        assert_eq!(source.region(problem.span).start_line, 1);
        assert!(source.text().is_char_boundary(problem.span.end as usize) && !problem.span.is_empty());
    }
}

mod agreement;
mod properties;
