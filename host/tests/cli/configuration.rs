//! `hullmark.yaml`: where it is found, what each of its keys changes, and how what is wrong with it is told.

use super::repo::{GOOD, Repo};
use super::support::{FindingSpec, Guest};

const LATEST: &str = "Dockerfile:1:11 image/latest-tag";

/// A repository with a Dockerfile that has one finding of `image`.
fn repo(configuration: &str) -> Repo {
    Repo::new(&[(".git/HEAD", ""), ("Dockerfile", GOOD), ("hullmark.yaml", configuration)])
}

fn pod(name: &str, metadata: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}{metadata}}}\nspec: {{containers: [{{name: a, image: a:latest}}]}}\n"
    )
}

/// Findings of `image/latest-tag`.
fn latest(repo: &Repo, arguments: &str) -> Vec<String> {
    let mut findings = repo.findings(arguments);
    findings.retain(|finding| finding.ends_with("image/latest-tag"));
    findings
}

#[test]
fn a_configuration_builds_on_the_recommended_policy_unless_it_says_otherwise() {
    let repo = repo("rules: {user/*: off}");
    assert_eq!(latest(&repo, ""), [LATEST]);
    repo.write("hullmark.yaml", "extends: []\nrules: {user/*: off}");
    assert_eq!(latest(&repo, ""), [""; 0]);
    repo.write("hullmark.yaml", "extends: [team.yaml]");
    repo.write("team.yaml", "rules: {DL3007: error}");
    assert_eq!(latest(&repo, ""), [LATEST]);
    assert_eq!(repo.run("check --fail-on error").code, 1);
}

#[test]
fn it_is_found_upwards_the_nearest_wins_and_the_search_ends_at_the_root() {
    let repo = repo("rules: {image/latest-tag: off}");
    repo.write("apps/web/Dockerfile", GOOD);
    repo.write("apps/hullmark.yaml", "rules: {image/latest-tag: on}");
    let nested = "apps/web/Dockerfile:1:11 image/latest-tag";
    for arguments in ["", ".", "apps", "apps/web/Dockerfile", "apps/web/Dockerfile Dockerfile"] {
        assert_eq!(latest(&repo, arguments), [nested], "{arguments}");
    }
    assert_eq!(repo.run_in("apps/web", "check --format json --select DL3007").findings(), [nested]);
    assert_eq!(latest(&repo, "--root apps apps"), ["web/Dockerfile:1:11 image/latest-tag"]);
    repo.write("apps/hullmark.yaml", "extends: ../hullmark.yaml");
    assert_eq!(latest(&repo, ""), [""; 0]);
    let stdin = repo.run_on(GOOD, "check - --stdin-filename apps/new/Dockerfile --format json --select DL3007");
    assert_eq!(stdin.findings(), ["apps/new/Dockerfile:1:11 image/latest-tag"], "selected rules are on");
    let stdin = repo.run_on(GOOD, "check - --stdin-filename apps/new/Dockerfile --format json");
    assert!(!stdin.out.contains("latest-tag"), "{}", stdin.out);
}

#[test]
fn one_can_be_named_or_none_be_read() {
    let repo = repo("rules: {image/latest-tag: off}");
    repo.write("ci/strict.yaml", "rules: {image/latest-tag: error}\nexclude: [/other]");
    repo.write("other/Dockerfile", GOOD);
    assert_eq!(latest(&repo, "Dockerfile"), [""; 0]);
    assert_eq!(latest(&repo, "Dockerfile --no-config"), [LATEST]);
    assert_eq!(latest(&repo, "Dockerfile --config ci/strict.yaml"), [LATEST]);
    assert_eq!(latest(&repo, "Dockerfile --policy recommended"), [LATEST], "a policy replaces its rules");
    let run = repo.run_with(&[("HULLMARK_CONFIG", "ci/strict.yaml")], "check Dockerfile --fail-on error");
    assert_eq!(run.code, 1);
    let missing = repo.run("check --config nowhere.yaml");
    assert_eq!(missing.code, 2);
    assert!(missing.words().contains("the configuration `nowhere.yaml` cannot be read"), "{}", missing.err);
}

