use hullmark_sdk::prelude::*;

use crate::policies::{Anything, Direction, allows_anything, governs, is_network_policy, rules};

rule! {
    /// A rule of the NetworkPolicy allows everything, so the policy holds nothing back.
    ///
    /// ## What it checks
    ///
    /// Rules of NetworkPolicies that name neither peers nor ports (`ingress: [{}]`), or whose peer is the block of all
    /// addresses (`0.0.0.0/0` or `::/0`, without `except`) on every port. Rules of a direction that `policyTypes`
    /// leaves out have no effect and are passed over.
    ///
    /// ## Why it matters
    ///
    /// Policies add up: what one of them allows, no other takes away. A rule without conditions opens every port of the
    /// selected pods to everyone, also ports for metrics, profiling and administration, and also past a policy that
    /// denies by default.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: networking.k8s.io/v1
    /// kind: NetworkPolicy
    /// metadata:
    ///   name: web
    /// spec:
    ///   podSelector:
    ///     matchLabels:
    ///       app: web
    ///   ingress:
    ///     - {}
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: networking.k8s.io/v1
    /// kind: NetworkPolicy
    /// metadata:
    ///   name: web
    /// spec:
    ///   podSelector:
    ///     matchLabels:
    ///       app: web
    ///   ingress:
    ///     - ports:
    ///         - port: 8080
    /// ```
    ///
    /// ## How to fix
    ///
    /// Name the ports that the pods serve, and the peers that need them. A service for everyone names its ports only.
    ///
    /// ## Options
    ///
    /// - `directions`: the directions in which a rule must not allow everything, `ingress` and `egress`. By default
    ///   `["ingress"]`: that pods may reach everything is common, and often intended.
    ///
    /// ## References
    ///
    /// - [Network Policies](https://kubernetes.io/docs/concepts/services-networking/network-policies/)
    tags: &["security", "external/cwe/cwe-284"],
    security_severity: Some("5.5"),
    references: &["https://kubernetes.io/docs/concepts/services-networking/network-policies/"],
    options: &[OptionSpec::words(
        "directions",
        &["ingress"],
        &["ingress", "egress"],
        "The directions in which a rule must not allow everything.",
    )],
    checks: &[Object(&["NetworkPolicy"], policy)],
}

fn policy(policy: &Object, report: &mut Report) {
    if !is_network_policy(*policy) {
        return;
    }
    for direction in Direction::chosen(report) {
        if !governs(*policy, direction) {
            continue;
        }
        for rule in rules(*policy, direction) {
            if let Some(anything) = allows_anything(rule, direction) {
                tell(*policy, direction, anything, report);
            }
        }
    }
}

fn tell(policy: Object<'_>, direction: Direction, anything: Anything<'_>, report: &mut Report) {
    let (way, title) = (direction.field(), policy.title());
    match anything {
        Anything::Rule(rule) => report.finding(rule, format!("{title} allows all {way}")),
        Anything::Block(cidr) => {
            let end = if direction == Direction::Ingress { "from" } else { "to" };
            let block = cidr.text().unwrap_or_default();
            report.finding(cidr, format!("{title} allows all {way} {end} `{block}`"))
        }
    };
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    const HEAD: &str =
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: web}\nspec:\n  podSelector: {}\n";

    fn flagged(spec: &str) -> Vec<String> {
        manifest(&RULE, &format!("{HEAD}  {spec}\n"))
    }

    #[test]
    fn rules_with_a_condition_are_accepted() {
        for spec in [
            "ingress: []",
            "ingress:",
            "ingress: [{from: [{podSelector: {}}]}]",
            "ingress: [{ports: [{port: 80}]}]",
            "ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}], ports: [{port: 80}]}]",
            "ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}]}]",
            "ingress: [{from: web}]",
            "ingress: [null]",
            "egress: [{}]",
        ] {
            assert_eq!(flagged(spec), [""; 0], "{spec}");
        }
    }

    #[test]
    fn rules_without_effect_are_passed_over() {
        assert_eq!(flagged("policyTypes: [Egress]\n  ingress: [{}]"), [""; 0]);
    }

    #[test]
    fn a_policy_of_another_engine_is_passed_over() {
        let calico = format!("{HEAD}  ingress: [{{}}]\n").replace("networking.k8s.io/v1", "projectcalico.org/v3");
        assert_eq!(manifest(&RULE, &calico), [""; 0]);
    }

    #[test]
    fn rules_without_conditions_are_flagged() {
        assert_eq!(flagged("ingress: [{}]"), ["{}"]);
        assert_eq!(flagged("ingress: [{from: [], ports: null}]"), ["from"]);
        assert_eq!(flagged("ingress: [{from: [{podSelector: {}}, {ipBlock: {cidr: '::/0'}}]}]"), ["'::/0'"]);
    }

    #[test]
    fn egress_is_flagged_if_asked_for() {
        let trial = Trial::with(&RULE, r#"{"directions": ["egress"]}"#);
        assert_eq!(trial.manifest(&format!("{HEAD}  egress: [{{}}]\n  ingress: [{{}}]\n")), ["{}"]);
        assert_eq!(trial.manifest(&format!("{HEAD}  policyTypes: [Ingress]\n  egress: [{{}}]\n")), [""; 0]);
    }
}
