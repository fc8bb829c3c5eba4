//! Numbers of users and groups that are likely to exist on the node as well. No rule belongs here.

use hullmark_sdk::OptionSpec;
use hullmark_sdk::prelude::*;

use crate::context::{Once, Setting, linux_containers};

/// Options of the rules on low numbers.
pub(crate) const OPTIONS: &[OptionSpec] = &[
    OptionSpec::integer("minimum", 10_000, 1, "the lowest number that is accepted"),
    OptionSpec::flag("missing", false, "also report containers for which no number is set"),
    OptionSpec::flag("root", false, "also report the number 0"),
];

/// Reports numbers in a field of security contexts that are too low, or missing. The aliases are those of the tools that
/// would report this number, of a container of this role.
pub(crate) fn judge(
    pod: &Pod,
    report: &mut Report,
    (field, what): (&str, &str),
    aliases: fn(Option<i64>, Role) -> Vec<&'static str>,
) {
    if pod.get("hostUsers").and_then(Node::boolean) == Some(false) {
        return;
    }
    let options = report.options();
    let (minimum, missing) = (options.integer("minimum"), options.flag("missing"));
    let lowest = if options.flag("root") { 0 } else { 1 };
    let mut once = Once::default();
    for container in linux_containers(pod) {
        if let Some(setting) = Setting::of(&container, &[field]) {
            let Some(id) = setting.node.integer().filter(|id| (lowest..minimum).contains(id)) else { continue };
            if once.is_first(setting) {
                let message = format!("{} runs as {what} `{id}`, below {minimum}", setting.title(&container));
                report.finding(setting.node, message).aliases(&aliases(Some(id), setting.role(&container)));
            }
        } else if missing && !pod.document().is_fragment() {
            let message = format!("{} runs as whatever {what} its image names", container.title());
            let place = container.anchor(&["securityContext", field]);
            report.finding(place, message).aliases(&aliases(None, container.role()));
        }
    }
}
