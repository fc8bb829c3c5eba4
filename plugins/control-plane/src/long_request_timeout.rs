use hullmark_sdk::prelude::*;

use crate::setup::{Component, SUBJECTS, setups};

rule! {
    /// The API server lets a request take very long.
    ///
    /// ## What it checks
    ///
    /// `--request-timeout` of an API server: more seconds than the option `seconds`.
    ///
    /// The rule is off unless it is selected.
    ///
    /// ## Why it matters
    ///
    /// Each request that hangs holds a place that others wait for. A few clients that never read an answer are then enough to
    /// stop the API server. Watches have a time of their own, so they do not need a long one.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: kube-apiserver
    ///   namespace: kube-system
    /// spec:
    ///   containers:
    ///     - name: kube-apiserver
    ///       image: registry.k8s.io/kube-apiserver:v1.34.1
    ///       command:
    ///         - kube-apiserver
    ///         - --request-timeout=1h
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: kube-apiserver
    ///   namespace: kube-system
    /// spec:
    ///   containers:
    ///     - name: kube-apiserver
    ///       image: registry.k8s.io/kube-apiserver:v1.34.1
    ///       command:
    ///         - kube-apiserver
    ///         - --request-timeout=2m
    /// ```
    ///
    /// ## How to fix
    ///
    /// Take the flag away, which gives a request a minute, or set a few minutes.
    ///
    /// ## Options
    ///
    /// - `seconds` (default `300`): the most seconds.
    ///
    /// ## Other tools
    ///
    /// Checkov asks only whether hours, minutes and seconds come in this order with two digits at most.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/>
    enabled: false,
    tags: &["security", "external/cwe/cwe-400"],
    security_severity: Some("3.0"),
    aliases: &["CKV_K8S_95"],
    references: &["https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/"],
    options: &[OptionSpec::integer("seconds", 300, 1, "the most seconds")],
    checks: &[Object(SUBJECTS, check)],
}

const UNITS: [(&str, f64); 6] = [("h", 3600.0), ("ms", 1e-3), ("m", 60.0), ("s", 1.0), ("us", 1e-6), ("ns", 1e-9)];

fn check(object: &Object, report: &mut Report) {
    let most = report.options().integer("seconds");
    for setup in setups(object).iter().filter(|setup| setup.component == Component::ApiServer) {
        let Some(setting) = setup.get("request-timeout") else { continue };
        let Some(parts) = setting.value().and_then(parts) else { continue };
        if parts.iter().map(|(number, unit)| number * factor(unit)).sum::<f64>() > most as f64 {
            let message =
                format!("the API server lets a request take longer than {most} seconds, by `{}`", setting.shown());
            let aliases: &[&str] = if is_of_clock(&parts) { &[] } else { &["CKV_K8S_95"] };
            setup.report(report, setting, message, aliases);
        }
    }
}

/// The numbers of a duration, as Go writes them, with their units.
fn parts(duration: &str) -> Option<Vec<(f64, &'static str)>> {
    let mut rest = duration;
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let end = rest.find(|letter: char| letter.is_ascii_alphabetic())?;
        let number = rest[..end].parse().ok()?;
        let (unit, _) = UNITS.iter().find(|(unit, _)| rest[end..].starts_with(unit))?;
        parts.push((number, *unit));
        rest = &rest[end + unit.len()..];
    }
    Some(parts)
}

fn factor(unit: &str) -> f64 {
    UNITS.iter().find(|(name, _)| *name == unit).map_or(0.0, |(_, factor)| *factor)
}

/// Whether hours, minutes and seconds come in this order, with two digits at most.
fn is_of_clock(parts: &[(f64, &str)]) -> bool {
    let places = parts.iter().map(|(_, unit)| ["h", "m", "s"].iter().position(|known| known == unit));
    places.clone().all(|place| place.is_some())
        && places.is_sorted_by(|one, other| one < other)
        && parts.iter().all(|(number, _)| *number < 100.0 && number.fract() == 0.0)
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;
    use crate::samples::pod;

    #[test]
    fn short_and_unreadable_times_are_accepted() {
        for time in ["2m3s", "300s", "1.5m", "x", "5", "$(TIME)"] {
            assert_eq!(
                manifest(&RULE, &pod("kube-apiserver", &[&format!("--request-timeout={time}")])),
                [""; 0],
                "{time}"
            );
        }
    }

    #[test]
    fn long_times_are_flagged() {
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &["--request-timeout=1s9m3h"])), ["1s9m3h"]);
        let trial = Trial::with(&RULE, r#"{"seconds": 60}"#);
        assert_eq!(trial.manifest(&pod("kube-apiserver", &["--request-timeout=61s"])), ["61s"]);
    }

    #[test]
    fn times_are_read_as_go_does() {
        assert_eq!(parts("1h30m"), Some(vec![(1.0, "h"), (30.0, "m")]));
        assert_eq!(parts("5ms"), Some(vec![(5.0, "ms")]));
        assert_eq!(parts("5"), None);
        assert!(is_of_clock(&[(1.0, "h"), (2.0, "s")]) && !is_of_clock(&[(2.0, "s"), (1.0, "h")]));
    }
}
