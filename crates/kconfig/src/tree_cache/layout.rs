//! A finished tree as a pack, and back.

use super::pack::{Damaged, Reader, Unpacked, Writer};
use crate::generation::Generation;
use crate::text::{Text, TextTable};
use crate::tree::{
    Choice, ChoiceId, Comparison, Dependency, EntryKind, Expr, ExprId, ExprTable, FileId, HelpText,
    Menu, MenuId, Position, Property, PropertyId, PropertyKind, SourceFile, SourceText, Symbol,
    SymbolId, SymbolTable, SymbolType, Tree,
};
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::OnceLock;

/// Stands for what is not there.
const NONE: u32 = u32::MAX;

const SYMBOL_TYPES: [SymbolType; 6] = [
    SymbolType::Unknown,
    SymbolType::Bool,
    SymbolType::Tristate,
    SymbolType::Int,
    SymbolType::Hex,
    SymbolType::String,
];
const PROPERTY_KINDS: [PropertyKind; 7] = [
    PropertyKind::Prompt,
    PropertyKind::Comment,
    PropertyKind::Menu,
    PropertyKind::Default,
    PropertyKind::Select,
    PropertyKind::Imply,
    PropertyKind::Range,
];
const ENTRY_KINDS: [EntryKind; 7] = [
    EntryKind::Root,
    EntryKind::Config,
    EntryKind::MenuConfig,
    EntryKind::Choice,
    EntryKind::Menu,
    EntryKind::If,
    EntryKind::Comment,
];
const COMPARISONS: [Comparison; 6] = [
    Comparison::Equal,
    Comparison::Unequal,
    Comparison::Less,
    Comparison::LessEqual,
    Comparison::Greater,
    Comparison::GreaterEqual,
];

/// The number of an enumeration's variant, which is its place in its list.
fn number<T: PartialEq>(list: &[T], item: &T) -> u32 {
    list.iter()
        .position(|other| other == item)
        .unwrap_or_default() as u32
}

fn variant<T: Copy>(list: &[T], number: u32) -> Unpacked<T> {
    list.get(number as usize).copied().ok_or(Damaged)
}

/// Bits of a word, the first argument's lowest.
fn bits(flags: &[bool]) -> u32 {
    flags
        .iter()
        .rev()
        .fold(0, |word, &flag| word << 1 | u32::from(flag))
}

fn maybe<T>(id: Option<T>, number: impl Fn(T) -> u32) -> u32 {
    id.map_or(NONE, number)
}

/// Writes a tree; the contents of its files are written elsewhere.
pub(super) fn write(tree: &Tree, out: &mut Writer) {
    let (major, minor) = tree.generation.release();
    out.word(u32::from(major));
    out.word(u32::from(minor));
    let (texts, ends) = tree.texts.parts();
    out.text(texts);
    out.words(ends.iter().copied());
    out.number(tree.symbols.len());
    out.number(tree.properties.len());
    out.number(tree.menus.len());
    out.number(tree.choices.len());
    out.rows(tree.exprs.iter().map(expr_row));
    out.rows(tree.symbols.iter().map(symbol_row));
    out.rows(tree.properties.iter().map(property_row));
    out.rows(tree.menus.iter().map(menu_row));
    out.rows(tree.dependencies.iter().map(|dependency| {
        let [file, line, column] = position_row(dependency.position);
        [dependency.expr.0, file, line, column]
    }));
    out.list(tree.choices.iter(), |out, choice| {
        out.word(choice.symbol.0);
        out.word(choice.menu.0);
        out.words(choice.members.iter().map(|member| member.0));
        out.words(choice.entries.iter().map(|entry| entry.0));
    });
    out.word(tree.modules.0);
    out.word(maybe(tree.defconfig_list, |symbol| symbol.0));
    out.words(tree.hash_order.iter().map(|symbol| symbol.0));
    out.list(tree.files.iter(), |out, file| {
        out.text(file.name.as_bytes());
        out.number(file.text.bytes().len());
    });
}

fn position_row(position: Position) -> [u32; 3] {
    [position.file.0, position.line, position.column]
}

fn expr_row(expr: Expr) -> [u32; 3] {
    match expr {
        Expr::Symbol(symbol) => [0, symbol.0, 0],
        Expr::Not(operand) => [1, operand.0, 0],
        Expr::And(left, right) => [2, left.0, right.0],
        Expr::Or(left, right) => [3, left.0, right.0],
        Expr::Range(low, high) => [4, low.0, high.0],
        Expr::Compare(comparison, left, right) => {
            [5 + number(&COMPARISONS, &comparison), left.0, right.0]
        }
    }
}

fn symbol_row(symbol: &Symbol) -> [u32; 11] {
    [
        maybe(symbol.name, |name| name.0),
        number(&SYMBOL_TYPES, &symbol.kind),
        bits(&[
            symbol.is_constant,
            symbol.is_choice,
            symbol.is_choice_value,
            symbol.is_optional,
            symbol.checked,
            symbol.is_transitional,
            symbol.is_yes_in_allno,
        ]),
        maybe(symbol.first_property, |id| id.0),
        maybe(symbol.last_property, |id| id.0),
        maybe(symbol.first_menu, |id| id.0),
        maybe(symbol.last_menu, |id| id.0),
        maybe(symbol.direct, |id| id.0),
        maybe(symbol.reverse, |id| id.0),
        maybe(symbol.implied, |id| id.0),
        maybe(symbol.choice, |id| id.0),
    ]
}

