//! The base with the answers on top, completed as `conf --olddefconfig` does.

use kconfig::{Session, SymbolType, Tree};
use kernel_config::Fragment;

use crate::answers::Answers;
use crate::base::Base;
use crate::loss::Inquest;
use crate::resolution::{Fate, Outcome, Resolution, inquire};

pub(crate) fn resolve<'t>(tree: &'t Tree, base: &Base, answers: &Answers) -> Resolution<'t> {
    let (text, mut warnings) = base.text(tree);
    let mut content = text.to_vec();
    if !content.ends_with(b"\n") {
        content.push(b'\n');
    }
    content.extend_from_slice(fragment(tree, answers).as_bytes());
    let mut session = Session::new(tree);
    session.load_config(base.file_name(), &content);
    // What is wrong with an answer is told by its fate, with where it comes from.
    let base_lines = text.split(|byte| *byte == b'\n').count();
    let said = session.take_warnings();
    warnings.extend(said.into_iter().filter(|warning| {
        warning
            .place
            .as_ref()
            .is_none_or(|place| (place.line as usize) < base_lines)
    }));
    let config = session.write_config();
    let mut fates: Vec<Fate> = answers
        .iter()
        .map(|(name, answer)| Fate {
            name: name.to_owned(),
            wanted: answer.value.clone(),
            optional: answer.optional,
            outcome: outcome(&mut session, name, &answer.value),
            loss: None,
        })
        .collect();
    inquire(
        &mut fates,
        &mut Inquest {
            session: &mut session,
            answers,
            asked: None,
        },
    );
    Resolution {
        config,
        fates,
        warnings,
        session,
        driver: None,
    }
}

/// The answers as lines of a `.config`.
fn fragment(tree: &Tree, answers: &Answers) -> String {
    let is_string = |name: &str| match tree.kind(tree.find(name)?) {
        SymbolType::String => Some(true),
        SymbolType::Unknown => None,
        _ => Some(false),
    };
    let answers = answers.iter();
    let fragment: Fragment = answers
        .map(|(name, answer)| (name, answer.value.as_str()))
        .collect();
    fragment.to_config_with(is_string)
}

fn outcome(session: &mut Session<'_>, name: &str, wanted: &str) -> Outcome {
    let known = session
        .find(name)
        .filter(|&symbol| session.tree().kind(symbol) != SymbolType::Unknown);
    let Some(symbol) = known else {
        return Outcome::Unused;
    };
    let got = session.value(symbol);
    if got == wanted {
        Outcome::Reached
    } else {
        Outcome::Changed { got }
    }
}
