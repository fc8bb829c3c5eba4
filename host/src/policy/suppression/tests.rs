//! What comments cover, and what they take away.

use std::sync::Arc;

use super::*;
use crate::document::{ManifestContext, parse_dockerfile, parse_manifests};
use crate::finding::{Finding, Level, Notification, Outcome, Place, Plugin, Rule, Suppressed};
use crate::policy::{Rulebook, Selection};

const PATH: &str = "Dockerfile";

fn source(text: &str) -> Arc<Source> {
    Arc::new(Source::new(PATH, text.as_bytes().to_vec()))
}

fn of(source: &Arc<Source>) -> InFile {
    let exceptions = exceptions(&parse_dockerfile(source).documents[0]);
    InFile { source: Arc::clone(source), exceptions }
}

fn of_manifest(source: &Arc<Source>) -> InFile {
    let mut all = Exceptions::default();
    let parsed = parse_manifests(source, &ManifestContext::default());
    parsed.documents.iter().for_each(|document| all.extend(exceptions(document)));
    InFile { source: Arc::clone(source), exceptions: all }
}

/// Lines, from 1, that each exception covers; those that cover nothing are left out.
fn covered(file: &InFile) -> Vec<(u32, u32)> {
    let covers = file.exceptions.suppressions.iter().filter_map(|suppression| suppression.covers);
    covers.map(|covers| file.source.region(covers)).map(|region| (region.start_line, region.end_line)).collect()
}

