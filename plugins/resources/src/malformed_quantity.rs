use hullmark_sdk::prelude::*;

use crate::requirements::is_extended;

/// Below this many bytes, no container runs and no volume holds anything: who wrote so little meant another unit.
const LEAST_BYTES: i64 = 1_000_000;
/// Cores that no machine has.
const MOST_CORES: i64 = 1_000_000;
/// Suffixes of other programs, in lower case, with the suffix of Kubernetes that means the same.
const SUFFIXES: [(&str, &str); 16] = [
    ("b", ""),
    ("kb", "k"),
    ("mb", "M"),
    ("gb", "G"),
    ("tb", "T"),
    ("pb", "P"),
    ("ki", "Ki"),
    ("kib", "Ki"),
    ("mi", "Mi"),
    ("mib", "Mi"),
    ("gi", "Gi"),
    ("gib", "Gi"),
    ("ti", "Ti"),
    ("tib", "Ti"),
    ("pi", "Pi"),
    ("pib", "Pi"),
];

rule! {
    /// An amount of a resource is written in a way that Kubernetes refuses, or reads as something absurd.
    ///
    /// ## What it checks
    ///
    /// Requests and limits of containers, pods and volume claims, overhead, `sizeLimit` of `emptyDir`, capacities of
    /// volumes, quotas and limit ranges. Flagged are
    ///
    /// - texts that are no quantity (`128MB`, `0,5`, `1 Gi`),
    /// - negative amounts where Kubernetes refuses them,
    /// - fractions of resources that come in whole pieces (`nvidia.com/gpu: 0.5`),
    /// - bytes with a suffix for fractions, if they make less than a megabyte: `memory: 512m` is half a byte,
    /// - millions of cores: `cpu: 500M` is five hundred million.
    ///
    /// Values that another program fills in (`${MEMORY}`, `<size>`) are passed over.
    ///
    /// ## Why it matters
    ///
    /// The API server refuses an object with an amount that it cannot read. An amount that it can read but that means
    /// something else is worse: a container with a memory limit of half a byte never starts, and a pod that asks for
    /// millions of cores waits forever.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example/web:1.4
    ///       resources:
    ///         limits:
    ///           memory: 128MB
    /// ```
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example/web:1.4
    ///       resources:
    ///         limits:
    ///           memory: 512m
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example/web:1.4
    ///       resources:
    ///         requests:
    ///           cpu: 0.5
    ///           memory: 129e6
    ///         limits:
    ///           cpu: 1500m
    ///           memory: 128Mi
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write a number followed by one of the suffixes that Kubernetes knows. For bytes they are `k`, `M`, `G`, `T`,
    /// `P`, `E` (powers of 1000) and `Ki`, `Mi`, `Gi`, `Ti`, `Pi`, `Ei` (powers of 1024); for CPU `m`, a thousandth of
    /// a core.
    level: Error,
    tags: &["correctness"],
    references: &[
        "https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/",
        "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#resource-units-in-kubernetes",
    ],
    fragments: true,
    checks: &[
        Container(container),
        Pod(pod),
        Object(&["LimitRange", "PersistentVolume", "PersistentVolumeClaim", "ResourceQuota", "StatefulSet"], object),
    ],
}

/// Where an amount stands.
#[derive(Clone, Copy)]
struct Field<'a> {
    title: &'a str,
    /// As a person names it: `limits.memory`.
    name: &'a str,
    /// The resource that is counted; empty where the number has no unit.
    resource: &'a str,
    may_be_negative: bool,
}

fn container(container: &Container, report: &mut Report) {
    requirements(container.get("resources"), &container.title(), report);
}

