//! Plugins of configurations: `hullmark plugin add` writes and pins them, and what is not what was pinned does not run.

use std::fs;

use super::repo::{GOOD, Repo, Run};
use super::support::{FindingSpec, Guest};

const OWN: &str = "Dockerfile:1:6 own/some-rule";
const LATEST: &str = "Dockerfile:1:11 image/latest-tag";
const ONLY: &str = "--select own/*,DL3007";
/// A hash that no file has.
const NONE: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

/// A plugin with a finding in each Dockerfile.
fn own(message: &str) -> Vec<u8> {
    Guest::new("own").finding(FindingSpec::new("some-rule", message, 5, 9)).component()
}

/// A repository with that plugin in a folder for tools.
fn repo(files: &[(&str, &str)]) -> Repo {
    let repo = Repo::new(&[(".git/HEAD", ""), ("Dockerfile", GOOD)]);
    repo.write("tools/own.wasm", own("a message"));
    for (path, text) in files {
        repo.write(path, text);
    }
    repo
}

/// What a run says of its plugins, which keeps nothing else from being checked.
fn refused(run: &Run) -> String {
    assert_eq!((run.code, run.findings()), (3, vec![LATEST.to_owned()]), "{run:?}");
    let notifications = run.json()["notifications"].as_array().unwrap().clone();
    assert_eq!(notifications.len(), 1, "{notifications:?}");
    assert_eq!(notifications[0]["level"], "error");
    notifications[0]["message"].as_str().unwrap().to_owned()
}

fn check(repo: &Repo, arguments: &str) -> Run {
    repo.run(&format!("check --format json {ONLY} {arguments}"))
}

/// The command that a message tells.
fn command(message: &str) -> String {
    let (_, command) = message.split_once("`hullmark ").unwrap_or_else(|| panic!("{message}"));
    command.split('`').next().unwrap().to_owned()
}

#[test]
fn a_plugin_of_a_configuration_runs_only_as_it_was_pinned() {
    let repo = repo(&[("hullmark.yaml", "plugins: {own: tools/own.wasm}\n")]);
    let told = refused(&check(&repo, ""));
    let add = "`hullmark plugin add tools/own.wasm`";
    assert_eq!(told, format!("the plugin does not load: there is no `hullmark.lock` to pin it; {add} makes one"));

    repo.write("hullmark.lock", format!("version: 1\nplugins:\n  other: {NONE}\n"));
    let run = check(&repo, "");
    let notifications = run.json()["notifications"].clone();
    let told = format!("the plugin does not load: `hullmark.lock` has no pin for `own`; {add} adds it");
    assert_eq!((run.code, notifications[0]["message"].as_str()), (3, Some(told.as_str())));
    let told = notifications[1]["message"].as_str().unwrap();
    assert!(told.starts_with("`hullmark.lock` pins `other`, which `hullmark.yaml` does not load"), "{told}");
    assert_eq!(notifications[1]["level"], "note");

    repo.write("hullmark.lock", format!("version: 1\nplugins:\n  own: {NONE}\n"));
    let told = refused(&check(&repo, ""));
    assert!(told.contains("`hullmark.lock` pins 000000000000 for `own`, and the file is "), "{told}");
    assert!(told.ends_with(&format!("if that is meant, {add} pins what it is")), "{told}");

    let added = repo.run(&command(&told));
    assert_eq!((added.code, added.err.as_str()), (0, ""));
    assert_eq!(repo.read("hullmark.yaml"), "plugins: {own: tools/own.wasm}\n");
    assert_eq!(repo.findings(ONLY), [OWN, LATEST]);

    // It is held before anything is made of it: this is no plugin at all.
    repo.write("tools/own.wasm", "garbage");
    assert!(refused(&check(&repo, "")).contains("`hullmark.lock` pins "));
}

#[test]
fn a_plugin_of_the_command_line_is_the_users_own_word() {
    let repo = repo(&[]);
    assert_eq!(repo.findings(&format!("{ONLY} --plugin tools/own.wasm")), [OWN, LATEST]);
    repo.write("hullmark.yaml", "plugins: {own: tools/own.wasm}\n");
    assert_eq!(repo.findings(&format!("{ONLY} --plugin tools/own.wasm")), [OWN, LATEST]);
}

