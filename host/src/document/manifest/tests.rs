//! From texts to objects, pods and containers.

use std::sync::Arc;

use proptest::prelude::*;

use super::super::{Parsed, Source, invariants};
use super::{ManifestContext, parse_manifests};

fn parse(text: &str) -> Parsed {
    let source = Arc::new(Source::new("x.yaml", text.as_bytes().to_vec()));
    parse_manifests(&source, &ManifestContext::default())
}

fn kinds(text: &str) -> Vec<String> {
    let parsed = parse(text);
    assert_eq!(parsed.problems, []);
    let documents = parsed.documents.iter();
    let kinds = documents.flat_map(|document| {
        let objects = &document.objects;
        objects.kinds.iter().filter_map(|&number| objects.strings.get(number)).map(str::to_owned)
    });
    kinds.collect()
}

fn roles(text: &str) -> Vec<u8> {
    parse(text).documents.iter().flat_map(|document| document.pods.container_roles.clone()).collect()
}

#[test]
fn what_is_no_object_passes_silently() {
    for text in [
        "",
        "---\n---\n",
        "a: 1\n",
        "kind: Pod\n",
        "apiVersion: 1\nkind: Pod\n",
        "- apiVersion: v1\n  kind: Pod\n",
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n",
        "a: [\n",
        "spec:\n  apiVersion: v1\n  kind: [\n",
    ] {
        assert_eq!(kinds(text), [] as [&str; 0], "{text}");
    }
}

#[test]
fn files_of_tools_on_the_users_side_are_no_objects() {
    for (version, kind) in [
        ("v1", "Config"),
        ("builtin", "LabelTransformer"),
        ("skaffold/v4beta13", "Config"),
        ("kind.x-k8s.io/v1alpha4", "Cluster"),
        ("kustomize.config.k8s.io/v1alpha1", "Component"),
        ("backstage.io/v1alpha1", "Component"),
    ] {
        assert_eq!(kinds(&format!("apiVersion: {version}\nkind: {kind}\n")), [""; 0], "{version}");
    }
    for (version, kind) in [
        ("config.openshift.io/v1", "Config"),
        ("kustomize.toolkit.fluxcd.io/v1", "Kustomization"),
        ("cluster.x-k8s.io/v1beta1", "Cluster"),
        ("kubeadm.k8s.io/v1beta4", "ClusterConfiguration"),
        ("kubelet.config.k8s.io/v1beta1", "KubeletConfiguration"),
        ("apiserver.config.k8s.io/v1", "EncryptionConfiguration"),
        ("audit.k8s.io/v1", "Policy"),
    ] {
        assert_eq!(kinds(&format!("apiVersion: {version}\nkind: {kind}\n")), [kind], "{version}");
    }
}

#[test]
fn what_lives_outside_namespaces_gets_none_from_a_kustomization() {
    let context = ManifestContext { namespace: Some("b".to_owned()), ..ManifestContext::default() };
    let text = b"apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\n".to_vec();
    let parsed = parse_manifests(&Arc::new(Source::new("x.yaml", text)), &context);
    let objects = &parsed.documents[0].objects;
    assert_eq!(objects.strings.get(objects.namespaces[0]), None);
}

#[test]
fn what_has_a_name_may_lack_its_version_or_its_kind() {
    for (text, kind) in
        [("apiVersion: v1\nkind:\nmetadata: {name: a}\n", None), ("kind: Pod\nmetadata: {name: a}\n", Some("Pod"))]
    {
        let objects = &parse(text).documents[0].objects;
        assert_eq!(objects.strings.get(objects.kinds[0]), kind, "{text}");
    }
    assert!(parse("apiVersion: v2\nname: chart\n").documents.is_empty());
    assert!(parse("kind: Pod\nmetadata: {}\n").documents.is_empty());
}

#[test]
fn lists_give_their_items_whatever_their_kind() {
    let list = "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod}\n- apiVersion: v1\n  kind: PodList\n  items:\n  - {apiVersion: v1, kind: Secret}\n- {kind: x}\n";
    assert_eq!(kinds(list), ["Pod", "Secret"]);
    assert_eq!(kinds("{\"apiVersion\": \"v1\", \"kind\": \"Pod\"}"), ["Pod"]);
}

#[test]
fn a_broken_document_costs_only_itself() {
    let parsed = parse("apiVersion: v1\nkind: Pod\n---\nkind: [\n---\napiVersion: v1\nkind: Service\n");
    assert_eq!(parsed.documents.len(), 2);
    assert_eq!(parsed.problems.len(), 1);
}

