//! Reading a `.config` (`conf_read_simple` and `conf_read` in confdata.c).

use super::{NO_TEXT, Session};
use crate::diagnostics::{Diagnostic, Place, Severity, Style};
use crate::environment::Environment;
use crate::numbers::is_valid_value;
use crate::tree::{SymbolId, SymbolType};
use crate::tristate::Tristate;

/// How configuration files are read and written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadOptions {
    /// What stands before the name of every symbol: `CONFIG_`.
    pub prefix: String,
    /// Whether to warn of symbols that the tree does not define.
    pub warn_unknown: bool,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            prefix: "CONFIG_".to_owned(),
            warn_unknown: false,
        }
    }
}

impl ReadOptions {
    /// What `$CONFIG_` and `$KCONFIG_WARN_UNKNOWN_SYMBOLS` say.
    pub fn from_environment(environment: &Environment) -> Self {
        Self {
            prefix: environment.config_prefix().to_owned(),
            warn_unknown: environment.get("KCONFIG_WARN_UNKNOWN_SYMBOLS").is_some(),
        }
    }
}

/// Which set of values a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Values {
    /// A `.config`: the user's.
    User,
    /// `auto.conf`: what the last build saw.
    Auto,
}

/// A file being read.
struct Reader<'a> {
    name: &'a str,
    line: u32,
    warnings: u32,
}

