//! The symbol table, and the order in which the reference program walks its own.

use super::{Symbol, SymbolId, SymbolType};
use crate::text::{Text, TextTable};
use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;

type ByName = HashMap<Text, SymbolId, FxBuildHasher>;

/// All symbols, found by name.
///
/// A quoted word, a plain word and a named choice are different symbols even when they are
/// spelled alike; `y`, `m` and `n` are the same constants however they are written
/// (`sym_lookup`).
#[derive(Debug, Clone)]
pub(crate) struct SymbolTable {
    symbols: Vec<Symbol>,
    plain: ByName,
    constant: ByName,
    choice: ByName,
}

impl SymbolTable {
    pub(crate) fn new(texts: &mut TextTable) -> Self {
        let mut table = Self {
            symbols: Vec::new(),
            plain: ByName::default(),
            constant: ByName::default(),
            choice: ByName::default(),
        };
        for (name, expected) in [
            ("y", SymbolId::YES),
            ("m", SymbolId::MOD),
            ("n", SymbolId::NO),
        ] {
            let name = texts.intern(name.as_bytes());
            let id = table.add(Some(name));
            debug_assert_eq!(id, expected);
            let symbol = table.get_mut(id);
            symbol.kind = SymbolType::Tristate;
            symbol.is_constant = true;
            table.plain.insert(name, id);
            table.constant.insert(name, id);
            table.choice.insert(name, id);
        }
        table
    }

    /// The table of these symbols, of which the first three are the constants.
    pub(crate) fn of_symbols(symbols: Vec<Symbol>) -> Self {
        let mut plain = ByName::with_capacity_and_hasher(symbols.len(), FxBuildHasher);
        let (mut constant, mut choice) = (ByName::default(), ByName::default());
        for (index, symbol) in symbols.iter().enumerate() {
            let id = SymbolId(index as u32);
            let Some(name) = symbol.name else { continue };
            let is_fixed = id <= SymbolId::NO;
            if is_fixed || symbol.is_constant {
                constant.insert(name, id);
            }
            if is_fixed || symbol.is_choice {
                choice.insert(name, id);
            }
            if is_fixed || !symbol.is_constant && !symbol.is_choice {
                plain.insert(name, id);
            }
        }
        Self {
            symbols,
            plain,
            constant,
            choice,
        }
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Symbol> {
        self.symbols.iter()
    }

    pub(crate) fn get(&self, id: SymbolId) -> &Symbol {
        &self.symbols[id.index()]
    }

    pub(crate) fn get_mut(&mut self, id: SymbolId) -> &mut Symbol {
        &mut self.symbols[id.index()]
    }

    pub(crate) fn len(&self) -> usize {
        self.symbols.len()
    }

    fn add(&mut self, name: Option<Text>) -> SymbolId {
        let id = SymbolId(self.symbols.len() as u32);
        self.symbols.push(Symbol {
            name,
            kind: SymbolType::Unknown,
            is_constant: false,
            is_choice: false,
            is_choice_value: false,
            is_optional: false,
            first_property: None,
            last_property: None,
            first_menu: None,
            last_menu: None,
            direct: None,
            reverse: None,
            implied: None,
            choice: None,
            checked: false,
            is_transitional: false,
            is_yes_in_allno: false,
        });
        id
    }

    pub(crate) fn plain(&mut self, name: Text) -> SymbolId {
        if let Some(&id) = self.plain.get(&name) {
            return id;
        }
        let id = self.add(Some(name));
        self.plain.insert(name, id);
        id
    }

    pub(crate) fn constant(&mut self, name: Text) -> SymbolId {
        if let Some(&id) = self.constant.get(&name) {
            return id;
        }
        let id = self.add(Some(name));
        self.get_mut(id).is_constant = true;
        self.constant.insert(name, id);
        id
    }

    pub(crate) fn choice(&mut self, name: Option<Text>) -> SymbolId {
        if let Some(&id) = name.and_then(|name| self.choice.get(&name)) {
            return id;
        }
        let id = self.add(name);
        self.get_mut(id).is_choice = true;
        if let Some(name) = name {
            self.choice.insert(name, id);
        }
        id
    }

    /// The symbol that a line of a `.config` names (`sym_find`): the youngest of the plain
    /// symbol and the named choice, since the reference program puts new symbols in front.
    pub(crate) fn find(&self, name: Text) -> Option<SymbolId> {
        self.plain
            .get(&name)
            .copied()
            .max(self.choice.get(&name).copied())
    }

    /// The order in which a walk over a hash table of `buckets` chains meets the symbols:
    /// chain by chain, the youngest first. `y`, `m` and `n` are not in the table.
    pub(crate) fn hash_order(&self, texts: &TextTable, buckets: u32) -> Vec<SymbolId> {
        let mut chains: Vec<(u32, SymbolId)> = (SymbolId::NO.0 + 1..self.symbols.len() as u32)
            .map(|index| {
                let id = SymbolId(index);
                let chain = self
                    .get(id)
                    .name
                    .map_or(0, |name| fnv32(texts.get(name)) % buckets);
                (chain, id)
            })
            .collect();
        chains.sort_unstable_by_key(|&(chain, id)| (chain, std::cmp::Reverse(id)));
        chains.into_iter().map(|(_, id)| id).collect()
    }
}

/// `hash_str`/`strhash` of the reference program, where `char` is signed.
fn fnv32(bytes: &[u8]) -> u32 {
    bytes.iter().fold(2_166_136_261, |hash, &byte| {
        (hash ^ i32::from(byte.cast_signed()).cast_unsigned()).wrapping_mul(0x0100_0193)
    })
}
