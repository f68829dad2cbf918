//! Store derivations: how they are written, and the hashes that output paths are
//! made from. Nix manual, "Store Derivation and Deriving Path", "Derivation
//! hash modulo".

mod parser;

use std::collections::{BTreeMap, BTreeSet};

use crate::hash::{Hash, HashAlgorithm, HashFormat};
use crate::store_path::{Ingestion, StoreDir};

pub(crate) use parser::parse;

/// Bytes that need not be UTF-8: a name, a path, the value of a variable.
pub(crate) type Bytes = Vec<u8>;

/// An output of a derivation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Output {
    /// Its path depends on how it is built. Empty while that is being found out.
    InputAddressed(String),
    /// Its path depends on what it is: a fixed-output derivation.
    Fixed {
        /// The path.
        path: String,
        /// What the hash is of.
        ingestion: Ingestion,
        /// The hash of the contents.
        hash: Hash,
    },
}

impl Output {
    /// The output's path.
    pub(crate) fn path(&self) -> &str {
        match self {
            Output::InputAddressed(path) | Output::Fixed { path, .. } => path,
        }
    }
}

/// A derivation as it stands in the store.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Derivation {
    /// Its name, without `.drv`.
    pub(crate) name: Bytes,
    /// By name.
    pub(crate) outputs: BTreeMap<Bytes, Output>,
    /// The derivations whose outputs it needs, by store path, and which outputs.
    pub(crate) input_derivations: BTreeMap<Bytes, BTreeSet<Bytes>>,
    /// The other store paths that it needs.
    pub(crate) input_sources: BTreeSet<Bytes>,
    /// The system that can build it.
    pub(crate) system: Bytes,
    /// The program that builds it.
    pub(crate) builder: Bytes,
    /// The program's arguments.
    pub(crate) args: Vec<Bytes>,
    /// The program's environment.
    pub(crate) environment: BTreeMap<Bytes, Bytes>,
}

/// What stands for a derivation when the paths of those that need it are made.
/// For a fixed-output derivation that is what it makes, not how.
#[derive(Clone, Debug)]
pub(crate) enum HashModulo {
    /// The hash of a derivation.
    Derivation(Hash),
    /// The hash of each fixed output.
    Outputs(BTreeMap<Bytes, Hash>),
}

/// Finds the hash of a derivation by its store path.
pub(crate) type LookUp<'a, E> = &'a mut dyn FnMut(&[u8]) -> Result<HashModulo, E>;

impl Derivation {
    /// The derivation in the form in which it stands in the store (`ATerm`).
    pub(crate) fn to_aterm(&self) -> Bytes {
        self.write(&self.input_derivations)
    }

    /// The path of the derivation itself.
    pub(crate) fn path(&self, store: StoreDir<'_>) -> Result<String, String> {
        let mut name = self.name.clone();
        name.extend_from_slice(b".drv");
        let references: BTreeSet<&[u8]> = self
            .input_sources
            .iter()
            .chain(self.input_derivations.keys())
            .map(Vec::as_slice)
            .collect();
        store.text_path(&name, &self.to_aterm(), references)
    }

    /// Gives every output the path that follows from the rest of the derivation,
    /// in the outputs and in the environment.
    pub(crate) fn fill_output_paths<E: From<String>>(
        &mut self,
        store: StoreDir<'_>,
        look_up: LookUp<'_, E>,
    ) -> Result<(), E> {
        for name in self.outputs.keys() {
            self.environment.insert(name.clone(), Bytes::new());
        }
        let hash = self.hash_with_inputs(look_up)?;
        for (name, output) in &mut self.outputs {
            let path = store.output_path(&self.name, name, &hash)?;
            self.environment
                .insert(name.clone(), path.clone().into_bytes());
            *output = Output::InputAddressed(path);
        }
        Ok(())
    }

    /// What stands for this derivation, whose outputs have their paths, in the
    /// hashes of those that need it.
    pub(crate) fn hash_modulo<E: From<String>>(
        &self,
        look_up: LookUp<'_, E>,
    ) -> Result<HashModulo, E> {
        let fixed = self.outputs.iter().map(|(name, output)| match output {
            Output::InputAddressed(_) => None,
            Output::Fixed {
                path,
                ingestion,
                hash,
            } => {
                let text = format!(
                    "fixed:out:{}{}:{path}",
                    ingestion.prefix(),
                    hash.prefixed_base16()
                );
                let hash = Hash::of(HashAlgorithm::Sha256, text.as_bytes());
                Some((name.clone(), hash))
            }
        });
        match fixed.collect() {
            Some(outputs) => Ok(HashModulo::Outputs(outputs)),
            None => self.hash_with_inputs(look_up).map(HashModulo::Derivation),
        }
    }

