use hullmark_sdk::prelude::*;

rule! {
    /// `EXPOSE` names a port that cannot exist.
    ///
    /// ## What it checks
    ///
    /// Port numbers and both ends of ranges in every `EXPOSE`: none may be above 65535, and a range may not end before it begins. A word with a variable is passed over.
    ///
    /// ## Why it matters
    ///
    /// The build stops at such a port.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM nginx:1.29.1
    /// EXPOSE 80800
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM nginx:1.29.1
    /// EXPOSE 8080 9000-9010/udp
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write a port from 1 to 65535.
    ///
    /// ## Other tools
    ///
    /// Trivy does not look at ranges, and hadolint not at their order.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/reference/dockerfile/#expose>
    level: Error,
    tags: &["correctness"],
    aliases: &["DL3011", "DS-0008"],
    checks: &[Instruction("EXPOSE", expose)],
    references: &["https://docs.docker.com/reference/dockerfile/#expose"],
}

const TOO_GREAT: &str = "has a port above 65535";

fn expose(instruction: &Instruction, report: &mut Report) {
    for port in instruction.arguments() {
        let written = port.value().unwrap_or_default();
        if let Some(fault) = fault(written) {
            let finding = report.finding(port, format!("`{written}` {fault}"));
            let is_single = written.split('/').next().and_then(number).is_some();
            finding.aliases_if(&[("DL3011", fault == TOO_GREAT), ("DS-0008", is_single)]);
        }
    }
}

fn fault(written: &str) -> Option<&'static str> {
    let range = written.split('/').next().unwrap_or_default();
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    let (first, last) = (number(first)?, number(last)?);
    if first.max(last) > 65535 {
        return Some(TOO_GREAT);
    }
    (last < first).then_some("ends before it begins")
}

/// A number; nothing for names, variables and addresses. One of too many digits is as good as the greatest.
fn number(written: &str) -> Option<u64> {
    let digits = !written.is_empty() && written.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| written.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn the_greatest_port_exists() {
        assert_eq!(dockerfile(&RULE, "FROM a\nEXPOSE 65535 1-65535/udp 8080-8080\n"), [""; 0]);
    }

    #[test]
    fn what_is_no_number_is_passed_over() {
        assert_eq!(dockerfile(&RULE, "FROM a\nEXPOSE $PORT ${PORT}70000 web 1-$LAST\n"), [""; 0]);
    }

    #[test]
    fn too_great_ports_are_flagged() {
        let text = "FROM a\nEXPOSE 65536 80 1-70000/tcp 99999999999999999999999\n";
        assert_eq!(dockerfile(&RULE, text), ["65536", "1-70000/tcp", "99999999999999999999999"]);
    }

    #[test]
    fn a_range_backwards_is_flagged() {
        assert_eq!(dockerfile(&RULE, "FROM a\nEXPOSE 9010-9000\n"), ["9010-9000"]);
    }
}
