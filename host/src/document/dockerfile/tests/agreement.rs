//! Agreement with the cases of BuildKit's own tests, where a copy of them lies beside the project.

use serde_json::Value;

use super::*;

/// The cases of a file; none where it is absent.
fn cases(file: &str) -> Vec<Value> {
    let above = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().skip(1);
    let mut found = above.map(|folder| folder.join("shared/cases/dockerfile").join(file));
    let Some(text) = found.find_map(|path| std::fs::read_to_string(path).ok()) else { return Vec::new() };
    let value: Value = serde_json::from_str(&text).unwrap();
    value.get("cases").unwrap_or(&value).as_array().unwrap().clone()
}

fn lines_of(value: &Value) -> Vec<(u32, u32)> {
    let number = |value: &Value| value.as_u64().unwrap() as u32;
    value.as_array().unwrap().iter().map(|pair| (number(&pair[0]), number(&pair[1]))).collect()
}

fn lines(text: &str) -> Vec<(u32, u32)> {
    read(text).instructions().map(|instruction| instruction.lines).collect()
}

/// Lines at which BuildKit warns of empty continuation lines: the last line read before heredocs.
fn warnings(text: &str) -> Vec<u64> {
    read(text).instructions().filter(|found| found.empty_continuation).map(|found| u64::from(found.lines.1)).collect()
}

/// Whether an error says what BuildKit says.
fn means(error: &SyntaxError, theirs: &str) -> bool {
    let part = match error {
        SyntaxError::NoInstructions => "file with no instructions",
        SyntaxError::LineTooLong => "dockerfile line greater than max allowed size",
        SyntaxError::DuplicateDirective(key) => {
            return theirs == format!("only one {key} parser directive can be used");
        }
        SyntaxError::InvalidEscape(value) => return theirs.contains(&format!("invalid escape token '{value}'")),
        SyntaxError::UnterminatedHeredoc(_) => "unterminated heredoc",
        SyntaxError::ArrayNotOfStrings => "when using JSON array syntax, arrays must be comprised of strings only",
        SyntaxError::MissingValue(command) => return theirs == format!("{} must have two arguments", command.name()),
        SyntaxError::MissingEquals(word) => return theirs.contains(&format!("can't find = in \"{word}\"")),
        _ => return false,
    };
    theirs.contains(part)
}

fn heredocs(instruction: &Instruction<'_>) -> Vec<Value> {
    let found = instruction.heredocs.iter();
    found
        .map(|heredoc| {
            serde_json::json!({ "name": heredoc.name, "content": heredoc.body, "expand": heredoc.expand,
                "chomp": heredoc.chomp, "fd": heredoc.descriptor })
        })
        .collect()
}

#[test]
fn upstream_fixtures_agree() {
    for case in cases("parser_fixtures.json") {
        let name = case["name"].as_str().unwrap();
        let text = case["dockerfile"].as_str().unwrap_or_default();
        match case["kind"].as_str().unwrap() {
            "parse" => {
                let dumped: String = read(text).instructions().map(|found| format!("({})\n", sexp(found))).collect();
                assert_eq!(dumped.trim(), case["dump"].as_str().unwrap().trim(), "{name}");
                assert_eq!(lines(text), lines_of(&case["spans"]), "{name}");
                assert_eq!(serde_json::json!(warnings(text)), case["warning_lines"], "{name}");
                assert_eq!(read(text).errors, [], "{name}");
            }
            "parse-error" => {
                let expected = case["error_contains"].as_str().unwrap();
                assert!(read(text).errors.iter().any(|(_, error)| means(error, expected)), "{name}");
            }
            "lines" => assert_eq!(lines(text), lines_of(&case["spans"]), "{name}"),
            "empty-continuation" => assert_eq!(serde_json::json!(warnings(text)), case["warning_lines"], "{name}"),
            "heredocs" => {
                let file = read(text);
                let found: Vec<_> = file.instructions().skip(1).map(heredocs).collect();
                assert_eq!(serde_json::json!(found), case["heredocs_by_instruction_from_index_1"], "{name}");
            }
            "shell-word" => {
                for row in case["rows"].as_array().unwrap() {
                    expands(name, &row[0], &case["env"], row[1].as_str().filter(|text| *text != "error"));
                }
            }
            "shell-expand" => {
                for row in case["rows"].as_array().unwrap() {
                    expands(name, &row[0], &row[1], row[2].as_str());
                }
            }
            "shell-words" => {
                for row in case["rows"].as_array().unwrap() {
                    let found = expand(row[0].as_str().unwrap(), Escape::Backslash, |name| variable(&row[2], name));
                    let words: Vec<_> = match &found {
                        Ok(found) => found.words.iter().map(|word| word.text.as_str()).collect(),
                        Err(_) => vec!["error"],
                    };
                    assert_eq!(serde_json::json!(words), row[1], "{row}");
                }
            }
            other => panic!("unknown kind {other}"),
        }
    }
}

fn variable<'v>(env: &'v Value, name: &str) -> Variable<'v> {
    env.get(name).and_then(Value::as_str).map_or(Variable::Unset, Variable::Value)
}

fn expands(name: &str, word: &Value, env: &Value, expected: Option<&str>) {
    let found = expand(word.as_str().unwrap(), Escape::Backslash, |name| variable(env, name));
    assert_eq!(found.as_ref().ok().map(|found| found.text.as_str()), expected, "{name}: {word} in {env}");
}

#[test]
fn micro_cases_agree() {
    for case in cases("parser_microcases.json") {
        let text = case["dockerfile"].as_str().unwrap();
        let file = read(text);
        if let Some(expected) = case["error"].as_str() {
            assert!(file.errors.iter().any(|(_, error)| means(error, expected)), "{text:?}: {:?}", file.errors);
            continue;
        }
        let found: Vec<_> = file
            .instructions()
            .map(|instruction| {
                serde_json::json!({ "dump": sexp(instruction), "start": instruction.lines.0,
                    "end": instruction.lines.1, "heredocs": heredocs(instruction) })
            })
            .collect();
        assert_eq!(serde_json::json!(found), case["nodes"], "{text:?}");
        assert_eq!(file.errors, [], "{text:?}");
    }
}

#[test]
fn real_files_have_no_problem() {
    let above = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().skip(1);
    let mut open: Vec<_> = above.map(|folder| folder.join("shared/corpus/dockerfiles")).collect();
    while let Some(path) = open.pop() {
        if let Ok(entries) = std::fs::read_dir(&path) {
            open.extend(entries.filter_map(|entry| Some(entry.ok()?.path())));
            continue;
        }
        let Ok(bytes) = std::fs::read(&path) else { continue };
        let source = Arc::new(Source::new(path.to_string_lossy(), bytes));
        assert_eq!(parse(&source).problems, [], "{}", path.display());
    }
}