    /// The hash of the derivation with its inputs replaced by their hashes.
    fn hash_with_inputs<E: From<String>>(&self, look_up: LookUp<'_, E>) -> Result<Hash, E> {
        let mut inputs: BTreeMap<Bytes, BTreeSet<Bytes>> = BTreeMap::new();
        for (path, wanted) in &self.input_derivations {
            match look_up(path)? {
                HashModulo::Derivation(hash) => {
                    let key = hash.format(HashFormat::Base16).into_bytes();
                    inputs
                        .entry(key)
                        .or_default()
                        .extend(wanted.iter().cloned());
                }
                HashModulo::Outputs(hashes) => {
                    for output in wanted {
                        let hash = hashes.get(output).ok_or_else(|| {
                            format!(
                                "no hash for output '{}' of derivation '{}'",
                                String::from_utf8_lossy(output),
                                String::from_utf8_lossy(&self.name)
                            )
                        })?;
                        let key = hash.format(HashFormat::Base16).into_bytes();
                        inputs.entry(key).or_default().insert(b"out".to_vec());
                    }
                }
            }
        }
        Ok(Hash::of(HashAlgorithm::Sha256, &self.write(&inputs)))
    }

    fn write(&self, inputs: &BTreeMap<Bytes, BTreeSet<Bytes>>) -> Bytes {
        let mut out = b"Derive(".to_vec();
        write_list(&mut out, &self.outputs, |out, (name, output)| {
            let (algorithm, hash) = match output {
                Output::InputAddressed(_) => (String::new(), String::new()),
                Output::Fixed {
                    ingestion, hash, ..
                } => (
                    format!("{}{}", ingestion.prefix(), hash.algorithm.name()),
                    hash.format(HashFormat::Base16),
                ),
            };
            out.push(b'(');
            let rest = [output.path(), &algorithm, &hash];
            write_string(out, name);
            for field in rest {
                out.push(b',');
                write_string(out, field.as_bytes());
            }
            out.push(b')');
        });
        out.push(b',');
        write_list(&mut out, inputs, |out, (path, outputs)| {
            out.push(b'(');
            write_string(out, path);
            out.push(b',');
            write_list(out, outputs, |out, name| write_string(out, name));
            out.push(b')');
        });
        out.push(b',');
        write_list(&mut out, &self.input_sources, |out, path| {
            write_string(out, path);
        });
        out.push(b',');
        write_string(&mut out, &self.system);
        out.push(b',');
        write_string(&mut out, &self.builder);
        out.push(b',');
        write_list(&mut out, &self.args, |out, arg| write_string(out, arg));
        out.push(b',');
        write_list(&mut out, &self.environment, |out, (name, value)| {
            out.push(b'(');
            write_string(out, name);
            out.push(b',');
            write_string(out, value);
            out.push(b')');
        });
        out.push(b')');
        out
    }
}

fn write_list<T>(
    out: &mut Bytes,
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(&mut Bytes, T),
) {
    out.push(b'[');
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write(out, item);
    }
    out.push(b']');
}

fn write_string(out: &mut Bytes, text: &[u8]) {
    out.push(b'"');
    let mut rest = text;
    while let Some(at) = rest
        .iter()
        .position(|byte| matches!(byte, b'"' | b'\\' | b'\n' | b'\r' | b'\t'))
    {
        out.extend_from_slice(&rest[..at]);
        out.push(b'\\');
        out.push(match rest[at] {
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            other => other,
        });
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    const STORE: StoreDir<'_> = StoreDir("/nix/store");

    fn no_inputs(_: &[u8]) -> Result<HashModulo, String> {
        Err("no inputs".to_owned())
    }

    /// `derivation { name = "a"; builder = "b"; system = "c"; }`
    fn smallest() -> Derivation {
        let environment = [("name", "a"), ("builder", "b"), ("system", "c")];
        Derivation {
            name: b"a".to_vec(),
            outputs: BTreeMap::from([(b"out".to_vec(), Output::InputAddressed(String::new()))]),
            system: b"c".to_vec(),
            builder: b"b".to_vec(),
            environment: environment
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
            ..Derivation::default()
        }
    }

    /// The paths that Nix gives, also in its manual under `builtins.getContext`.
    #[test]
    fn the_smallest_derivation_has_its_known_path() {
        let mut derivation = smallest();
        derivation.fill_output_paths(STORE, &mut no_inputs).unwrap();
        assert_eq!(
            derivation.path(STORE).unwrap(),
            "/nix/store/arhvjaf6zmlyn8vh8fgn55rpwnxq0n7l-a.drv"
        );
        assert_eq!(
            derivation.outputs[&b"out"[..]].path(),
            "/nix/store/s6glliw064sgl7vix22p91cxsx7ml1rf-a"
        );
    }

    #[test]
    fn what_is_written_can_be_read() {
        let mut derivation = smallest();
        derivation.fill_output_paths(STORE, &mut no_inputs).unwrap();
        derivation.args = vec![b"a\"b\\c\nd\re\tf".to_vec(), Bytes::new()];
        derivation
            .input_sources
            .insert(b"/nix/store/vvg4vb767vrnsqhb7ih58v4a5gq4iyy4-a".to_vec());
        derivation.input_derivations.insert(
            b"/nix/store/arhvjaf6zmlyn8vh8fgn55rpwnxq0n7l-a.drv".to_vec(),
            BTreeSet::from([b"dev".to_vec(), b"out".to_vec()]),
        );
        derivation.outputs.insert(
            b"fixed".to_vec(),
            Output::Fixed {
                path: "/nix/store/vvg4vb767vrnsqhb7ih58v4a5gq4iyy4-a".to_owned(),
                ingestion: Ingestion::Nar,
                hash: Hash::of(HashAlgorithm::Sha1, b""),
            },
        );
        let text = derivation.to_aterm();
        assert_eq!(parse(b"a", &text), Ok(derivation));
    }
}
