//! What holds for every text.

use proptest::prelude::*;

use super::*;
use crate::document::invariants;

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
    #![proptest_config(invariants::cases(4000))]

    #[test]
    fn every_command_and_word_stands_in_its_text(text in text()) {
        invariants::dockerfile(&parse(&text));
    }

    #[test]
    fn parts_and_compounds_lie_in_their_text(text in text()) {
        let document = parse(&text);
        let found = commands(&document);
        let rows = &found.commands;
        let parts = &found.parts;
        prop_assert!(parts.words.is_sorted());
        for row in 0..parts.words.len() {
            prop_assert!(is_sound(&text, parts.starts[row], parts.ends[row]));
            prop_assert!((parts.words[row] as usize) < found.words.starts.len());
            let parent = parts.parents[row];
            prop_assert!(parent == NONE || (parent as usize) < row && parts.words[parent as usize] == parts.words[row]);
            prop_assert!(parts.first_commands[row] <= parts.last_commands[row]);
            prop_assert!(parts.last_commands[row] as usize <= rows.scripts.len());
        }
        let compounds = &found.compounds;
        for row in 0..compounds.scripts.len() {
            prop_assert!(is_sound(&text, compounds.starts[row], compounds.head_ends[row]));
            prop_assert!(is_sound(&text, compounds.starts[row], compounds.ends[row]));
            prop_assert!((compounds.scripts[row] as usize) < found.scripts.nodes.len());
            prop_assert!(compounds.first_commands[row] <= compounds.last_commands[row]);
            prop_assert!(compounds.last_commands[row] as usize <= rows.scripts.len());
            prop_assert!(compounds.last_words[row] as usize <= found.words.starts.len());
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
