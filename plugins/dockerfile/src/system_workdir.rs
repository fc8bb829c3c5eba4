use hullmark_sdk::prelude::*;

rule! {
    /// `WORKDIR` lies in a folder of the system.
    ///
    /// ## What it checks
    ///
    /// Paths at and below `/proc`, `/sys`, `/dev`, `/boot`, `/initrd` and `/lost+found`.
    ///
    /// ## Why it matters
    ///
    /// The runtime mounts its own `/proc`, `/sys` and `/dev` over what the image has there, so files that the build puts into
    /// them are gone; a process that writes there talks to the kernel.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM alpine:3.22
    /// WORKDIR /dev/app
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM alpine:3.22
    /// WORKDIR /developer/app
    /// ```
    ///
    /// ## How to fix
    ///
    /// Choose a folder of the application, such as `/app`.
    ///
    /// ## Other tools
    ///
    /// Trivy misses the folders themselves (`WORKDIR /proc`), and `/sys`.
    tags: &["correctness"],
    aliases: &["DS-0030"],
    references: &["https://docs.docker.com/reference/dockerfile/#workdir"],
    checks: &[Instruction("WORKDIR", workdir)],
}

const SYSTEM: [&str; 6] = ["/proc", "/sys", "/dev", "/boot", "/initrd", "/lost+found"];

fn workdir(workdir: &Instruction, report: &mut Report) {
    let Some(word) = workdir.arguments().next() else { return };
    let Some(path) = word.resolved() else { return };
    let below =
        |folder: &&&str| path.strip_prefix(**folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let Some(folder) = SYSTEM.iter().find(below) else { return };
    let finding =
        report.finding(word, format!("working directory `{path}` lies in `{folder}`, which belongs to the system"));
    if path == *folder || *folder == "/sys" {
        finding.aliases(&[]);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn names_that_begin_alike_are_fine() {
        assert_eq!(
            dockerfile(&RULE, "FROM a\nWORKDIR /developer\nWORKDIR /app/proc\nWORKDIR proc\nWORKDIR /$X\n"),
            [""; 0]
        );
    }

    #[test]
    fn the_folder_and_what_is_below_are_flagged() {
        assert_eq!(
            dockerfile(&RULE, "FROM a\nARG D=/boot\nWORKDIR /proc\nWORKDIR \"/dev/x\"\nWORKDIR $D/x\n"),
            ["/proc", "\"/dev/x\"", "$D/x"]
        );
    }
}