fn property_row(property: &Property) -> [u32; 10] {
    let [file, line, column] = position_row(property.position);
    [
        number(&PROPERTY_KINDS, &property.kind),
        bits(&[property.condition_is_dependency]),
        maybe(property.text, |text| text.0),
        maybe(property.condition, |id| id.0),
        maybe(property.value, |id| id.0),
        property.menu.0,
        file,
        line,
        column,
        maybe(property.next, |id| id.0),
    ]
}

fn menu_row(menu: &Menu) -> [u32; 18] {
    let [file, line, column] = position_row(menu.position);
    let help = menu.help.as_ref();
    [
        number(&ENTRY_KINDS, &menu.kind),
        maybe(menu.parent, |id| id.0),
        maybe(menu.next, |id| id.0),
        maybe(menu.list, |id| id.0),
        maybe(menu.symbol, |id| id.0),
        maybe(menu.next_of_symbol, |id| id.0),
        maybe(menu.prompt, |id| id.0),
        maybe(menu.visibility, |id| id.0),
        maybe(menu.dependency, |id| id.0),
        maybe(help, |help| help.file.0),
        maybe(help, |help| help.span.start),
        maybe(help, |help| help.span.end),
        file,
        line,
        column,
        maybe(menu.enclosing, |id| id.0),
        menu.written.start,
        menu.written.end,
    ]
}

/// How many there are of each kind: an index must be below.
struct Counts {
    texts: u32,
    symbols: u32,
    properties: u32,
    menus: u32,
    choices: u32,
    exprs: u32,
}

/// An index, if there is such an item.
fn index(word: u32, count: u32) -> Unpacked<u32> {
    (word < count).then_some(word).ok_or(Damaged)
}

/// The same, where there may be none.
fn maybe_index<T>(word: u32, count: u32, make: impl Fn(u32) -> T) -> Unpacked<Option<T>> {
    match word {
        NONE => Ok(None),
        _ => index(word, count).map(|word| Some(make(word))),
    }
}

impl Counts {
    fn text(&self, word: u32) -> Unpacked<Option<Text>> {
        maybe_index(word, self.texts, Text)
    }

    fn symbol(&self, word: u32) -> Unpacked<SymbolId> {
        index(word, self.symbols).map(SymbolId)
    }

    fn property(&self, word: u32) -> Unpacked<Option<PropertyId>> {
        maybe_index(word, self.properties, PropertyId)
    }

    fn menu(&self, word: u32) -> Unpacked<Option<MenuId>> {
        maybe_index(word, self.menus, MenuId)
    }

    fn expr(&self, word: u32) -> Unpacked<ExprId> {
        index(word, self.exprs).map(ExprId)
    }

    fn maybe_expr(&self, word: u32) -> Unpacked<Option<ExprId>> {
        maybe_index(word, self.exprs, ExprId)
    }

    fn read_expr(&self, [tag, left, right]: [u32; 3]) -> Unpacked<Expr> {
        Ok(match tag {
            0 => Expr::Symbol(self.symbol(left)?),
            1 => Expr::Not(self.expr(left)?),
            2 => Expr::And(self.expr(left)?, self.expr(right)?),
            3 => Expr::Or(self.expr(left)?, self.expr(right)?),
            4 => Expr::Range(self.symbol(left)?, self.symbol(right)?),
            _ => Expr::Compare(
                variant(&COMPARISONS, tag - 5)?,
                self.symbol(left)?,
                self.symbol(right)?,
            ),
        })
    }

    fn read_symbol(&self, row: [u32; 11]) -> Unpacked<Symbol> {
        let flag = |bit: u32| row[2] >> bit & 1 != 0;
        Ok(Symbol {
            name: self.text(row[0])?,
            kind: variant(&SYMBOL_TYPES, row[1])?,
            is_constant: flag(0),
            is_choice: flag(1),
            is_choice_value: flag(2),
            is_optional: flag(3),
            checked: flag(4),
            is_transitional: flag(5),
            is_yes_in_allno: flag(6),
            first_property: self.property(row[3])?,
            last_property: self.property(row[4])?,
            first_menu: self.menu(row[5])?,
            last_menu: self.menu(row[6])?,
            direct: self.maybe_expr(row[7])?,
            reverse: self.maybe_expr(row[8])?,
            implied: self.maybe_expr(row[9])?,
            choice: maybe_index(row[10], self.choices, ChoiceId)?,
        })
    }

