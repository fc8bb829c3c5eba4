//! Checkstyle's XML, which many tools read.

use std::io::{self, Write};

use super::markup::Escaped;
use super::tally::by_file;
use super::{Context, place};
use crate::finding::{Level, Outcome, Place};

pub(super) fn write(outcome: &Outcome, _: &Context<'_>, to: &mut dyn Write) -> io::Result<()> {
    writeln!(to, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<checkstyle version=\"4.3\">")?;
    for (path, findings) in by_file(&outcome.findings) {
        writeln!(to, "  <file name=\"{}\">", Escaped(path))?;
        for finding in findings {
            let Place { source, span } = &finding.place;
            let region = place::region(source, *span);
            writeln!(
                to,
                "    <error line=\"{}\" column=\"{}\" severity=\"{}\" message=\"{}\" source=\"{}\"/>",
                region.start_line,
                region.start_column,
                severity(finding.level),
                Escaped(&finding.message),
                Escaped(&finding.rule)
            )?;
        }
        writeln!(to, "  </file>")?;
    }
    writeln!(to, "</checkstyle>")
}

fn severity(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "info",
    }
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::samples::{full, hostile, outcome, written};
    use super::*;

    fn checkstyle(outcome: &Outcome) -> String {
        written(Format::Checkstyle, outcome, &Context::default())
    }

    #[test]
    fn findings_stand_under_their_files() {
        let want = r#"<?xml version="1.0" encoding="UTF-8"?>
<checkstyle version="4.3">
  <file name="app/Dockerfile">
    <error line="1" column="6" severity="warning" message="`nginx` has no tag, so `CMD [&quot;a&quot;]` may change" source="image/latest-tag"/>
    <error line="4" column="6" severity="error" message="the image runs as `root`" source="image/root"/>
  </file>
  <file name="deploy/web app.yaml">
    <error line="10" column="18" severity="info" message="`nginx` has no tag" source="image/latest-tag"/>
  </file>
</checkstyle>
"#;
        assert_eq!(checkstyle(&full()), want);
        assert!(checkstyle(&outcome(Vec::new())).ends_with("<checkstyle version=\"4.3\">\n</checkstyle>\n"));
    }

    #[test]
    fn no_text_is_markup() {
        let text = checkstyle(&hostile());
        assert!(text.contains("<file name=\"a&#10;::,]]&gt;&quot;&#39;%&lt;b&gt;`.yaml\">"), "{text}");
        assert_eq!((text.matches('<').count(), text.lines().count()), (6, 6), "{text}");
    }
}
