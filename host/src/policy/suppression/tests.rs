//! What comments cover, and what they take away.

use std::sync::Arc;

use super::*;
use crate::document::{ManifestContext, Source, parse_dockerfile, parse_manifests};
use crate::finding::{Level, Place, Plugin, Rule};

const PATH: &str = "Dockerfile";

fn of(text: &str) -> Vec<Suppression> {
    let source = Arc::new(Source::new(PATH, text.as_bytes().to_vec()));
    suppressions(&parse_dockerfile(&source).documents[0])
}

/// Lines, from 1, that each exception covers.
fn lines(text: &str) -> Vec<(u32, u32)> {
    let source = Source::new(PATH, text.as_bytes().to_vec());
    let region = |suppression: &Suppression| source.region(suppression.covers);
    of(text).iter().map(region).map(|region| (region.start_line, region.end_line)).collect()
}

#[test]
fn an_instruction_is_covered_with_all_its_lines() {
    let run = "RUN a \\\n# c\n\n && b <<EOF\nx\nEOF\nRUN c\n";
    assert_eq!(lines(&format!("FROM a\n# hadolint ignore=DL3004\n{run}")), [(2, 8)]);
}

#[test]
fn comments_and_empty_lines_may_stand_between() {
    assert_eq!(
        lines("FROM a\nRUN a\n# text\n# hadolint ignore=A\n\n# hadolint ignore=B\n# text\nRUN b\nRUN c\n"),
        [(3, 8), (3, 8)]
    );
}

#[test]
fn a_comment_between_the_lines_of_an_instruction_is_about_it() {
    assert_eq!(lines("FROM a\nRUN a \\\n# hadolint ignore=A\n && b\nRUN c\n"), [(2, 4)]);
    assert_eq!(lines("FROM a\nRUN <<EOF\n# hadolint ignore=A\nEOF\n"), [], "the shell's own comment");
    assert_eq!(lines("FROM a\nRUN a # hadolint ignore=A\n"), [], "the shell's own comment");
}

#[test]
fn a_stage_is_covered_from_above_its_from_or_from_inside() {
    let text =
        "FROM a\nRUN a\n# hadolint stage ignore=A\nFROM b\nRUN b\nFROM c\n# hadolint stage ignore=A\nRUN c\n# d\n";
    assert_eq!(lines(text), [(3, 5), (6, 8)]);
    assert_eq!(lines("FROM a\nRUN a\n# hadolint stage ignore=A\n"), [(1, 2)]);
    assert_eq!(lines("# hadolint stage ignore=A\nARG a\nFROM a\n"), [], "there is no stage yet");
}

#[test]
fn a_file_is_covered_from_anywhere() {
    for comment in ["# hadolint global ignore=A", "# checkov:skip=A"] {
        assert_eq!(lines(&format!("FROM a\nRUN a\n{comment}")), [(1, 3)], "{comment}");
    }
    assert_eq!(lines("#  Check = skip=A\n# syntax=b\nFROM a\n"), [(1, 4)]);
    assert_eq!(lines("# text\n# check=skip=A\nFROM a\nRUN a\n"), [(1, 3)], "no directive any more");
}

#[test]
fn an_instruction_that_never_comes_is_not_covered() {
    assert_eq!(lines("FROM a\n# hadolint ignore=A\n"), []);
    assert_eq!(lines("# trivy:ignore:A\n"), []);
}

#[test]
fn one_comment_may_speak_to_several_tools() {
    let tools: Vec<_> =
        of("# hadolint ignore=A # checkov:skip=B: why\nFROM a\n").iter().map(Suppression::tool).collect();
    assert_eq!(tools, [Tool::Hadolint, Tool::Checkov]);
}

#[test]
fn only_hadolints_comment_for_the_next_instruction_is_its_dl1001() {
    let text = "# hadolint ignore=A\n# hadolint stage ignore=A\n# hadolint global ignore=A\n# trivy:ignore:A\nFROM a\n";
    let aliases: Vec<_> = of(text).iter().map(|suppression| suppression.aliases().join(",")).collect();
    assert_eq!(aliases, ["DL1001", "", "", ""]);
}

/// Lines, from 1, that each exception of a manifest covers.
fn manifest_lines(text: &str) -> Vec<(u32, u32)> {
    let source = Arc::new(Source::new("a.yaml", text.as_bytes().to_vec()));
    let parsed = parse_manifests(&source, &ManifestContext::default());
    let regions = parsed.documents.iter().flat_map(suppressions).map(|suppression| source.region(suppression.covers));
    regions.map(|region| (region.start_line, region.end_line)).collect()
}

