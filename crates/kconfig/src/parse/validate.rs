//! Warnings about properties that do not fit their symbol (`sym_check_prop` in menu.c).

use crate::diagnostics::{Diagnostic, Reporter, Severity, Style};
use crate::numbers::is_valid_value;
use crate::tree::{Expr, PropertyKind, SymbolId, SymbolType, Tree};

/// Warns of defaults, ranges and selects that cannot be meant so.
pub(crate) fn check_properties(tree: &Tree, symbol: SymbolId, reporter: &mut dyn Reporter) {
    let kind = tree.symbol(symbol).kind;
    let name = String::from_utf8_lossy(tree.name_or_null(symbol)).into_owned();
    for (_, property) in tree.properties_of(symbol) {
        let mut warn = |message: String| {
            reporter.diagnostic(Diagnostic::at(
                Style::Warning,
                Severity::Warning,
                tree.place(property.position),
                message.as_bytes(),
            ));
        };
        let value = tree.value_symbol(property);
        match property.kind {
            PropertyKind::Default => {
                let is_number = matches!(kind, SymbolType::Int | SymbolType::Hex);
                let Some(value) = value else {
                    if is_number || kind == SymbolType::String {
                        warn(format!(
                            "default for config symbol '{name}' must be a single symbol"
                        ));
                    }
                    continue;
                };
                if is_number && !is_number_for(tree, kind, value) {
                    warn(format!("'{name}': number is invalid"));
                }
                if tree.symbol(symbol).is_choice && !is_member(tree, value, symbol) {
                    let member = String::from_utf8_lossy(tree.name_or_null(value));
                    warn(format!(
                        "choice default symbol '{member}' is not contained in the choice"
                    ));
                }
            }
            PropertyKind::Select | PropertyKind::Imply => {
                let word = property.kind.name();
                if !kind.is_logical() {
                    warn(format!(
                        "config symbol '{name}' uses {word}, but is not bool or tristate"
                    ));
                } else if let Some(target) = value {
                    let target_kind = tree.symbol(target).kind;
                    if target_kind != SymbolType::Unknown && !target_kind.is_logical() {
                        let target = String::from_utf8_lossy(tree.name_or_null(target));
                        warn(format!(
                            "'{target}' has wrong type. '{word}' only accept arguments of bool \
                             and tristate type"
                        ));
                    }
                }
            }
            PropertyKind::Range => {
                if !matches!(kind, SymbolType::Int | SymbolType::Hex) {
                    warn("range is only allowed for int or hex symbols".to_owned());
                }
                if let Some(Expr::Range(low, high)) =
                    property.value.map(|expr| tree.exprs.get(expr))
                    && (!is_number_for(tree, kind, low) || !is_number_for(tree, kind, high))
                {
                    warn("range is invalid".to_owned());
                }
            }
            _ => {}
        }
    }
}

/// `menu_validate_number`
fn is_number_for(tree: &Tree, kind: SymbolType, value: SymbolId) -> bool {
    match tree.symbol(value).kind {
        SymbolType::Int | SymbolType::Hex => true,
        SymbolType::Unknown => is_valid_value(kind, tree.name_bytes(value)),
        _ => false,
    }
}

fn is_member(tree: &Tree, member: SymbolId, choice: SymbolId) -> bool {
    if tree.generation.choices_are_menus() {
        tree.choice_menu_of(member)
            .is_some_and(|menu| tree.menu(menu).symbol == Some(choice))
    } else {
        // A choice is, in a manner, contained in itself.
        tree.symbol(member).choice == tree.symbol(choice).choice
            && (tree.symbol(member).is_choice_value || member == choice)
    }
}