impl Session<'_> {
    /// Replaces all assignments by those of a `.config` and computes all values (`conf_read`).
    ///
    /// Lines that cannot be understood are warned of ([`take_warnings`](Self::take_warnings))
    /// and left out; returns how many.
    pub fn load_config(&mut self, name: &str, content: &[u8]) -> u32 {
        self.changed = false;
        let warnings = self.read_values(name, content, Values::User, &mut Vec::new());
        self.calc(self.tree.modules);
        let unsaved = self.compare_with_assignments();
        if self.tree.generation.drops_values_out_of_range() {
            let dropped = self.drop_values(unsaved);
            self.changed |= warnings > 0 || unsaved || dropped;
        } else if unsaved || warnings > 0 {
            self.changed = true;
        }
        warnings
    }

    /// There is no `.config`: nothing is assigned (`conf_read` of a missing file).
    pub fn load_nothing(&mut self) {
        self.changed = true;
        self.calc(self.tree.modules);
    }

    /// Replaces all assignments by those of a file, and computes nothing yet
    /// (`conf_read_simple`); returns the number of warnings.
    pub fn load_assignments(&mut self, name: &str, content: &[u8]) -> u32 {
        self.read_values(name, content, Values::User, &mut Vec::new())
    }

    /// Reads `auto.conf`; returns the names of symbols that the tree does not define.
    pub(crate) fn load_auto(&mut self, name: &str, content: &[u8]) -> Vec<Vec<u8>> {
        let mut unknown = Vec::new();
        self.read_values(name, content, Values::Auto, &mut unknown);
        unknown
    }

    /// Whether a value differs from what was assigned, or a value is written that was not.
    fn compare_with_assignments(&mut self) -> bool {
        let tree = self.tree;
        let mut unsaved = false;
        for &symbol in &tree.hash_order {
            self.calc(symbol);
            let data = tree.symbol(symbol);
            if data.is_choice {
                continue;
            }
            let state = self.state(symbol);
            let agrees = match (state.flags.user, state.flags.write) {
                (true, true) if data.kind.is_logical() => state.user_tri == state.tri,
                (true, true) => state.user_text == state.text,
                (user, write) => !user && !write,
            };
            unsaved |= !agrees;
        }
        unsaved
    }

    /// Before 6.11: forgets values that are out of range, and where all values agreed with the
    /// file, those of symbols that cannot be seen.
    fn drop_values(&mut self, unsaved: bool) -> bool {
        let tree = self.tree;
        let mut unsaved = unsaved;
        for &symbol in &tree.hash_order {
            let data = tree.symbol(symbol);
            if !self.state(symbol).flags.user || data.is_choice_value {
                continue;
            }
            let state = self.state_mut(symbol);
            if state.visible == Tristate::No && !unsaved {
                state.flags.user = false;
            }
            if matches!(
                data.kind,
                SymbolType::String | SymbolType::Int | SymbolType::Hex
            ) {
                let text = self.text(self.state(symbol).user_text).to_vec();
                if !self.is_within_range(symbol, &text) {
                    let state = self.state_mut(symbol);
                    state.flags.valid = false;
                    state.flags.user = false;
                    unsaved = true;
                }
            }
        }
        unsaved
    }

    fn forget(&mut self, values: Values) {
        let keeps_valid = values == Values::Auto && self.tree.generation.choices_are_menus();
        let resets_choices = !self.tree.generation.choices_are_menus();
        for &symbol in &self.tree.hash_order {
            let data = self.tree.symbol(symbol);
            let state = &mut self.symbols[symbol.index()];
            // Before 6.11 a choice counts as assigned until a member is found unassigned.
            let assigned = resets_choices && data.is_choice;
            match values {
                Values::User => {
                    state.flags.user = assigned;
                    state.user_tri = Tristate::No;
                    state.user_text = NO_TEXT;
                }
                Values::Auto => {
                    state.flags.auto = assigned;
                    state.auto_tri = Tristate::No;
                    state.auto_text = NO_TEXT;
                }
            }
            if !keeps_valid {
                state.flags.valid = false;
            }
        }
        if values == Values::User {
            self.user_choice.fill(None);
        }
        if !keeps_valid {
            self.end_upkeep();
            self.expr_values.fill(super::UNKNOWN);
        }
    }

    fn read_values(
        &mut self,
        name: &str,
        content: &[u8],
        values: Values,
        unknown: &mut Vec<Vec<u8>>,
    ) -> u32 {
        let mut reader = Reader {
            name,
            line: 0,
            warnings: 0,
        };
        self.forget(values);
        let prefix = self.options.prefix.clone().into_bytes();
        let strict = self.tree.generation.reads_lines_strictly();
        let content = content.strip_suffix(b"\n").unwrap_or(content);
        if content.is_empty() {
            return 0;
        }
        for line in content.split(|&byte| byte == b'\n') {
            reader.line += 1;
            match parse_line(line, &prefix, strict) {
                Line::Ignored => {}
                Line::Unset(name) => {
                    let ignored = self
                        .known(name)
                        .filter(|&symbol| !self.tree.symbol(symbol).kind.is_logical())
                        .filter(|_| self.tree.generation.ignores_unset_numbers());
                    if let Some(symbol) = ignored {
                        self.warn_of_override(&mut reader, symbol, values);
                    } else {
                        self.read_value(&mut reader, name, b"n", values, unknown);
                    }
                }
                Line::Unexpected(data) => {
                    let mut message = b"unexpected data: ".to_vec();
                    message.extend_from_slice(data);
                    self.warn_reading(&mut reader, &message);
                }
                Line::Value(name, value) => {
                    self.read_value(&mut reader, name, value, values, unknown);
                }
            }
        }
        reader.warnings
    }

    fn warn_reading(&mut self, reader: &mut Reader<'_>, message: &[u8]) {
        reader.warnings += 1;
        let place = Place {
            file: reader.name.to_owned(),
            line: reader.line,
            column: 1,
        };
        self.warnings.push(Diagnostic::at(
            Style::Warning,
            Severity::Warning,
            place,
            message,
        ));
    }

    fn known(&self, name: &[u8]) -> Option<SymbolId> {
        self.tree.symbols.find(self.tree.texts.find(name)?)
    }

    fn read_value(
        &mut self,
        reader: &mut Reader<'_>,
        name: &[u8],
        value: &[u8],
        values: Values,
        unknown: &mut Vec<Vec<u8>>,
    ) {
        let tree = self.tree;
        let Some(symbol) = self.known(name) else {
            if values == Values::Auto {
                unknown.push(name.to_vec());
                return;
            }
            if self.options.warn_unknown && self.tree.generation.warns_on_demand() {
                let mut message = b"unknown symbol: ".to_vec();
                message.extend_from_slice(name);
                self.warn_reading(reader, &message);
            }
            self.changed = true;
            return;
        };
        self.warn_of_override(reader, symbol, values);
        if !self.store_value(reader, symbol, value, values) {
            return;
        }
        if tree.generation.choices_are_menus() {
            let choice = tree.symbol(symbol).choice;
            if let (Values::User, Some(choice)) = (values, choice) {
                self.prefer_member(choice, symbol);
            }
        } else if let Some(choice) = self.choice_symbol_of(symbol) {
            self.note_member(reader, symbol, choice, values);
        }
    }

    fn warn_of_override(&mut self, reader: &mut Reader<'_>, symbol: SymbolId, values: Values) {
        let flags = self.state(symbol).flags;
        let assigned = match values {
            Values::User => flags.user,
            Values::Auto => flags.auto,
        };
        if assigned {
            let mut message = b"override: reassigning to symbol ".to_vec();
            message.extend_from_slice(self.tree.name_bytes(symbol));
            self.warn_reading(reader, &message);
        }
    }

    /// Before 6.11 a choice symbol gathers the values of its members.
    fn note_member(
        &mut self,
        reader: &mut Reader<'_>,
        member: SymbolId,
        choice: SymbolId,
        values: Values,
    ) {
        let of = |session: &Self, symbol| match values {
            Values::User => session.state(symbol).user_tri,
            Values::Auto => session.state(symbol).auto_tri,
        };
        let value = of(self, member);
        let so_far = of(self, choice);
        let name = self.tree.name_bytes(member);
        match value {
            Tristate::No => {}
            Tristate::Mod => {
                if so_far == Tristate::Yes {
                    let mut message = name.to_vec();
                    message.extend_from_slice(b" creates inconsistent choice state");
                    self.warn_reading(reader, &message);
                    let flags = &mut self.state_mut(choice).flags;
                    match values {
                        Values::User => flags.user = false,
                        Values::Auto => flags.auto = false,
                    }
                }
            }
            Tristate::Yes => {
                if so_far != Tristate::No {
                    let mut message = b"override: ".to_vec();
                    message.extend_from_slice(name);
                    message.extend_from_slice(b" changes choice state");
                    self.warn_reading(reader, &message);
                }
                if let (Values::User, Some(id)) = (values, self.tree.symbol(choice).choice) {
                    self.user_choice[id.index()] = Some(member);
                }
            }
        }
        let joined = so_far.max(value);
        let state = self.state_mut(choice);
        match values {
            Values::User => state.user_tri = joined,
            Values::Auto => state.auto_tri = joined,
        }
    }

    /// Stores a value read from a file; `false` where it does not fit the symbol's type
    /// (`conf_set_sym_val`).
    fn store_value(
        &mut self,
        reader: &mut Reader<'_>,
        symbol: SymbolId,
        value: &[u8],
        values: Values,
    ) -> bool {
        let kind = self.tree.symbol(symbol).kind;
        let invalid = |session: &mut Self, reader: &mut Reader<'_>, value: &[u8]| {
            if values == Values::User {
                let mut message = b"symbol value '".to_vec();
                message.extend_from_slice(value);
                message.extend_from_slice(b"' invalid for ");
                message.extend_from_slice(session.tree.name_bytes(symbol));
                session.warn_reading(reader, &message);
            }
            false
        };
        match kind {
            SymbolType::Unknown => true,
            SymbolType::Bool | SymbolType::Tristate => {
                let tri = match value.first() {
                    Some(b'm') if kind == SymbolType::Tristate => Tristate::Mod,
                    Some(b'y') => Tristate::Yes,
                    Some(b'n') => Tristate::No,
                    _ => return invalid(self, reader, value),
                };
                let state = self.state_mut(symbol);
                match values {
                    Values::User => {
                        state.user_tri = tri;
                        state.flags.user = true;
                    }
                    Values::Auto => {
                        state.auto_tri = tri;
                        state.flags.auto = true;
                    }
                }
                true
            }
            SymbolType::String | SymbolType::Int | SymbolType::Hex => {
                let is_quoted = values == Values::User || self.tree.generation.quotes_in_autoconf();
                let text = if kind == SymbolType::String && is_quoted {
                    let Some(quoted) = value.strip_prefix(b"\"") else {
                        // Not quoted: neither a value nor an error.
                        return true;
                    };
                    let Some(text) = unescape(quoted) else {
                        if values == Values::User {
                            self.warn_reading(reader, b"invalid string found");
                        }
                        return false;
                    };
                    text
                } else {
                    value.to_vec()
                };
                if !is_valid_value(kind, &text) {
                    return invalid(self, reader, &text);
                }
                let text = self.intern(&text);
                let state = self.state_mut(symbol);
                match values {
                    Values::User => {
                        state.user_text = text;
                        state.flags.user = true;
                    }
                    Values::Auto => {
                        state.auto_text = text;
                        state.flags.auto = true;
                    }
                }
                true
            }
        }
    }
}