#[test]
fn a_key_is_covered_with_what_is_below_it() {
    let manifest = |comment: [&str; 3]| {
        let [above, behind, item] = comment;
        format!(
            "apiVersion: v1\nkind: Pod\n{above}\nspec:{behind}\n  containers:\n    {item}\n    - name: a\n      image: b\n    - name: c\n"
        )
    };
    let ignore = "# hullmark: ignore[image/*]";
    assert_eq!(manifest_lines(&manifest([ignore, "", "#"])), [(4, 9)]);
    assert_eq!(manifest_lines(&manifest(["#", &format!(" {ignore}"), "#"])), [(4, 9)]);
    assert_eq!(manifest_lines(&manifest(["#", "", &format!("{ignore}\n# text\n")])), [(9, 10)]);
    assert_eq!(manifest_lines(&manifest(["# hullmark: ignore-file[image/*]", "", "#"])), [(1, 10)]);
    assert_eq!(
        manifest_lines(&manifest(["# trivy:ignore:KSV-0013", "", "# checkov:skip=CKV_K8S_8"])),
        [(4, 9), (1, 10)]
    );
}

#[test]
fn a_comment_about_no_key_covers_nothing() {
    assert_eq!(manifest_lines("apiVersion: v1\nkind: Pod\n# hullmark: ignore[image/*]\n"), []);
    assert_eq!(manifest_lines("apiVersion: v1\nkind: Pod\nspec: '# hullmark: ignore[image/*]'\n"), []);
}

fn names() -> RuleNames {
    let rule = |id: &str, aliases: &[&str]| Rule {
        id: id.into(),
        aliases: aliases.iter().map(|&alias| alias.into()).collect(),
        ..Rule::default()
    };
    let rules = vec![
        rule("dockerfile/sudo", &["DL3004", "DS-0010"]),
        rule("dockerfile/stage-name-casing", &["StageNameCasing"]),
        rule("shell/other", &[]),
    ];
    RuleNames::new(&[Plugin { rules, ..Plugin::default() }, plugin()])
}

/// Whether a finding at the first `x` of a text is taken away.
fn hides(text: &str, rule: &str, aliases: &[&str]) -> bool {
    taken(text, of(text), rule, aliases).is_some()
}

/// A finding at the first `x` of a text, where these exceptions take it away.
fn taken(text: &str, exceptions: Vec<Suppression>, rule: &str, aliases: &[&str]) -> Option<Suppressed> {
    let at = text.find('x').unwrap() as u32;
    let source = Arc::new(Source::new(PATH, text.as_bytes().to_vec()));
    let mut findings = vec![Finding {
        rule: rule.into(),
        level: Level::Error,
        message: String::new(),
        place: Place { source, span: Span::new(at, at + 1) },
        object: None,
        stage: None,
        aliases: aliases.iter().map(|&alias| alias.into()).collect(),
        related: Vec::new(),
        fixes: Vec::new(),
        fingerprint: String::new(),
    }];
    let of_files = HashMap::from([(PATH.to_owned(), exceptions)]);
    let mut suppressed = apply(&mut findings, &of_files, &names(), "2026-06-15".parse().unwrap());
    assert_eq!(suppressed.len() + findings.len(), 1);
    suppressed.pop()
}

#[test]
fn any_name_of_a_rule_will_do() {
    for name in ["DL3004", "dl3004", "DS-0010", "AVD-DS-0010", "ds010", "dockerfile/sudo", "dockerfile/*", "*"] {
        let text = format!("FROM a\n# hadolint ignore={name}\nRUN x\n");
        assert!(hides(&text, "dockerfile/sudo", &["DL3004"]), "{name}");
    }
    for name in ["DL3005", "sudo", "StageNameCasing", "shell/*", "all"] {
        let text = format!("FROM a\n# hadolint ignore={name}\nRUN x\n");
        assert!(!hides(&text, "dockerfile/sudo", &["DL3004"]), "{name}");
    }
}

#[test]
fn a_finding_may_be_named_by_what_only_it_carries() {
    assert!(hides("FROM a\n# hadolint ignore=sc2086\nRUN x\n", "shell/other", &["SC2086"]));
    assert!(!hides("FROM a\n# hadolint ignore=SC2086\nRUN x\n", "shell/other", &["SC2087"]));
}

#[test]
fn all_of_a_tool_is_what_it_reports_itself() {
    let skip_all = "# check=skip=all\nFROM x\n";
    assert!(hides(skip_all, "dockerfile/stage-name-casing", &["StageNameCasing"]));
    assert!(!hides(skip_all, "dockerfile/sudo", &["DL3004", "DS-0010"]));
    assert!(hides("# trivy:ignore:*\nFROM x\n", "dockerfile/sudo", &["DL3004", "DS-0010"]));
    assert!(hides("# trivy:ignore:AVD-DS-00*\nFROM x\n", "dockerfile/sudo", &["DL3004", "DS-0010"]));
    assert!(!hides("# trivy:ignore:DS-00*\nFROM x\n", "dockerfile/sudo", &["DL3004"]));
}

#[test]
fn an_exception_ends_on_its_day() {
    let text = |day: &str| format!("# trivy:ignore:DS-0010:exp:{day}\nFROM x\n");
    assert!(hides(&text("2026-06-16"), "dockerfile/sudo", &[]));
    assert!(!hides(&text("2026-06-15"), "dockerfile/sudo", &[]));
    assert!(!hides(&text("never"), "dockerfile/sudo", &[]));
}

