//! Reading and importing Nix files.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bumpalo::Bump;

use crate::attrs::Attrs;
use crate::builtins;
use crate::env::{Env, Slot};
use crate::error::{ErrorKind, EvalError, Result, Traced};
use crate::evaluator::Evaluator;
use crate::expr::Expr;
use crate::io::{FileType, OutsideAllowed, resolve_links};
use crate::path::canonical;
use crate::resolve::Resolver;
use crate::source::{Origin, SourceFile, Span};
use crate::symbol::Symbol;
use crate::syntax;
use crate::syntax::ast::Ast;
use crate::syntax::attrs::AttrIndex;
use crate::syntax::build::Builder;
use crate::value::{Lazy, Value};

impl<'h> Evaluator<'h> {
    /// Parses a text and resolves its variables. `outer` are the names that the
    /// scope around the text binds, in the order of its slots.
    pub(crate) fn parse(
        &mut self,
        text: impl AsRef<[u8]>,
        base_dir: &Path,
        origin: Origin,
        outer: &[Symbol],
    ) -> Result<&'h Expr<'h>> {
        let source = self.add_source(origin, text)?;
        let arena = Bump::new();
        let ast = self.build(&arena, &source, base_dir)?;
        self.resolve(&ast, &source, outer)
    }

    fn resolve(
        &mut self,
        ast: &Ast<'_>,
        source: &SourceFile,
        outer: &[Symbol],
    ) -> Result<&'h Expr<'h>> {
        if self.builtins_changed {
            builtins::update_set(self);
        }
        let heap = self.heap();
        let private = self.private_builtins.as_ref();
        let mut resolver = Resolver {
            builtins: private.and_then(|private| private.set_of(source)),
            heap,
            empty_env: self.empty_env,
            symbols: &mut self.symbols,
            known: &self.known,
            globals: &self.globals,
            source,
            exprs: &mut self.exprs,
            scopes: &mut self.scopes,
            level: 0,
            depth: 0,
            withs: Vec::new(),
        };
        if !outer.is_empty() {
            resolver.bind_outer(outer.iter().copied());
        }
        let expr = resolver.root(ast)?;
        Ok(heap.alloc(expr))
    }

    /// Makes a text known, so that positions can be in it: Nix, or what values
    /// were made of.
    pub fn add_source(
        &mut self,
        origin: Origin,
        text: impl AsRef<[u8]>,
    ) -> Result<Arc<SourceFile>> {
        self.sources.add(origin, text.as_ref()).map_err(|_| {
            EvalError::new(
                ErrorKind::Limit,
                Span::NONE,
                "more than 4 GiB of Nix were read",
            )
        })
    }