#[test]
fn templates_that_are_no_yaml_are_no_problem() {
    let parsed = parse("apiVersion: v1\nkind: Pod\nmetadata:\n  {{- include \"x\" . }}\n  a: {{ .b }}\n");
    assert!(parsed.template);
    assert_eq!(parsed.problems, []);
    assert!(parsed.documents.is_empty());
}

#[test]
fn containers_know_their_roles() {
    let pod = "apiVersion: batch/v1\nkind: CronJob\nspec:\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          initContainers: [{name: a}, {name: b, restartPolicy: Always}]\n          containers: [{name: c}]\n          ephemeralContainers: [{name: d}]\n";
    assert_eq!(roles(pod), [1, 2, 0, 3]);
}

#[test]
fn malformed_shapes_hold_no_containers() {
    for text in [
        "apiVersion: v1\nkind: Pod\nspec: []\n",
        "apiVersion: v1\nkind: Pod\nspec: {containers: {name: a}}\n",
        "apiVersion: v1\nkind: Pod\nspec: {containers: [a, 1, null]}\n",
        "apiVersion: example.org/v1\nkind: Deployment\nspec: {template: {spec: {containers: [{name: a}]}}}\n",
    ] {
        assert!(roles(text).is_empty(), "{text}");
    }
}

#[test]
fn a_patch_is_a_fragment() {
    let fragment = |text: &str| parse(text).documents[0].traits.fragment;
    assert!(!fragment("apiVersion: v1\nkind: Pod\nspec: {containers: [{name: patch}]}\n"));
    assert!(fragment("apiVersion: v1\nkind: Pod\nspec: {containers: [{name: a, $patch: delete}]}\n"));
}

#[test]
fn a_kustomization_decides_the_namespace() {
    let source = Arc::new(Source::new("x.yaml", b"apiVersion: v1\nkind: Pod\nmetadata: {namespace: a}\n".to_vec()));
    let context = ManifestContext { namespace: Some("b".to_owned()), ..ManifestContext::default() };
    let parsed = parse_manifests(&source, &context);
    let objects = &parsed.documents[0].objects;
    assert_eq!(objects.strings.get(objects.namespaces[0]), Some("b"));
}

#[test]
fn comments_belong_to_the_document_that_they_stand_in() {
    let parsed = parse("# one\napiVersion: v1\nkind: Pod # two\n---\n# three\napiVersion: v1\nkind: Pod\n");
    let comments: Vec<usize> = parsed.documents.iter().map(|document| document.comments.len()).collect();
    assert_eq!(comments, [2, 1]);
}

/// Lines of manifests; joined at random they lie about every type.
const LINES: [&str; 30] = [
    "apiVersion: v1\nkind: Pod\n",
    "apiVersion: apps/v1\nkind: Deployment\n",
    "apiVersion: v1\nkind: List\nitems:\n",
    "- ",
    "  - ",
    "    - ",
    "metadata:\n",
    "metadata: {name: a, namespace: b}\n",
    "  name: [a]\n",
    "  labels: x\n",
    "spec:\n",
    "spec: null\n",
    "spec: &a\n",
    "  template: *a\n",
    "  template:\n",
    "    spec:\n",
    "  containers:\n",
    "      containers:\n",
    "      initContainers: {a: b}\n",
    "      ephemeralContainers:\n",
    "  containers: [1, a, null, {name: 1}, {name: c, image: [d]}]\n",
    "    name: c\n",
    "        name: {}\n",
    "    restartPolicy: Always\n",
    "items: {}\n",
    "items: [{apiVersion: v1, kind: Pod, spec: {containers: [{name: é}]}}]\n",
    "  <<: *a\n",
    "$patch: delete\n",
    "---\n",
    "# c\n",
];

proptest! {
    #![proptest_config(invariants::cases(2000))]

    #[test]
    fn objects_and_pods_stand_in_their_tree(lines in prop::collection::vec(prop::sample::select(&LINES[..]), 0..16)) {
        let text = format!("{}{}", LINES[0], lines.concat());
        let parsed = parse(&text);
        invariants::problems(&text, &parsed.problems);
        parsed.documents.iter().for_each(invariants::manifest);
        invariants::same(&parsed.documents, &parse(&text).documents);
    }
}