#[test]
fn another_instruction_is_not_covered() {
    assert!(!hides("# hadolint ignore=DL3004\nFROM a\nRUN x\n", "dockerfile/sudo", &["DL3004"]));
    assert!(hides(
        "FROM a\n# hadolint ignore=crazy,DL3004\n# hadolint ignore=DL3003\nRUN b \\\n && x\n",
        "dockerfile/sudo",
        &[]
    ));
}

#[test]
fn no_comment_allows_comments() {
    assert!(!hides("# hadolint global ignore=DL1001,*\nFROM x\n", INLINE, &["DL1001"]));
}

/// Tool and reason of the annotation that takes away a finding at the first `x` of a manifest.
fn annotated(text: &str, aliases: &[&str]) -> Option<(&'static str, Option<String>)> {
    let source = Arc::new(Source::new(PATH, text.as_bytes().to_vec()));
    let parsed = parse_manifests(&source, &ManifestContext::default());
    let exceptions = parsed.documents.iter().flat_map(suppressions).collect();
    taken(text, exceptions, "shell/other", aliases).map(|suppressed| (suppressed.tool, suppressed.reason))
}

/// A Deployment with annotations, and with annotations of its pods.
fn deployment(annotations: &str, of_pods: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a\n  annotations: {{{annotations}}}\nspec:\n  template:\n    metadata:\n      annotations: {{{of_pods}}}\n    spec:\n      containers:\n        - name: x\n"
    )
}

#[test]
fn an_annotation_of_the_object_covers_it() {
    let why = |why: &str| Some(why.to_owned());
    for (annotation, alias, by) in [
        ("ignore-check.kube-linter.io/latest-tag: why", "latest-tag", ("kube-linter", why("why"))),
        ("kube-linter.io/ignore-all: why", "latest-tag", ("kube-linter", why("why"))),
        ("kube-score/ignore: 'service-type,container-image-tag'", "container-image-tag", ("kube-score", None)),
        ("polaris.fairwinds.com/tagNotSpecified-exempt: 'true'", "tagNotSpecified", ("polaris", None)),
        ("polaris.fairwinds.com/exempt: 'true'", "tagNotSpecified", ("polaris", None)),
        ("checkov.io/skip1: CKV_K8S_14=why", "CKV_K8S_14", ("checkov", why("why"))),
    ] {
        assert_eq!(annotated(&deployment(annotation, ""), &[alias]), Some(by), "{annotation}");
        assert_eq!(annotated(&deployment(annotation, ""), &["KSV-0013"]), None, "{annotation}");
    }
}

#[test]
fn only_kube_score_reads_annotations_of_the_pods() {
    let aliases = ["latest-tag", "container-image-tag", "tagNotSpecified", "CKV_K8S_14"];
    for annotation in [
        "kube-linter.io/ignore-all: why",
        "polaris.fairwinds.com/exempt: 'true'",
        "checkov.io/skip1: CKV_K8S_14=why",
        "kube-score/enable: container-image-tag",
    ] {
        assert_eq!(annotated(&deployment("", annotation), &aliases), None, "{annotation}");
    }
    let ignore = "kube-score/ignore: container-image-tag";
    assert_eq!(annotated(&deployment("", ignore), &aliases), Some(("kube-score", None)));
    let deployment = deployment(ignore, "kube-score/enable: container-image-tag");
    assert_eq!(annotated(&deployment, &aliases), None, "the template asks for it");
}

#[test]
fn another_object_is_not_covered() {
    let object = |name: &str, annotation: &str| {
        format!(
            "  - apiVersion: v1\n    kind: Service\n    metadata:\n      name: {name}\n      annotations: {{{annotation}}}\n"
        )
    };
    let list = |of_a: &str, of_x: &str| {
        format!("apiVersion: v1\nkind: List\nitems:\n{}{}", object("a", of_a), object("x", of_x))
    };
    let ignore = "kube-linter.io/ignore-all: why";
    assert_eq!(annotated(&list(ignore, ""), &["latest-tag"]), None);
    assert!(annotated(&list("", ignore), &["latest-tag"]).is_some());
    let pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\n";
    let other = format!("apiVersion: v1\nkind: Pod\nmetadata:\n  annotations: {{{ignore}}}\n---\n{pod}");
    assert_eq!(annotated(&other, &["latest-tag"]), None);
}

#[test]
fn annotations_of_any_shape_are_read() {
    for annotations in ["[]", "text", "", "{kube-linter.io/ignore-all: }", "{kube-linter.io/ignore-all: [a]}", "{1: 2}"]
    {
        let text = format!("apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\n  annotations: {annotations}\n");
        assert_eq!(annotated(&text, &["KSV-0013"]), None, "{annotations}");
    }
}