#[test]
fn add_makes_a_configuration_at_the_root_and_shows_what_it_adds() {
    let repo = repo(&[("sub/x", "")]);
    let run = repo.run_in("sub", "plugin add ../tools/own.wasm --name own");
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    let pin = repo.read("hullmark.lock");
    let hash = pin.trim_end().rsplit("sha256:").next().unwrap();
    assert_eq!(
        run.out,
        format!(
            "own 1.2.3: A plugin for tests.\n  path       tools/own.wasm\n  imports    hullmark:policy/types@0.1.0, hullmark:policy/host@0.1.0\n  sha256     \
             {hash}\n\nown/some-rule  warning  A rule for tests.\n\nwrote hullmark.lock and hullmark.yaml: commit them\n"
        )
    );
    assert_eq!(
        repo.read("hullmark.yaml"),
        "# yaml-language-server: $schema=https://hullmark.dev/hullmark.schema.json\nplugins:\n  own:\n    path: tools/own.wasm\n"
    );
    assert_eq!(
        pin,
        format!(
            "# The plugins of hullmark.yaml, as somebody looked at them. `hullmark plugin add` writes this: commit it.\n\
             version: 1\nplugins:\n  own: sha256:{hash}\n"
        )
    );
    assert_eq!(repo.findings(ONLY), [OWN, LATEST]);
    assert!(!repo.path("sub/hullmark.yaml").exists());
}

#[test]
fn adding_again_pins_what_the_file_is_now() {
    let repo = repo(&[]);
    repo.run("plugin add tools/own.wasm");
    let (configuration, old) = (repo.read("hullmark.yaml"), repo.read("hullmark.lock"));
    let again = repo.run("plugin add tools/own.wasm");
    assert!(again.out.ends_with("hullmark.lock pins it already: nothing is written\n"), "{}", again.out);
    assert!(!again.out.contains("before"), "{}", again.out);

    repo.write("tools/own.wasm", own("another message"));
    let run = repo.run("plugin add ./tools/own.wasm");
    let hash = |lock: &str| lock.trim_end().rsplit("sha256:").next().unwrap().to_owned();
    let new = repo.read("hullmark.lock");
    let told = format!("  sha256     {}\n  before     {}\n", hash(&new), hash(&old));
    assert!(run.out.contains(&told) && run.out.ends_with("wrote hullmark.lock: commit it\n"), "{}", run.out);
    assert_eq!((repo.read("hullmark.yaml"), repo.findings(ONLY)), (configuration, vec![OWN.into(), LATEST.into()]));

    // A file that moves keeps its pin.
    repo.write("own.wasm", own("another message"));
    let run = repo.run("plugin add own.wasm");
    assert!(run.out.ends_with("wrote hullmark.yaml: commit it\n"), "{}", run.out);
    assert!(repo.read("hullmark.yaml").ends_with("    path: own.wasm\n"));
    assert_eq!(repo.read("hullmark.lock"), new);
}

#[test]
fn add_keeps_all_that_somebody_wrote() {
    let before = "# Ours.\r\nfail-on: error # not yet\r\nplugins:\r\n    # The first.\r\n    a: {path: a.wasm}\r\n\r\nrules:\r\n  image/*: on\r\n";
    let repo = repo(&[("hullmark.yaml", before), ("hullmark.lock", "version: 1\r\nplugins: {}\r\n")]);
    let run = repo.run("plugin add tools/own.wasm");
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    let added = "    own:\r\n      path: tools/own.wasm\r\n";
    assert_eq!(repo.read("hullmark.yaml"), before.replace("\r\n\r\nrules", &format!("\r\n{added}\r\nrules")));
    let lock = repo.read("hullmark.lock");
    assert!(lock.contains("own: sha256:") && lock.matches("\r\n").count() == lock.lines().count(), "{lock}");
}

#[test]
fn each_configuration_of_a_repository_has_a_lock_of_its_own() {
    let repo = repo(&[("a/Dockerfile", GOOD), ("b/Dockerfile", GOOD), ("b/hullmark.yaml", "rules: {}\n")]);
    repo.write("a/own.wasm", Guest::new("own").finding(FindingSpec::new("some-rule", "of a", 5, 9)).component());
    repo.write("b/other.wasm", Guest::new("other").finding(FindingSpec::new("some-rule", "of b", 5, 9)).component());
    repo.write("a/hullmark.yaml", "plugins: {own: own.wasm}\n");
    assert_eq!(repo.run_in("b", "plugin add other.wasm").code, 0);
    assert!(repo.path("b/hullmark.lock").exists() && !repo.path("hullmark.lock").exists());

    // The command is told as it is run from here.
    let told = |run: &Run| run.json()["notifications"][0]["message"].as_str().unwrap().to_owned();
    let found = |run: &Run| -> Vec<String> {
        run.findings().into_iter().filter(|finding| finding.ends_with("/some-rule")).collect()
    };
    let run = repo.run("check --format json");
    assert_eq!((run.code, found(&run)), (3, vec!["b/Dockerfile:1:6 other/some-rule".to_owned()]));
    let message = told(&run);
    assert!(message.contains("there is no `a/hullmark.lock` to pin it"), "{message}");
    assert_eq!(command(&message), "plugin add a/own.wasm --config a/hullmark.yaml");
    let added = repo.run(&command(&message));
    assert!(added.out.ends_with("wrote a/hullmark.lock: commit it\n"), "{added:?}");
    let both = ["a/Dockerfile:1:6 own/some-rule", "b/Dockerfile:1:6 other/some-rule"];
    assert_eq!(found(&repo.run("check --format json")), both);

    // Where both name one file, each pins it.
    repo.write("b/hullmark.yaml", "plugins: {other: other.wasm, own: ../a/own.wasm}\n");
    let run = repo.run("check --format json");
    assert_eq!(run.code, 3);
    assert!(told(&run).contains("`b/hullmark.lock` has no pin for `own`"), "{run:?}");
    assert_eq!(repo.run_in("b", "plugin add ../a/own.wasm").code, 0);
    let all = [both[0], both[1], "b/Dockerfile:1:6 own/some-rule"];
    assert_eq!(found(&repo.run("check --format json")), all);
}

