//! What an evaluation knows of the store. Nothing is ever written to it: what
//! would be is remembered, so that it can be referred to and read again.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;

use crate::coerce::Coercion;
use crate::derivation::{self, Bytes, Derivation, HashModulo};
use crate::error::{ErrorKind, EvalError, Result, Traced};
use crate::evaluator::Evaluator;
use crate::hash::names_no_hash;
use crate::hash::{Hash, HashAlgorithm};
use crate::io::{FileType, Io, resolve_links};
use crate::nar::{self, NarError, NarInput};
use crate::path::canonical;
use crate::source::Span;
use crate::store_path::{Ingestion, StoreDir};
use crate::string::{ContextElement, NixPath, NixString};
use crate::value::{Lazy, Value};

/// A derivation that others can refer to.
#[derive(Clone)]
pub(crate) struct KnownDerivation {
    /// What stands for it in the hashes of others.
    hash: HashModulo,
    /// Its outputs and their paths.
    outputs: BTreeMap<Bytes, String>,
    /// The store paths that it refers to.
    references: BTreeSet<Bytes>,
}

/// Where the contents of a store path that was not written can be read.
enum Contents<'h> {
    /// A copy of the files at a path.
    Copy(PathBuf),
    /// A text, and the store paths that it refers to.
    Text(&'h [u8], BTreeSet<Bytes>),
}

/// The store paths of an evaluation.
#[derive(Default)]
pub(crate) struct Store<'h> {
    /// By store path.
    derivations: FxHashMap<Bytes, KnownDerivation>,
    /// What would have been added, by store path.
    added: FxHashMap<Bytes, Contents<'h>>,
    /// The store paths of copies, by path.
    copies: FxHashMap<&'h [u8], &'h NixString<'h>>,
}

/// All that a derivation needs: store paths, and of derivations which outputs.
pub(crate) type Closure = (BTreeSet<Bytes>, BTreeMap<Bytes, BTreeSet<Bytes>>);

/// A path that holds any bytes.
pub(crate) fn os_path(path: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::from_bytes(path))
}

/// The bytes of a path.
pub(crate) fn path_bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_bytes()
}

/// An error without a place of its own.
pub(crate) fn store_error(message: impl Into<String>) -> Box<EvalError> {
    EvalError::new(ErrorKind::Other, Span::NONE, message)
}

impl From<String> for Box<EvalError> {
    /// For what the pure parts of the store say.
    fn from(message: String) -> Self {
        let kind = if names_no_hash(&message) {
            ErrorKind::Usage
        } else {
            ErrorKind::Other
        };
        EvalError::new(kind, Span::NONE, message)
    }
}

/// What is copied to the store, as input to its hash.
struct FilteredFiles<'e, 'h> {
    evaluator: &'e mut Evaluator<'h>,
    filter: Option<Value<'h>>,
}

impl NarInput for FilteredFiles<'_, '_> {
    type Error = Box<EvalError>;

    fn io(&self) -> &dyn Io {
        &*self.evaluator.options.io
    }

    fn wants(&mut self, path: &Path, kind: FileType) -> Result<bool> {
        let Some(filter) = self.filter else {
            return Ok(true);
        };
        let path = self.evaluator.string(path_bytes(path));
        let kind = self.evaluator.string(file_type_name(kind));
        let wanted = self
            .evaluator
            .apply(filter, &[path.into(), kind.into()], Span::NONE)?;
        self.evaluator.expect_bool(
            wanted.into(),
            Span::NONE,
            "while evaluating the return value of the path filter function",
        )
    }
}

/// As `builtins.readDir` names it.
pub(crate) fn file_type_name(kind: FileType) -> &'static str {
    match kind {
        FileType::Regular => "regular",
        FileType::Directory => "directory",
        FileType::Symlink => "symlink",
        FileType::Unknown => "unknown",
    }
}