/// The text between quotes, up to the closing one; `None` where that is missing.
fn unescape(quoted: &[u8]) -> Option<Vec<u8>> {
    let mut text = Vec::with_capacity(quoted.len());
    let mut bytes = quoted.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return Some(text),
            b'\\' => text.extend(bytes.next()),
            _ => text.push(byte),
        }
    }
    None
}

enum Line<'a> {
    Ignored,
    Unexpected(&'a [u8]),
    /// A name that is not set.
    Unset(&'a [u8]),
    /// A name and the text of its value.
    Value(&'a [u8], &'a [u8]),
}

/// Understands a line, given without its newline.
fn parse_line<'a>(line: &'a [u8], prefix: &[u8], strict: bool) -> Line<'a> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let line = memchr::memchr(0, line).map_or(line, |end| &line[..end]);
    if line.is_empty() {
        return Line::Ignored;
    }
    if line[0] == b'#' {
        let Some(rest) = line
            .strip_prefix(b"# ")
            .and_then(|rest| rest.strip_prefix(prefix))
        else {
            return Line::Ignored;
        };
        let Some(blank) = memchr::memchr(b' ', rest) else {
            return Line::Ignored;
        };
        let (name, tail) = (&rest[..blank], &rest[blank + 1..]);
        let unset = if strict {
            tail == b"is not set"
        } else {
            tail.starts_with(b"is not set")
        };
        return if unset {
            Line::Unset(name)
        } else {
            Line::Ignored
        };
    }
    let Some(rest) = line.strip_prefix(prefix) else {
        return Line::Unexpected(line);
    };
    match memchr::memchr(b'=', rest) {
        Some(equals) => Line::Value(&rest[..equals], &rest[equals + 1..]),
        None if strict => Line::Unexpected(line),
        None => Line::Ignored,
    }
}
