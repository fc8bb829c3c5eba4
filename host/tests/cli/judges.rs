//! Reports before the judges of those who read them: Microsoft's Multitool with all of GitHub's rules, the validator of GitHub's
//! upload action, and schemas. A schema that nobody publishes is written down in `schemas/`, from the documentation.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::repo::Repo;
use super::tools;

/// A report of everything that reports can hold, and one of nothing.
const NAMES: [&str; 2] = ["all", "none"];
/// Prints what is wrong with files by a schema, as GitHub's action would; it lets the form of URIs pass.
const GATE: &str = r#"
const fs = require("fs"), {Validator} = require("jsonschema");
const read = path => JSON.parse(fs.readFileSync(path));
const [schema, ...files] = process.argv.slice(1);
for (const file of files)
  for (const error of new Validator().validate(read(file), read(schema)).errors)
    if (error.name !== "format") console.log(file + ": " + error.stack);
"#;
/// Rules of GitHub that the Multitool does not hold to unless it is told. GH1004 has limits that no longer hold.
const STRICT: [&str; 6] = [
    "GH1001.ProvideRequiredLocationProperties",
    "GH1002.InlineThreadFlowLocations",
    "GH1003.ProvideRequiredRegionProperties",
    "GH1005.LocationsMustBeRelativeUrisOrFilePaths",
    "GH1006.ProvideCheckoutPath",
    "GH1007.ProvideFullyFormattedMessageStrings",
];
/// Dislikes an id beside a reference to the rule, which GitHub wants.
const TOLERATED: &str = "SARIF2004";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The example repository, and files whose names and texts try to be more than that.
fn repo() -> Repo {
    let repo = Repo::new(&[
        (
            "k8s/a b/ü&<'\">.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: \"]]>\", image: 'a:latest'}]}\n",
        ),
        ("k8s/broken.yaml", "apiVersion: v1\nkind: Pod\nspec: [\n"),
        ("ignored/Dockerfile", "# hadolint ignore=DL3007\nFROM node:latest\nRUN sudo a\n"),
        ("clean/Dockerfile", "FROM scratch\n"),
    ]);
    let example = root().join("fixtures/techcommerce");
    let copied = Command::new("cp").arg("-R").arg(example.join(".")).arg(repo.path("")).status().unwrap();
    assert!(copied.success());
    std::os::unix::fs::symlink("nowhere", repo.path("unreadable.yaml")).unwrap();
    repo
}

/// Writes a report of each name in a format.
fn write(repo: &Repo, format: &str, ending: &str) -> [String; 2] {
    let files = NAMES.map(|name| format!("{name}.{ending}"));
    let run = repo.run(&format!("check --select * --quiet --output {format}={}", files[0]));
    assert_eq!(run.code, 3, "{run:?}");
    let run = repo.run(&format!("check clean --select image/* --quiet --output {format}={}", files[1]));
    assert_eq!(run.code, 0, "{run:?}");
    files
}

/// What a program says of files; nothing where it has no complaint.
fn complaint(program: &Path, arguments: &[&str], repo: &Repo, files: &[String]) -> String {
    let done = Command::new(program).args(arguments).args(files).current_dir(repo.path("")).output().unwrap();
    let said = String::from_utf8([done.stdout, done.stderr].concat()).unwrap();
    if done.status.success() { String::new() } else { format!("{}: {said}", done.status) }
}

/// Breaks a report, for the judge to show that it is awake.
fn broken(repo: &Repo, file: &str, from: &str, to: &str) -> Vec<String> {
    let text = repo.read(file);
    assert!(text.contains(from), "{file}: {text}");
    let name = format!("broken-{file}");
    repo.write(&name, text.replacen(from, to, 1));
    vec![name]
}

/// Rules of the Multitool that files break.
fn judged(modules: &Path, repo: &Repo, files: &[String]) -> Vec<String> {
    let setting = r#"<Property Key="RuleEnabled" Value="Error" Type="Driver.RuleEnabledState" />"#;
    let settings = STRICT.map(|rule| format!("<Properties Key=\"{rule}.Options\">{setting}</Properties>"));
    repo.write("strict.xml", format!("<Properties>{}</Properties>", settings.concat()));
    let done = Command::new(modules.join("@microsoft/sarif-multitool-linux/Sarif.Multitool"))
        .arg("validate")
        .args(files)
        .args(["--rule-kind", "Sarif;Ghas", "--config", "strict.xml"])
        .args(["--output", "judged.sarif", "--log", "ForceOverwrite"])
        .current_dir(repo.path(""))
        .env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1")
        // What cannot be reached need not be waited for.
        .env("HTTPS_PROXY", "http://127.0.0.1:9")
        .output()
        .unwrap();
    // It says 0 whatever it finds; the verdict is in the file.
    assert!(done.status.success(), "{done:?}");
    let judged: Value = serde_json::from_str(repo.read("judged.sarif").trim_start_matches('\u{feff}')).unwrap();
    let runs = judged["runs"].as_array().unwrap();
    let results = runs.iter().flat_map(|run| run["results"].as_array().into_iter().flatten());
    let ids = results.map(|result| result["ruleId"].as_str().unwrap().to_owned());
    ids.filter(|id| id != TOLERATED).collect()
}