fn pod(pod: &Pod, report: &mut Report) {
    let title = format!("the pod of {}", pod.object().title());
    requirements(pod.get("resources"), &title, report);
    amounts(pod.get("overhead"), "overhead", &title, report);
    for volume in pod.get("volumes").into_iter().flat_map(Node::items) {
        let title =
            volume.get("name").and_then(Node::text).map_or("a volume".to_owned(), |name| format!("volume `{name}`"));
        if let Some(limit) = volume.at(&["emptyDir", "sizeLimit"]) {
            let field = Field { title: &title, name: "sizeLimit", resource: "storage", may_be_negative: false };
            judge(limit, field, report);
        }
        requirements(volume.at(&["ephemeral", "volumeClaimTemplate", "spec", "resources"]), &title, report);
    }
}

fn object(object: &Object, report: &mut Report) {
    let title = object.title();
    match (object.group(), object.kind()) {
        ("", Some("PersistentVolume")) => amounts(object.at(&["spec", "capacity"]), "capacity", &title, report),
        ("", Some("PersistentVolumeClaim")) => requirements(object.at(&["spec", "resources"]), &title, report),
        ("", Some("ResourceQuota")) => amounts(object.at(&["spec", "hard"]), "hard", &title, report),
        ("", Some("LimitRange")) => limit_range(object, &title, report),
        ("apps", Some("StatefulSet")) => {
            for claim in object.at(&["spec", "volumeClaimTemplates"]).into_iter().flat_map(Node::items) {
                let name = claim.at(&["metadata", "name"]).and_then(Node::text);
                let title = name.map_or("a volume claim".to_owned(), |name| format!("volume claim `{name}`"));
                requirements(claim.at(&["spec", "resources"]), &title, report);
            }
        }
        _ => {}
    }
}

fn limit_range(object: &Object, title: &str, report: &mut Report) {
    for range in object.at(&["spec", "limits"]).into_iter().flat_map(Node::items) {
        for name in ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"] {
            for (resource, node) in range.get(name).into_iter().flat_map(Node::entries) {
                let label = format!("{name}.{resource}");
                let resource = if name == "maxLimitRequestRatio" { "" } else { resource };
                // Kubernetes takes negative ones, whatever they are good for.
                judge(node, Field { title, name: &label, resource, may_be_negative: true }, report);
            }
        }
    }
}

fn requirements(resources: Option<Node>, title: &str, report: &mut Report) {
    for key in ["requests", "limits"] {
        amounts(resources.and_then(|resources| resources.get(key)), key, title, report);
    }
}

fn amounts(mapping: Option<Node>, key: &str, title: &str, report: &mut Report) {
    for (resource, node) in mapping.into_iter().flat_map(Node::entries) {
        let name = format!("{key}.{resource}");
        judge(node, Field { title, name: &name, resource, may_be_negative: false }, report);
    }
}

fn judge(node: Node, field: Field, report: &mut Report) {
    let text = match node.kind() {
        Kind::String | Kind::Integer | Kind::Float => node.value().unwrap_or_default(),
        _ => return,
    };
    if is_placeholder(text) {
        return;
    }
    let Some(fault) = fault(text, field) else { return };
    let shown = if text.trim().is_empty() { "empty".to_owned() } else { format!("`{text}`") };
    let message = format!("`{}` of {} is {shown}{}", field.name, field.title, fault.what);
    let finding = report.finding(node, message);
    if let Some(meant) = fault.meant.filter(|_| stands_as_written(node, text)) {
        let title = format!("write `{meant}`");
        let fix = if fault.is_certain { Fix::safe(title) } else { Fix::needs_review(title) };
        // Quotes stay, as JSON needs them.
        finding.fix(fix.replace(node.part(0, text), meant));
    }
}

/// Whether another program replaces the value, or a part of it, before Kubernetes sees it.
fn is_placeholder(text: &str) -> bool {
    text.contains(['$', '{', '<', '%', '@', '#', '_'])
}

/// Whether the text stands on one line, quoted or not, so that it can be replaced as a whole.
fn stands_as_written(node: Node, text: &str) -> bool {
    node.document().text_at(node.span()).trim_matches(['"', '\'']) == text
}

