//! From files to a [`Tree`].

mod builder;
mod check;
mod finish;
mod grammar;
pub(crate) mod lexer;
mod macros;
mod simplify;
mod validate;

pub(crate) use builder::is_space;

use crate::diagnostics::{Diagnostic, Messages, Place, Reporter, Severity};
use crate::environment::Environment;
use crate::files::FileSource;
use crate::generation::Generation;
use crate::probe::{ProbeError, ProbeOutput, Prober};
use crate::tree::{SourceFile, SourceText, Tree};
use grammar::Parser;
use lexer::{Lexer, Token};
use macros::Macros;
use std::sync::Arc;

/// What parsing needs besides the files.
#[derive(Debug, Clone, Copy)]
pub struct ParseOptions<'a> {
    /// The top file, usually `Kconfig`.
    pub root: &'a str,
    /// The variables that `$(NAME)` and the search for files see.
    pub environment: &'a Environment,
    /// Whose Kconfig is spoken.
    pub generation: Generation,
}

/// A tree could not be read. What is wrong has been told to the [`Reporter`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the Kconfig files have errors")]
pub struct ParseError;

impl Tree {
    /// Reads a tree of Kconfig files.
    ///
    /// Messages go to `reporter` as they arise, with the words of `conf`.
    ///
    /// # Errors
    /// Where `conf` would end with a failure: a file is missing, a statement is malformed, a
    /// macro asks to stop, symbols depend on each other.
    pub fn parse(
        options: &ParseOptions<'_>,
        files: &dyn FileSource,
        prober: &mut dyn Prober,
        reporter: &mut dyn Reporter,
    ) -> Result<Self, ParseError> {
        prober.begin(options, files);
        let Some(content) = open(files, options.environment, options.root, reporter)? else {
            let text = format!("can't find file {}\n", options.root);
            reporter.diagnostic(Diagnostic::bare(Severity::Error, None, text.into_bytes()));
            return Err(ParseError);
        };
        let top = SourceFile {
            name: options.root.to_owned(),
            text: SourceText::Held(content),
        };
        let macros = Macros::new(options.environment, prober, reporter);
        let lexer = Lexer::new(macros, options.generation, top);
        let parsed = Parser::new(lexer, files, options).parse()?;
        let mut tree = finish::finish(parsed, reporter);
        if !check::check(&mut tree, reporter) {
            return Err(ParseError);
        }
        let buckets = tree.generation.hash_buckets();
        tree.hash_order = tree.symbols.hash_order(&tree.texts, buckets);
        tree.exprs.finish();
        Ok(tree)
    }
}

/// Reads a tree for nothing but the commands in it, as far as that goes.
pub(crate) fn read_ahead(
    options: &ParseOptions<'_>,
    files: &dyn FileSource,
    prober: &mut dyn Prober,
) {
    let mut nobody = Messages::default();
    let Ok(Some(content)) = open(files, options.environment, options.root, &mut nobody) else {
        return;
    };
    let top = SourceFile {
        name: options.root.to_owned(),
        text: SourceText::Held(content),
    };
    let macros = Macros::new(options.environment, prober, &mut nobody);
    let lexer = Lexer::new(macros, options.generation, top);
    // What is wrong is told when the tree is read in earnest.
    let _ = Parser::new(lexer, files, options).parse();
}

/// How many tokens a file splits into: the least that reading a tree takes, to measure against.
#[doc(hidden)]
pub fn count_tokens(content: &[u8]) -> usize {
    let environment = Environment::new();
    let mut nobody = Messages::default();
    let mut silence = Silence;
    let macros = Macros::new(&environment, &mut silence, &mut nobody);
    let top = SourceFile {
        name: String::new(),
        text: SourceText::Held(content.into()),
    };
    let mut lexer = Lexer::new(macros, Generation::NEWEST, top);
    let mut count = 0;
    loop {
        match lexer.next() {
            Ok(Token::End) | Err(_) => return count,
            Ok(Token::Help) => {
                // The line's end stands before the text.
                let _ = lexer.next();
                lexer.scan_help();
            }
            Ok(_) => {}
        }
        count += 1;
    }
}

/// Answers every command with nothing.
struct Silence;

impl Prober for Silence {
    fn run(&mut self, _: &str) -> Result<ProbeOutput, ProbeError> {
        Ok(ProbeOutput::default())
    }
}

/// Seeks a file in the working folder, then under `$srctree` (`zconf_fopen`).
pub(crate) fn open(
    files: &dyn FileSource,
    environment: &Environment,
    name: &str,
    reporter: &mut dyn Reporter,
) -> Result<Option<Arc<[u8]>>, ParseError> {
    let mut report = |error: std::io::Error| {
        let text = format!("{name}: {error}\n");
        let place = Place {
            file: name.to_owned(),
            line: 0,
            column: 0,
        };
        reporter.diagnostic(Diagnostic::bare(
            Severity::Error,
            Some(place),
            text.into_bytes(),
        ));
        ParseError
    };
    if let Some(content) = files.read(name).map_err(&mut report)? {
        return Ok(Some(content));
    }
    match environment.get("srctree") {
        Some(folder) if !name.starts_with('/') => {
            files.read(&format!("{folder}/{name}")).map_err(&mut report)
        }
        _ => Ok(None),
    }
}
