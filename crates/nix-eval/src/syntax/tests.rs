//! Laws of the parser.

use bumpalo::Bump;
use proptest::prelude::*;

use super::attrs::AttrIndex;
use super::build::{Builder, WellKnown};
use super::errors::AUTOMATON;
use super::lexer::Lexer;
use crate::error::ErrorKind;
use crate::features::{Features, Lints};
use crate::source::SourceFile;
use crate::symbol::Symbols;

/// Pieces of Nix, so that random texts get far into the grammar.
const PIECES: [&str; 66] = [
    "x", "y:", "z", " ", " ", " ", "\n", "{", "}", "(", ")", "[", "]", "\"", "''", "${", "$", "'",
    "\\", "a/b", "./", "/", "~/a", "<n/x>", "http://e", "if ", "then ", "else ", "assert ",
    "with ", "let ", "in ", "rec ", "inherit ", "or ", "==", "!=", "<", ">", "<=", ">=", "//",
    "++", "&&", "||", "->", "!", "+", "-", "*", "/ ", "?", ":", "@", ";", ".", "=", ",", "...",
    "1", "1.5", "|>", "<|", "# c\n", "/* c */", "\r\n",
];

/// What comes of parsing a text: the message, if it is not accepted.
fn parse(text: &str) -> Result<(), (ErrorKind, String)> {
    let heap = Bump::new();
    let names = Bump::new();
    let mut symbols = Symbols::new(&names);
    let known = WellKnown::new(&mut symbols);
    let source = SourceFile::detached(text);
    let base_dir = "/".as_ref();
    let mut warn = |_: &str| {};
    let home = Some("/home/somebody".as_ref());
    let builder = Builder {
        heap: &heap,
        symbols: &mut symbols,
        known: &known,
        source: &source,
        base_dir,
        home,
        index: AttrIndex::default(),
        cuts: super::Cuts::default(),
        features: Features::of_the_language(),
        lints: Lints::default(),
        warn: &mut warn,
    };
    super::parse(builder)
        .map(|_| ())
        .map_err(|error| (error.kind, error.message))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    /// The parser accepts nothing but what the grammar says, and almost all of it.
    #[test]
    fn parser_and_grammar_agree(picks in prop::collection::vec(0..PIECES.len(), 0..24)) {
        let text: String = picks.into_iter().map(|pick| PIECES[pick]).collect();
        let mut lexer = Lexer::new(text.as_bytes());
        let by_grammar = AUTOMATON.run(|| lexer.next());
        match parse(&text) {
            Ok(()) => prop_assert!(matches!(by_grammar, Ok(None)), "{text:?} is accepted"),
            Err((_, message)) if message.starts_with("syntax error") => {
                prop_assert!(matches!(by_grammar, Ok(Some(_))), "{text:?}: {message}");
            }
            // What rnix does not read, names that are defined twice, and the like.
            Err(_) => {}
        }
    }

    /// Any text has a value or an error.
    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>()) {
        let _ = parse(&text);
    }
}

#[test]
fn deep_nesting_is_an_error() {
    for piece in [
        "(", "[", "{a=", "!", "-", "a: ", "a.b or ", "\"${", "''${", "if ", "with ", "f <| ", "a++",
    ] {
        let text = piece.repeat(200_000);
        assert!(parse(&text).is_err(), "{piece}");
    }
    let chain = format!("1{}", "+1".repeat(200_000));
    assert!(matches!(parse(&chain), Err((ErrorKind::Limit, _))));
    let path = format!("{{ a{} = 1; }}", ".a".repeat(200_000));
    assert!(matches!(parse(&path), Err((ErrorKind::Limit, _))));
}