#[test]
fn a_policy_has_its_pins_beside_it() {
    let repo = repo(&[("policies/team.yaml", "extends: recommended\nplugins: {own: ../tools/own.wasm}\n")]);
    let policy = "--policy policies/team.yaml";
    let told = refused(&check(&repo, policy));
    assert!(told.contains("there is no `policies/team.lock` to pin it"), "{told}");
    assert!(command(&told).ends_with("--config policies/team.yaml"), "{told}");
    assert_eq!(repo.run(&command(&told)).code, 0);
    assert_eq!(repo.findings(&format!("{ONLY} {policy}")), [OWN, LATEST]);
    // The same where a configuration builds on it.
    repo.write("hullmark.yaml", "extends: policies/team.yaml\n");
    assert_eq!(repo.findings(ONLY), [OWN, LATEST]);
    assert!(!repo.path("hullmark.lock").exists());
    // A lock of somebody else is none of ours.
    repo.write("poetry.lock", "[[package]]\n");
    repo.write("poetry.yaml", "extends: recommended\n");
    assert_eq!(repo.findings("--no-config --policy poetry.yaml --select DL3007"), [LATEST]);
}

#[test]
fn a_plugin_may_lie_outside_of_the_repository() {
    let outer = Repo::new(&[("shop/.git/HEAD", ""), ("shop/Dockerfile", GOOD)]);
    outer.write("own.wasm", own("a message"));
    let run = outer.run_in("shop", "plugin add ../own.wasm");
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.out.contains("../own.wasm lies outside of the repository"), "{}", run.out);
    assert!(outer.read("shop/hullmark.yaml").ends_with("    path: ../own.wasm\n"));
    assert_eq!(outer.run_in("shop", &format!("check --format json {ONLY}")).findings(), [OWN, LATEST]);
}

#[cfg(unix)]
#[test]
fn a_linked_plugin_is_pinned_as_what_it_leads_to() {
    use std::os::unix::fs::symlink;

    let repo = repo(&[]);
    symlink("tools/own.wasm", repo.path("link.wasm")).unwrap();
    symlink("tools", repo.path("folder")).unwrap();
    assert_eq!(repo.run("plugin add link.wasm").code, 0);
    assert!(repo.read("hullmark.yaml").ends_with("    path: link.wasm\n"));
    assert_eq!(repo.findings(ONLY), [OWN, LATEST]);
    // It is the file that is named already.
    let run = repo.run("plugin add folder/own.wasm");
    assert!(run.out.ends_with("nothing is written\n"), "{}", run.out);
    repo.write("tools/own.wasm", own("another message"));
    assert!(refused(&check(&repo, "")).contains("pins "));
}

#[test]
fn nothing_is_written_where_anything_fails() {
    let before = "fail-on: error # ours\n";
    let repo = repo(&[("hullmark.yaml", before), ("garbage.wasm", "garbage"), ("rules.yaml", "rulez: {}\n")]);
    repo.write("image.wasm", Guest::new("image").component());
    for (arguments, words) in [
        ("garbage.wasm", "`garbage.wasm` is no plugin that loads: it is no WebAssembly"),
        ("nowhere.wasm", "`nowhere.wasm` is no plugin that loads: it cannot be read"),
        ("image.wasm", "has the name `image` of a plugin of hullmark's own"),
        ("tools/own.wasm --name team", "the plugin in `tools/own.wasm` calls itself `own`"),
        ("tools/own.wasm --option a", "`a` is no option"),
        ("tools/own.wasm --option a=[b", "the value of `a` is not understood"),
        ("tools/own.wasm --option a=1", "the plugin `own` has no option `a`"),
        ("tools/own.wasm --config rules.yaml", "did you mean `rules`?"),
        ("tools/own.wasm --config no/such.yaml", "the folder `no` cannot be found"),
    ] {
        let run = repo.run(&format!("plugin add {arguments}"));
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{arguments}");
        assert!(run.words().contains(words), "{arguments}: {}", run.err);
        assert_eq!(repo.read("hullmark.yaml"), before);
        assert!(!repo.path("hullmark.lock").exists(), "{arguments}");
    }

    let path = repo.path("hullmark.yaml");
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).unwrap();
    let run = repo.run("plugin add tools/own.wasm");
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert!(run.words().contains("hullmark.yaml` cannot be written: it is read-only"), "{}", run.err);
    assert!(!repo.path("hullmark.lock").exists());
}

