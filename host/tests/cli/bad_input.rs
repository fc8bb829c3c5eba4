//! Files that no one should have written: none crashes the program, hangs it, or hides what is found in another file.

use std::fmt::Write as _;

use super::repo::{GOOD, Repo};

/// Rules that bad input may wake; the others would only make the expectations long.
const SELECT: &str = "--select syntax/*,image/latest-tag";

/// Findings of a file beside a good one, whose finding must be there.
fn findings(path: &str, bytes: impl AsRef<[u8]>) -> Vec<String> {
    let (code, found) = run(path, bytes);
    assert_eq!(code, 1, "the run is complete");
    found
}

fn run(path: &str, bytes: impl AsRef<[u8]>) -> (i32, Vec<String>) {
    let repo = Repo::new(&[("zz/Dockerfile", GOOD)]);
    repo.write(path, bytes);
    // Once with all rules, none of which may fail.
    let all = repo.run("check --format json");
    assert_eq!((all.code, all.err.as_str()), (1, ""), "{all:?}");
    assert!(all.findings().contains(&"zz/Dockerfile:1:11 image/latest-tag".to_owned()));
    let chosen = repo.run(&format!("check --format json {SELECT}"));
    let mut found = chosen.findings();
    assert_eq!(found.pop().as_deref(), Some("zz/Dockerfile:1:11 image/latest-tag"));
    (chosen.code, found)
}

fn pod(spec: &str) -> String {
    format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec: {spec}\n")
}

const LATEST: &str = "{containers: [{name: web, image: nginx:latest}]}";

#[test]
fn an_empty_file_is_no_manifest_and_no_dockerfile() {
    assert_eq!(findings("a.yaml", ""), [""; 0]);
    assert_eq!(findings("Dockerfile", ""), ["Dockerfile:1:1 syntax/dockerfile"]);
    assert_eq!(findings("Dockerfile", "# only a comment\n"), ["Dockerfile:1:1 syntax/dockerfile"]);
}

#[test]
fn a_dockerfile_that_is_no_text_is_one_finding() {
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    for bytes in
        [b"\x7fELF\x02\x01\x01\0RUN x\nFROM y\n".to_vec(), utf16("\u{feff}FROM node\nRUN x\n"), utf16("FROM x\n")]
    {
        let repo = Repo::new(&[("zz/Dockerfile", GOOD)]);
        repo.write("Dockerfile", bytes);
        let run = repo.run("check --format json");
        assert_eq!(run.findings()[0], "Dockerfile:1:1 syntax/dockerfile");
        assert_eq!(run.findings().iter().filter(|finding| finding.starts_with("Dockerfile")).count(), 1);
        let message = run.json()["findings"][0]["message"].as_str().unwrap().to_owned();
        assert!(message.contains("no UTF-8 text"), "{message}");
    }
}

#[test]
fn a_yaml_file_that_is_no_text_passes() {
    assert_eq!(findings("a.yaml", b"apiVersion: v1\nkind: \0Pod\n{[\n"), [""; 0]);
}

#[test]
fn bytes_that_are_no_utf8_move_no_place() {
    let latin1 = b"# caf\xe9\nFROM node:latest # \xff\xfe\n".as_slice();
    assert_eq!(findings("Dockerfile", latin1)[0], "Dockerfile:2:11 image/latest-tag");
    let yaml = [pod(LATEST).as_bytes(), b"  # caf\xe9\n"].concat();
    assert_eq!(findings("a.yaml", yaml), ["a.yaml:4:46 image/latest-tag"]);
}

#[test]
fn byte_order_marks_and_carriage_returns_move_no_place() {
    let crlf = |text: &str| format!("\u{feff}{}", text.replace('\n', "\r\n"));
    assert_eq!(findings("Dockerfile", crlf(GOOD)), ["Dockerfile:1:11 image/latest-tag"]);
    assert_eq!(findings("a.yaml", crlf(&pod(LATEST))), ["a.yaml:4:46 image/latest-tag"]);
}

#[test]
fn broken_yaml_is_a_finding_at_its_place_and_costs_its_own_document() {
    let text = format!("{}---\napiVersion: v1\nkind: [\n---\n{}", pod(LATEST), pod(LATEST));
    let found = findings("a.yaml", text);
    assert_eq!(found[0], "a.yaml:4:46 image/latest-tag");
    assert!(found[1].starts_with("a.yaml:") && found[1].ends_with("syntax/yaml"), "{found:?}");
    assert_eq!(found[2], "a.yaml:12:46 image/latest-tag");
    assert_eq!(findings("b.yaml", pod("\ta: 1")).len(), 1);
    assert_eq!(findings("c.yaml", "a: [\n"), [""; 0], "it is no manifest");
}

#[test]
fn an_alias_bomb_is_a_finding() {
    let mut text = "apiVersion: v1\nkind: ConfigMap\na0: &a0 [x, x]\n".to_owned();
    for level in 1..40 {
        let below = level - 1;
        writeln!(text, "a{level}: &a{level} [*a{below}, *a{below}, *a{below}, *a{below}]").unwrap();
    }
    let found = findings("a.yaml", text);
    assert!(found.len() == 1 && found[0].ends_with("syntax/yaml"), "{found:?}");
}

