//! What shells and BuildKit make of texts, in a notation that shows commands with their words.

mod corpus;
mod properties;

use std::sync::Arc;

use super::*;
use crate::document::{NONE, Source, Span, parse_dockerfile};

fn parse(text: &str) -> Document {
    let source = Arc::new(Source::new("Dockerfile", text.as_bytes().to_vec()));
    parse_dockerfile(&source).documents.remove(0)
}

/// A word: its value, or its raw text between angle brackets.
fn word(commands: &Commands, index: u32) -> String {
    let index = index as usize;
    match commands.strings.get(commands.words.values[index]) {
        Some(value) => value.to_owned(),
        None => format!("<{}>", commands.strings.get(commands.words.raws[index]).unwrap_or("…")),
    }
}

/// Words of a command between bars; assignments and redirections after it.
fn line(commands: &Commands, index: usize) -> String {
    let rows = &commands.commands;
    let join = ["", "&& ", "|| ", "; ", "\\n ", "& ", "| ", "|& "][rows.joins[index] as usize];
    let words: Vec<String> =
        (rows.first_words[index]..rows.last_words[index]).map(|index| word(commands, index)).collect();
    let mut text = format!("{join}{}", words.join("·"));
    let mine = |owner: &&u32| **owner as usize == index;
    for row in commands.assignments.commands.iter().enumerate().filter(|(_, owner)| mine(owner)).map(|(row, _)| row) {
        let name = commands.strings.get(commands.assignments.names[row]).unwrap();
        text += &format!(" {name}={}", word(commands, commands.assignments.words[row]));
    }
    for row in commands.redirections.commands.iter().enumerate().filter(|(_, owner)| mine(owner)).map(|(row, _)| row) {
        let rows = &commands.redirections;
        let descriptor = Some(rows.descriptors[row]).filter(|&number| number != NONE);
        let operator = commands.strings.get(rows.operators[row]).unwrap();
        let descriptor = descriptor.map(|number| number.to_string()).unwrap_or_default();
        text += &format!(" {descriptor}{operator}{}", word(commands, rows.words[row]));
    }
    if rows.parents[index] != NONE {
        text += &format!(" ^{}", rows.parents[index]);
    }
    text
}

/// All commands of a Dockerfile; the last line says where a script was not understood.
fn lines(text: &str) -> Vec<String> {
    let document = parse(text);
    let commands = commands(&document);
    let mut lines: Vec<String> = (0..commands.commands.scripts.len()).map(|index| line(commands, index)).collect();
    for (row, &state) in commands.scripts.states.iter().enumerate().filter(|(_, state)| **state != state::PARSED) {
        let scripts = &commands.scripts;
        let rest = document.source.slice(Span::new(scripts.known_ends[row], scripts.ends[row]));
        let shell = commands.strings.get(scripts.shells[row]).unwrap();
        lines.push(format!("{} {shell}: {rest}", if state == state::PARTIAL { "rest" } else { "unparsed" }));
    }
    lines
}

/// All commands of one RUN.
fn run(script: &str) -> Vec<String> {
    lines(&format!("FROM x\nRUN {script}\n"))
}

/// Contexts of the commands of one RUN.
fn contexts(script: &str) -> Vec<u32> {
    commands(&parse(&format!("FROM x\nRUN {script}\n"))).commands.contexts.clone()
}

/// Value, raw text and flags of each word of a RUN.
fn words(script: &str) -> Vec<(Option<String>, String, u32)> {
    let document = parse(&format!("FROM x\nRUN {script}\n"));
    let commands = commands(&document);
    let text = |number| commands.strings.get(number).map(str::to_owned);
    let words = &commands.words;
    (0..words.starts.len())
        .map(|index| (text(words.values[index]), text(words.raws[index]).unwrap(), words.contents[index]))
        .collect()
}

/// What variables stand for in the words of the last instruction.
fn resolved(text: &str) -> Vec<Option<String>> {
    let document = parse(text);
    let commands = commands(&document);
    commands.words.resolved.iter().map(|&number| commands.strings.get(number).map(str::to_owned)).collect()
}

