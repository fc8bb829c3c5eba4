use hullmark_sdk::prelude::*;

rule! {
    /// The pod looks names up without an option of the resolver that is asked for.
    ///
    /// ## What it checks
    ///
    /// `dnsConfig.options` of every pod against the option `options`. The rule is off unless it is selected.
    ///
    /// ## Why it matters
    ///
    /// Kubernetes sets `ndots:5`, so a name with fewer than five dots is tried with every search domain first. Each name outside
    /// the cluster costs four or five failing requests; with `ndots:2` it costs one that succeeds.
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
    ///       image: nginx:1.29.1
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
    ///   dnsConfig:
    ///     options:
    ///       - name: ndots
    ///         value: "2"
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.29.1
    /// ```
    ///
    /// ## How to fix
    ///
    /// Add the option to `dnsConfig.options` of the pod.
    ///
    /// ## Options
    ///
    /// - `options` (default: `ndots:2`): options of the resolver, each `name:value` as in `resolv.conf`, or a name alone where it
    ///   has no value.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-dns-config>
    level: Note,
    enabled: false,
    tags: &["performance"],
    aliases: &["dnsconfig-options"],
    references: &["https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-dns-config"],
    options: &[OptionSpec::texts("options", &["ndots:2"], "options of the resolver, each `name:value` or a name alone")],
    checks: &[Pod(pod)],
}

fn pod(pod: &Pod, report: &mut Report) {
    let wanted: Vec<String> = report.options().texts("options").map(str::to_owned).collect();
    for option in &wanted {
        let (name, value) = option.split_once(':').unwrap_or((option, ""));
        let written = pod.at(&["dnsConfig", "options"]).into_iter().flat_map(Node::items);
        let named = written.filter(|entry| entry.get("name").and_then(Node::text) == Some(name)).last();
        let has = named.and_then(|entry| entry.get("value"));
        if named.is_some() && has.and_then(Node::value).unwrap_or_default() == value {
            continue;
        }
        let place = match (has, named.and_then(|entry| entry.get("name"))) {
            (Some(value), _) | (None, Some(value)) => value.place(),
            (None, None) => pod.anchor(&["dnsConfig", "options"]),
        };
        report.finding(place, format!("{} lacks the DNS option `{option}`", pod.object().title()));
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn pod(spec: &str) -> String {
        format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec: {{containers: [], {spec}}}\n")
    }

    fn flagged(spec: &str) -> Vec<String> {
        manifest(&RULE, &pod(spec))
    }

    #[test]
    fn the_option_may_stand_among_others() {
        assert_eq!(flagged("dnsConfig: {options: [{name: edns0}, {name: ndots, value: '2'}]}"), [""; 0]);
    }

    #[test]
    fn a_missing_option_is_flagged_where_it_belongs() {
        assert_eq!(flagged("dnsPolicy: Default"), ["web"]);
        assert_eq!(flagged("dnsConfig: {searches: [a.example]}"), ["dnsConfig"]);
        assert_eq!(flagged("dnsConfig: {options: [{name: edns0}]}"), ["options"]);
        assert_eq!(flagged("dnsConfig: {options: [{name: ndots}]}"), ["ndots"]);
        assert_eq!(flagged("dnsConfig: {options: [{name: ndots, value: '5'}]}"), ["'5'"]);
    }

    #[test]
    fn one_may_ask_for_others() {
        let trial = Trial::with(&RULE, r#"{"options": ["edns0"]}"#);
        assert_eq!(trial.manifest(&pod("dnsConfig: {options: [{name: edns0}]}")), [""; 0]);
        assert_eq!(trial.manifest(&pod("dnsConfig: {options: [{name: ndots, value: '2'}]}")), ["options"]);
    }
}
