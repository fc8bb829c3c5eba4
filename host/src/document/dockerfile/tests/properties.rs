//! What holds for every text, Dockerfile or not.

use proptest::prelude::*;

use super::*;
use crate::document::invariants;

/// Texts that look enough like Dockerfiles to reach every branch; without NUL bytes, which make a file no text.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => proptest::sample::select(vec![
            "FROM a AS b", "FROM b", "RUN ", "run <<EOF", "<<-'E F'", "EOF", "\tE F", "COPY --from=b ", "--link=x ", "ENV ",
            "A=b ", "c='d e' ", "\"$A ${B:-c}\"", "ARG V=1", "CMD [\"a\", \"\\u00e9\"]", "[1]", "ONBUILD ", "HEALTHCHECK NONE",
            "# escape=`", "# c", "\\", "`", "\\\\", "\n", "\r\n", "\\\n", "\\\r\n", "`\n", " ", "\t", "\u{feff}", "\u{a0}",
            "é", "\u{1f433}", "--", "=", "'", "\"", "$", "<<", "LABEL ", "SHELL x", "user ", "\u{2028}", "İ",
        ]).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => proptest::collection::vec(1..=u8::MAX, 0..6),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn document(bytes: Vec<u8>) -> (Arc<Source>, Parsed) {
    let source = Arc::new(Source::new("Dockerfile", bytes));
    let parsed = parse(&source);
    (source, parsed)
}

proptest! {
    #![proptest_config(invariants::cases(2000))]

    #[test]
    fn every_token_stands_in_its_text(bytes in text()) {
        let (source, parsed) = document(bytes.clone());
        prop_assert_eq!(parsed.documents.len(), 1);
        invariants::dockerfile(&parsed.documents[0]);
        invariants::problems(source.text(), &parsed.problems);
        invariants::same(&parsed.documents, &document(bytes).1.documents);
    }

    #[test]
    fn logical_bytes_are_the_bytes_they_stand_for(bytes in text()) {
        let source = Source::new("Dockerfile", bytes);
        let file = read(source.text());
        for instruction in file.instructions() {
            let logical = instruction.text.text();
            for (offset, byte) in logical.bytes().enumerate() {
                let physical = instruction.text.physical(offset as u32) as usize;
                prop_assert_eq!(source.text().as_bytes()[physical], byte);
            }
        }
    }

    #[test]
    fn expansion_never_fails_hard(word in "[$\\{\\}:#%/*?'\"\\\\a-c1 <+-]{0,24}", value in "[ab/*\\\\ ]{0,8}") {
        let lookup = |name: &str| if name == "a" { Variable::Value(&value) } else { Variable::Unset };
        if let Ok(found) = expand(&word, Escape::Backslash, lookup) {
            for split in found.words {
                prop_assert!((split.extent.end as usize) <= word.len() && split.extent.start <= split.extent.end);
            }
        }
        let _ = unquote(&word, Escape::Backtick);
    }
}
