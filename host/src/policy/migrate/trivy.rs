//! `.trivyignore`: an id in each line, perhaps with the day on which it ends.

use std::sync::Arc;

use super::super::RuleNames;
use super::Carried;
use crate::document::{Source, Span};

pub(super) fn read(source: &Arc<Source>, names: &RuleNames) -> Carried {
    let mut carried = Carried { base: "trivy-default".to_owned(), tool: "trivy", ..Carried::default() };
    let mut start = 0;
    for line in source.text().split_inclusive('\n') {
        let span = Span::new(start, start + line.trim_end().len() as u32);
        start += line.len() as u32;
        let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
        let Some(id) = words.next() else { continue };
        if names.find(id).is_empty() {
            carried.leave(span, format!("no rule stands for `{id}`"));
            continue;
        }
        if let Some(end) = words.find_map(|word| word.strip_prefix("exp:")) {
            carried.leave(span, format!("that `{id}` is ignored until {end} only"));
        }
        carried.skip.push(id.to_owned());
    }
    carried
}
