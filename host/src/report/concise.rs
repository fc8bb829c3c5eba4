//! One line for each finding, `path:line:column: level rule message`, as editors and `grep` take it.

use std::io::{self, Write};

use super::excerpt::clean;
use super::{Context, place};
use crate::finding::{Finding, Notification, Outcome, Place};

pub(super) fn write(outcome: &Outcome, _: &Context<'_>, to: &mut dyn Write) -> io::Result<()> {
    for finding in &outcome.findings {
        writeln!(to, "{}", line(finding))?;
    }
    for notification in &outcome.notifications {
        writeln!(to, "{}", notification_line(notification))?;
    }
    Ok(())
}

/// A finding on one line.
pub(super) fn line(finding: &Finding) -> String {
    let Place { source, span } = &finding.place;
    let region = place::region(source, *span);
    format!(
        "{}:{}:{}: {} {} {}",
        clean(source.path()),
        region.start_line,
        region.start_column,
        finding.level.as_str(),
        clean(&finding.rule),
        clean(&finding.message)
    )
}

/// A notification on one line.
pub(super) fn notification_line(notification: &Notification) -> String {
    let place = notification.path.as_deref().unwrap_or("hullmark");
    format!("{}: {} {}", clean(place), notification.level.as_str(), notification_text(notification))
}

/// What a notification says, with its plugin.
pub(super) fn notification_text(notification: &Notification) -> String {
    let plugin = notification.plugin.as_ref().map(|plugin| format!("plugin `{plugin}`: "));
    clean(&format!("{}{}", plugin.unwrap_or_default(), notification.message))
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::samples::{full, hostile, written};
    use super::*;

    #[test]
    fn each_finding_and_notification_is_one_line() {
        let want = "app/Dockerfile:1:6: warning image/latest-tag `nginx` has no tag, so `CMD [\"a\"]` may change
app/Dockerfile:4:6: error image/root the image runs as `root`
deploy/web app.yaml:10:18: note image/latest-tag `nginx` has no tag
a b.yaml: error cannot be read: check its permissions
hullmark: warning plugin `image`: took long: raise its fuel
";
        assert_eq!(written(Format::Concise, &full(), &Context::default()), want);
    }

    #[test]
    fn a_line_end_in_a_name_makes_no_line() {
        let text = written(Format::Concise, &hostile(), &Context::default());
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(!text.contains('\u{1b}'));
    }
}