impl<'h> Evaluator<'h> {
    /// The store directory.
    pub(crate) fn store_dir(&self) -> StoreDir<'_> {
        StoreDir(&self.options.store_dir)
    }

    /// Says something that is not an error.
    pub(crate) fn warn(&mut self, message: &str) {
        (self.options.trace)(&format!("warning: {message}"));
    }

    /// The store path that a path would be copied to, with itself as context.
    pub(crate) fn path_in_store(
        &mut self,
        path: &'h NixPath<'h>,
        _span: Span,
    ) -> Result<&'h NixString<'h>> {
        if let Some(&known) = self.store.copies.get(path.text) {
            return Ok(known);
        }
        if path.text.ends_with(b".drv") {
            return Err(store_error(format!(
                "file names are not allowed to end in '.drv' ('{}')",
                String::from_utf8_lossy(path.text)
            )));
        }
        let name = match path.text.rsplit(|&byte| byte == b'/').next() {
            Some([]) | None => b"source",
            Some(name) => name,
        };
        let files = os_path(path.text);
        let hash = self.hash_files(&files, Ingestion::Nar, HashAlgorithm::Sha256, None)?;
        let store_path = self
            .store_dir()
            .fixed_output_path(name, Ingestion::Nar, &hash)?;
        let string = self.added_copy(store_path, files);
        self.store.copies.insert(path.text, string);
        Ok(string)
    }

    /// The hash of the files at a path, without those that a filter leaves out.
    pub(crate) fn hash_files(
        &mut self,
        path: &Path,
        ingestion: Ingestion,
        algorithm: HashAlgorithm,
        filter: Option<Value<'h>>,
    ) -> Result<Hash> {
        match ingestion {
            Ingestion::Flat => Ok(Hash::of(algorithm, &self.read_file(path)?)),
            Ingestion::Nar => {
                let mut input = FilteredFiles {
                    evaluator: self,
                    filter,
                };
                match nar::hash(&mut input, path, algorithm) {
                    Ok(hash) => Ok(hash),
                    Err(NarError::Filter(error)) => Err(error),
                    Err(NarError::Io(path, error)) => {
                        Err(Self::io_error(&path, &error, Span::NONE))
                    }
                    Err(NarError::Unsupported(message)) => {
                        Err(EvalError::new(ErrorKind::Io, Span::NONE, message))
                    }
                }
            }
        }
    }

    /// A string that is a store path and refers to it.
    pub(crate) fn store_path_string(&self, store_path: &str) -> &'h NixString<'h> {
        let text: &'h [u8] = self.heap().alloc_str(store_path).as_bytes();
        let context = self
            .heap()
            .alloc_slice_copy(&[ContextElement::Opaque(text)]);
        self.heap().alloc(NixString { text, context })
    }

    /// The same for a path that would be a copy of `files`.
    pub(crate) fn added_copy(&mut self, store_path: String, files: PathBuf) -> &'h NixString<'h> {
        let string = self.store_path_string(&store_path);
        self.store
            .added
            .insert(store_path.into_bytes(), Contents::Copy(files));
        string
    }

    /// Remembers a text that would be added to the store.
    pub(crate) fn added_text(
        &mut self,
        store_path: &str,
        text: &'h [u8],
        references: BTreeSet<Bytes>,
    ) {
        self.store.added.insert(
            store_path.as_bytes().to_vec(),
            Contents::Text(text, references),
        );
    }

    /// The hash that stands for a derivation, which was made in this evaluation
    /// or is in the store.
    pub(crate) fn derivation_hash(&mut self, path: &[u8]) -> Result<HashModulo> {
        Ok(self.known_derivation(path)?.hash.clone())
    }

    fn known_derivation(&mut self, path: &[u8]) -> Result<&KnownDerivation> {
        if !self.store.derivations.contains_key(path) {
            // As deep as the graph of derivations in the store.
            let derivation = self.with_stack(Span::NONE, |evaluator| {
                let derivation = evaluator.read_derivation(path)?;
                let hash = derivation.hash_modulo(&mut |input| evaluator.derivation_hash(input))?;
                Ok((derivation, hash))
            })?;
            self.know_derivation(path.to_vec(), &derivation.0, derivation.1);
        }
        Ok(&self.store.derivations[path])
    }

    /// Remembers a derivation.
    pub(crate) fn know_derivation(
        &mut self,
        path: Bytes,
        derivation: &Derivation,
        hash: HashModulo,
    ) {
        let outputs = derivation.outputs.iter();
        let known = KnownDerivation {
            hash,
            outputs: outputs
                .map(|(name, output)| (name.clone(), output.path().to_owned()))
                .collect(),
            references: derivation
                .input_derivations
                .keys()
                .chain(&derivation.input_sources)
                .cloned()
                .collect(),
        };
        self.store.derivations.insert(path, known);
    }

    fn read_derivation(&self, path: &[u8]) -> Result<Derivation> {
        let shown = String::from_utf8_lossy(path);
        let file = os_path(path);
        let text = match self.options.io.read_file(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(store_error(format!("path '{shown}' is not valid")));
            }
            Err(error) => return Err(Self::io_error(&file, &error, Span::NONE)),
        };
        let name = self
            .store_dir()
            .split(path)
            .and_then(|(base, _)| base.get(33..))
            .and_then(|name| name.strip_suffix(b".drv"))
            .ok_or_else(|| {
                store_error(format!(
                    "store path '{shown}' is not a valid derivation path"
                ))
            })?;
        derivation::parse(name, &text).map_err(|problem| {
            store_error(format!("error parsing derivation '{shown}': {problem}"))
        })
    }

    /// All that a derivation needs, directly or not, and their outputs: what the
    /// context of a `drvPath` stands for.
    pub(crate) fn derivation_closure(&mut self, path: &[u8]) -> Result<Closure> {
        let mut paths = BTreeSet::new();
        let mut derivations = BTreeMap::new();
        let mut pending = vec![path.to_vec()];
        while let Some(path) = pending.pop() {
            if paths.contains(&path) {
                continue;
            }
            if path.ends_with(b".drv") {
                let known = self.known_derivation(&path)?;
                pending.extend(known.references.iter().cloned());
                let outputs = known.outputs.keys().cloned().collect();
                derivations.insert(path.clone(), outputs);
            } else if let Some(Contents::Text(_, references)) = self.store.added.get(&path) {
                pending.extend(references.iter().cloned());
            }
            paths.insert(path);
        }
        Ok((paths, derivations))
    }

    /// The path that a value stands for, with what its context refers to at
    /// hand: what `builtins.readFile` and its like do with their argument.
    pub(crate) fn realise_path(&mut self, value: Lazy<'h>) -> Result<PathBuf> {
        let string =
            self.coerce_to_path(value, Span::NONE, "while realising the context of a path")?;
        let path = canonical(b"/", string.text);
        self.realise(string.context).traced(Span::NONE, || {
            format!(
                "while realising the context of path '{}'",
                String::from_utf8_lossy(&path)
            )
        })?;
        Ok(self.readable_path(&path))
    }

    /// Where the files of a path can be read: a store path that was not written
    /// is a copy of other files.
    pub fn readable_path(&self, path: &[u8]) -> PathBuf {
        if let Some((base, rest)) = self.store_dir().split(path) {
            let store_path = &path[..path.len() - rest.len()];
            debug_assert!(store_path.ends_with(base));
            if let Some(Contents::Copy(files)) = self.store.added.get(store_path)
                && !self.exists(&os_path(store_path))
            {
                let mut readable = path_bytes(files).to_vec();
                readable.extend_from_slice(rest);
                return os_path(&readable);
            }
        }
        os_path(path)
    }

    /// Whether a path is a text that would be in the store.
    pub(crate) fn is_added_text(&self, path: &Path) -> bool {
        matches!(
            self.store.added.get(path_bytes(path)),
            Some(Contents::Text(..))
        )
    }

    fn exists(&self, path: &Path) -> bool {
        matches!(self.options.io.file_type(path), Ok(Some(_)))
    }

    /// Makes sure that what a context refers to can be read. Nothing is built:
    /// an output that does not exist is an error.
    pub(crate) fn realise(&mut self, context: &[ContextElement<'h>]) -> Result<()> {
        for element in context {
            match *element {
                ContextElement::Opaque(path) | ContextElement::DrvDeep(path) => {
                    let known = self.store.added.contains_key(path)
                        || self.store.derivations.contains_key(path);
                    if !known && !self.exists(&os_path(path)) {
                        return Err(self.not_valid(path));
                    }
                }
                ContextElement::Built { drv, output } => self.realise_output(drv, output)?,
            }
        }
        Ok(())
    }

    fn realise_output(&mut self, drv: &'h [u8], output: &'h [u8]) -> Result<()> {
        let known = self.known_derivation(drv)?;
        let shown = String::from_utf8_lossy(drv);
        let output_name = String::from_utf8_lossy(output);
        let Some(path) = known.outputs.get(output).cloned() else {
            return Err(store_error(format!(
                "derivation '{shown}' does not have output '{output_name}'"
            )));
        };
        if !self.options.import_from_derivation {
            return Err(store_error(format!(
                "cannot build '{shown}^{output_name}' during evaluation because the option \
                 'allow-import-from-derivation' is disabled"
            )));
        }
        if self.exists(Path::new(&path)) {
            return Ok(());
        }
        let mut error = store_error(format!(
            "cannot build '{shown}^{output_name}' during evaluation, and its output '{path}' is \
             not in the store"
        ));
        error.help = Some(format!(
            "build it first, with 'nix-build' on the expression that it comes from, or fetch \
             it with 'nix-store --realise {path}'"
        ));
        Err(error)
    }

    fn not_valid(&self, path: &[u8]) -> Box<EvalError> {
        let base = match self.store_dir().split(path) {
            Some((base, _)) => base,
            None => path,
        };
        store_error(format!(
            "path '{}' is not valid",
            String::from_utf8_lossy(base)
        ))
    }

    /// The contents of a file.
    pub(crate) fn read_file(&self, path: &Path) -> Result<Vec<u8>> {
        if let Some(Contents::Text(text, _)) = self.store.added.get(path_bytes(path)) {
            return Ok(text.to_vec());
        }
        let io = &*self.options.io;
        let resolved =
            resolve_links(io, path).map_err(|error| Self::io_error(path, &error, Span::NONE))?;
        io.read_file(&resolved).map_err(|error| match error.kind() {
            std::io::ErrorKind::IsADirectory => EvalError::new(
                ErrorKind::Io,
                Span::NONE,
                "read of 4096 bytes: Is a directory",
            ),
            _ => Self::io_error(&resolved, &error, Span::NONE),
        })
    }

    /// A value as the environment variable that a derivation passes on.
    pub(crate) fn coerce_to_variable(
        &mut self,
        value: Lazy<'h>,
        what: &str,
    ) -> Result<&'h NixString<'h>> {
        let coercion = Coercion {
            more: true,
            copy_paths: true,
        };
        self.coerce_to_string(value, Span::NONE, what, coercion)
    }
}