    fn read_property(&self, row: [u32; 10]) -> Unpacked<Property> {
        Ok(Property {
            kind: variant(&PROPERTY_KINDS, row[0])?,
            condition_is_dependency: row[1] != 0,
            text: self.text(row[2])?,
            condition: self.maybe_expr(row[3])?,
            value: self.maybe_expr(row[4])?,
            menu: self.menu(row[5])?.ok_or(Damaged)?,
            position: read_position([row[6], row[7], row[8]]),
            next: self.property(row[9])?,
        })
    }

    fn read_menu(&self, row: [u32; 18]) -> Unpacked<Menu> {
        Ok(Menu {
            kind: variant(&ENTRY_KINDS, row[0])?,
            parent: self.menu(row[1])?,
            next: self.menu(row[2])?,
            list: self.menu(row[3])?,
            symbol: maybe_index(row[4], self.symbols, SymbolId)?,
            next_of_symbol: self.menu(row[5])?,
            prompt: self.property(row[6])?,
            visibility: self.maybe_expr(row[7])?,
            dependency: self.maybe_expr(row[8])?,
            help: (row[9] != NONE).then(|| HelpText {
                file: FileId(row[9]),
                span: row[10]..row[11],
            }),
            position: read_position([row[12], row[13], row[14]]),
            enclosing: self.menu(row[15])?,
            written: row[16]..row[17],
        })
    }
}

fn read_position([file, line, column]: [u32; 3]) -> Position {
    Position {
        file: FileId(file),
        line,
        column,
    }
}

/// Reads a tree, with the texts of its files, which `text_of` gives by where they lie among all.
pub(super) fn read(
    pack: &mut Reader<'_>,
    text_of: impl Fn(Range<usize>) -> SourceText,
) -> Unpacked<Tree> {
    let release = |word: u32| u16::try_from(word).map_err(|_| Damaged);
    let generation = Generation::new(release(pack.word()?)?, release(pack.word()?)?);
    let bytes = pack.text()?.to_vec();
    let ends = pack.words()?;
    let texts = TextTable::of_parts(bytes, ends).ok_or(Damaged)?;
    let mut counts = Counts {
        texts: texts.len(),
        symbols: pack.word()?,
        properties: pack.word()?,
        menus: pack.word()?,
        choices: pack.word()?,
        exprs: NONE,
    };
    let exprs = pack.rows(|row| counts.read_expr(row))?;
    counts.exprs = exprs.len() as u32;
    let refers_within = |expr: &Expr| match *expr {
        Expr::Not(operand) => operand.0 < counts.exprs,
        Expr::And(left, right) | Expr::Or(left, right) => {
            left.0 < counts.exprs && right.0 < counts.exprs
        }
        _ => true,
    };
    if !exprs.iter().all(refers_within) {
        return Err(Damaged);
    }
    let symbols = pack.rows(|row| counts.read_symbol(row))?;
    let properties = pack.rows(|row| counts.read_property(row))?;
    let menus = pack.rows(|row| counts.read_menu(row))?;
    let dependencies: Vec<Dependency> = pack.rows(|[expr, file, line, column]| {
        Ok(Dependency {
            expr: counts.expr(expr)?,
            position: read_position([file, line, column]),
        })
    })?;
    let members = |pack: &mut Reader<'_>| -> Unpacked<Vec<SymbolId>> {
        let words = pack.words()?;
        words.into_iter().map(|word| counts.symbol(word)).collect()
    };
    let choices = pack.list(|pack| {
        Ok(Choice {
            symbol: counts.symbol(pack.word()?)?,
            menu: counts.menu(pack.word()?)?.ok_or(Damaged)?,
            members: members(pack)?,
            entries: members(pack)?,
        })
    })?;
    let modules = counts.symbol(pack.word()?)?;
    let defconfig_list = maybe_index(pack.word()?, counts.symbols, SymbolId)?;
    let hash_order = members(pack)?;
    let mut start = 0;
    let files: Vec<SourceFile> = pack.list(|pack| {
        let name = pack.string()?;
        let end = pack.number()?.checked_add(start).ok_or(Damaged)?;
        let text = text_of(start..end);
        start = end;
        Ok(SourceFile { name, text })
    })?;
    let as_counted = symbols.len() == counts.symbols as usize
        && properties.len() == counts.properties as usize
        && menus.len() == counts.menus as usize
        && choices.len() == counts.choices as usize
        && menus.iter().all(|menu| {
            menu.written.start <= menu.written.end
                && menu.written.end as usize <= dependencies.len()
                && (menu.help.as_ref()).is_none_or(|help| help.file.index() < files.len())
        });
    if !as_counted {
        return Err(Damaged);
    }
    Ok(Tree {
        generation,
        symbols: SymbolTable::of_symbols(symbols),
        texts,
        files,
        properties,
        menus,
        exprs: ExprTable::of_nodes(exprs),
        choices,
        dependencies,
        modules,
        defconfig_list,
        hash_order,
        used_environment: Vec::new(),
        absent_environment: BTreeSet::new(),
        graph: OnceLock::new(),
    })
}

/// The texts of all files, one behind the other.
pub(super) fn texts(tree: &Tree) -> Vec<u8> {
    let texts: Vec<&[u8]> = tree.files.iter().map(|file| file.text.bytes()).collect();
    texts.concat()
}