#[test]
fn sarif_passes_the_judges_of_microsoft_and_of_githubs_upload() {
    let repo = repo();
    let mut files = write(&repo, "sarif", "sarif").to_vec();
    repo.run("check --sarif-include-suppressed --sarif-category nightly --output sarif=suppressed.sarif");
    for index in 1..=2 {
        repo.run(&format!("check --shard {index}/2 --output sarif={index}.sarif"));
    }
    repo.run("merge 1.sarif 2.sarif --output merged.sarif");
    files.extend(["suppressed.sarif", "merged.sarif"].map(str::to_owned));

    if let Some(modules) = tools::node("@microsoft/sarif-multitool-linux") {
        assert_eq!(judged(&modules, &repo, &files), [""; 0]);
        let broken = broken(&repo, "all.sarif", "\"uri\":\"k8s/a%20b", "\"uri\":\"file:///a");
        assert!(judged(&modules, &repo, &broken).contains(&"GH1006".to_owned()), "the strict rules are on");
    }
    if let (Some(modules), Some(schema)) = (tools::node("jsonschema"), tools::schema("sarif.json")) {
        let gate = |files: &[String]| {
            let mut command = Command::new("node");
            command.args(["-e", GATE]).arg(&schema).args(files).env("NODE_PATH", &modules).current_dir(repo.path(""));
            let done = command.output().unwrap();
            assert!(done.status.success(), "{done:?}");
            String::from_utf8(done.stdout).unwrap()
        };
        assert_eq!(gate(&files), "");
        let broken = broken(&repo, "all.sarif", "\"startLine\":", "\"startLine\":-");
        assert!(gate(&broken).contains("startLine"));
    }
}

#[test]
fn junit_is_what_jenkins_takes() {
    let (Some(program), Some(schema)) = (tools::python("xmlschema-validate"), tools::schema("junit.xsd")) else {
        return;
    };
    let repo = repo();
    let files = write(&repo, "junit", "junit.xml");
    let validate = |files: &[String]| complaint(&program, &["--schema", schema.to_str().unwrap()], &repo, files);
    assert_eq!(validate(&files), "");
    assert_ne!(validate(&broken(&repo, &files[0], " name=\"hullmark\"", " title=\"hullmark\"")), "");
}

#[test]
fn checkstyle_is_what_its_documentation_says() {
    let Some(program) = tools::python("xmlschema-validate") else { return };
    let schema = root().join("host/tests/schemas/checkstyle.xsd");
    let repo = repo();
    let files = write(&repo, "checkstyle", "checkstyle.xml");
    let validate = |files: &[String]| complaint(&program, &["--schema", schema.to_str().unwrap()], &repo, files);
    assert_eq!(validate(&files), "");
    assert_ne!(validate(&broken(&repo, &files[0], "severity=\"warning\"", "severity=\"major\"")), "");
}

#[test]
fn gitlabs_report_is_what_its_documentation_says() {
    let Some(program) = tools::python("check-jsonschema") else { return };
    let schema = root().join("host/tests/schemas/gitlab.json");
    let repo = repo();
    let files = write(&repo, "gitlab", "gitlab.json");
    let validate = |files: &[String]| complaint(&program, &["--schemafile", schema.to_str().unwrap()], &repo, files);
    assert_eq!(validate(&files), "");
    assert_ne!(validate(&broken(&repo, &files[0], "\"major\"", "\"warning\"")), "");
}

#[test]
fn rdjson_is_reviewdogs_format() {
    let Some(modules) = tools::node("@umbrelladocs/rdformat-validator") else { return };
    let program = modules.join("@umbrelladocs/rdformat-validator/bin/rdformat-validator.js");
    let repo = repo();
    let files = write(&repo, "rdjson", "rd.json");
    let arguments = [program.to_str().unwrap(), "--strict", "--no-extra-fields"];
    let validate = |files: &[String]| complaint(Path::new("node"), &arguments, &repo, files);
    assert_eq!(validate(&files), "");
    assert_ne!(validate(&broken(&repo, &files[0], "\"WARNING\"", "\"major\"")), "");
}
