use hullmark_sdk::prelude::*;

use crate::ports::protocol;

rule! {
    /// The image exposes ports, and the container declares none of them.
    ///
    /// ## What it checks
    ///
    /// Containers that declare ports, of which a Dockerfile of the repository builds the image. Where that Dockerfile, or a stage
    /// that it builds on, exposes ports, at least one of them must be a `containerPort`. Image and Dockerfile belong together where
    /// the last part of the image's repository is the Dockerfile's folder (`web/Dockerfile`) or suffix (`Dockerfile.web`), or
    /// where the option says so.
    ///
    /// A Dockerfile without `EXPOSE`, or with a variable in it, says nothing about ports.
    ///
    /// ## Why it matters
    ///
    /// `EXPOSE` and `containerPort` both only inform, so nothing fails where they part: but one of them is out of date, and
    /// Services and probes that follow the wrong one reach nobody.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile web/Dockerfile
    /// FROM debian:12
    /// EXPOSE 3000
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
    ///       image: registry.example/acme/web:1.4
    ///       ports:
    ///         - containerPort: 8080
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile web/Dockerfile
    /// FROM debian:12
    /// EXPOSE 3000
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
    ///       image: registry.example/acme/web:1.4
    ///       ports:
    ///         - containerPort: 3000
    ///         - containerPort: 9090
    /// ```
    ///
    /// ## How to fix
    ///
    /// Find out on which port the program listens, and correct the other place.
    ///
    /// ## Options
    ///
    /// - `every` (default: `false`): whether every `containerPort` must be exposed.
    /// - `images` (default: none): repositories of images with the paths of the Dockerfiles that build them, where names do not
    ///   tell: `{ghcr.io/acme/web: docker/Dockerfile}`.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/reference/dockerfile/#expose>
    level: Warning,
    tags: &["correctness"],
    precision: Medium,
    references: &["https://docs.docker.com/reference/dockerfile/#expose"],
    options: &[
        OptionSpec::flag("every", false, "whether every `containerPort` must be exposed"),
        OptionSpec::IMAGES,
    ],
    checks: &[Manifests(whole_project)],
}

fn whole_project(project: &Project, report: &mut Report) {
    let every = report.options().flag("every");
    for build in project.builds(report.options()) {
        let Some(exposed) = exposed(build.dockerfile) else { continue };
        let ports: Vec<Node<'_>> = build.container.get("ports").into_iter().flat_map(Node::items).collect();
        let is_exposed = |port: &&Node<'_>| exposed.iter().any(|exposed| exposed.is(**port));
        if !every && ports.iter().any(|port| is_exposed(&port)) {
            continue;
        }
        for port in ports.iter().filter(|port| !is_exposed(port)) {
            let Some(number) = port.get("containerPort") else { continue };
            let title = build.container.title();
            let message = format!("the image of {title} does not expose port `{}`", number.value().unwrap_or_default());
            let finding = report.finding(number, message);
            for exposed in &exposed {
                finding.related(exposed.node.place(), "what the image exposes");
            }
        }
    }
}

/// Ports that an argument of EXPOSE names.
struct Exposed<'a> {
    node: Node<'a>,
    first: u16,
    last: u16,
    protocol: String,
}

impl<'a> Exposed<'a> {
    /// Reads `80`, `80/tcp` and `8000-8010/udp`.
    fn of(node: Node<'a>) -> Option<Self> {
        let written = node.value()?;
        let (ports, protocol) = written.split_once('/').unwrap_or((written, "tcp"));
        let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
        Some(Self {
            node,
            first: first.parse().ok()?,
            last: last.parse().ok()?,
            protocol: protocol.to_ascii_uppercase(),
        })
    }

    fn is(&self, port: Node) -> bool {
        let number = port.get("containerPort").and_then(Node::integer);
        // What is no number is the schema's affair.
        number.is_none_or(|number| (i64::from(self.first)..=i64::from(self.last)).contains(&number))
            && protocol(port) == self.protocol
    }
}

/// What the image exposes; nothing where it exposes nothing, or not all of it can be read.
fn exposed(file: Dockerfile<'_>) -> Option<Vec<Exposed<'_>>> {
    let exposes = file.final_stage()?.lineage().flat_map(|stage| stage.all("EXPOSE").collect::<Vec<_>>());
    let exposed: Option<Vec<_>> = exposes.flat_map(Instruction::arguments).map(Exposed::of).collect();
    exposed.filter(|exposed| !exposed.is_empty())
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn files(ports: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec: {{containers: [{{name: web, image: acme/web, ports: [{ports}]}}]}}\n"
        )
    }

    fn flagged(dockerfile: &str, ports: &str) -> Vec<String> {
        project(&RULE, &[("web/Dockerfile", dockerfile), ("pod.yaml", &files(ports))])
    }

    #[test]
    fn a_dockerfile_that_says_nothing_certain_is_passed_over() {
        for text in [
            "FROM a:1\n",
            "FROM a:1\nEXPOSE $PORT\n",
            "FROM a:1\nEXPOSE 80 $PORT\n",
            "FROM b AS c\nEXPOSE 80\nFROM d\n",
        ] {
            assert_eq!(flagged(text, "{containerPort: 8080}"), [""; 0], "{text}");
        }
    }

    #[test]
    fn one_port_in_common_is_enough() {
        assert_eq!(flagged("FROM a:1\nEXPOSE 80\n", "{containerPort: 80}, {containerPort: 9090}"), [""; 0]);
        assert_eq!(flagged("FROM a:1\nEXPOSE 8000-8010/tcp\n", "{containerPort: 8005}"), [""; 0]);
        assert_eq!(flagged("FROM a:1 AS b\nEXPOSE 53/udp\nFROM b\n", "{containerPort: 53, protocol: UDP}"), [""; 0]);
        assert_eq!(flagged("FROM a:1\nEXPOSE 80\n", ""), [""; 0]);
    }

    #[test]
    fn every_port_may_have_to_be_exposed() {
        let trial = Trial::with(&RULE, r#"{"every": true}"#);
        let pod = files("{containerPort: 80}, {containerPort: 9090}");
        assert_eq!(trial.project(&[("web/Dockerfile", "FROM a:1\nEXPOSE 80\n"), ("pod.yaml", &pod)]), ["9090"]);
    }

    #[test]
    fn the_number_is_flagged() {
        assert_eq!(flagged("FROM a:1\nEXPOSE 3000\n", "{containerPort: 8080}"), ["8080"]);
        assert_eq!(flagged("FROM a:1\nEXPOSE 53\n", "{containerPort: 53, protocol: UDP}"), ["53"]);
    }
}
