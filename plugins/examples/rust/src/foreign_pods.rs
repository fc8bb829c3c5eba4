use hullmark_sdk::prelude::*;

rule! {
    /// The Service sends requests to pods of another team.
    ///
    /// ## What it checks
    ///
    /// The label `acme.example/team` of each Service, against that of the pods that its selector matches.
    ///
    /// ## Why it matters
    ///
    /// A selector that catches another team's pods sends them requests that they do not understand.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web
    ///   labels: {acme.example/team: shop}
    /// spec:
    ///   selector: {app: web}
    /// ---
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    ///   labels: {app: web, acme.example/team: search}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.acme.example/web:1.4.0
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web
    ///   labels: {acme.example/team: shop}
    /// spec:
    ///   selector: {app: web}
    /// ---
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    ///   labels: {app: web, acme.example/team: shop}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.acme.example/web:1.4.0
    /// ```
    ///
    /// ## How to fix
    ///
    /// Add a label to the selector that only the team's own pods have.
    tags: &["policy"],
    checks: &[Manifests(project)],
}

const TEAM: [&str; 3] = ["metadata", "labels", "acme.example/team"];

fn project(project: &Project, report: &mut Report) {
    for service in project.objects(&["Service"]) {
        let team = service.at(&TEAM).and_then(Node::text);
        let (Some(team), Some(selector)) = (team, service.at(&["spec", "selector"])) else { continue };
        for number in project.select_labels(selector, service.namespace()) {
            let Some(pod) = project.load(&project.pods()[number as usize]) else { continue };
            let Some(other) = pod.template().at(&TEAM) else { continue };
            if let Some(name) = other.text().filter(|name| *name != team) {
                let message = format!("{} of `{team}` sends requests to pods of `{name}`", service.title());
                report.finding(selector, message).related(other, "the pods belong to this team");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn files(team: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: web, labels: {{acme.example/team: shop}}}}\n\
             spec: {{selector: {{app: web}}}}\n---\napiVersion: v1\nkind: Pod\n\
             metadata: {{name: web, labels: {{app: web{team}}}}}\nspec: {{containers: []}}\n"
        )
    }

    #[test]
    fn pods_of_the_team_and_of_nobody_are_accepted() {
        assert_eq!(manifest(&RULE, &files(", acme.example/team: shop")), [""; 0]);
        assert_eq!(manifest(&RULE, &files("")), [""; 0]);
    }

    #[test]
    fn another_teams_pods_are_found() {
        assert_eq!(manifest(&RULE, &files(", acme.example/team: search")), ["selector"]);
    }
}
