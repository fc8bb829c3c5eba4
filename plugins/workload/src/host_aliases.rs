use hullmark_sdk::prelude::*;

rule! {
    /// The pod brings its own entries for `/etc/hosts`, past the cluster's DNS.
    ///
    /// ## What it checks
    ///
    /// `hostAliases` of every pod. The rule is off unless it is selected, since legacy names sometimes leave no other way.
    ///
    /// ## Why it matters
    ///
    /// Such entries win over DNS in that pod alone. They keep an address that has long moved, and they can lead a well-known name
    /// to a server of somebody's choice without anything to see in the cluster's DNS.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   hostAliases:
    ///     - ip: 10.1.2.3
    ///       hostnames: [db.example]
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
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.29.1
    /// ```
    ///
    /// ## How to fix
    ///
    /// Give the name to DNS, or describe the server by a Service without a selector.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/tasks/network/customize-hosts-file-for-pods/>
    level: Note,
    enabled: false,
    tags: &["security"],
    security_severity: Some("2.0"),
    aliases: &["KSV-0007"],
    references: &["https://kubernetes.io/docs/tasks/network/customize-hosts-file-for-pods/"],
    fragments: true,
    checks: &[Pod(pod)],
}

fn pod(pod: &Pod, report: &mut Report) {
    let Some(aliases) = pod.get("hostAliases").filter(|aliases| aliases.items().next().is_some()) else { return };
    let message = format!("{} brings its own entries for `/etc/hosts`", pod.object().title());
    report.finding(aliases.key_place(), message);
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(aliases: &str) -> Vec<String> {
        let spec = format!("{{containers: [], hostAliases: {aliases}}}");
        manifest(&RULE, &format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {spec}\n"))
    }

    #[test]
    fn no_entries_are_accepted() {
        for aliases in ["", "[]", "{ip: 10.1.2.3}", "a"] {
            assert_eq!(flagged(aliases), [""; 0], "{aliases}");
        }
    }

    #[test]
    fn entries_are_flagged_once() {
        assert_eq!(flagged("[{ip: 10.1.2.3}, {ip: 10.1.2.4}]"), ["hostAliases"]);
    }
}
