use hullmark_sdk::prelude::*;

rule! {
    /// The image has the tag `latest`, which names another image tomorrow.
    ///
    /// ## What it checks
    ///
    /// Images of `FROM` and of containers whose tag is `latest` and which have no digest.
    level: Warning,
    tags: &["reproducibility"],
    aliases: &["DL3007", "latest-tag", "KSV-0013", "CKV_K8S_14"],
    fragments: true,
    checks: &[Instruction("FROM", from), Container(container)],
}

fn from(instruction: &Instruction, report: &mut Report) {
    if let Some(image) = instruction.image() {
        judge(&image, report);
    }
}

fn container(container: &Container, report: &mut Report) {
    if let Some(image) = container.image() {
        judge(&image, report);
    }
}

fn judge(image: &Image, report: &mut Report) {
    if image.tag() == Some("latest") && image.digest().is_none() {
        report.finding(image.tag_place(), format!("image `{}` has the tag `latest`", image.text()));
    }
}
