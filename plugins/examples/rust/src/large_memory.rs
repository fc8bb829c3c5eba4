use hullmark_sdk::prelude::*;

rule! {
    /// A container asks for more memory than any node has.
    ///
    /// ## What it checks
    ///
    /// The memory request of each container, against the option `most`. What is no quantity is passed over.
    ///
    /// ## Why it matters
    ///
    /// The pod waits for a node that never comes.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    ///   labels: {app: web, acme.example/team: shop}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.acme.example/web:1.4.0
    ///       resources:
    ///         requests: {memory: 512Gi}
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    ///   labels: {app: web, acme.example/team: shop}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.acme.example/web:1.4.0
    ///       resources:
    ///         requests: {memory: 2Gi}
    /// ```
    ///
    /// ## How to fix
    ///
    /// Ask for less, or for a node that has more.
    ///
    /// ## Options
    ///
    /// - `most` (default: `64Gi`): how much a container may ask for.
    level: Error,
    tags: &["reliability"],
    options: &[OptionSpec::text("most", "64Gi", "how much a container may ask for")],
    checks: &[Container(container)],
}

fn container(container: &Container, report: &mut Report) {
    let Some(memory) = container.at(&["resources", "requests", "memory"]) else { return };
    let most = report.options().text("most").to_owned();
    let (Some(asked), Ok(limit)) = (memory.quantity(), parse_quantity(&most)) else { return };
    if magnitude(asked) > magnitude(limit) {
        let written = memory.value().unwrap_or_default();
        report
            .finding(memory, format!("{} asks for `{written}` of memory", container.title()))
            .fix(Fix::needs_review(format!("ask for `{most}`")).replace(memory, most));
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(memory: &str) -> Vec<String> {
        let resources = format!("{{requests: {{memory: {memory}}}}}");
        let pod = format!("{{containers: [{{name: a, resources: {resources}}}]}}");
        manifest(&RULE, &format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec: {pod}\n"))
    }

    #[test]
    fn what_fits_and_what_is_no_quantity_are_accepted() {
        for memory in ["64Gi", "68719476736", "64G", "1 TB", "null"] {
            assert_eq!(flagged(memory), [""; 0], "{memory}");
        }
    }

    #[test]
    fn more_is_found_in_any_unit() {
        for memory in ["65Gi", "70G", "68719476737", "1Ti"] {
            assert_eq!(flagged(memory), [memory]);
        }
    }
}
