//! What configurations of other tools become.

use super::*;
use crate::policy::Policies;

fn plugins() -> Vec<Plugin> {
    let rule = |id: &str, aliases: &[&str]| Rule {
        id: id.into(),
        aliases: aliases.iter().map(|&alias| alias.into()).collect(),
        ..Rule::default()
    };
    let rules = vec![
        rule("image/latest-tag", &["DL3007", "DS-0001", "latest-tag", "CKV_K8S_14", "CKV_DOCKER_7"]),
        rule("image/untrusted-registry", &["DL3026"]),
        rule("dockerfile/sudo", &["DL3004", "CKV2_DOCKER_1"]),
        rule("dockerfile/missing-label", &["DL3049"]),
        rule("probes/missing-liveness", &["no-liveness-probe", "CKV_K8S_8"]),
        rule("user/privileged-container", &["privileged-container", "CKV_K8S_16"]),
    ];
    vec![Plugin { name: "all".into(), rules, ..Plugin::default() }]
}

/// The configuration that a file becomes, without its comments, and what is left.
fn migrated(files: &[(&str, &str)]) -> (String, Vec<String>) {
    let sources: Vec<_> =
        files.iter().map(|(name, text)| Arc::new(Source::new(*name, text.as_bytes().to_vec()))).collect();
    let Migration { text, left } = migrate(&sources, &plugins()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.yaml");
    std::fs::write(&path, &text).unwrap();
    assert!(Policies::read(&[path.display().to_string()]).is_ok(), "{text}");
    (text.lines().filter(|line| !line.starts_with('#')).map(|line| format!("{line}\n")).collect(), left)
}

#[test]
fn hadolint() {
    let (text, left) = migrated(&[(
        ".hadolint.yaml",
        "ignored: [DL3004, SC9999, DL9999]\noverride:\n  warning: [DL3007]\n  style: DL3026\ntrustedRegistries: [ghcr.io]\n\
         failure-threshold: warning\nlabel-schema: {author: text, url: uri}\nno-fail: true\nformat: json\nnew: 1\n",
    )]);
    assert_eq!(
        text,
        "extends:\n  - hadolint-default\nfail-on: warning\nrules:\n  DL3004: off\n  DL3007: warning\n  \
         DL3026: {options: {\"registries\":[\"ghcr.io\"]}}\n  \
         dockerfile/invalid-label-value: {options: {\"labels\":{\"author\":\"text\"}}}\n  \
         dockerfile/missing-label: {options: {\"required\":[\"author\"]}}\n"
    );
    assert_eq!(
        left,
        [
            ".hadolint.yaml:1: no rule stands for `DL9999`",
            ".hadolint.yaml:7: there is no type `uri` of labels",
            ".hadolint.yaml:8: to never fail, run with `--exit-zero`",
            ".hadolint.yaml:10: `new` is not known",
        ]
    );
    assert_eq!(migrated(&[(".hadolint.yml", "")]).0, "extends:\n  - hadolint-default\nfail-on: note\n");
}

#[test]
fn kube_linter() {
    let (text, left) = migrated(&[(
        ".kube-linter.yaml",
        "checks:\n  doNotAutoAddDefaults: true\n  include: [no-liveness-probe, latest-tag, mine]\n  exclude: [latest-tag]\n  \
         ignorePaths: ['/**/test/**', '~/x']\ncustomChecks: [{name: mine, template: x}]\n",
    )]);
    assert_eq!(
        text,
        "extends:\n  - kube-linter\nexclude:\n  - \"**/test/**\"\nonly:\n  - no-liveness-probe\nfail-on: note\n"
    );
    assert_eq!(left.len(), 3, "{left:?}");
    let (text, _) = migrated(&[(".kube-linter.yaml", "checks: {exclude: [latest-tag]}")]);
    assert_eq!(text, "extends:\n  - kube-linter-default\nfail-on: note\nrules:\n  latest-tag: off\n");
}

#[test]
fn checkov() {
    let (text, left) = migrated(&[(
        ".checkov.yaml",
        "skip-check:\n- CKV_K8S_14\n- CKV2_DOCKER_1,CKV_AWS_1\nskip-path: [vendor/, 'a|b', ^test/.*]\nframework: [kubernetes, helm]\n\
         soft-fail-on: CKV_K8S_16\nquiet: true\n",
    )]);
    assert_eq!(
        text,
        "extends:\n  - checkov-default\nexclude:\n  - vendor/\n  - /test/\nonly:\n  - \"CKV_*\"\n  - \"CKV2_*\"\n  \
         - \"!CKV_K8S_14\"\n  - \"!CKV_DOCKER_*\"\n  - \"!CKV2_DOCKER_*\"\nfail-on: warning\nrules:\n  CKV2_DOCKER_1: off\n  \
         CKV_K8S_16: note\n"
    );
    assert_eq!(left.len(), 4, "{left:?}");
    let (text, _) = migrated(&[(".checkov.yml", "check: [CKV_K8S_8]")]);
    assert_eq!(text, "extends:\n  - checkov-default\nonly:\n  - CKV_K8S_8\nfail-on: note\n");
}

#[test]
fn trivy() {
    let (text, left) = migrated(&[(".trivyignore", "# all\nAVD-DS-0001\nCVE-1\nds001 exp:2030-01-01 # why\n")]);
    assert_eq!(text, "extends:\n  - trivy-default\nrules:\n  AVD-DS-0001: off\n  ds001: off\n");
    assert_eq!(
        left,
        [".trivyignore:3: no rule stands for `CVE-1`", ".trivyignore:4: that `ds001` is ignored until 2030-01-01 only"]
    );
}

#[test]
fn an_id_of_one_tool_does_not_turn_off_the_check_of_another() {
    let (text, _) = migrated(&[(".hadolint.yaml", "ignored: DL3007"), (".kube-linter.yaml", "")]);
    assert!(text.contains("  - \"!DL3007\"\n") && text.contains("  - \"DL*\"\n"), "{text}");
    assert!(text.contains("  - latest-tag\n") && !text.contains("off"), "{text}");
}

#[test]
fn files_of_no_known_tool_are_refused() {
    let source = |name: &str, text: &str| vec![Arc::new(Source::new(name, text.as_bytes().to_vec()))];
    assert!(migrate(&source("other.yaml", ""), &plugins()).is_err());
    assert!(migrate(&source(".hadolint.yaml", "- a"), &plugins()).is_err());
    assert!(migrate(&source(".hadolint.yaml", "["), &plugins()).is_err());
}
