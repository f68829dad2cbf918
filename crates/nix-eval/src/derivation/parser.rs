//! Reading derivations.

use std::collections::{BTreeMap, BTreeSet};

use super::{Bytes, Derivation, Output};
use crate::hash::{Hash, HashAlgorithm};
use crate::store_path::Ingestion;

/// Reads the derivation called `name` from the form in which it stands in the
/// store.
pub(crate) fn parse(name: &[u8], text: &[u8]) -> Result<Derivation, String> {
    let mut parser = Parser { rest: text };
    let derivation = parser.derivation(name)?;
    if parser.rest.is_empty() {
        Ok(derivation)
    } else {
        Err("expected the end of the derivation".to_owned())
    }
}

struct Parser<'t> {
    rest: &'t [u8],
}

impl Parser<'_> {
    fn derivation(&mut self, name: &[u8]) -> Result<Derivation, String> {
        self.expect("Derive(")?;
        let outputs = self.list(Self::output)?.into_iter().collect();
        self.expect(",")?;
        let input_derivations = self.list(Self::input_derivation)?.into_iter().collect();
        self.expect(",")?;
        let input_sources = self.list(Self::string)?.into_iter().collect();
        self.expect(",")?;
        let system = self.string()?;
        self.expect(",")?;
        let builder = self.string()?;
        self.expect(",")?;
        let args = self.list(Self::string)?;
        self.expect(",")?;
        let environment: BTreeMap<_, _> = self.list(Self::variable)?.into_iter().collect();
        self.expect(")")?;
        Ok(Derivation {
            name: name.to_vec(),
            outputs,
            input_derivations,
            input_sources,
            system,
            builder,
            args,
            environment,
        })
    }

    fn expect(&mut self, wanted: &str) -> Result<(), String> {
        match self.rest.strip_prefix(wanted.as_bytes()) {
            Some(rest) => {
                self.rest = rest;
                Ok(())
            }
            None => Err(format!("expected string '{wanted}'")),
        }
    }

    fn list<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<T, String>,
    ) -> Result<Vec<T>, String> {
        self.expect("[")?;
        let mut items = Vec::new();
        if self.expect("]").is_ok() {
            return Ok(items);
        }
        loop {
            items.push(item(self)?);
            if self.expect("]").is_ok() {
                return Ok(items);
            }
            self.expect(",")?;
        }
    }

    fn string(&mut self) -> Result<Bytes, String> {
        self.expect("\"")?;
        let mut text = Bytes::new();
        loop {
            let special = memchr::memchr2(b'"', b'\\', self.rest)
                .ok_or("unterminated string in derivation")?;
            text.extend_from_slice(&self.rest[..special]);
            let is_end = self.rest[special] == b'"';
            self.rest = &self.rest[special + 1..];
            if is_end {
                return Ok(text);
            }
            let (&escaped, rest) = self
                .rest
                .split_first()
                .ok_or("unterminated string in derivation")?;
            text.push(match escaped {
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                other => other,
            });
            self.rest = rest;
        }
    }

    fn variable(&mut self) -> Result<(Bytes, Bytes), String> {
        self.expect("(")?;
        let name = self.string()?;
        self.expect(",")?;
        let value = self.string()?;
        self.expect(")")?;
        Ok((name, value))
    }

    fn input_derivation(&mut self) -> Result<(Bytes, BTreeSet<Bytes>), String> {
        self.expect("(")?;
        let path = self.string()?;
        self.expect(",")?;
        let outputs = self.list(Self::string)?.into_iter().collect();
        self.expect(")")?;
        Ok((path, outputs))
    }

    fn output(&mut self) -> Result<(Bytes, Output), String> {
        self.expect("(")?;
        let name = self.string()?;
        self.expect(",")?;
        let path = self.string()?;
        self.expect(",")?;
        let algorithm = self.string()?;
        self.expect(",")?;
        let hash = self.string()?;
        self.expect(")")?;
        let path = String::from_utf8(path).map_err(|_| "an output's path is not UTF-8")?;
        if algorithm.is_empty() && !path.is_empty() {
            return Ok((name, Output::InputAddressed(path)));
        }
        if path.is_empty() || hash.is_empty() {
            return Err("its output paths are not known before it is built".to_owned());
        }
        let (ingestion, algorithm) = match algorithm.strip_prefix(b"r:") {
            Some(algorithm) => (Ingestion::Nar, algorithm),
            None => (Ingestion::Flat, algorithm.as_slice()),
        };
        let algorithm = HashAlgorithm::parse(algorithm)?;
        let output = Output::Fixed {
            path,
            ingestion,
            hash: Hash::parse(&hash, Some(algorithm))?,
        };
        Ok((name, output))
    }
}