fn lines(text: &str) -> Vec<(u32, u32)> {
    covered(&of(&source(text)))
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
fn our_comment_in_a_script_is_about_its_line() {
    let ours = "# hullmark: ignore[shell/*] why";
    assert_eq!(lines(&format!("FROM a\nRUN a {ours}\nRUN b\n")), [(2, 2)]);
    assert_eq!(lines(&format!("FROM a\nRUN a \\\n && b;{ours}\nRUN b\n")), [(3, 3)]);
    assert_eq!(lines(&format!("FROM a\nRUN <<EOF\na {ours}\n{ours}\n\n# text\nb\nEOF\n")), [(3, 3), (7, 7)]);
    for text in [
        format!("RUN echo '{ours}'"),
        format!("RUN echo a{ours}"),
        format!("RUN [\"echo\", \"{ours}\"]"),
        format!("RUN a {ours} \\\n && b"),
        format!("COPY a {ours}"),
        format!("COPY <<EOF /a\n{ours}\nb\nEOF"),
        format!("RUN cat <<EOF\na {ours}\nb\nEOF"),
    ] {
        assert_eq!(lines(&format!("FROM a\n{text}\nRUN b\n")), [], "{text}");
    }
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
    let file = of(&source("# hadolint ignore=A # checkov:skip=B: why\nFROM a\n"));
    let tools: Vec<_> = file.exceptions.suppressions.iter().map(Suppression::tool).collect();
    assert_eq!(tools, [Tool::Hadolint, Tool::Checkov]);
}

#[test]
fn only_hadolints_comment_for_the_next_instruction_is_its_dl1001() {
    let text = "# hadolint ignore=A\n# hadolint stage ignore=A\n# hadolint global ignore=A\n# trivy:ignore:A\nFROM a\n";
    let suppressions = of(&source(text)).exceptions.suppressions;
    let aliases: Vec<_> = suppressions.iter().map(|suppression| suppression.aliases().join(",")).collect();
    assert_eq!(aliases, ["DL1001", "", "", ""]);
}

fn manifest_lines(text: &str) -> Vec<(u32, u32)> {
    covered(&of_manifest(&source(text)))
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

/// Rules, all of them on but `shell/off`.
fn plugins() -> Vec<Plugin> {
    let rule = |id: &str, aliases: &[&str]| Rule {
        id: id.into(),
        aliases: aliases.iter().map(|&alias| alias.into()).collect(),
        enabled: id != "shell/off",
        ..Rule::default()
    };
    let rules = vec![
        rule("dockerfile/sudo", &["DL3004", "DS-0010"]),
        rule("dockerfile/stage-name-casing", &["StageNameCasing"]),
        rule("shell/other", &[]),
        rule("shell/off", &["DL4000"]),
    ];
    vec![Plugin { rules, ..Plugin::default() }, plugin()]
}

/// A finding at the first `x` of a text.
fn finding(source: &Arc<Source>, rule: &str, aliases: &[&str]) -> Finding {
    let at = source.text().find('x').unwrap() as u32;
    Finding {
        rule: rule.into(),
        level: Level::Error,
        message: String::new(),
        place: Place { source: Arc::clone(source), span: Span::new(at, at + 1) },
        object: None,
        stage: None,
        aliases: aliases.iter().map(|&alias| alias.into()).collect(),
        related: Vec::new(),
        fixes: Vec::new(),
        fingerprint: String::new(),
    }
}

/// What becomes of findings in a file in the middle of 2026, and what is said of its exceptions.
fn judged(file: InFile, findings: Vec<Finding>, settings: SuppressionSettings) -> (Outcome, Vec<Finding>) {
    let plugins = plugins();
    let mut selection = Selection::new(&plugins, &[], &[]).unwrap();
    selection.set_suppressions(settings);
    let count = findings.len();
    let mut outcome = Outcome { plugins: plugins.into_iter().map(Arc::new).collect(), findings, ..Outcome::default() };
    let faults = apply(&mut outcome, &[file], &Rulebook::uniform(selection), "2026-06-15".parse().unwrap());
    assert_eq!(outcome.suppressed.len() + outcome.findings.len(), count);
    (outcome, faults)
}

/// Whether a finding at the first `x` of a text is taken away.
fn hides(text: &str, rule: &str, aliases: &[&str]) -> bool {
    let source = source(text);
    taken(of(&source), rule, aliases).is_some()
}

/// A finding at the first `x` of a file, where its exceptions take it away.
fn taken(file: InFile, rule: &str, aliases: &[&str]) -> Option<Suppressed> {
    let findings = vec![finding(&file.source, rule, aliases)];
    judged(file, findings, SuppressionSettings::default()).0.suppressed.pop()
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
    let file = of_manifest(&source(text));
    taken(file, "shell/other", aliases).map(|suppressed| (suppressed.tool, suppressed.reason))
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

#[test]
fn a_comment_of_ours_above_a_from_is_about_the_stage() {
    let text = "FROM a\nRUN a\n# hullmark: ignore[image/*]\nARG\nFROM b\n# hullmark: ignore[image/*]\nRUN b\n";
    assert_eq!(lines(text), [(3, 4), (6, 7)]);
    assert_eq!(lines("FROM a\n# hullmark: ignore[image/*]\n# text\nFROM b\nRUN b\nRUN c\nFROM d\n"), [(2, 6)]);
    assert_eq!(lines("# hadolint ignore=DL3006\nFROM b\nRUN b\n"), [(1, 2)]);
}

/// A Pod with two containers, of which the second has the image `x`.
fn pod(annotations: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  annotations:\n    a: b\n{annotations}spec:\n  containers:\n    - name: web\n      image: a\n    - name: main\n      image: x\n"
    )
}

#[test]
fn our_annotation_covers_an_object_a_template_or_a_container() {
    let of = |value: &str| annotated(&pod(&format!("    hullmark.dev/ignore: {value}\n")), &[]);
    let why = |why: &str| Some(("hullmark", Some(why.to_owned())));
    assert_eq!(of("shell/other why"), why("why"));
    assert_eq!(of("'shell/* container=main why'"), why("why"));
    assert_eq!(of("shell/other container=web why"), None);
    assert_eq!(of("|\n      image/* container=web\n      shell/other container=main why"), why("why"));
    assert_eq!(of("[shell/other]"), None, "an annotation is a text");
    let ignore = "hullmark.dev/ignore: shell/other why";
    assert_eq!(annotated(&deployment(ignore, ""), &[]), why("why"));
    assert_eq!(annotated(&deployment("", ignore), &[]), why("why"));
    assert_eq!(
        annotated(
            &deployment("", "hullmark.dev/ignore: shell/other container=main why")
                .replace("- name: x", "- name: main\n          image: x"),
            &[]
        ),
        why("why")
    );
    let named = deployment("", ignore).replace("name: a", "name: x");
    assert_eq!(annotated(&named, &[]), None, "the name of the object is outside the template");
}

/// What is said of the exceptions of a file: rule, text at the place, message, and the text once all fixes are made.
fn faults_in(file: InFile, findings: Vec<Finding>, settings: SuppressionSettings) -> (Vec<String>, String) {
    let source = Arc::clone(&file.source);
    let (_, faults) = judged(file, findings, settings);
    let mut edits: Vec<_> = faults.iter().flat_map(|fault| &fault.fixes).flat_map(|fix| &fix.edits).collect();
    edits.sort_by_key(|edit| edit.place.span);
    let fixed = edits.iter().rev().fold(source.text().to_owned(), |mut text, edit| {
        text.replace_range(edit.place.span.range(), &edit.text);
        text
    });
    let told = |fault: &Finding| {
        let at = source.slice(fault.place.span).lines().next().unwrap_or_default().to_owned();
        format!("{} at {at}: {}", fault.rule.trim_start_matches("suppression/"), fault.message)
    };
    (faults.iter().map(told).collect(), fixed)
}

/// The same for a Dockerfile in which `dockerfile/sudo` is found at the first `x`.
fn faults(text: &str) -> (Vec<String>, String) {
    let source = source(text);
    let findings = vec![finding(&source, "dockerfile/sudo", &["DL3004"])];
    faults_in(of(&source), findings, SuppressionSettings::default())
}

#[test]
fn an_exception_that_is_of_use_is_no_fault() {
    for text in [
        "# hullmark: ignore[dockerfile/sudo]\nFROM x\n",
        "# hadolint ignore=DL3004\n# trivy:ignore:DS-0010\nFROM x\n",
        "# hadolint ignore=DL3004\n# hullmark: ignore[*]\nFROM x\n",
        "# check=skip=all\nFROM x\n",
        "# hadolint ignore=DL4000\nFROM x\n",
        "# hadolint ignore=DL9999,crazy\nFROM x\n",
        "# hullmark: ignore[DL9999, SC2999, CKV_AWS_1]\nFROM x\n",
        "# hullmark: ignore[shell/*]\nFROM x\n",
    ] {
        assert_eq!(faults(text), (vec![], text.to_owned()), "{text}");
    }
}

#[test]
fn an_exception_that_hides_nothing_is_removed() {
    let text = "FROM x\n# hullmark: ignore[dockerfile/sudo] why\nRUN a\n";
    let told = "unused at # hullmark: ignore[dockerfile/sudo] why: the comment hides nothing";
    assert_eq!(faults(text), (vec![told.into()], "FROM x\nRUN a\n".into()));
    let text = "FROM x\n# hadolint ignore=DL3004";
    let told = "unused at # hadolint ignore=DL3004: nothing follows that the comment could be about";
    assert_eq!(faults(text), (vec![told.into()], "FROM x\n".into()));
    let text = "# check=skip=StageNameCasing\nFROM x\n";
    assert_eq!(faults(text).1, "FROM x\n");
    let text = "# check=skip=StageNameCasing;error=true\nFROM x\n";
    assert_eq!(faults(text).1, text, "the directive says more");
    let text = "FROM x\n# hadolint ignore=DL3004 # checkov:skip=CKV_DOCKER_2\nRUN a\n";
    assert_eq!((faults(text).0.len(), faults(text).1), (1, text.to_owned()), "the comment says more");
}

#[test]
fn a_name_that_hides_nothing_is_removed_from_its_list() {
    let other = |name: &str| format!("unused at {name}: `{name}` hides nothing here");
    for (before, after) in [
        ("[dockerfile/sudo, shell/other]", "[dockerfile/sudo]"),
        ("[shell/other,dockerfile/sudo]", "[dockerfile/sudo]"),
        ("[DL4000, shell/other, DL3004] why", "[DL4000, DL3004] why"),
    ] {
        let text = |list: &str| format!("# hullmark: ignore{list}\nFROM x\n");
        assert_eq!(faults(&text(before)), (vec![other("shell/other")], text(after)), "{before}");
    }
}

#[test]
fn a_comment_behind_a_value_is_removed_alone() {
    let text = "apiVersion: v1\nkind: Pod # hullmark: ignore[shell/other]\nmetadata: {name: x}\n";
    let source = source(text);
    let findings = vec![finding(&source, "shell/other", &[])];
    let (told, fixed) = faults_in(of_manifest(&source), findings, SuppressionSettings::default());
    assert_eq!((told.len(), fixed), (1, text.replace(" # hullmark: ignore[shell/other]", "")));
}

#[test]
fn an_annotation_that_hides_nothing_is_removed_with_its_line() {
    let fixed = |text: &str| {
        let source = source(text);
        let findings = vec![finding(&source, "shell/other", &[])];
        faults_in(of_manifest(&source), findings, SuppressionSettings::default()).1
    };
    let without = pod("");
    for annotation in [
        "    hullmark.dev/ignore: dockerfile/sudo why\n",
        "    hullmark.dev/ignore: |\n      dockerfile/sudo why\n",
        "    hullmark.dev/ignore: >-\n      dockerfile/sudo\n      why\n",
        "    polaris.fairwinds.com/DL3004-exempt: 'true'\n",
    ] {
        assert_eq!(fixed(&pod(annotation)), without, "{annotation}");
    }
    let flow = deployment("a: b, hullmark.dev/ignore: dockerfile/sudo why", "");
    assert_eq!(fixed(&flow), flow);
    let only = deployment("hullmark.dev/ignore: dockerfile/sudo why", "");
    assert_eq!(fixed(&only), only);
}

#[test]
fn what_an_alias_brings_is_of_use_where_one_of_its_objects_needs_it() {
    let text = "apiVersion: v1\nkind: List\nitems:\n  - apiVersion: v1\n    kind: Pod\n    metadata:\n      name: a\n      annotations: &a\n        hullmark.dev/ignore: shell/other why\n  - apiVersion: v1\n    kind: Pod\n    metadata:\n      name: x\n      annotations: *a\n";
    let source = source(text);
    let findings = vec![finding(&source, "shell/other", &[])];
    assert_eq!(faults_in(of_manifest(&source), findings, SuppressionSettings::default()).0, [""; 0]);
}

#[test]
fn an_end_is_told_once_it_has_come() {
    let comment = "# hullmark: ignore[dockerfile/sudo] until 2026-06-15 why";
    let told = format!("expired at {comment}: the comment ended on 2026-06-15, so it hides nothing any more");
    assert_eq!(faults(&format!("{comment}\nFROM x\n")), (vec![told], "FROM x\n".into()));
    assert!(hides("# hullmark: ignore[dockerfile/sudo] until 2026-06-16\nFROM x\n", "dockerfile/sudo", &[]));
    let told = "expired at # trivy:ignore:DS-0010:exp:soon: the comment ends on a day that does not exist, so it hides nothing";
    assert_eq!(faults("# trivy:ignore:DS-0010:exp:soon\nFROM x\n").0, [told]);
}

#[test]
fn reasons_may_be_demanded() {
    let demanded = || SuppressionSettings { require_reason: true, ..SuppressionSettings::default() };
    let told = |text: &str| {
        let source = source(text);
        let findings = vec![finding(&source, "dockerfile/sudo", &[])];
        let (outcome, _) = judged(of(&source), findings.clone(), demanded());
        (outcome.suppressed.len(), faults_in(of(&source), findings, demanded()).0)
    };
    let without = "missing-reason at # hadolint ignore=DL3004: the comment does not say why, so it hides nothing";
    assert_eq!(told("# hadolint ignore=DL3004\nFROM x\n"), (0, vec![without.into()]));
    assert_eq!(told("# hadolint ignore=DL3004 # why\nFROM x\n"), (1, vec![]));
}

#[test]
fn rules_may_allow_no_exceptions() {
    let told = |text: &str, unsuppressible: &str| {
        let source = source(text);
        let findings = || vec![finding(&source, "dockerfile/sudo", &["DL3004"])];
        let settings = || SuppressionSettings { unsuppressible: vec![unsuppressible.into()], ..Default::default() };
        let (outcome, _) = judged(of(&source), findings(), settings());
        (outcome.suppressed.len(), faults_in(of(&source), findings(), settings()).0)
    };
    let text = "# hadolint ignore=DL3004\nFROM x\n";
    let forbidden = "forbidden at DL3004: `DL3004` allows no exceptions".to_owned();
    assert_eq!(told(text, "DS010"), (0, vec![forbidden]));
    assert_eq!(told(text, "shell/*"), (1, vec![]));
    assert_eq!(told("# hullmark: ignore-file[*]\nFROM x\n", "dockerfile/*"), (0, vec![]));
}

#[test]
fn what_hullmark_does_not_understand_is_told() {
    let told = |text: &str| faults(text).0.join("|");
    assert!(told("# hullmark: ignore dockerfile/sudo\nFROM x\n").starts_with("malformed at # hullmark: ignore docker"));
    assert_eq!(
        told("# hullmark: ignore[dockerfile/sodu, dockerfile/sudo]\nFROM x\n"),
        "malformed at dockerfile/sodu: there is no rule `dockerfile/sodu`; did you mean `dockerfile/sudo`?"
    );
    let source = source(&pod("    hullmark.dev/ignore: |\n      shell/other container=y\n"));
    let findings = vec![finding(&source, "shell/other", &[])];
    let (told, _) = faults_in(of_manifest(&source), findings, SuppressionSettings::default());
    assert_eq!(told, ["malformed at hullmark.dev/ignore: |: there is no container `y` here"]);
}

#[test]
fn a_plugin_that_failed_proves_nothing() {
    let source = source("FROM x\n# hullmark: ignore[shell/other]\nRUN a\n");
    let plugins = plugins();
    let rulebook = Rulebook::uniform(Selection::new(&plugins, &[], &[]).unwrap());
    let failure = |plugin: &str| Notification {
        level: Level::Error,
        path: None,
        plugin: Some(plugin.into()),
        message: String::new(),
    };
    let faults = |plugin: &str| {
        let notifications = vec![failure(plugin)];
        let mut outcome =
            Outcome { plugins: plugins.iter().cloned().map(Arc::new).collect(), notifications, ..Outcome::default() };
        apply(&mut outcome, &[of(&source)], &rulebook, Date::default()).len()
    };
    assert_eq!((faults("shell"), faults("dockerfile")), (0, 1));
}

#[test]
fn hostile_files_cost_no_more_than_their_size() {
    let many = "# hadolint ignore=DL3004\n".repeat(2 * MOST);
    let file = of(&source(&format!("{many}FROM x\n")));
    assert_eq!((file.exceptions.suppressions.len(), file.exceptions.malformed.len()), (MOST, 1));
    let names: String = (0..1_000).map(|number| format!("dockerfile/sodu{number},*,shell/*,")).collect();
    assert_eq!(faults(&format!("# hullmark: ignore[{names}]\nFROM x\n")).0.len(), 1_000);
    let keys = format!("# hullmark: ignore[a/b]\n{}", "a: 1\n".repeat(3));
    let text = format!("apiVersion: v1\nkind: x\n{}", keys.repeat(5_000));
    assert_eq!(of_manifest(&source(&text)).exceptions.suppressions.len(), 5_000);
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    /// What comments are made of.
    const PARTS: [&str; 22] = [
        "# ",
        "hullmark: ignore[",
        "]",
        "hadolint ignore=",
        "hadolint global ignore=",
        "stage ",
        "check=skip=",
        "all",
        "trivy:ignore:",
        "checkov:skip=",
        "DL3004",
        "DS-0010",
        "StageNameCasing",
        "shell/*",
        "dockerfile/sudo",
        "*",
        ",",
        " until 2026-06-16",
        "\u{e9}",
        ":",
        "-file",
        "why",
    ];
    /// Rules with the names by which an exception may take their findings.
    const RULES: [(&str, &[&str]); 3] = [
        ("dockerfile/sudo", &["dockerfile/sudo", "dl3004", "ds-0010", "dockerfile/*"]),
        ("dockerfile/stage-name-casing", &["dockerfile/stage-name-casing", "stagenamecasing", "dockerfile/*"]),
        ("shell/other", &["shell/other", "shell/*"]),
    ];

    proptest! {
        #[test]
        fn nothing_is_hidden_that_is_not_named(comments in prop::collection::vec(prop::collection::vec(prop::sample::select(PARTS.to_vec()), 0..9), 0..5)) {
            let comments: Vec<String> = comments.into_iter().map(|parts| format!("#{}\n", parts.concat())).collect();
            let text = format!("FROM a\n{}RUN x\n# text\nRUN b\nFROM c\n", comments.concat());
            let source = source(&text);
            let file = of(&source);
            let at = |line: &str| text.find(line).unwrap() as u32;
            let mut findings = Vec::new();
            for (rule, names) in RULES {
                let aliases: Vec<String> = names.iter().filter(|name| !name.contains('/')).map(|name| name.to_uppercase()).collect();
                let aliases: Vec<&str> = aliases.iter().map(String::as_str).collect();
                for line in ["RUN x", "RUN b", "FROM c"] {
                    let start = at(line);
                    let place = Place { source: Arc::clone(&source), span: Span::new(start, start + line.len() as u32) };
                    findings.push(Finding { place, ..finding(&source, rule, &aliases) });
                }
            }
            let (outcome, _) = judged(file, findings, SuppressionSettings::default());
            for Suppressed { finding, comment, .. } in &outcome.suppressed {
                let said = source.slice(*comment).to_lowercase();
                let (_, names) = RULES.iter().find(|(rule, _)| *rule == &*finding.rule).unwrap();
                let any = said.contains('*') || said.contains("all");
                prop_assert!(any || names.iter().any(|name| said.contains(name)), "{} by {said}", finding.rule);
                let far = ["global", "-file", "stage", "checkov"].iter().any(|word| said.contains(word));
                prop_assert!(far || finding.place.span.start == at("RUN x"), "{said}");
            }
        }
    }
}
