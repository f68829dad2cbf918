//! What an assignment costs is what follows from it, however large the tree is: counted in values
//! computed, not in time.

use kconfig::conf::{Dialogue, Question, QuestionKind, ask_all};
use kconfig::{Diagnostic, Environment, Generation, MemoryFiles, Messages, NoShell};
use kconfig::{ParseOptions, Session, Tree};

/// Pairs of symbols of which the second needs the first; nothing joins one pair to another.
fn pairs(count: usize) -> String {
    let mut text = String::new();
    for pair in 0..count {
        text.push_str(&format!(
            "config A{pair}\n\tbool \"a\"\n\n\
             config B{pair}\n\tbool \"b\" if A{pair}\n\tdefault y if A{pair}\n"
        ));
    }
    text
}

/// Answers `y` to everything.
struct Yes {
    questions: u64,
}

impl Dialogue for Yes {
    fn show(&mut self, _: &[u8]) {}

    fn answer(&mut self, question: &Question) -> Option<Vec<u8>> {
        self.questions += 1;
        assert!(matches!(question.kind, QuestionKind::Tristate { .. }));
        Some(b"y\n".to_vec())
    }

    fn is_at_end(&self) -> bool {
        false
    }

    fn complain(&mut self, _: Diagnostic) {}

    fn complain_text(&mut self, _: &str) {}
}

/// How many values are computed for each question, beyond computing each once.
fn evaluations_per_question(pairs_count: usize, generation: Generation) -> u64 {
    let files: MemoryFiles = [("Kconfig", pairs(pairs_count))].into_iter().collect();
    let environment = Environment::new();
    let options = ParseOptions {
        root: "Kconfig",
        environment: &environment,
        generation,
    };
    let tree = Tree::parse(&options, &files, &mut NoShell, &mut Messages::default()).unwrap();
    let mut session = Session::new(&tree);
    session.load_nothing();
    let mut yes = Yes { questions: 0 };
    ask_all(&mut session, &mut yes).unwrap();
    assert_eq!(yes.questions, 2 * pairs_count as u64);
    let once = 2 * (2 * pairs_count as u64 + 10);
    session.evaluations().saturating_sub(once) / yes.questions
}

#[test]
fn an_assignment_costs_what_follows_from_it() {
    for generation in [Generation::new(6, 1), Generation::new(6, 12)] {
        for pairs in [10, 100, 1000] {
            let cost = evaluations_per_question(pairs, generation);
            assert!(cost <= 3, "{pairs} pairs, {generation}: {cost}");
        }
    }
}
