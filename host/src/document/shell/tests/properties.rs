//! What holds for every text.

use proptest::prelude::*;

use super::*;

/// Texts that look enough like shell in a Dockerfile to reach every branch.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => proptest::sample::select(vec![
            "a", "bash -c ", "sh <<EOF", "EOF", "\nEOF\n", "'", "\"", "`", "$(", "$((", "))", "(", ")", "{ ", " }", ";", "&",
            "&&", "||", "|", "\n", "\\\n", "\\\r\n", "\r\n", " ", "\t", "\\", "$", "$x", "${y", "}", ":-", "#", "if ", "then ",
            "fi", "else ", "elif ", "for i in ", "do ", "done", "case ", " in ", ";;", "esac", "while ", "function f", "f()",
            "[[ ", " ]]", "A=", "=(", "1>", "2>&1", "<", "<<-'E'", "<<<", "<(", "!", "! ", "$'\\x", "é", "\u{1f433}", "\u{a0}",
            "*", "?(", "~", "{a,b}", "[", "]", "RUN ", "CMD [\"sh\", \"-c\", \"", "\"]", "\\\"", "\\u00e9", "\nRUN <<EOF\n",
            "\nONBUILD RUN ", "\nFROM y\n", "\nENV A=1 B=$A\n", "\nARG x=2\n", "\nSHELL [\"bash\"]\n", "su -c ", "eval ",
        ]).prop_map(str::to_owned),
        1 => "[ -~]{0,6}",
    ];
    proptest::collection::vec(piece, 0..50).prop_map(|pieces| format!("FROM x\nRUN {}", pieces.concat()))
}

/// Whether a span lies in the text, on character boundaries.
fn is_sound(text: &str, start: u32, end: u32) -> bool {
    start <= end && text.get(start as usize..end as usize).is_some()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4000) })]

    #[test]
    fn every_span_is_sound_and_words_are_their_raw_text(text in text()) {
        let document = parse(&text);
        let found = commands(&document);
        let words = &found.words;
        for index in 0..words.starts.len() {
            prop_assert!(is_sound(&text, words.starts[index], words.ends[index]), "word {}", index);
        }
        let rows = &found.commands;
        for index in 0..rows.scripts.len() {
            prop_assert!(is_sound(&text, rows.starts[index], rows.ends[index]), "command {}", index);
            prop_assert!(is_sound(&text, rows.join_starts[index], rows.join_ends[index]), "join {}", index);
            let script = rows.scripts[index] as usize;
            // Where nothing is escaped on the way from the file to the shell, a word is its own text.
            let nested = found.scripts.commands[script] != NONE || rows.contexts[index] & context::SUBSTITUTION != 0;
            for word in rows.first_words[index]..rows.last_words[index] {
                let slice = document.source.slice(Span::new(words.starts[word as usize], words.ends[word as usize]));
                let raw = found.strings.get(words.raws[word as usize]);
                let plain = !nested && !slice.contains(['\n', '\r']);
                prop_assert!(!plain || raw.is_none_or(|raw| raw == slice), "{:?} {:?}", raw, slice);
            }
        }
        let scripts = &found.scripts;
        for index in 0..scripts.nodes.len() {
            prop_assert!(is_sound(&text, scripts.starts[index], scripts.ends[index]));
            prop_assert!(is_sound(&text, scripts.starts[index], scripts.known_ends[index]));
        }
    }

    #[test]
    fn rows_lie_in_their_instruction_and_follow_each_other(text in text()) {
        let document = parse(&text);
        let found = commands(&document);
        let rows = &found.commands;
        for index in 0..rows.scripts.len() {
            let script = rows.scripts[index] as usize;
            let instruction = document.tree.span(found.scripts.nodes[script]);
            prop_assert!(instruction.contains(Span::new(rows.starts[index], rows.ends[index])));
            prop_assert!(rows.parents[index] == NONE || (rows.parents[index] as usize) < index);
            let range = rows.first_words[index] as usize..rows.last_words[index] as usize;
            prop_assert!(found.words.starts[range.clone()].is_sorted());
            prop_assert!(range.clone().zip(range.skip(1)).all(|(one, next)| found.words.ends[one] <= found.words.starts[next]));
        }
        prop_assert!(rows.scripts.is_sorted_by_key(|&script| found.scripts.nodes[script as usize]));
        for row in 0..found.redirections.commands.len() {
            let owner = found.redirections.commands[row];
            prop_assert!(owner == NONE || (owner as usize) < rows.scripts.len());
            prop_assert!((found.redirections.words[row] as usize) < found.words.starts.len());
            let body = found.redirections.bodies[row];
            prop_assert!(body == NONE || (body as usize) < found.words.starts.len());
        }
        for row in 0..found.assignments.commands.len() {
            prop_assert!((found.assignments.commands[row] as usize) < rows.scripts.len());
            prop_assert!((found.assignments.words[row] as usize) < found.words.starts.len());
        }
    }
}

#[test]
fn depth_needs_no_stack_and_no_time() {
    for piece in [
        "(",
        "$(",
        "\"$(",
        "${x:-",
        "$((",
        "{ ",
        "if ",
        "`",
        "case x in a) ",
        "f() ",
        "a=(",
        "sh -c '",
        "((",
        "! ",
        "{",
        "<(",
    ] {
        let text = format!("FROM x\nRUN {}\n", piece.repeat(30_000 / piece.len()));
        let document = parse(&text);
        assert!(commands(&document).scripts.nodes.len() < 60, "{piece}");
    }
}
