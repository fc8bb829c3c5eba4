//! Texts that would take all memory, all stack or all day.

use super::{parse, problem};

/// A text in which each line makes the one before ten times as large.
fn bomb(first: &str, line: impl Fn(usize) -> String) -> String {
    (1..12).fold(format!("a0: &a0 {first}\n"), |text, level| text + &line(level))
}

#[test]
fn aliases_that_multiply_are_bounded() {
    let text =
        bomb("[x, x]", |level| format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 10].join(", ")));
    assert!(problem(&text).contains("aliases expand to more than"));
    let text = bomb("{x: 1}", |level| {
        let inner = (0..10).map(|key| format!("k{key}: {{<<: *a{}}}", level - 1));
        format!("a{level}: &a{level} {{{}}}\n", inner.collect::<Vec<_>>().join(", "))
    });
    assert!(problem(&text).contains("aliases expand to more than"));
    let part = format!("a: &a [{}]\nb: [{}]\n---\n", "x, ".repeat(2_000), "*a, ".repeat(2_000));
    let stream = parse(&part.repeat(20));
    let nodes: usize = stream.documents.iter().map(|document| document.tree.len()).sum();
    assert!(nodes < 1_200_000, "{nodes}");
}

#[test]
fn deep_nesting_is_a_problem_in_every_style() {
    let depth = 10_000;
    let stairs: String = (0..2_000).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
    let texts = ["[".repeat(depth), "{a: ".repeat(depth), "- ".repeat(depth), "[{a: ".repeat(depth), stairs];
    for text in texts {
        let found = problem(&text);
        assert!(found.ends_with("collections are nested deeper than 1000 levels"), "{found}");
    }
}

#[test]
fn aliases_do_not_nest_deeper_than_text_may() {
    let text = (1..150).fold("a0: &a0 [[[[[[[[x]]]]]]]]\n".to_owned(), |text, level| {
        format!("{text}a{level}: &a{level} [[[[[[[[*a{}]]]]]]]]\n", level - 1)
    });
    assert!(problem(&text).ends_with("collections are nested deeper than 1000 levels"));
}

#[test]
fn half_the_greatest_depth_is_fine() {
    let text = format!("{}x{}", "[".repeat(500), "]".repeat(500));
    assert_eq!(parse(&text).documents[0].tree.len(), 501);
}

/// Each of these took time that grows with the square of its length in some reader of YAML.
#[test]
fn long_texts_take_time_in_proportion() {
    let many = 30_000;
    let json =
        format!("{{\"apiVersion\":\"v1\",\"items\":[{}{{}}]}}", "{\"a\": [1, \"b\", {\"c\": null}]},".repeat(many));
    for text in [
        json,
        "---\n".repeat(many),
        "---\n# c\n".repeat(many),
        "&a x\n...\n".repeat(many),
        "- &a x\n- *a\n".repeat(many),
        "--- {{\n--- a\n".repeat(many),
        "# c\n".repeat(many),
        "a: 1\n".repeat(many),
        "a:\n".repeat(many),
        "- # c\n".repeat(many),
        "\n".repeat(many),
        "a: 'b\n".repeat(many),
        "a: |\n\n".repeat(many),
        "? a\n".repeat(many),
        "%A\n".repeat(many),
        "...\n%A\n---\n".repeat(many),
        format!("a: {}", "x ".repeat(many)),
        format!("a: {}", "x\n\n ".repeat(many)),
        format!("a: \"{}\"", "\\n".repeat(many)),
        format!("[{}", "a: b, ".repeat(many)),
        format!("a: &a {{x: 1}}\nb: {{{}}}", "<<: *a, ".repeat(1_000)),
    ] {
        let before = std::time::Instant::now();
        std::hint::black_box(parse(&text));
        let seconds = before.elapsed().as_secs_f32();
        assert!(seconds < 20.0, "{seconds} s for {:?}", &text[..text.len().min(40)]);
    }
}
