//! The common configuration of a real nixpkgs.

use nix_eval::{Attr, Attrs, Evaluator, Pos, SourceFile, Value};
use nix_modules::Definition;

/// The file that it is written in.
const FILE: &str = "common-config.nix";

/// The common configuration as a definition. nixpkgs puts it together from groups, by
/// functions that lose positions; its options are found by their names in the file.
pub(crate) fn definition<'h>(
    evaluator: &mut Evaluator<'h>,
    attrs: &'h Attrs<'h>,
) -> Definition<'h> {
    let file = evaluator
        .sources()
        .files()
        .find(|file| file.path().is_some_and(|path| path.ends_with(FILE)))
        .cloned();
    let mut entries = Vec::with_capacity(attrs.len());
    for attr in attrs.iter() {
        let pos = match &file {
            Some(file) if !attr.pos.is_some() => {
                binding(file, &evaluator.symbol_display(attr.name))
            }
            _ => attr.pos,
        };
        entries.push(Attr { pos, ..*attr });
    }
    let value = Value::Attrs(evaluator.attrs(entries));
    Definition {
        file: evaluator
            .string("the common configuration of nixpkgs")
            .into(),
        value: value.into(),
        pos: Pos::NONE,
        order: None,
        form: None,
    }
}

/// Where a line begins with `NAME =` or `"NAME" =`.
fn binding(file: &SourceFile, name: &str) -> Pos {
    let mut offset = 0;
    for line in file.text().split_inclusive('\n') {
        let code = line.trim_start();
        let unquoted = code.strip_prefix('"').unwrap_or(code);
        let is_binding = unquoted
            .strip_prefix(name)
            .map(|rest| rest.strip_prefix('"').unwrap_or(rest).trim_start())
            .is_some_and(|rest| rest.starts_with('='));
        if is_binding {
            return file.pos(offset + line.len() - code.len());
        }
        offset += line.len();
    }
    Pos::NONE
}