#[test]
fn overrides_hold_for_paths() {
    let repo = repo(
        "overrides:\n- paths: [test/]\n  rules: {image/latest-tag: off}\n- paths: [/test/keep/*]\n  rules: {image/latest-tag: error}\n",
    );
    repo.write("test/Dockerfile", GOOD);
    repo.write("a/test/Dockerfile", GOOD);
    repo.write("test/keep/Dockerfile", GOOD);
    assert_eq!(latest(&repo, ""), [LATEST, "test/keep/Dockerfile:1:11 image/latest-tag"]);
    assert_eq!(repo.run("check test/keep --fail-on error").code, 1);
}

#[test]
fn overrides_hold_for_objects() {
    let repo = Repo::new(&[]);
    let stream = [pod("web", ", namespace: shop"), pod("db", ", labels: {tier: back}"), pod("job-1", "")].join("---\n");
    repo.write("a.yaml", stream);
    let lines = |overrides: &str| {
        repo.write("hullmark.yaml", format!("overrides: [{{{overrides}, rules: {{image/latest-tag: off}}}}]"));
        let findings = latest(&repo, "");
        findings.iter().map(|finding| finding.split(':').nth(1).unwrap().to_owned()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(lines("names: nothing"), "4 9 14");
    assert_eq!(lines("names: [web, job-*]"), "9");
    assert_eq!(lines("namespaces: shop"), "9 14");
    assert_eq!(lines("labels: {tier: b*}"), "4 14");
    assert_eq!(lines("kinds: Pod, names: db"), "4 14");
    assert_eq!(lines("kinds: Deployment"), "4 9 14");
    assert_eq!(lines("paths: b.yaml, kinds: Pod"), "4 9 14");
}

#[test]
fn objects_of_one_document_may_have_different_options() {
    let item = |name: &str| {
        format!(
            "- apiVersion: v1\n  kind: Pod\n  metadata: {{name: {name}}}\n  spec: {{containers: [{{name: a, image: 'a.example/a:1'}}]}}\n"
        )
    };
    let repo = Repo::new(&[("a.yaml", &format!("apiVersion: v1\nkind: List\nitems:\n{}{}", item("web"), item("db")))]);
    let rules =
        |registry: &str| format!("{{image/untrusted-registry: {{level: on, options: {{registries: [{registry}]}}}}}}");
    let (plain, other) = (rules("a.example"), rules("b.example"));
    repo.write("hullmark.yaml", format!("rules: {plain}\noverrides: [{{names: db, rules: {other}}}]"));
    assert_eq!(repo.findings("--select image/untrusted-registry"), ["a.yaml:11:41 image/untrusted-registry"]);
}

#[test]
fn excludes_prune_the_walk_and_named_files_only_by_force() {
    let repo = repo("exclude: [vendor/, '/sub/*.Dockerfile']");
    for path in ["vendor/Dockerfile", "a/vendor/Dockerfile", "sub/x.Dockerfile", "sub/a/x.Dockerfile"] {
        repo.write(path, GOOD);
    }
    repo.write("sub/hullmark.yaml", "exclude: [/a]");
    assert_eq!(latest(&repo, ""), [LATEST]);
    assert_eq!(latest(&repo, "vendor/Dockerfile"), ["vendor/Dockerfile:1:11 image/latest-tag"]);
    assert_eq!(latest(&repo, "vendor/Dockerfile sub/a/x.Dockerfile --force-exclude"), [""; 0]);
}

const MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\ndata: {a: b}\n";
const USES_MAP: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers: [{name: a, image: 'a:1', envFrom: [{configMapRef: {name: web}}]}]\n";

#[test]
fn declared_objects_exist() {
    let select = "--select workload/dangling-config-map";
    let repo = Repo::new(&[("map.yaml", MAP), ("web.yaml", USES_MAP)]);
    assert_eq!(repo.findings(select), ["web.yaml:5:72 workload/dangling-config-map"]);
    repo.write("hullmark.yaml", "cluster: [{kind: ConfigMap, name: web, namespace: shop}]");
    assert_eq!(repo.findings(select), [""; 0]);
    repo.write("hullmark.yaml", "cluster: [{kind: Secret, name: web}]");
    assert_eq!(repo.findings(select), ["web.yaml:5:72 workload/dangling-config-map"]);
}

#[test]
fn an_override_changes_the_level_of_a_rule_that_compares_files() {
    let repo = Repo::new(&[("map.yaml", MAP), ("web.yaml", USES_MAP)]);
    let dangling = || {
        let mut findings = repo.findings("");
        findings.retain(|finding| finding.ends_with("workload/dangling-config-map"));
        findings.len()
    };
    let rule = "workload/dangling-config-map";
    for (configuration, expected) in [
        (format!("overrides: [{{paths: web.yaml, rules: {{{rule}: off}}}}]"), 0),
        (format!("overrides: [{{paths: map.yaml, rules: {{{rule}: off}}}}]"), 1),
        (format!("rules: {{'*': off}}\noverrides: [{{names: web, rules: {{{rule}: error}}}}]"), 1),
        (format!("rules: {{'*': off}}\noverrides: [{{names: db, rules: {{{rule}: error}}}}]"), 0),
    ] {
        repo.write("hullmark.yaml", &configuration);
        assert_eq!(dangling(), expected, "{configuration}");
    }
}

#[test]
fn scopes_keep_files_apart() {
    let select = "--select workload/dangling-config-map";
    let repo = Repo::new(&[("apps/a/map.yaml", MAP), ("apps/b/web.yaml", USES_MAP)]);
    let used = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {a: b}\n";
    repo.write("apps/b/map.yaml", MAP);
    repo.write("apps/a/web.yaml", used);
    assert_eq!(repo.findings(select), [""; 0]);
    let missing = ["apps/b/web.yaml:5:72 workload/dangling-config-map"];
    for scopes in ["directory", "[apps/*]"] {
        repo.write("hullmark.yaml", format!("scopes: {scopes}"));
        assert_eq!(repo.findings(select), missing, "{scopes}");
        assert_eq!(repo.findings(&format!("{select} apps/b/web.yaml")), missing, "{scopes}");
        assert_eq!(repo.findings(&format!("{select} --scope root")), [""; 0], "{scopes}");
    }
    repo.write("hullmark.yaml", "scopes: run");
    assert_eq!(repo.findings(&format!("{select} apps/b")), missing);
}

#[test]
fn the_version_of_kubernetes_and_the_level_that_fails_are_configured() {
    let repo = Repo::new(&[("a.yaml", "apiVersion: batch/v1beta1\nkind: CronJob\nmetadata: {name: a}\n")]);
    let select = "--select api/removed-version";
    assert_eq!(repo.findings(select), ["a.yaml:1:13 api/removed-version"]);
    repo.write("hullmark.yaml", "kubernetes-version: 1.20");
    assert_eq!(repo.findings(select), [""; 0]);
    assert_eq!(repo.findings(&format!("{select} --kubernetes-version 1.34")).len(), 1);
    repo.write("Dockerfile", GOOD);
    repo.write("hullmark.yaml", "fail-on: error");
    assert_eq!(repo.run("check --select DL3007").code, 0);
    assert_eq!(repo.run("check --select DL3007 --fail-on warning").code, 1);
}

#[test]
fn exceptions_are_held_to_what_the_configuration_demands() {
    let repo = repo("");
    let ignored = |reason: &str| format!("# hullmark: ignore[image/latest-tag]{reason}\n{GOOD}");
    let found = |configuration: &str, reason: &str| {
        repo.write("hullmark.yaml", configuration);
        repo.write("Dockerfile", ignored(reason));
        latest(&repo, "").len()
    };
    assert_eq!(found("rules: {}", ""), 0);
    assert_eq!(found("suppressions: {require-reason: true}", ""), 1);
    assert_eq!(found("suppressions: {require-reason: true}", " it is a toy"), 0);
    assert_eq!(found("suppressions: {unsuppressible: image/*}", " it is a toy"), 1);
    assert_eq!(found("suppressions: {unsuppressible: user/*}", " it is a toy"), 0);
}

#[test]
fn a_plugin_is_loaded_and_must_have_its_name() {
    let repo = repo("plugins: {own: tools/own.wasm}\nrules: {own/some-rule: error}");
    let guest = Guest::new("own").finding(FindingSpec::new("some-rule", "a message", 5, 9));
    repo.write("tools/own.wasm", guest.component());
    assert_eq!(repo.run("plugin add tools/own.wasm").code, 0);
    assert_eq!(repo.findings("--select own/*,DL3007"), ["Dockerfile:1:6 own/some-rule", LATEST]);
    repo.write("hullmark.yaml", "plugins: {mine: tools/own.wasm}");
    repo.write("hullmark.lock", repo.read("hullmark.lock").replace("own:", "mine:"));
    let run = repo.run("check");
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert!(run.words().contains("the plugin in `tools/own.wasm` calls itself `own`"), "{}", run.err);
}

#[test]
fn a_known_plugin_that_does_not_load_is_told_on_the_report() {
    let repo = repo("plugins: {own: {path: own.wasm}}\nrules: {own/some-rule: error}");
    repo.write("own.wasm", "garbage");
    let hash = "795b6904e54f82411df4b0e27a373a55eea3f9d66dac5a9bce1dd92f7b401da5";
    repo.write("hullmark.lock", format!("version: 1\nplugins:\n  own: sha256:{hash}\n"));
    let run = repo.run("check --format json --select DL3007");
    assert_eq!((run.code, run.findings()), (3, vec![LATEST.to_owned()]));
    let told = &run.json()["notifications"][0];
    assert_eq!(told["path"], "own.wasm");
    assert!(told["message"].as_str().unwrap().contains("it is no WebAssembly"), "{told}");
}

#[test]
fn what_is_wrong_is_told_at_its_place_and_nothing_is_checked() {
    let repo = repo("");
    repo.write("b.yaml", "extends: hullmark.yaml");
    repo.write("bad.wasm", "garbage");
    let large = format!("#{}", " ".repeat(1 << 20));
    for (configuration, words) in [
        ("", "the configuration is empty"),
        ("# nothing\n", "the configuration is empty"),
        ("- a", "the configuration is no mapping"),
        (&large, "the configuration `hullmark.yaml` is larger than 1 MiB"),
        ("extends: b.yaml", "`hullmark.yaml` extends `b.yaml` extends `hullmark.yaml`"),
        ("requires: 99\nnew: 1", "the configuration is written for hullmark 99"),
        ("rulez: {}", "did you mean `rules`?"),
        ("rules: {image/latest-tags: on}", "did you mean `image/latest-tag`?"),
        ("rules: {imagge/*: on}", "did you mean `image/*`?"),
        ("overrides: [{paths: a, rules: {image/latest-tags: on}}]", "did you mean `image/latest-tag`?"),
        ("rules: {DL3026: {options: {registrys: []}}}", "did you mean `registries`?"),
        ("rules: {DL3026: {options: {registries: ghcr.io}}}", "`registries` takes a list of texts"),
        (
            "overrides: [{kinds: Pod, rules: {DL3026: {options: {registries: 1}}}}]",
            "`registries` takes a list of texts",
        ),
        ("plugins: {imge: {options: {a: 1}}}", "did you mean `image`?"),
        ("plugins: {image: {options: {a: 1}}}", "the plugin `image` has no option `a`"),
        ("plugins: {own: {reference: ghcr.io/a/b}}", "plugins cannot be fetched from a registry yet"),
        ("kubernetes-version: '1.99'", "Kubernetes 1.99 is not known to `api/"),
        ("suppressions: {unsuppressible: imagge/*}", "did you mean `image/*`?"),
        ("exclude: ['a{b']", "this is no pattern: unclosed alternate group"),
        ("a: &a [*a]", "hullmark.yaml:1:"),
        ("rules: {image/latest-tag: off, image/latest-tag: on}", "stands here twice"),
    ] {
        repo.write("hullmark.yaml", configuration);
        let run = repo.run("check");
        let shown = &configuration[..configuration.len().min(80)];
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{shown}");
        assert!(run.words().contains(words), "{shown}: {}", run.err);
        assert_eq!(run.err.matches('×').count(), 1, "{shown}: {}", run.err);
    }
    repo.write("hullmark.yaml", b"rules: {a\xff: on}");
    assert_eq!(repo.run("check").code, 2);
}

#[test]
fn show_says_what_holds_and_where_it_comes_from() {
    let repo = repo(
        "fail-on: error\nkubernetes-version: 1.34\nrules:\n  DL3007: note\n  DL3026: {options: {registries: [ghcr.io]}}\noverrides:\n- paths: test/\n  rules: {image/untagged: off}\n- kinds: Pod\n  rules: {image/latest-tag: error}\n",
    );
    let run = repo.run("config show test/web.yaml");
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    for line in [
        "# What holds for test/web.yaml, by hullmark.yaml.",
        "fail-on: error  # hullmark.yaml:1:10",
        "kubernetes-version: \"1.34\"  # hullmark.yaml:2:21",
        "  image/latest-tag: note  # hullmark.yaml:4:3",
        "      registries: [\"ghcr.io\"]  # hullmark.yaml:5:34",
        "  image/untagged: off  # hullmark.yaml:8:11",
        "  - kinds: [\"Pod\"]  # hullmark.yaml:9:3",
        "      image/latest-tag: error  # hullmark.yaml:10:11",
    ] {
        assert!(run.out.lines().any(|it| it == line), "{line}: {}", run.out);
    }
    assert!(run.out.contains("user/root-user: warning  # policies/recommended.yaml:3:3\n"), "{}", run.out);
    let other = repo.run("config show Dockerfile").out;
    assert!(other.contains("  image/untagged: warning  # policies/recommended.yaml:3:3\n"), "{other}");
    assert!(repo.run("config show Dockerfile --no-config").out.contains(", by no configuration."));
    // What is shown is a configuration itself, which says the same.
    repo.write("other/hullmark.yaml", other.replace("extends", ""));
    repo.write("other/Dockerfile", GOOD);
    assert_eq!(repo.run("check other --fail-on note").code, 1);
    assert_eq!(repo.run("config show").code, 2);
}

#[test]
fn the_schema_of_editors_knows_rules_and_plugins() {
    let repo = repo("rules: {}");
    let guest = Guest::new("own").finding(FindingSpec::new("some-rule", "a message", 5, 9));
    repo.write("own.wasm", guest.component());
    let schema = repo.run("config schema").json();
    let rules = &schema["definitions"]["rules"]["properties"];
    let registries = "/image~1untrusted-registry/anyOf/1/properties/options/properties/registries/type";
    assert_eq!(rules.pointer(registries).and_then(|it| it.as_str()), Some("array"), "{rules}");
    assert!(
        rules.get("DL3007").is_some() && rules.get("tag:security").is_some() && rules.get("own/some-rule").is_none()
    );
    let with = repo.run("config schema --plugin own.wasm").json();
    assert!(with["definitions"]["rules"]["properties"].get("own/some-rule").is_some());
}

#[test]
fn init_writes_a_first_configuration_that_changes_nothing_and_overwrites_none() {
    let repo = Repo::new(&[("Dockerfile", GOOD)]);
    let before = repo.run("check");
    let run = repo.run("init");
    assert_eq!((run.code, run.out.as_str()), (0, "wrote hullmark.yaml\n"));
    assert_eq!(repo.run("check").out, before.out);
    let commented = repo.read("hullmark.yaml");
    let uncommented: String = commented
        .lines()
        .map(|line| {
            let key = line.strip_prefix("# ").filter(|rest| {
                rest.starts_with("  ")
                    || rest.split([' ', ':']).next().is_some_and(|key| rest.starts_with(&format!("{key}:")))
            });
            format!("{}\n", key.unwrap_or(line))
        })
        .collect();
    repo.write("hullmark.yaml", uncommented.replace("yaml-language-server:", "# "));
    assert_ne!(repo.run("check").code, 2, "{}{}", uncommented, repo.run("check").err);
    assert_eq!(repo.run("init").code, 2);
}

#[test]
fn init_carries_over_what_other_tools_were_told() {
    let repo = Repo::new(&[
        ("Dockerfile", "FROM node:latest\nRUN sudo true\nUSER 10001\n"),
        (".hadolint.yaml", "ignored: [DL3004, DL9999]\nfailure-threshold: error\noverride: {error: [DL3007]}\n"),
        (".trivyignore", "# why\nAVD-DS-0001\nCVE-2024-1234\nKSV-0014 exp:2027-01-31\n"),
    ]);
    let run = repo.run("init --from .hadolint.yaml");
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.out.contains(".hadolint.yaml:1: no rule stands for `DL9999`"), "{}", run.out);
    assert_eq!(repo.findings(""), [LATEST]);
    assert_eq!(repo.run("check").code, 1);
    std::fs::remove_file(repo.path("hullmark.yaml")).unwrap();
    let run = repo.run("init --from .trivyignore");
    assert!(run.out.contains("`CVE-2024-1234`") && run.out.contains("until 2027-01-31 only"), "{}", run.out);
    assert!(!repo.findings("").contains(&LATEST.to_owned()));
    assert_eq!(repo.run("init --from Dockerfile").code, 2);
}

#[test]
fn completions_and_manuals_come_from_the_same_definitions() {
    let repo = Repo::new(&[]);
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let run = repo.run(&format!("completions {shell}"));
        assert!(run.code == 0 && run.out.contains("fail-on"), "{shell}");
    }
    assert!(repo.run("man").out.contains("hullmark"));
    assert_eq!(repo.run("man --output-dir man").code, 0);
    assert!(repo.read("man/hullmark-check.1").contains("fail"));
}