/// What is wrong with an amount.
struct Fault {
    /// The rest of the sentence.
    what: String,
    /// What was probably meant.
    meant: Option<String>,
    /// Whether nothing else can have been meant.
    is_certain: bool,
}

impl Fault {
    fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), meant: None, is_certain: false }
    }

    fn meant(mut self, meant: String) -> Self {
        self.meant = Some(meant);
        self
    }
}

fn fault(text: &str, field: Field) -> Option<Fault> {
    let quantity = match parse_quantity(text) {
        Ok(quantity) => quantity,
        Err(reason) => return Some(unreadable(text, &reason)),
    };
    let (number, suffix) = split(text);
    if magnitude(quantity) < (0, 0) && !field.may_be_negative {
        return Some(Fault::new(", which is negative"));
    }
    if is_extended(field.resource) && quantity.nanos != 0 {
        return Some(Fault::new(format!(", but `{}` comes in whole pieces", field.resource)));
    }
    let is_tiny = quantity.units.abs() < LEAST_BYTES && magnitude(quantity) != (0, 0);
    if counts_bytes(field.resource) && is_tiny && matches!(suffix, "m" | "u" | "n") {
        let meant = format!("{number}Mi");
        let what = format!(", which is {} bytes; did you mean `{meant}`?", decimal(quantity));
        let fault = Fault::new(what);
        return Some(if suffix == "m" { fault.meant(meant) } else { fault });
    }
    if counts_cores(field.resource) && quantity.units >= MOST_CORES && matches!(suffix, "M" | "Mi") {
        let meant = format!("{number}m");
        let what = format!(", which is {} cores; did you mean `{meant}`?", quantity.units);
        return Some(Fault::new(what).meant(meant));
    }
    None
}

fn unreadable(text: &str, reason: &str) -> Fault {
    if text.trim().is_empty() {
        return Fault::new("; write a number, such as `500m` or `128Mi`");
    }
    let Some(meant) = mended(text) else {
        return Fault::new(format!(", which Kubernetes cannot read: {reason}"));
    };
    let is_punctuation = text.contains([',', ' ']);
    let what = if is_punctuation {
        format!(", which Kubernetes cannot read; did you mean `{meant}`?")
    } else {
        format!(", which Kubernetes cannot read: {reason}")
    };
    // With `128mib` nothing but `128Mi` can be meant, while many who write `MB` think of `Mi`.
    let is_certain = meant.ends_with('i') && !is_punctuation;
    Fault { what, meant: Some(meant), is_certain }
}

/// The text with a decimal point for a comma, without blanks, and with the suffix as Kubernetes writes it, if that
/// makes a quantity.
fn mended(text: &str) -> Option<String> {
    let plain: String = text.chars().filter(|&letter| letter != ' ').collect();
    if plain.split_once(',').is_some_and(|(_, after)| split(after).0.len() == 3) {
        // `1,024` may be a thousand and more.
        return None;
    }
    let plain = plain.replace(',', ".");
    let (number, suffix) = split(&plain);
    let lower = suffix.to_ascii_lowercase();
    let known = SUFFIXES.iter().find(|(foreign, _)| *foreign == lower).map_or(suffix, |(_, known)| known);
    let mended = format!("{number}{known}");
    (mended != text && !number.is_empty() && parse_quantity(&mended).is_ok()).then_some(mended)
}

/// The number, and the letters after it.
fn split(text: &str) -> (&str, &str) {
    let number = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    text.split_at(number.len())
}

/// The part of a quota's name that says what is counted: `requests.memory` and
/// `gold.storageclass.storage.k8s.io/requests.storage`.
fn counted(resource: &str) -> &str {
    let name = resource.rsplit_once(".storageclass.storage.k8s.io/").map_or(resource, |(_, name)| name);
    name.strip_prefix("requests.").or_else(|| name.strip_prefix("limits.")).unwrap_or(name)
}

