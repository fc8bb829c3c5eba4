use hullmark_sdk::prelude::*;

rule! {
    /// The protocol of a port is not written in lower case.
    ///
    /// ## What it checks
    ///
    /// The protocol after `/` in every `EXPOSE`. A word with a variable is passed over.
    ///
    /// ## Why it matters
    ///
    /// BuildKit turns protocols into lower case, so the image says another thing than the file.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM nginx:1.29.1
    /// EXPOSE 80/TCP
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM nginx:1.29.1
    /// EXPOSE 80/tcp
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write `tcp` or `udp` in lower case.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/reference/dockerfile/#expose>
    /// - <https://docs.docker.com/reference/build-checks/expose-proto-casing/>
    level: Note,
    tags: &["style"],
    aliases: &["ExposeProtoCasing"],
    checks: &[Instruction("EXPOSE", expose)],
    references: &["https://docs.docker.com/reference/dockerfile/#expose", "https://docs.docker.com/reference/build-checks/expose-proto-casing/"],
}

fn expose(instruction: &Instruction, report: &mut Report) {
    for port in instruction.arguments() {
        let written = port.value().unwrap_or_default();
        let Some((number, protocol)) = written.split_once('/').filter(|_| !written.contains('$')) else { continue };
        let lower = protocol.to_ascii_lowercase();
        if lower == protocol {
            continue;
        }
        let place = port.part(number.len() + 1, protocol);
        let finding = report.finding(place, format!("protocol `{protocol}` of port `{number}` is not in lower case"));
        finding.fix(Fix::safe(format!("write `{lower}`")).replace(port, format!("{number}/{lower}")));
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn lower_case_no_protocol_and_variables_are_accepted() {
        assert_eq!(dockerfile(&RULE, "FROM a\nEXPOSE 80 53/udp 80/$PROTOCOL\n"), [""; 0]);
    }

    #[test]
    fn one_capital_is_enough() {
        assert_eq!(dockerfile(&RULE, "FROM a\nEXPOSE 80 80/Tcp 53/UDP\n"), ["Tcp", "UDP"]);
    }

    #[test]
    fn the_fix_keeps_the_port() {
        assert_eq!(Trial::of(&RULE).fixed("Dockerfile", "FROM a\nEXPOSE 1-2/UDP 3\n"), "FROM a\nEXPOSE 1-2/udp 3\n");
    }
}
