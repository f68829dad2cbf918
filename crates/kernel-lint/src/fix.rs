//! Applying fixes.

use std::collections::BTreeMap;

use findings::{Applicability, Edit, Finding, Source};

/// The texts that fixes come to, by the names of their files. Of fixes that touch each other the
/// first is taken; the others are for the next time.
pub fn apply(
    findings: &[Finding],
    allowed: Applicability,
    files: &[Source],
) -> BTreeMap<String, String> {
    let mut chosen: BTreeMap<&str, Vec<&Edit>> = BTreeMap::new();
    for fix in findings.iter().filter_map(|finding| finding.fix.as_ref()) {
        if fix.applicability > allowed {
            continue;
        }
        let fits = fix.edits.iter().all(|edit| {
            let is_known = files.contains(&edit.source);
            let taken = chosen.get(edit.source.name()).into_iter().flatten();
            let mut taken = taken.map(|other| &other.range);
            is_known
                && !taken
                    .any(|other| edit.range.start <= other.end && other.start <= edit.range.end)
        });
        if fits {
            for edit in &fix.edits {
                chosen.entry(edit.source.name()).or_default().push(edit);
            }
        }
    }
    chosen
        .into_iter()
        .filter_map(|(name, edits)| {
            let source = &edits.first()?.source;
            let text = Edit::apply(source.text(), &edits).ok()?;
            Some((name.to_owned(), text))
        })
        .collect()
}
