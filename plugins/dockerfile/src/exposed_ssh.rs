use hullmark_sdk::prelude::*;

rule! {
    /// The image offers the port of SSH.
    ///
    /// ## What it checks
    ///
    /// Every `EXPOSE` of port 22, for TCP.
    ///
    /// ## Why it matters
    ///
    /// A container with an SSH server has a second way in, with keys or passwords that must be managed and a server that must be patched. `docker exec` and `kubectl exec` give a shell without one.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13
    /// EXPOSE 22
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13
    /// EXPOSE 8080
    /// ```
    ///
    /// ## How to fix
    ///
    /// Remove the port and the server behind it.
    ///
    /// ## Other tools
    ///
    /// Trivy flags `22/udp` too, which SSH does not use, and neither Trivy nor Checkov knows `22/TCP`.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/reference/dockerfile/#expose>
    tags: &["security", "external/cwe/cwe-1125"],
    security_severity: Some("4.0"),
    precision: Medium,
    aliases: &["DS-0004", "CKV_DOCKER_1"],
    checks: &[Instruction("EXPOSE", expose)],
    references: &["https://docs.docker.com/reference/dockerfile/#expose"],
}

fn expose(instruction: &Instruction, report: &mut Report) {
    for port in instruction.arguments() {
        let written = port.value().unwrap_or_default();
        if written == "22" || written.eq_ignore_ascii_case("22/tcp") {
            let is_plain = matches!(written, "22" | "22/tcp");
            let finding = report.finding(port, format!("`{written}` is the port of SSH"));
            finding.aliases_if(&[("DS-0004", is_plain), ("CKV_DOCKER_1", is_plain)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn other_ports_and_protocols_are_accepted() {
        assert_eq!(dockerfile(&RULE, "FROM a\nEXPOSE 2222 8022 22/udp $PORT 220\n"), [""; 0]);
    }

    #[test]
    fn the_port_is_flagged_with_and_without_protocol() {
        assert_eq!(dockerfile(&RULE, "FROM a\nEXPOSE 80 22\nEXPOSE 22/TCP\n"), ["22", "22/TCP"]);
    }
}
