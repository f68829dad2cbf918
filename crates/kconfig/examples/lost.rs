//! Which lines of a `.config` come to nothing in a tree, and why.
//!
//! ```sh
//! cargo run --example lost -- fixtures/kconfig/mini some.config
//! ```

use std::error::Error;

use kconfig::{Environment, Folder, Generation, Messages, NoShell};
use kconfig::{ParseOptions, Session, SymbolId, Tree, Tristate};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(folder), Some(config)) = (arguments.next(), arguments.next()) else {
        return Err("usage: lost TREE CONFIG".into());
    };
    let environment: Environment = [("ARCH", "x86_64"), ("SRCARCH", "x86")]
        .into_iter()
        .collect();
    let files = Folder::new(&folder);
    let options = ParseOptions {
        root: "Kconfig",
        environment: &environment,
        generation: kconfig::conf::tell_generation(&environment, &files)
            .unwrap_or(Generation::NEWEST),
    };
    let mut messages = Messages::default();
    let tree = Tree::parse(&options, &files, &mut NoShell, &mut messages)?;

    let mut session = Session::new(&tree);
    session.load_config(&config, &std::fs::read(&config)?);
    for warning in session.take_warnings() {
        println!("{warning}");
    }
    for symbol in tree.symbols() {
        let Some(wanted) = session.assignment(symbol) else {
            continue;
        };
        let value = session.value(symbol);
        if value != wanted {
            let why = reason(&mut session, symbol);
            println!("{}: {wanted} became {value}: {why}", tree.name(symbol));
        }
    }
    Ok(())
}

/// What kept an assignment from taking effect.
fn reason(session: &mut Session<'_>, symbol: SymbolId) -> String {
    let tree = session.tree();
    let why = session.why(symbol);
    if why.visibility == Tristate::No {
        return match tree.direct_dependency(symbol) {
            Some(expr) if why.direct == Tristate::No => {
                let unmet = session.unmet(expr, Tristate::Yes);
                let names: Vec<&str> = unmet
                    .iter()
                    .flat_map(|&part| tree.symbols_in(part))
                    .map(|symbol| tree.name(symbol))
                    .collect();
                format!("its dependencies are not met ({})", names.join(", "))
            }
            _ => "it is not asked for".to_owned(),
        };
    }
    let selectors = session.selection_chain(symbol);
    if let Some(cause) = selectors.first() {
        return format!("{} selects it", tree.name(cause.symbol));
    }
    if why.range.is_some() {
        return "out of range".to_owned();
    }
    "another member of its choice counts, or modules are off".to_owned()
}