    pub(crate) fn build<'a>(
        &mut self,
        arena: &'a Bump,
        source: &SourceFile,
        base_dir: &Path,
    ) -> Result<Ast<'a>> {
        syntax::parse(Builder {
            heap: arena,
            symbols: &mut self.symbols,
            known: &self.known,
            source,
            base_dir,
            home: self.options.home.as_deref(),
            index: AttrIndex::default(),
            cuts: syntax::Cuts::default(),
            features: self.options.features,
            lints: self.options.lints,
            warn: &mut self.options.trace,
        })
    }

    /// A text that is parsed now and evaluated on demand.
    pub fn lazy_str(
        &mut self,
        text: impl AsRef<[u8]>,
        base_dir: &Path,
        origin: Origin,
    ) -> Result<Lazy<'h>> {
        let expr = self.parse(text, base_dir, origin, &[])?;
        Ok(self.suspend(expr, self.empty_env))
    }

    /// The text as Nix's parser understands it: what `nix-instantiate --parse`
    /// prints.
    pub fn show_parsed(
        &mut self,
        text: impl AsRef<[u8]>,
        base_dir: &Path,
        origin: Origin,
    ) -> Result<Vec<u8>> {
        let source = self.add_source(origin, text)?;
        let arena = Bump::new();
        let ast = self.build(&arena, &source, base_dir)?;
        let mut out = Vec::new();
        syntax::show::show(&ast, &self.symbols, &mut out);
        // Undefined variables are the parser's business in Nix.
        self.resolve(&ast, &source, &[])?;
        Ok(out)
    }

    /// The same for a part of a text, whose variables are bound by what is around it.
    pub(crate) fn show_unresolved(&mut self, text: &str) -> Result<Vec<u8>> {
        let source = self.add_source(Origin::String, text)?;
        let arena = Bump::new();
        let ast = self.build(&arena, &source, Path::new("/"))?;
        let mut out = Vec::new();
        syntax::show::show(&ast, &self.symbols, &mut out);
        Ok(out)
    }

    /// The file that a path means to `import`: symbolic links are resolved, and
    /// a directory stands for its `default.nix`.
    fn file_to_import(&self, path: &Path, span: Span) -> Result<PathBuf> {
        let io = &*self.options.io;
        let resolved =
            resolve_links(io, path).map_err(|error| Self::io_error(path, &error, span))?;
        match io.file_type(&resolved) {
            Ok(Some(FileType::Directory)) => {
                let default = resolved.join("default.nix");
                resolve_links(io, &default).map_err(|error| Self::io_error(&default, &error, span))
            }
            Ok(_) => Ok(resolved),
            Err(error) => Err(Self::io_error(&resolved, &error, span)),
        }
    }

    /// The error of reading a file.
    pub(crate) fn io_error(path: &Path, error: &std::io::Error, span: Span) -> Box<EvalError> {
        let path = path.display();
        match error.kind() {
            std::io::ErrorKind::NotFound => {
                EvalError::new(ErrorKind::Io, span, format!("path '{path}' does not exist"))
            }
            _ => match outside_allowed(error) {
                Some(forbidden) => EvalError::new(
                    ErrorKind::Restricted,
                    span,
                    format!("access to absolute path '{path}' is {forbidden}"),
                ),
                None => EvalError::new(
                    ErrorKind::Io,
                    span,
                    format!("cannot read '{path}': {error}"),
                ),
            },
        }
    }

    /// The text of the file that `import` would evaluate for a path, and which
    /// file that is.
    pub fn read_source(&self, path: &Path) -> Result<(PathBuf, Vec<u8>)> {
        let path = canonical(b"/", path.as_os_str().as_encoded_bytes());
        let path = PathBuf::from(std::ffi::OsStr::from_bytes(&path));
        let file = self.file_to_import(&path, Span::NONE)?;
        let text = self.read_file(&file)?;
        Ok((file, text))
    }

    fn parse_file(&mut self, file: &Path, outer: &[Symbol]) -> Result<&'h Expr<'h>> {
        let text = self.read_file(file)?;
        let base_dir = file.parent().unwrap_or(Path::new("/"));
        self.parse(&text, base_dir, Origin::File(file.to_owned()), outer)
    }

    /// `import path`: the value of a file, evaluated once.
    pub(crate) fn import(&mut self, path: &Path, span: Span) -> Result<Value<'h>> {
        let value = match self.imported.get(path) {
            Some(&value) => value,
            None => self.import_new(path)?,
        };
        match value {
            Lazy::Ready(value) => Ok(value),
            Lazy::Thunk(_) | Lazy::Early(_) => {
                self.force(value, span).traced(Span::NONE, || in_file(path))
            }
        }
    }

    fn import_new(&mut self, path: &Path) -> Result<Lazy<'h>> {
        let file = self.file_to_import(path, Span::NONE)?;
        let value = match self.imported.get(&file) {
            Some(&value) => value,
            None => {
                if self.options.tells_files {
                    let told = format!("evaluating file '{}'", file.display());
                    (self.options.trace)(&told);
                }
                let expr = self.parse_file(&file, &[])?;
                let value = self.suspend(expr, self.empty_env);
                self.imported.insert(file, value);
                value
            }
        };
        self.imported.insert(path.to_owned(), value);
        Ok(value)
    }

    /// Files that are imported from now on are read again.
    pub fn forget_imports(&mut self) {
        self.imported.clear();
    }

    /// A text that is parsed now and evaluated on demand, with the attributes of
    /// `scope` as variables.
    pub fn lazy_in_scope(
        &mut self,
        scope: &'h Attrs<'h>,
        text: impl AsRef<[u8]>,
        base_dir: &Path,
        origin: Origin,
    ) -> Result<Lazy<'h>> {
        let names: Vec<Symbol> = scope.iter().map(|attr| attr.name).collect();
        let expr = self.parse(text, base_dir, origin, &names)?;
        let env = self.scope_env(scope);
        Ok(self.suspend(expr, env))
    }

    /// The environment in which the attributes of `scope` are variables.
    fn scope_env(&mut self, scope: &'h Attrs<'h>) -> &'h Env<'h> {
        if scope.is_empty() {
            return self.empty_env;
        }
        let slots = self
            .heap()
            .alloc_slice_fill_iter(scope.iter().map(|attr| Slot::bound(attr.value)));
        self.envs.add_bound(slots, self.empty_env)
    }

    /// `scopedImport scope path`: the file's value with `scope` around it.
    pub(crate) fn scoped_import(&mut self, scope: &'h Attrs<'h>, path: &Path) -> Result<Value<'h>> {
        let file = self.file_to_import(path, Span::NONE)?;
        let names: Vec<Symbol> = scope.iter().map(|attr| attr.name).collect();
        let expr = self.parse_file(&file, &names)?;
        let env = self.scope_env(scope);
        self.eval(expr, env)
    }
}

/// Whether a path could not be read because it may not be.
fn outside_allowed(error: &std::io::Error) -> Option<&OutsideAllowed> {
    error.get_ref()?.downcast_ref()
}

fn in_file(path: &Path) -> String {
    format!("while evaluating the file '{}':", path.display())
}
