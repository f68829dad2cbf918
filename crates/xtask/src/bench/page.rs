//! Tables in `docs/performance.md`: each stands between two comments that name its
//! benchmark, and is replaced whole.

use std::fs;

use anyhow::{Context, Result};

use crate::workspace::Workspace;

/// The page, from the top of the repository.
const PAGE: &str = "docs/performance.md";

/// Replaces the table of a benchmark.
///
/// # Errors
///
/// The page has no place for it, or cannot be written.
pub(crate) fn write_section(workspace: &Workspace, name: &str, table: &str) -> Result<()> {
    let path = workspace.path(PAGE);
    let page = fs::read_to_string(&path).with_context(|| format!("no {PAGE}"))?;
    let page = with_section(&page, name, table)
        .with_context(|| format!("{PAGE} has no `<!-- bench {name} -->`"))?;
    fs::write(&path, page).with_context(|| format!("cannot write {PAGE}"))
}

fn with_section(page: &str, name: &str, table: &str) -> Option<String> {
    let start = format!("<!-- bench {name} -->\n");
    let end = format!("<!-- end of bench {name} -->");
    let from = page.find(&start)? + start.len();
    let to = from + page[from..].find(&end)?;
    Some(format!(
        "{}{}\n{}",
        &page[..from],
        table.trim_end(),
        &page[to..]
    ))
}

#[cfg(test)]
mod tests {
    use super::with_section;

    #[test]
    fn only_the_named_table_is_replaced() {
        let page = "a\n<!-- bench x -->\nold\n<!-- end of bench x -->\nb\n";
        assert_eq!(
            with_section(page, "x", "new\n").as_deref(),
            Some("a\n<!-- bench x -->\nnew\n<!-- end of bench x -->\nb\n")
        );
        assert_eq!(with_section(page, "y", "new\n"), None);
    }
}
