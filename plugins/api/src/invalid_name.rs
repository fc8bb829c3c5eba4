use hullmark_sdk::prelude::*;

use crate::faults::is_filled_in;
use crate::tables;
use crate::version::Version;

rule! {
    /// The name of an object is one that Kubernetes refuses.
    ///
    /// ## What it checks
    ///
    /// `metadata.name` of the kinds that Kubernetes itself has. It consists of small letters, digits, hyphens and dots, begins and
    /// ends with a letter or a digit, and so does each part between dots; it has up to 253 letters. The name of a Namespace or
    /// a Service has no dots and up to 63 letters, that of a CronJob up to 52. Roles and their bindings are named freely,
    /// without `/` and `%`. Names that another program fills in are passed over.
    ///
    /// ## Why it matters
    ///
    /// The API server refuses the object, often after others of the same file were applied.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: Web_Settings
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: web-settings
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write small letters, and hyphens where there are underscores or blanks; then change what refers to the name.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names>
    level: Error,
    tags: &["correctness"],
    references: &["https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names"],
    fragments: true,
    checks: &[Object(&[], object)],
}

fn object(object: &Object, report: &mut Report) {
    let (Some(api_version), Some(kind)) = (object.api_version(), object.kind()) else { return };
    let Some(form) = tables::kind(api_version, kind, Version::NEWEST).and_then(|_| Form::of(object.group(), kind))
    else {
        return;
    };
    let Some(node) = object.at(&["metadata", "name"]).filter(|node| !is_filled_in(*node)) else { return };
    let Some(name) = node.text().filter(|name| !name.is_empty()) else { return };
    if let Some(fault) = form.fault(name) {
        report.finding(node, format!("the name `{name}` is refused: {fault}"));
    }
}

/// How names of a kind are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Part of a path.
    Segment,
    /// Names as those of hosts, up to so long.
    Domain(usize),
    /// One part of such a name.
    Label,
}

impl Form {
    /// Nothing for kinds whose names follow rules of their own.
    fn of(group: &str, kind: &str) -> Option<Self> {
        match (group, kind) {
            ("rbac.authorization.k8s.io", _) => Some(Self::Segment),
            ("", "Namespace" | "Service") => Some(Self::Label),
            ("batch", "CronJob") => Some(Self::Domain(52)),
            ("networking.k8s.io", "IPAddress") | ("certificates.k8s.io", "ClusterTrustBundle") => None,
            _ => Some(Self::Domain(253)),
        }
    }

    /// What is wrong with a name.
    fn fault(self, name: &str) -> Option<String> {
        let most = match self {
            Self::Segment => {
                let is_path = matches!(name, "." | "..") || name.contains(['/', '%']);
                return is_path.then(|| "it cannot stand in a path".to_owned());
            }
            Self::Domain(most) => most,
            Self::Label => 63,
        };
        if name.len() > most {
            return Some(format!("it has {} letters, and may have {most}", name.len()));
        }
        let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let is_dotted = self != Self::Label;
        if !name.bytes().all(|byte| is_allowed(byte) || is_dotted && byte == b'.') {
            let dots = if is_dotted { ", hyphens and dots" } else { " and hyphens" };
            return Some(format!("it has other characters than small letters, digits{dots}"));
        }
        let is_ended = name.split('.').all(|part| !part.is_empty() && !part.starts_with('-') && !part.ends_with('-'));
        (!is_ended).then(|| "it begins or ends with something else than a letter or a digit".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(kind: &str, name: &str) -> Vec<String> {
        manifest(&RULE, &format!("apiVersion: {kind}\nmetadata: {{name: {name}}}\n"))
    }

    #[test]
    fn what_kubernetes_takes_is_accepted() {
        for name in ["a", "a-1.b", "1", "'${NAME}'", "'{{ name }}'", "__NAME__", "''"] {
            assert_eq!(flagged("v1\nkind: ConfigMap", name), [""; 0], "{name}");
        }
        assert_eq!(flagged("v1\nkind: ConfigMap", &"a".repeat(253)), [""; 0]);
        assert_eq!(flagged("rbac.authorization.k8s.io/v1\nkind: ClusterRole", "'system:Node_reader'"), [""; 0]);
        assert_eq!(flagged("example.org/v1\nkind: ConfigMap", "Any_Name"), [""; 0]);
        assert_eq!(flagged("networking.k8s.io/v1\nkind: IPAddress", "'2001:db8::1'"), [""; 0]);
    }

    #[test]
    fn what_it_refuses_is_flagged() {
        for name in ["A", "a_b", "a b", "-a", "a-", "a..b", "a.-b", ".a"] {
            assert_eq!(flagged("v1\nkind: ConfigMap", name), [name], "{name}");
        }
        let long = "a".repeat(254);
        assert_eq!(flagged("v1\nkind: ConfigMap", &long), [long.as_str()]);
    }

    #[test]
    fn some_kinds_are_stricter() {
        assert_eq!(flagged("v1\nkind: Namespace", "a.b"), ["a.b"]);
        assert_eq!(flagged("v1\nkind: Service", &"a".repeat(64)), ["a".repeat(64)]);
        assert_eq!(flagged("batch/v1\nkind: CronJob", &"a".repeat(53)), ["a".repeat(53)]);
        assert_eq!(flagged("rbac.authorization.k8s.io/v1\nkind: Role", "a/b"), ["a/b"]);
    }
}