#[test]
fn nesting_without_end_is_a_finding() {
    let deep = "[".repeat(10_000);
    let shut = "]".repeat(10_000);
    let block: String = (1..2_000).fold(String::new(), |text, depth| text + &" ".repeat(depth) + "a:\n");
    for (path, text) in [
        ("flow.yaml", pod(&deep)),
        ("shut.yaml", pod(&format!("{deep}{shut}"))),
        ("block.yaml", pod(&format!("\n{block}"))),
        ("dashes.yaml", pod(&format!("\n  {}a", "- ".repeat(10_000)))),
        ("open.json", format!("{{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"spec\": {deep}")),
        ("a.json", format!("{{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"spec\": {deep}{shut}}}")),
    ] {
        let found = findings(path, text);
        assert!(found.len() == 1 && found[0].ends_with("syntax/yaml"), "{path}: {found:?}");
    }
}

#[test]
fn nesting_in_a_dockerfile_is_harmless() {
    let deep =
        |open: &str| format!("FROM node:latest\nRUN echo {}\nENV A={}\n", open.repeat(5_000), "${A:-".repeat(2_000));
    for open in ["$(", "(", "\"$(", "{ ", "${A:-", "`", "if ", "[["] {
        assert!(findings("Dockerfile", deep(open)).contains(&"Dockerfile:1:11 image/latest-tag".to_owned()), "{open}");
    }
}

#[test]
fn a_dockerfile_without_a_stage_is_a_finding() {
    assert_eq!(findings("Dockerfile", "RUN x\n"), ["Dockerfile:1:1 syntax/dockerfile"]);
    assert_eq!(findings("Dockerfile", "ARG A=1\n").len(), 1);
}

#[test]
fn a_heredoc_that_never_ends_is_a_finding() {
    let found = findings("Dockerfile", "FROM node:latest\nRUN <<EOF\necho\nUSER x\n");
    assert_eq!(found, ["Dockerfile:1:11 image/latest-tag", "Dockerfile:2:5 syntax/dockerfile"]);
}

#[test]
fn a_message_quotes_no_more_of_a_file_than_a_person_reads() {
    let repo = Repo::new(&[("Dockerfile", &format!("FROM scratch\n{}\n", "x".repeat(60_000)))]);
    let run = repo.run("check --select syntax/*");
    assert_eq!(run.code, 1);
    assert!(run.out.len() < 3_000, "{} bytes", run.out.len());
}

#[test]
fn links_that_lead_in_circles_are_no_files() {
    let repo = Repo::new(&[("a/Dockerfile", GOOD)]);
    std::os::unix::fs::symlink("..", repo.path("a/up")).unwrap();
    std::os::unix::fs::symlink(".", repo.path("a/self.yaml")).unwrap();
    let run = repo.run(&format!("check --format json {SELECT}"));
    assert_eq!((run.code, run.findings()), (1, vec!["a/Dockerfile:1:11 image/latest-tag".to_owned()]));
}

#[test]
fn what_cannot_be_read_is_told_beside_the_findings() {
    let repo = Repo::new(&[("a/Dockerfile", GOOD)]);
    std::os::unix::fs::symlink("nowhere", repo.path("b.yaml")).unwrap();
    std::os::unix::fs::symlink("c.yaml", repo.path("c.yaml")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(repo.path("Dockerfile")).status().unwrap().success());
    for (paths, unread) in [(".", vec!["b.yaml", "c.yaml"]), ("a Dockerfile", vec!["Dockerfile"])] {
        let run = repo.run(&format!("check --format json {SELECT} {paths}"));
        assert_eq!((run.code, run.findings()), (3, vec!["a/Dockerfile:1:11 image/latest-tag".to_owned()]));
        let report = run.json();
        let told: Vec<_> = report["notifications"].as_array().unwrap().iter().map(|told| &told["path"]).collect();
        assert_eq!(told, unread);
        assert_eq!(report["summary"]["complete"], false);
    }
}

mod large {
    use super::*;

    const SIZE: usize = 50_000_000;

    #[test]
    fn a_literal_of_50_megabytes() {
        let line = format!("    {}\n", "a".repeat(995));
        let text =
            format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata:\n  a: |\n{}", line.repeat(50_000));
        assert!(text.len() >= SIZE);
        assert_eq!(findings("a.yaml", format!("{text}---\n{}", pod(LATEST))), ["a.yaml:50010:46 image/latest-tag"]);
    }

    #[test]
    fn a_json_line_of_50_megabytes() {
        let mut text = "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"data\": [".to_owned();
        let value = format!("\"{}\",", "v".repeat(198));
        text.push_str(&value.repeat(SIZE / value.len()));
        let start = text.len();
        text.push_str("1], \"spec\": {\"containers\": [{\"image\": \"nginx:latest\"}]}}");
        let column = start + "1], \"spec\": {\"containers\": [{\"image\": \"nginx:".len() + 1;
        assert_eq!(findings("a.json", text), [format!("a.json:1:{column} image/latest-tag")]);
    }

    #[test]
    fn a_dockerfile_of_50_megabytes() {
        let text = format!("{}{}", GOOD, format!("RUN echo {}\n", "a".repeat(10_000)).repeat(SIZE / 10_010));
        assert_eq!(findings("Dockerfile", text), ["Dockerfile:1:11 image/latest-tag"]);
    }

    #[test]
    fn a_dockerfile_line_of_50_megabytes() {
        let found = findings("Dockerfile", format!("{GOOD}RUN echo {}\n", "a".repeat(SIZE)));
        assert_eq!(found, ["Dockerfile:1:11 image/latest-tag", "Dockerfile:3:1 syntax/dockerfile"]);
    }
}