fn counts_bytes(resource: &str) -> bool {
    let counted = counted(resource);
    matches!(counted, "memory" | "storage" | "ephemeral-storage") || counted.starts_with("hugepages-")
}

fn counts_cores(resource: &str) -> bool {
    counted(resource) == "cpu"
}

/// `0.512`.
fn decimal(quantity: Quantity) -> String {
    let sign = if magnitude(quantity) < (0, 0) { "-" } else { "" };
    let digits = format!("{sign}{}.{:09}", quantity.units.unsigned_abs(), quantity.nanos.unsigned_abs());
    digits.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn limits(limits: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n    - name: web\n      \
             resources:\n        limits: {limits}\n"
        )
    }

    fn message(amounts: &str) -> String {
        let text = limits(amounts);
        let found = Trial::of(&RULE).found(&[("manifest.yaml", &text)]);
        found.into_iter().map(|found| found.finding.message().to_owned()).collect()
    }

    #[test]
    fn what_kubernetes_reads_is_accepted() {
        for amount in [
            "{cpu: 1}",
            "{cpu: 0.1}",
            "{cpu: 100m}",
            "{cpu: '2'}",
            "{memory: 128974848000m}",
            "{memory: 129e6}",
            "{memory: 0}",
            "{memory: 0m}",
            "{memory: 64Mi}",
            "{ephemeral-storage: 1.5Gi}",
            "{nvidia.com/gpu: 1}",
            "{nvidia.com/gpu: '2000m'}",
            "{cpu: 1k}",
        ] {
            assert_eq!(manifest(&RULE, &limits(amount)), [""; 0], "{amount}");
        }
    }

    #[test]
    fn what_another_program_fills_in_is_passed_over() {
        for amount in
            ["{cpu: '${CPU}'}", "{memory: '{{ .Values.memory }}'}", "{memory: <size>}", "{memory: MEMORY_LIMIT}"]
        {
            assert_eq!(manifest(&RULE, &limits(amount)), [""; 0], "{amount}");
        }
    }

    #[test]
    fn wrong_types_are_passed_over() {
        for amount in ["{cpu: [1]}", "{cpu: {}}", "{cpu: true}", "{cpu: }", "[cpu]", "lots"] {
            assert_eq!(manifest(&RULE, &limits(amount)), [""; 0], "{amount}");
        }
    }

    #[test]
    fn messages_say_what_is_wrong() {
        for (amount, expected) in [
            ("{cpu: '0,5'}", "is `0,5`, which Kubernetes cannot read; did you mean `0.5`?"),
            ("{memory: 1 Gi}", "is `1 Gi`, which Kubernetes cannot read; did you mean `1Gi`?"),
            ("{memory: ''}", "is empty; write a number, such as `500m` or `128Mi`"),
            ("{memory: -1Gi}", "is `-1Gi`, which is negative"),
            ("{memory: 512m}", "is `512m`, which is 0.512 bytes; did you mean `512Mi`?"),
            ("{cpu: 500M}", "is `500M`, which is 500000000 cores; did you mean `500m`?"),
            ("{nvidia.com/gpu: 0.5}", "is `0.5`, but `nvidia.com/gpu` comes in whole pieces"),
        ] {
            assert!(message(amount).ends_with(expected), "{amount}: {}", message(amount));
        }
        assert!(message("{memory: 128MB}").contains("did you mean `128M` or `128Mi`?"));
        assert!(!message("{memory: '1,024Mi'}").contains("did you mean"));
    }

    #[test]
    fn a_quota_counts_what_its_name_ends_with() {
        assert!(counts_bytes("requests.memory"));
        assert!(counts_bytes("gold.storageclass.storage.k8s.io/requests.storage"));
        assert!(counts_cores("limits.cpu"));
        assert!(!counts_bytes("count/deployments.apps"));
        assert!(!counts_bytes("gold.storageclass.storage.k8s.io/persistentvolumeclaims"));
    }
}
