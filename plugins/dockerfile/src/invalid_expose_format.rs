use hullmark_sdk::prelude::*;

rule! {
    /// `EXPOSE` names an address or a port of the host, which it does not take.
    ///
    /// ## What it checks
    ///
    /// Words of `EXPOSE` with a `:`, as `docker run --publish` takes them. A word with a variable is passed over.
    ///
    /// ## Why it matters
    ///
    /// An image cannot know the ports of its host. BuildKit drops that part with a warning, and says that it will refuse it.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM nginx:1.29.1
    /// EXPOSE 127.0.0.1:8080:80
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM nginx:1.29.1
    /// EXPOSE 80
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write the port of the container alone.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/reference/dockerfile/#expose>
    /// - <https://docs.docker.com/reference/build-checks/expose-invalid-format/>
    tags: &["correctness"],
    aliases: &["ExposeInvalidFormat"],
    checks: &[Instruction("EXPOSE", expose)],
    references: &["https://docs.docker.com/reference/dockerfile/#expose", "https://docs.docker.com/reference/build-checks/expose-invalid-format/"],
}

fn expose(instruction: &Instruction, report: &mut Report) {
    for port in instruction.arguments() {
        let written = port.value().unwrap_or_default();
        if written.contains('$') {
            continue;
        }
        let Some((_, inside)) = written.rsplit_once(':') else { continue };
        let finding = report.finding(port, format!("`{written}` names more than a port of the container"));
        if inside.starts_with(|first: char| first.is_ascii_digit()) {
            finding.fix(Fix::safe(format!("write `{inside}`")).replace(port, inside));
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn ports_ranges_and_variables_are_accepted() {
        assert_eq!(dockerfile(&RULE, "FROM a\nEXPOSE 80 1-2/udp ${PORT:-80} $HOST:80\n"), [""; 0]);
    }

    #[test]
    fn the_port_of_the_container_remains() {
        let text = "FROM a\nEXPOSE 5000:5001 [::1]:80:81/udp\n";
        assert_eq!(dockerfile(&RULE, text), ["5000:5001", "[::1]:80:81/udp"]);
        assert_eq!(Trial::of(&RULE).fixed("Dockerfile", text), "FROM a\nEXPOSE 5001 81/udp\n");
    }
}
