//! Assignments as a block of Nix, to be pasted as `structuredExtraConfig`.

use std::fmt::Write;

use kconfig::{EntryKind, Tree};
use kernel_config::Item;
use kernel_explain::Assignment;

use crate::settings_format::{nix_attribute, nix_item};
use crate::subject::Subject;

/// How a block is written.
#[derive(Clone, Copy, Default)]
pub(crate) struct Style {
    /// A comment with the menu above the options of each.
    pub(crate) menus: bool,
    /// The prompt of an option as a comment behind it.
    pub(crate) prompts: bool,
}

/// The priority of `lib.mkForce`.
const FORCE: i64 = 50;

/// The block. Where the subject defines an option otherwise, the assignment is made strong enough
/// to win.
pub(crate) fn write(
    subject: &Subject,
    tree: &Tree,
    assignments: &[Assignment],
    style: Style,
) -> String {
    let mut text = String::from("structuredExtraConfig = with lib.kernel; {\n");
    let mut above: Option<&str> = None;
    let menus: Vec<String> = assignments
        .iter()
        .map(|assignment| menu_of(tree, assignment))
        .collect();
    for (index, assignment) in grouped(&menus, style.menus).map(|i| (i, &assignments[i])) {
        if style.menus {
            let menu = menus[index].as_str();
            if above != Some(menu) {
                if above.is_some() {
                    text.push('\n');
                }
                let _ = writeln!(text, "  # {menu}");
                above = Some(menu);
            }
        }
        let name = tree.name(assignment.symbol);
        let is_kept = is_answered(subject, name, &assignment.value);
        let value = value_of(subject, tree, assignment, is_kept);
        let mut note = String::new();
        if is_kept {
            note.push_str("as it is now");
        } else if style.prompts {
            note = tree.prompt_of(assignment.symbol).unwrap_or_default();
        }
        let attribute = nix_attribute(name);
        let _ = match note.as_str() {
            "" => writeln!(text, "  {attribute} = {value};"),
            note => writeln!(text, "  {attribute} = {value}; # {note}"),
        };
    }
    text.push_str("};\n");
    text
}

fn value_of(subject: &Subject, tree: &Tree, assignment: &Assignment, is_kept: bool) -> String {
    let is_tristate = tree.kind(assignment.symbol).is_logical();
    let item = Item {
        tristate: assignment.value.chars().next().filter(|_| is_tristate),
        freeform: (!is_tristate).then(|| assignment.value.clone()),
        optional: false,
        definitions: Vec::new(),
    };
    let value = nix_item(&item);
    match strongest(subject, tree.name(assignment.symbol)) {
        Some(priority) if !is_kept => over(Some(priority), &value),
        _ => value,
    }
}

/// A value that wins over definitions of which the strongest has a priority.
pub(crate) fn over(strongest: Option<i64>, value: &str) -> String {
    let in_parentheses = if value.contains(' ') {
        format!("({value})")
    } else {
        value.to_owned()
    };
    match strongest {
        Some(priority) if priority > FORCE => format!("lib.mkForce {in_parentheses}"),
        Some(priority) => format!("lib.mkOverride {} {in_parentheses}", priority - 1),
        None => value.to_owned(),
    }
}

/// The order in which assignments are written: as they are, or those of one menu together.
fn grouped(menus: &[String], by_menu: bool) -> impl Iterator<Item = usize> {
    let mut order: Vec<usize> = (0..menus.len()).collect();
    if by_menu {
        order.sort_by_key(|&index| menus.iter().position(|menu| *menu == menus[index]));
    }
    order.into_iter()
}

/// The titles of the menus that an option is in.
fn menu_of(tree: &Tree, assignment: &Assignment) -> String {
    let Some(entry) = tree.definitions(assignment.symbol).next() else {
        return String::new();
    };
    let mut titles: Vec<String> = entry
        .menus_above()
        .filter(|above| matches!(above.kind(), EntryKind::Menu | EntryKind::MenuConfig))
        .filter_map(|above| Some(above.prompt()?.text()?.into_owned()))
        .collect();
    titles.reverse();
    if titles.is_empty() {
        titles.push("Main menu".to_owned());
    }
    titles.join(" › ")
}

/// The strongest priority at which an option is defined.
fn strongest(subject: &Subject, name: &str) -> Option<i64> {
    let items = &subject.kernel()?.evaluated.settings.items;
    let definitions = items.get(name)?.definitions.iter();
    definitions.map(|definition| definition.priority).min()
}

fn is_answered(subject: &Subject, name: &str, value: &str) -> bool {
    let answer = subject.kernel().and_then(|kernel| kernel.answers.get(name));
    answer.is_some_and(|answer| answer.value == value)
}
