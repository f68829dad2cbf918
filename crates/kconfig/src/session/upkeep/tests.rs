//! Values kept up to date are those that computing everything anew gives: the same questions,
//! warnings and files, in the same order.

use crate::conf::{Dialogue, Question, QuestionKind, ask_all};
use crate::diagnostics::{Diagnostic, Messages};
use crate::environment::Environment;
use crate::files::MemoryFiles;
use crate::generation::Generation;
use crate::parse::ParseOptions;
use crate::probe::NoShell;
use crate::session::Session;
use crate::tree::Tree;
use proptest::prelude::*;

/// Random numbers by which a tree and answers are made.
#[derive(Debug, Clone)]
struct Numbers(Vec<u32>, usize);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.1 += 1;
        let number = self.0[self.1 % self.0.len()] as usize + self.1 / self.0.len();
        number % limit
    }

    fn sometimes(&mut self, one_of: usize) -> bool {
        self.below(one_of) == 0
    }
}

/// An expression over symbols before `limit`.
fn expression(numbers: &mut Numbers, limit: usize) -> String {
    let symbol = format!("S{}", numbers.below(limit.max(1)));
    match numbers.below(8) {
        0 => format!("!{symbol}"),
        1 => format!("{symbol} && {}", expression(numbers, limit)),
        2 => format!("({symbol} || {})", expression(numbers, limit)),
        3 => format!("{symbol} != y"),
        4 => format!("{symbol} = m"),
        _ => symbol,
    }
}

fn condition(numbers: &mut Numbers, limit: usize) -> String {
    if numbers.sometimes(2) {
        format!(" if {}", expression(numbers, limit))
    } else {
        String::new()
    }
}

/// A tree whose symbols depend on those before them.
fn kconfig(numbers: &mut Numbers) -> String {
    let mut text = "config MODULES\n\tbool \"modules\"\n\tmodules\n\tdefault y\n".to_owned();
    let mut in_choice = 0;
    // Members of a choice may not depend on each other.
    let mut choice_start = 0;
    for index in 0..18 {
        if in_choice == 0 && index > 0 && numbers.sometimes(6) {
            text.push_str("choice\n\tprompt \"choice\"\n");
            if numbers.sometimes(2) {
                text.push_str(&format!("\tdepends on {}\n", expression(numbers, index)));
            }
            in_choice = 2 + numbers.below(3);
            choice_start = index;
        }
        let limit = if in_choice > 0 { choice_start } else { index };
        text.push_str(&format!("config S{index}\n"));
        let kind = match numbers.below(6) {
            _ if in_choice > 0 => "bool",
            0 | 1 => "bool",
            2 => "int",
            _ => "tristate",
        };
        let prompt = if in_choice > 0 || !numbers.sometimes(4) {
            format!(" \"prompt {index}\"{}", condition(numbers, limit))
        } else {
            String::new()
        };
        text.push_str(&format!("\t{kind}{prompt}\n"));
        if numbers.sometimes(3) {
            text.push_str(&format!("\tdepends on {}\n", expression(numbers, limit)));
        }
        if in_choice > 0 {
            in_choice -= 1;
            if in_choice == 0 {
                text.push_str("endchoice\n");
            }
            continue;
        }
        if kind == "int" {
            text.push_str(&format!("\tdefault {}\n", numbers.below(3)));
            continue;
        }
        if numbers.sometimes(2) {
            let value = ["y", "m", "S0"][numbers.below(3)];
            text.push_str(&format!("\tdefault {value}{}\n", condition(numbers, index)));
        }
        for word in ["select", "imply"] {
            if numbers.sometimes(3) {
                let target = (index + 1 + numbers.below(6)).min(17);
                text.push_str(&format!(
                    "\t{word} S{target}{}\n",
                    condition(numbers, index)
                ));
            }
        }
    }
    if in_choice > 0 {
        text.push_str("endchoice\n");
    }
    text
}

/// Answers by chance, and keeps all that is said.
struct Chance<'n> {
    numbers: &'n mut Numbers,
    said: Vec<u8>,
    questions: usize,
}

impl Dialogue for Chance<'_> {
    fn show(&mut self, text: &[u8]) {
        for line in text.split_inclusive(|&byte| byte == b'\n') {
            // Help texts give values that may be of an earlier time.
            let is_help = memchr::memmem::find(line, b"[=").is_some();
            let line = if is_help { b"help\n" } else { line };
            self.said.extend_from_slice(line);
        }
    }

    fn answer(&mut self, question: &Question) -> Option<Vec<u8>> {
        self.questions += 1;
        if self.questions > 300 {
            return None;
        }
        let answer = match question.kind {
            QuestionKind::Tristate { offer, .. } => match self.numbers.below(4) {
                0 if offer.no => "n".to_owned(),
                1 if offer.module => "m".to_owned(),
                2 if offer.yes => "y".to_owned(),
                _ => String::new(),
            },
            QuestionKind::Text => ["", "1", "2", "7"][self.numbers.below(4)].to_owned(),
            QuestionKind::Choice { members, .. } => {
                (1 + self.numbers.below(members.max(1))).to_string()
            }
        };
        Some(format!("{answer}\n").into_bytes())
    }

    fn is_at_end(&self) -> bool {
        self.questions > 300
    }

    fn complain(&mut self, diagnostic: Diagnostic) {
        self.said.extend_from_slice(&diagnostic.printed);
    }

    fn complain_text(&mut self, text: &str) {
        self.said.extend_from_slice(text.as_bytes());
    }
}

/// Everything that two passes of questions say and write.
fn transcript(tree: &Tree, numbers: &Numbers, forgets_everything: bool) -> String {
    let mut numbers = numbers.clone();
    let mut said = Vec::new();
    let mut config = Vec::new();
    for _ in 0..2 {
        let mut session = Session::new(tree);
        if forgets_everything {
            session.forget_everything();
        }
        session.load_config(".config", &config);
        let mut chance = Chance {
            numbers: &mut numbers,
            said: Vec::new(),
            questions: 0,
        };
        let _ = ask_all(&mut session, &mut chance);
        said.extend(chance.said);
        config = session.write_config();
        for warning in session.take_warnings() {
            said.extend(warning.printed);
        }
        said.extend_from_slice(&config);
    }
    String::from_utf8_lossy(&said).into_owned()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn values_are_those_of_computing_everything_anew(
        numbers in proptest::collection::vec(any::<u32>(), 40..200),
        new in any::<bool>(),
    ) {
        let mut numbers = Numbers(numbers.iter().map(|n| n >> 8).collect(), 0);
        let text = kconfig(&mut numbers);
        let files: MemoryFiles = [("Kconfig", text.clone())].into_iter().collect();
        let generation = if new { Generation::new(6, 12) } else { Generation::new(6, 1) };
        let environment = Environment::new();
        let options = ParseOptions { root: "Kconfig", environment: &environment, generation };
        let mut messages = Messages::default();
        // Some depend on themselves by way of a select.
        let Ok(tree) = Tree::parse(&options, &files, &mut NoShell, &mut messages) else {
            return Ok(());
        };
        let expected = transcript(&tree, &numbers, true);
        let actual = transcript(&tree, &numbers, false);
        let differing = expected.lines().zip(actual.lines()).find(|(one, other)| one != other);
        prop_assert!(expected == actual, "{differing:?}\n{text}\n--- expected\n{expected}\n--- actual\n{actual}");
    }
}
