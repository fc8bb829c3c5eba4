//! kube-score: the annotation `kube-score/ignore: pod-probes,container-resources` of an object or of its pod template.
//!
//! `kube-score/enable` of the template takes away what the object ignores. That it also turns optional checks on has no
//! effect here: which rules are on is for those to say who run them.

use super::pragma::{Name, Pragma, Reach, Tool};

const IGNORE: &str = "kube-score/ignore";
/// What asks for checks.
pub(super) const ENABLE: &str = "kube-score/enable";
/// A check, and one that is ignored together with it.
const TOGETHER: (&str, &str) = ("container-resources", "container-ephemeral-storage-request-and-limit");

/// What an annotation says to kube-score, without the checks that the list `asked_for` names.
pub(super) fn read<'t>(key: &str, value: &'t str, asked_for: &str) -> Option<Pragma<'t>> {
    if key != IGNORE {
        return None;
    }
    let mut pragma = Pragma::new(Tool::KubeScore, Reach::Object, value)?;
    if pragma.names.contains(&Name::Rule(TOGETHER.0)) {
        // Nobody wrote it, so nobody is to be blamed where it is of no use: a pattern is passed over then.
        pragma.names.push(Name::Pattern(TOGETHER.1));
    }
    let kept: Vec<&str> = asked_for.split(',').map(str::trim).collect();
    pragma.names.retain(|(Name::Rule(name) | Name::Pattern(name))| !kept.contains(name));
    (!pragma.names.is_empty()).then_some(pragma)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names<'t>(value: &'t str, asked_for: &str) -> Vec<Name<'t>> {
        read(IGNORE, value, asked_for).map(|pragma| pragma.names).unwrap_or_default()
    }

    fn rules<'t>(names: &[&'t str]) -> Vec<Name<'t>> {
        names.iter().copied().map(Name::Rule).collect()
    }

    #[test]
    fn other_annotations_are_annotations() {
        assert_eq!(read("kube-score/ignored", "pod-probes", ""), None);
        assert_eq!(read(ENABLE, "pod-probes", ""), None);
        assert_eq!(names("", ""), []);
    }

    #[test]
    fn checks_are_listed_with_commas() {
        assert_eq!(names("pod-probes, service-type", ""), rules(&["pod-probes", "service-type"]));
    }

    #[test]
    fn the_resources_of_a_container_are_one_matter() {
        let both = [Name::Rule("container-resources"), Name::Pattern("container-ephemeral-storage-request-and-limit")];
        assert_eq!(names("container-resources", ""), both);
        assert_eq!(names("container-resources", "container-ephemeral-storage-request-and-limit"), both[..1]);
    }

    #[test]
    fn what_is_asked_for_is_not_ignored() {
        assert_eq!(names("pod-probes,service-type", "service-type , label-values"), rules(&["pod-probes"]));
        assert_eq!(names("pod-probes", "pod-probes"), []);
    }
}
