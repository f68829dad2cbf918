//! What a symbol is to be, and what is assigned to get there.

use kconfig::{Session, SymbolId, SymbolType, Tree, Tristate};

/// A value that a symbol is to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The symbol.
    pub symbol: SymbolId,
    /// The value, as `.config` shows it, without quotes.
    pub value: String,
}

/// A value that a symbol cannot have whatever is done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WishError {
    /// No entry defines the symbol.
    #[error("no Kconfig file of this tree defines {0}")]
    Undefined(String),
    /// The text is no value of the symbol's type.
    #[error("{name} is {} {}, and `{value}' is no value of that type: {}",
            if *.kind == SymbolType::Int { "an" } else { "a" }, .kind.name(), expected(*.kind))]
    WrongType {
        /// The symbol.
        name: String,
        /// Its type.
        kind: SymbolType,
        /// The text.
        value: String,
    },
}

/// What values of a type look like.
fn expected(kind: SymbolType) -> &'static str {
    match kind {
        SymbolType::Bool => "it takes y or n",
        SymbolType::Tristate => "it takes y, m or n",
        SymbolType::Int => "it takes a number, like 12 or -3",
        SymbolType::Hex => "it takes a hexadecimal number, like 0x1f",
        SymbolType::String | SymbolType::Unknown => "it takes a text",
    }
}

impl Wish {
    /// Reads a value for a symbol. Tristate values may be written as Nix has them: `yes`, `no`
    /// and `module`.
    ///
    /// # Errors
    /// When the tree has no such symbol, or the text is no value of its type.
    pub fn parse(tree: &Tree, name: &str, value: &str) -> Result<Self, WishError> {
        let symbol = tree
            .find(name)
            .filter(|&symbol| tree.is_defined(symbol))
            .ok_or_else(|| WishError::Undefined(name.to_owned()))?;
        let kind = tree.kind(symbol);
        let wrong = || WishError::WrongType {
            name: name.to_owned(),
            kind,
            value: value.to_owned(),
        };
        let value = match kind {
            SymbolType::Bool | SymbolType::Tristate => {
                let letter = match value {
                    "y" | "yes" => "y",
                    "m" | "module" if kind == SymbolType::Tristate => "m",
                    "n" | "no" => "n",
                    _ => return Err(wrong()),
                };
                letter.to_owned()
            }
            SymbolType::Int | SymbolType::Hex => {
                number(value, kind).ok_or_else(wrong)?;
                value.to_owned()
            }
            SymbolType::String | SymbolType::Unknown => value.to_owned(),
        };
        Ok(Self { symbol, value })
    }

    /// The value as a tristate, for symbols that are one.
    pub(crate) fn tristate(&self) -> Tristate {
        self.value
            .bytes()
            .next()
            .and_then(Tristate::from_answer)
            .unwrap_or_default()
    }

    /// Whether the symbol has the value.
    pub fn is_met(&self, session: &mut Session<'_>) -> bool {
        session.value(self.symbol) == self.value
    }
}

/// A number as a value of a type is read.
pub(crate) fn number(text: &str, kind: SymbolType) -> Option<i64> {
    match kind {
        SymbolType::Hex => {
            let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
            i64::from_str_radix(digits.unwrap_or(text), 16).ok()
        }
        _ => text.parse().ok(),
    }
}

/// A value that is assigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The symbol.
    pub symbol: SymbolId,
    /// The value, without quotes.
    pub value: String,
}

impl Assignment {
    /// The line of a `.config`, with its newline.
    pub fn line(&self, tree: &Tree) -> String {
        let name = tree.name(self.symbol);
        match tree.kind(self.symbol) {
            SymbolType::Bool | SymbolType::Tristate if self.value == "n" => {
                format!("# CONFIG_{name} is not set\n")
            }
            SymbolType::String => {
                let escaped = self.value.replace('\\', r"\\").replace('"', "\\\"");
                format!("CONFIG_{name}=\"{escaped}\"\n")
            }
            _ => format!("CONFIG_{name}={}\n", self.value),
        }
    }
}
