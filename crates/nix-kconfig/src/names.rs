//! Finding an option by the name that a user gives.

use findings::Finding;
use kconfig::{SymbolId, Tree};

/// How many names are proposed.
const PROPOSED: usize = 3;

/// The symbol of a name.
///
/// # Errors
/// When the tree has no such symbol, with the names that are like it.
pub(crate) fn find(tree: &Tree, name: &str) -> Result<SymbolId, Box<Finding>> {
    if let Some(symbol) = tree.find(name).filter(|&symbol| tree.is_defined(symbol)) {
        return Ok(symbol);
    }
    let mut like: Vec<(f64, &str)> = tree
        .symbols()
        .map(|symbol| tree.name(symbol))
        .map(|known| {
            (
                strsim::jaro_winkler(&name.to_ascii_uppercase(), known),
                known,
            )
        })
        .filter(|&(likeness, _)| likeness > 0.88)
        .collect();
    like.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    let proposed: Vec<&str> = like
        .iter()
        .take(PROPOSED)
        .map(|&(_, known)| known)
        .collect();
    let message = Finding::failure(format!("no Kconfig file of this tree defines {name}"));
    Err(Box::new(if proposed.is_empty() {
        message.with_help(
            "the tree may be of another version, or the option of another architecture (--system)",
        )
    } else {
        message.with_help(format!("did you mean {}?", proposed.join(" or ")))
    }))
}
