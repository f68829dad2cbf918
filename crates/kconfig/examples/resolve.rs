//! A tree, answers to it, and what comes of them: no Nix, no kernel build, no command run.
//!
//! ```sh
//! cargo run --example resolve -- fixtures/kconfig/mini NET=y INET=n
//! ```
//!
//! Prints the `.config`; on standard error, why each answered symbol has its value.

use std::error::Error;

use kconfig::{Environment, Folder, Generation, Messages, NoShell};
use kconfig::{ParseOptions, Reason, Session, SymbolId, Tree};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("usage: resolve TREE NAME=VALUE…")?;
    let answers: Vec<String> = arguments.collect();

    // Everything that `$(NAME)` in the tree's files can see.
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
    let parsed = Tree::parse(&options, &files, &mut NoShell, &mut messages);
    for message in &messages.diagnostics {
        eprintln!("{message}");
    }
    let tree = parsed?;

    let mut session = Session::new(&tree);
    session.load_nothing();
    for answer in &answers {
        let (name, value) = answer.split_once('=').ok_or("an answer is NAME=VALUE")?;
        let symbol = session.find(name).ok_or_else(|| format!("no {name}"))?;
        if !session.answer(symbol, value) {
            eprintln!("{name}: {value} is not offered");
        }
        eprintln!(
            "{name} is {}: {}",
            session.value(symbol),
            because(&mut session, symbol)
        );
    }
    print!("{}", String::from_utf8_lossy(&session.write_config()));
    Ok(())
}

/// Why a symbol has its value, in words.
fn because(session: &mut Session<'_>, symbol: SymbolId) -> String {
    let tree = session.tree();
    let place = |statement| {
        let place = tree.statement(statement).place();
        format!("{}:{}", place.file, place.line)
    };
    match session.why(symbol).reason {
        Reason::Undefined => "no entry defines it".to_owned(),
        Reason::Assigned => "it was answered".to_owned(),
        Reason::Default(statement) => format!("by the default at {}", place(statement)),
        Reason::NoDefault => "nobody answered, and it has no default".to_owned(),
        Reason::Selected(causes) | Reason::Implied(causes) => {
            let by: Vec<String> = causes
                .iter()
                .map(|cause| format!("{} at {}", tree.name(cause.symbol), place(cause.statement)))
                .collect();
            format!("by {}", by.join(", "))
        }
        Reason::Chosen(_) => "its choice has it".to_owned(),
        Reason::NotChosen(..) => "its choice has another".to_owned(),
        Reason::Unreachable => "its dependencies are not met".to_owned(),
    }
}