#[test]
fn what_no_shell_reads_is_left_and_what_stands_before_stays() {
    assert_eq!(run("a && b 'open"), ["a", "rest sh: b 'open"]);
    assert_eq!(run("a; fi; b"), ["a", "rest sh: fi; b"]);
    assert_eq!(run("a && ; b"), ["a", "rest sh: ; b"]);
    assert_eq!(run("a | | b"), ["a", "rest sh: | b"]);
    assert_eq!(run("a; if b; c; fi"), ["a", "; b", "; c", "rest sh: fi"]);
    assert_eq!(run("a \"$(b 'open)\" c"), ["rest sh: a \"$(b 'open)\" c"]);
    assert_eq!(run("a; (b"), ["a", "; b", "rest sh: "]);
    assert_eq!(run("a > && b"), ["rest sh: a > && b"]);
}

#[test]
fn what_stands_before_the_first_stage_is_read() {
    assert_eq!(lines("ARG x\nRUN a\nONBUILD RUN b\n"), ["a", "b"]);
    assert_eq!(lines("SHELL [\"pwsh\"]\nRUN a\n"), ["unparsed pwsh: a"]);
}

#[test]
fn near_operators_are_words() {
    assert_eq!(run(r#"echo "a && b" 'c|d' e\;f #g && h"#), ["echo·a && b·c|d·e;f"]);
    assert_eq!(run("echo a#b !x {a} } then if"), ["echo·a#b·!x·{a}·}·then·if"]);
    assert_eq!(run("echo [[ time"), ["echo·[[·time"]);
    assert_eq!(run("echo 2 >a 2>b x2>c"), ["echo·2·x2 >a 2>b >c"]);
    assert_eq!(run("ifconfig; done2; esacx"), ["ifconfig", "; done2", "; esacx"]);
    assert_eq!(run("find . -name \\*.c -exec rm {} \\; -o -x +"), ["find·.·-name·*.c·-exec·rm·{}·;·-o·-x·+"]);
}

#[test]
fn lists_and_pipelines_keep_their_operators() {
    assert_eq!(run("a && b || c; d & e | f |& g"), ["a", "&& b", "|| c", "; d", "& e", "| f", "|& g"]);
    assert_eq!(run("a \\\n  && b \\\n  # c\n  ; d"), ["a", "&& b", "; d"]);
    assert_eq!(run("! a | b && c"), ["a", "| b", "&& c"]);
    let document = parse("FROM x\nRUN a | b; c\n");
    assert_eq!(commands(&document).commands.pipelines, [0, 0, 1]);
    use context::{BACKGROUND, NEGATED, PIPED_FROM, PIPED_INTO};
    assert_eq!(contexts("! a | b && c"), [NEGATED | PIPED_INTO, NEGATED | PIPED_FROM, 0]);
    assert_eq!(
        contexts("a $(b | c) | d & e"),
        [
            PIPED_INTO | BACKGROUND,
            context::SUBSTITUTION | PIPED_INTO,
            context::SUBSTITUTION | PIPED_FROM,
            PIPED_FROM | BACKGROUND,
            0,
        ]
    );
}

#[test]
fn compound_commands_give_their_parts_with_their_context() {
    use context::{BRANCH, CONDITION, FUNCTION, GROUP, LOOP, PIPED_FROM, PIPED_INTO, SUBSHELL};
    assert_eq!(run("if a; then b; elif c; then d; else e; fi && f"), ["a", "b", "c", "d", "e", "&& f"]);
    assert_eq!(
        contexts("if a; then b; elif c; then d; else e; fi && f"),
        [CONDITION, BRANCH, CONDITION, BRANCH, BRANCH, 0]
    );
    assert_eq!(run("x && for i in a \"b c\" $d; do e $i; done; f"), ["x", "&& e·<$i>", "; f"]);
    assert_eq!(run("for i; do e; done; for ((i=0; i<3; i++)); do g; done"), ["e", "; g"]);
    assert_eq!(contexts("while a; do b; done; until c; do d; done"), [CONDITION, LOOP, CONDITION, LOOP]);
    assert_eq!(run("cat f | while read -r l; do g; done"), ["cat·f", "| read·-r·l", "g"]);
    assert_eq!(contexts("cat f | while read l; do g; done")[2], LOOP | PIPED_FROM);
    assert_eq!(run("case \"$a\" in (b|c) d ;; 'e f'*) g; h;; *) ;; esac; i"), ["d", "g", "; h", "; i"]);
    assert_eq!(contexts("case a in b) c;; esac"), [BRANCH]);
    assert_eq!(run("(a; b) | { c; d; } > e"), ["a", "; b", "| c", "; d"]);
    assert_eq!(contexts("(a) | { b; }"), [SUBSHELL | PIPED_INTO, GROUP | PIPED_FROM]);
    assert_eq!(run("f() { a; }; function g { b; }; f"), ["a", "; b", "; f"]);
    assert_eq!(contexts("f() { a; }"), [FUNCTION | GROUP]);
    assert_eq!(run("[[ $a == b* && ( -f c || $d =~ ^(e|f)$ ) ]] && g").len(), 2);
    assert_eq!(run("((a = 1 + 2)) && b; ((c); d)"), ["&& b", "; c", "; d"]);
    assert_eq!(run("if (a) then b; fi"), ["a", "b"]);
}

#[test]
fn substitutions_follow_the_command_that_holds_them() {
    assert_eq!(
        run("a \"$(b \"$(c)\")\" `d \\`e\\`` && f"),
        ["a·<\"$(b \"$(c)\")\">·<`d \\`e\\``>", "b·<\"$(c)\"> ^0", "c ^1", "d·<`e`> ^0", "e ^3", "&& f"]
    );
    assert_eq!(run("A=$(b) diff <(c) >(d)"), ["diff·<<(c)>·<>(d)> A=<$(b)>", "b ^0", "c ^0", "d ^0"]);
    assert_eq!(run("for i in $(a); do b; done"), ["a", "b"]);
    assert_eq!(run("echo $((1 + $(a) * (2))) ${B:-$(c)}"), ["echo·<$((1 + $(a) * (2)))>·<${B:-$(c)}>", "a ^0", "c ^0"]);
    assert_eq!(run("echo $(case a in b) c;; esac)"), ["echo·<$(case a in b) c;; esac)>", "c ^0"]);
    assert_eq!(run("echo $( (a); b)"), ["echo·<$( (a); b)>", "a ^0", "; b ^0"]);
    assert_eq!(contexts("a `b | c`")[1], context::SUBSTITUTION | context::PIPED_INTO);
}

#[test]
fn assignments_and_redirections_are_no_words() {
    assert_eq!(run("A=1 B='x y' C= D+=$e make E=2 > out 2>&1 < in"), ["make·E=2 A=1 B=x y C= D=<$e> >out 2>&1 <in"]);
    assert_eq!(
        run("a=(b 'c d' [2]=e) f[1]=g; declare -A h=([i]=j)"),
        [" a=<(b 'c d' [2]=e)> f=g", "; declare·-A·<h=([i]=j)>"]
    );
    assert_eq!(run("a &> b; c &>>d <<<\"e f\" >|g"), ["a &>b", "; c &>>d <<<e f >|g"]);
    assert_eq!(run("1a=b =c a-b=c"), ["1a=b·=c·a-b=c"]);
}

#[test]
fn values_lose_quotes_and_escapes() {
    let values =
        |script: &str| words(script).into_iter().map(|(value, ..)| value.unwrap_or("?".into())).collect::<Vec<_>>();
    assert_eq!(values(r#"a'b c'"d\"e\x"f\ g $'h\ti\x41' $"j""#), ["ab cd\"e\\xf g", "h\tiA", "j"]);
    assert_eq!(values(r#"$a "$b" $1 "$@" ${f} $ "$" $% a$"#), ["?", "?", "?", "?", "?", "$", "$", "$%", "a$"]);
    assert_eq!(values(r#"a $(c) `d` "`e`""#), ["c", "d", "e", "a", "?", "?", "?"]);
    assert_eq!(values("'' \"\" a"), ["", "", "a"]);
    let flags = |script: &str| words(script).into_iter().map(|(.., flags)| flags).collect::<Vec<_>>();
    assert_eq!(
        flags("a 'b' $c \"$d\" \"`e`\" *.f ~/g {h,i} {} \\*"),
        [
            0,
            0,
            content::QUOTED,
            content::VARIABLE,
            content::QUOTED | content::QUOTED_VARIABLE,
            content::QUOTED | content::QUOTED_SUBSTITUTION,
            content::GLOB,
            content::TILDE,
            content::BRACE,
            0,
            content::QUOTED,
        ]
    );
    assert_eq!(run("rm -rf !(a|b) x@(c)"), ["rm·-rf·!(a|b)·x@(c)"]);
    assert_eq!(run("echo \"${a:-it's}\" \"${b#'x'}\" ${c:-'}'}"), ["echo·<\"${a:-it's}\">·<\"${b#'x'}\">·<${c:-'}'}>"]);
}

#[test]
fn places_lead_through_continuations_escapes_and_heredocs() {
    let slices = |text: &str| {
        let document = parse(text);
        let words = &commands(&document).words;
        let slice = |index: usize| document.source.slice(Span::new(words.starts[index], words.ends[index])).to_owned();
        (0..words.starts.len()).map(slice).collect::<Vec<_>>()
    };
    assert_eq!(slices("FROM x\nRUN a \\\n # c\n b\\\nc \\\n  \"d e\"\n"), ["a", "b\\\nc", "\"d e\""]);
    assert_eq!(slices("FROM x\r\nRUN a \\\r\n b\r\n"), ["a", "b"]);
    assert_eq!(slices("FROM x\nRUN <<EOF\na b\n\tc \\\n  d\nEOF\n"), ["a", "b", "c", "d"]);
    assert_eq!(
        slices("FROM x\nRUN [\"sh\", \"-c\", \"a \\\"b\\\\\\\\c\\\" \\u00e9x \\\n d\"]\n")[3..],
        ["a", "\\\"b\\\\\\\\c\\\"", "\\u00e9x", "d"]
    );
    assert_eq!(
        slices("FROM x\nRUN bash -c 'a b' && bash -c \"c \\\"d\\\"\"\n"),
        ["bash", "-c", "'a b'", "a", "b", "bash", "-c", "\"c \\\"d\\\"\"", "c", "\\\"d\\\""]
    );
    assert_eq!(slices("FROM x\nRUN a `b \\`c\\``\n"), ["c", "b", "\\`c\\`", "a", "`b \\`c\\``"]);
}

#[test]
fn heredocs_are_scripts_only_for_a_shell() {
    assert_eq!(lines("FROM x\nRUN <<EOF\na\nb && c\nEOF\n"), ["a", "\\n b", "&& c"]);
    assert_eq!(
        lines("FROM x\nRUN <<EOF\n#!/usr/bin/env python3\nimport os\nEOF\n"),
        ["unparsed python3: #!/usr/bin/env python3\nimport os\n"]
    );
    assert_eq!(lines("FROM x\nRUN <<EOF\n#!/bin/bash -e\na\nEOF\n"), ["a"]);
    assert_eq!(lines("FROM x\nRUN python3 <<EOF\nimport os\nEOF\n"), ["python3 <<EOF"]);
    assert_eq!(lines("FROM x\nRUN cat <<EOF > a && b\n$(c) d\nEOF\n"), ["cat <<EOF >a", "&& b", "c ^0"]);
    assert_eq!(lines("FROM x\nRUN cat <<'EOF' > a\n$(c) d\nEOF\n"), ["cat <<EOF >a"]);
    assert_eq!(lines("FROM x\nRUN bash -e <<-EOF && b\n\ta\n\tEOF\nRUN c\n"), ["bash·-e <<-EOF", "&& b", "a ^0", "c"]);
    assert_eq!(lines("FROM x\nRUN <<A cat > b\nc\nA\n"), ["cat <<A >b"]);
    assert_eq!(lines("FROM x\nRUN <<EOF\ncat <<X > a\nb 'c\nX\nd\nEOF\n"), ["cat <<X >a", "\\n d"]);
    assert_eq!(lines("FROM x\nRUN <<EOF\r\na\r\nEOF\r\n"), ["a"]);
    let document = parse("FROM x\nRUN cat <<EOF\na $b\nEOF\n");
    let commands = commands(&document);
    let body = commands.redirections.bodies[0] as usize;
    let span = Span::new(commands.words.starts[body], commands.words.ends[body]);
    assert_eq!(document.source.slice(span), "a $b\n");
    assert_eq!(commands.words.values[body], NONE);
}

#[test]
fn the_exec_form_is_one_command_and_what_it_has_a_shell_run() {
    assert_eq!(lines("FROM x\nCMD [\"nginx\", \"-g\", \"daemon off; $x\"]\n"), ["nginx·-g·daemon off; $x"]);
    assert_eq!(
        lines("FROM x\nENTRYPOINT [\"/bin/sh\", \"-c\", \"a && b\"]\n"),
        ["/bin/sh·-c·a && b", "a ^0", "&& b ^0"]
    );
    assert_eq!(lines("FROM x\nRUN [\"a\" \"b\"]\n"), ["[a·b]"]);
    assert_eq!(lines("FROM x\nCMD []\n"), [""; 0]);
    assert_eq!(lines("FROM x\nHEALTHCHECK --interval=5s CMD a || exit 1\nHEALTHCHECK NONE\n"), ["a", "|| exit·1"]);
    assert_eq!(lines("FROM x\nONBUILD RUN a && b\nVOLUME a\n"), ["a", "&& b"]);
    assert_eq!(contexts("[\"bash\", \"-c\", \"a\"]"), [context::EXEC_FORM, context::SCRIPT]);
}

#[test]
fn the_shell_of_the_stage_reads() {
    assert_eq!(
        lines("FROM x\nSHELL [\"pwsh\", \"-Command\"]\nRUN a\nSHELL [\"/bin/bash\", \"-c\"]\nRUN b\n"),
        ["b", "unparsed pwsh: a"]
    );
    assert_eq!(
        lines("FROM x AS a\nSHELL [\"fish\", \"-c\"]\nFROM a\nRUN b\nFROM x\nRUN c\n"),
        ["c", "unparsed fish: b"]
    );
    for windows in
        ["mcr.microsoft.com/windows/servercore:ltsc2022", "golang:1.26-nanoserver", "--platform=windows/amd64 x"]
    {
        assert_eq!(lines(&format!("FROM {windows}\nRUN a\n")), ["unparsed cmd: a"], "{windows}");
    }
    assert_eq!(lines("# escape=`\nFROM $x\nRUN dir `\n b\n"), ["unparsed cmd: dir `\n b"]);
    assert_eq!(lines("FROM mcr.microsoft.com/dotnet/sdk:8.0\nRUN a\n"), ["a"]);
    let document = parse("FROM x\nSHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\nRUN a\nCMD [\"b\"]\n");
    let (scripts, strings) = (&commands(&document).scripts, &commands(&document).strings);
    assert_eq!(
        (strings.get(scripts.shells[0]), strings.get(scripts.options[0])),
        (Some("bash"), Some("-o pipefail -c"))
    );
    assert_eq!(scripts.shells[1], NONE);
    assert_eq!(document.tree.key(scripts.nodes[1]), Some("CMD"));
}

#[test]
fn a_comment_says_which_shell_reads_from_there_on() {
    let pwsh = "# hadolint shell=powershell\n";
    assert_eq!(lines(&format!("FROM x\nRUN a\n{pwsh}RUN b\nFROM x\nRUN c\n")), ["a", "c", "unparsed powershell: b"]);
    assert_eq!(lines(&format!("FROM x\n{pwsh}# text\nSHELL [\"sh\", \"-c\"]\nRUN a\n")), ["a"]);
    assert_eq!(
        lines(&format!("FROM x AS a\n{pwsh}RUN a\nFROM a\nRUN b\n")),
        ["unparsed powershell: a", "unparsed powershell: b"]
    );
    assert_eq!(lines(&format!("FROM x\nRUN a\n{pwsh}FROM x\nRUN b\n")), ["a", "unparsed powershell: b"]);
    assert_eq!(
        lines(&format!("{pwsh}ARG x=y\nFROM $x\nRUN a\nFROM x\nRUN b\n")),
        ["unparsed powershell: a", "unparsed powershell: b"],
        "above the first stage it holds for all"
    );
    assert_eq!(lines("FROM x\nRUN a \\\n# hadolint shell=powershell\n && b\n"), ["a", "&& b"]);
    let document = parse("# hadolint shell=/bin/bash -o pipefail -c\nFROM mcr.microsoft.com/windows\nRUN a\n");
    let (scripts, strings) = (&commands(&document).scripts, &commands(&document).strings);
    assert_eq!(
        (strings.get(scripts.shells[0]), strings.get(scripts.options[0])),
        (Some("bash"), Some("-o pipefail -c"))
    );
}

#[test]
fn texts_are_what_the_shells_get() {
    let text = "FROM x\nARG b\nENV a=1\nSHELL [\"/bin/bash\", \"-e\", \"-c\"]\nRUN c \\\n# d\n && sh -c 'e; f'\nSHELL [\"pwsh\"]\nRUN g\n";
    let document = parse(text);
    let texts = shell_texts(&document);
    let seen: Vec<_> = texts.iter().map(|text| (text.shell.as_str(), text.options.as_str(), text.as_str())).collect();
    assert_eq!(seen, [("bash", "-e -c", "c  && sh -c 'e; f'"), ("sh", "-c", "e; f")]);
    assert_eq!(texts[0].variables, ["a", "b"]);
    assert_eq!(document.source.slice(texts[0].span(0, 5)), "c \\\n# d\n &&");
    assert_eq!(document.source.slice(texts[1].span(3, 4)), "f");
}

#[test]
fn a_text_that_turned_out_to_be_none_is_forgotten() {
    assert_eq!(shell_texts(&parse("FROM x\nRUN \nRUN <<EOF\nsh <<EOFf()\nEOF")).len(), 1);
}

#[test]
fn scripts_in_arguments_are_read_where_they_are_known() {
    assert_eq!(run("bash -c 'a | b' x"), ["bash·-c·a | b·x", "a ^0", "| b ^0"]);
    assert_eq!(run("su - me -c \"a $B\""), ["su·-·me·-c·<\"a $B\">", "a·<$B> ^0"]);
    assert_eq!(run("bash -c $a"), ["bash·-c·<$a>", "unparsed bash: $a"]);
    assert_eq!(run("bash -c \"a $(b)\""), ["bash·-c·<\"a $(b)\">", "b ^0", "unparsed bash: \"a $(b)\""]);
    assert_eq!(run("bash -c \"a 'b\" && c"), ["bash·-c·a 'b", "&& c", "rest bash: a 'b\""]);
}

#[test]
fn variables_are_followed_only_where_the_file_tells() {
    let last = |text: &str| resolved(text).last().cloned().unwrap();
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(last("FROM x\nARG V=1\nENV N=a-$V\nRUN b \"$N.${W:-c}\"\n"), None);
    assert_eq!(last("FROM x\nARG V=1\nENV N=a-$V\nRUN b \"$N.${V:-c}\"\n"), some("a-1.1"));
    assert_eq!(last("ARG V=1\nFROM x\nRUN a $V\n"), None);
    assert_eq!(last("ARG V=1\nFROM x\nARG V\nRUN a $V\n"), some("1"));
    assert_eq!(last("FROM x AS a\nENV E=1\nARG A=2\nFROM a\nRUN b $E\n"), some("1"));
    assert_eq!(last("FROM x AS a\nENV E=1\nARG A=2\nFROM a\nRUN b $A\n"), None);
    assert_eq!(last("FROM x\nENV A=1\nARG A=2\nRUN b $A\n"), some("1"));
    assert_eq!(last("FROM x\nENV PATH=/a:$PATH\nRUN b $PATH\n"), None);
    for script in
        ["V=2 b $V", "export V=2; b $V", "read V; b $V", ". ./x; b $V", "for V in a; do b $V; done", "unset V; b $V"]
    {
        assert_eq!(last(&format!("FROM x\nENV V=1\nRUN {script}\n")), None, "{script}");
    }
    assert_eq!(last("FROM x\nENV V=\"1 2\"\nRUN b $V\n"), None, "two words");
    assert_eq!(last("FROM x\nENV V=\"1 2\"\nRUN b \"$V\"\n"), some("1 2"));
    assert_eq!(last("FROM x\nENV V=1\nRUN b $V$(c)\n"), None);
    assert_eq!(last("FROM x\nENV V=1\nRUN b '$V'\n"), None);
    assert_eq!(last("FROM x\nENV V=1\nRUN [\"b\", \"$V\"]\n"), None);
    assert_eq!(last("FROM x\nENV V=1\nRUN b $((V + 1)) $V$((1))\n"), None);
}

#[test]
fn a_heredoc_before_a_function_is_no_redirection_of_it() {
    let document = parse("FROM x\nRUN \nRUN <<EOF\nsh <<EOFf()\nEOF");
    assert!(commands(&document).commands.scripts.is_empty());
}

/// Kind, text, name, operator, subscript and value of each part of the words of the last instruction.
fn parts(text: &str) -> Vec<String> {
    let document = parse(text);
    let commands = commands(&document);
    let rows = &commands.parts;
    let string = |number| commands.strings.get(number).map_or(String::new(), |text| format!(" {text}"));
    (0..rows.words.len())
        .map(|row| {
            let text = document.source.slice(Span::new(rows.starts[row], rows.ends[row]));
            let depth = std::iter::successors(Some(row as u32), |&row| {
                Some(rows.parents[row as usize]).filter(|&row| row != NONE)
            })
            .count();
            let details = [rows.names[row], rows.operators[row], rows.subscripts[row], rows.resolved[row]].map(string);
            format!("{}{} {text}{}", ">".repeat(depth - 1), rows.kinds[row], details.concat())
        })
        .collect()
}

#[test]
fn parts_of_words_are_told_apart() {
    let of = |script: &str| parts(&format!("FROM x\nENV V=1\nRUN {script}\n"));
    assert_eq!(of(r"a b\$c '$d' {e} *"), ["1 '$d'"]);
    assert_eq!(
        of(r#"a $V"$b" ${#c} ${!d} ${e[@]} "${f:-$g}" $1 "$@" ${V%%x}"#),
        [
            "5 $V V 1",
            "2 \"$b\"",
            ">5 $b b",
            "5 ${#c} c length",
            "5 ${!d} d indirect",
            "5 ${e[@]} e @",
            "2 \"${f:-$g}\"",
            ">5 ${f:-$g} f :-",
            ">>5 $g g",
            "5 $1 1",
            "2 \"$@\"",
            ">5 $@ @",
            "5 ${V%%x} V %% 1",
        ]
    );
    assert_eq!(
        of(r#"a `b \`c\`` $'d' $"e" $((1 + $f)) g=(h "$i")"#),
        [
            "8 \\`c\\`",
            "8 `b \\`c\\``",
            "3 $'d'",
            "4 $\"e\"",
            "6 $((1 + $f))",
            ">5 $f f",
            "10 (h \"$i\")",
            ">2 \"$i\"",
            ">>5 $i i"
        ]
    );
    assert_eq!(
        of("a \"$(b \"$c\")\" <(d) >e$f"),
        ["2 \"$c\"", ">5 $c c", "5 $f f", "2 \"$(b \"$c\")\"", ">7 $(b \"$c\")", "9 <(d)"]
    );
    assert_eq!(of("cat <<E\n$a\nE"), ["5 $a a"]);
    assert_eq!(of("V=2; a $V; b $(c 'open"), ["5 $V V"]);
}

#[test]
fn compound_commands_have_their_commands_and_words() {
    let of = |script: &str| {
        let document = parse(&format!("FROM x\nRUN {script}\n"));
        let commands = commands(&document);
        let rows = &commands.compounds;
        (0..rows.scripts.len())
            .map(|row| {
                let head = document.source.slice(Span::new(rows.starts[row], rows.head_ends[row]));
                let words =
                    (rows.first_words[row]..rows.last_words[row]).map(|index| format!(" {}", word(commands, index)));
                let name = commands.strings.get(rows.names[row]).unwrap_or("-");
                let range = rows.first_commands[row]..rows.last_commands[row];
                format!("{} {head} {name} {range:?}{}", rows.kinds[row], words.collect::<String>())
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(of("a; for i in 1 $(b) \"$c\"; do d; done; e"), ["5 for i 1..3 1 <$(b)> <\"$c\">"]);
    assert_eq!(of("(a; { b; }); if c; then d; fi"), ["1 ( - 0..2", "2 { - 1..2", "3 if - 2..4"]);
    assert_eq!(of("f() { a; }; g () { b; }; function h { c; }")[..3], ["12 f f 0..1", "2 { - 0..1", "12 g g 1..2"]);
    assert_eq!(of("for ((i=0;i<1;i++)); do a; done; ((i++)); for i; do b; done").len(), 3);
    assert_eq!(of("case $x in a) b;; esac; until c; do d; done"), ["9 case - 0..1 <$x>", "4 until - 1..3"]);
    assert_eq!(of("a \"$( (b) )\"; if c; then"), ["1 ( - 1..2"]);
}