#[test]
fn options_are_judged_before_they_are_written() {
    let repo = repo(&[]);
    let schema = r#"{"type": "object", "additionalProperties": false, "properties": {"words": {"type": "array", "items": {"type": "string"}}, "most": {"type": "integer"}}}"#;
    repo.write("own.wasm", Guest { options: schema.to_owned(), ..Guest::new("own") }.component());
    for (option, words) in [
        ("wordz=[a]", "did you mean `words`?"),
        ("words=a", "`words` takes a list of texts"),
        ("most=many", "`most` takes a whole number"),
    ] {
        let run = repo.run(&format!("plugin add own.wasm --option {option}"));
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{option}");
        assert!(run.words().contains(words), "{option}: {}", run.err);
        assert!(!repo.path("hullmark.yaml").exists() && !repo.path("hullmark.lock").exists(), "{option}");
    }
    assert_eq!(repo.run("plugin add own.wasm --option words=[a,b] --option most=3").code, 0);
    assert!(
        repo.read("hullmark.yaml").ends_with("    path: own.wasm\n    options:\n      most: 3\n      words: [a, b]\n")
    );
    assert_eq!(repo.run("plugin add own.wasm --option most=4").code, 0);
    assert!(repo.read("hullmark.yaml").ends_with("    options:\n      most: 4\n      words: [a, b]\n"));
    assert_eq!(check(&repo, "").code, 1);
}

#[test]
fn what_is_wrong_with_a_lock_is_told_at_its_place_and_nothing_is_checked() {
    let repo = repo(&[("hullmark.yaml", "plugins: {own: tools/own.wasm}\n")]);
    for (lock, words) in [
        ("version: 2\n", "the lock has version 2, and hullmark"),
        ("version: 1\nplugins: {own: [}\n", "hullmark.lock:2:"),
        ("version: 1\nplugins:\n  own: latest\n", "`own` takes `sha256:` and 64 hexadecimal digits"),
        (
            "version: 1\nplugins:\n<<<<<<< ours\n  own: a\n=======\n  own: b\n>>>>>>> theirs\n",
            "a merge is not decided here",
        ),
        ("", "this is no lock of plugins"),
    ] {
        repo.write("hullmark.lock", lock);
        for arguments in ["check", "plugin add tools/own.wasm", "rules", "config show Dockerfile"] {
            let run = repo.run(arguments);
            assert_eq!((run.code, run.out.as_str()), (2, ""), "{arguments}: {lock}");
            assert!(run.words().contains(words) && run.err.contains("hullmark.lock:"), "{arguments}: {}", run.err);
        }
        assert_eq!(repo.read("hullmark.lock"), lock);
    }
}

#[test]
fn rules_and_explain_know_the_plugins_of_the_configuration() {
    let repo = repo(&[("hullmark.yaml", "plugins: {own: tools/own.wasm}\n"), ("sub/x", "")]);
    let refused = repo.run("rules");
    assert_eq!(refused.code, 3);
    assert!(refused.err.contains("there is no `hullmark.lock` to pin it"), "{}", refused.err);
    assert!(!refused.out.contains("own/some-rule") && refused.out.contains("image/latest-tag"));

    repo.run("plugin add tools/own.wasm");
    for folder in ["", "sub"] {
        assert!(repo.run_in(folder, "rules").out.contains("own/some-rule"), "{folder}");
        assert!(repo.run_in(folder, "explain own/some-rule").out.starts_with("# own/some-rule\n"), "{folder}");
        assert!(repo.run_in(folder, "config schema").out.contains("own/some-rule"), "{folder}");
    }
    assert!(!repo.run("rules --no-config").out.contains("own/some-rule"));
    assert!(repo.run_in("tools", "rules --config ../hullmark.yaml").out.contains("own/some-rule"));
    let hash = repo.read("hullmark.lock").trim_end().rsplit("sha256:").next().unwrap()[..12].to_owned();
    let shown = repo.run("config show Dockerfile").out;
    assert!(shown.contains(&format!("own.wasm  # {hash} by hullmark.lock\n")), "{shown}");
}
