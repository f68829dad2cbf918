//! Options and definitions in messages (`lib.options.showOption` and friends).

use nix_eval::{Coercion, ErrorKind, EvalError, Evaluator, Lazy, Result, Span, write_attr_name};

use crate::ModuleSystem;
use crate::definition::Definition;

impl<'h> ModuleSystem<'h> {
    /// The path of an option as a user would write it (`showOption`): `*` and
    /// `<name>` stand for any name and are not quoted.
    pub(crate) fn show_option(&self, evaluator: &mut Evaluator<'h>, loc: &[Lazy<'h>]) -> String {
        let mut out = Vec::new();
        for (index, &part) in loc.iter().enumerate() {
            if index > 0 {
                out.push(b'.');
            }
            let text = self.text_for_message(evaluator, part);
            if text == "*" || (text.starts_with('<') && text.ends_with('>')) {
                out.extend_from_slice(text.as_bytes());
            } else {
                write_attr_name(&mut out, text.as_bytes());
            }
        }
        String::from_utf8_lossy(&out).into_owned()
    }

    /// Files in quotes with "and" between them (`showFiles`).
    pub(crate) fn show_files(
        &self,
        evaluator: &mut Evaluator<'h>,
        files: impl IntoIterator<Item = Lazy<'h>>,
    ) -> String {
        let mut shown = Vec::new();
        for file in files {
            shown.push(format!("`{}'", self.text_for_message(evaluator, file)));
        }
        shown.join(" and ")
    }

    /// A line for each definition, with its file and a short form of its value
    /// (`showDefs`).
    pub(crate) fn show_defs(
        &self,
        evaluator: &mut Evaluator<'h>,
        definitions: &[Definition<'h>],
    ) -> Result<String> {
        let function = self.helper(evaluator, &self.helpers.show_defs, &["options", "showDefs"])?;
        let list = self.definitions_to_list(evaluator, definitions);
        let shown = evaluator.apply(function, &[list.into()], Span::NONE)?;
        let shown = evaluator.expect_string(
            shown.into(),
            Span::NONE,
            "while showing the definitions of an option",
        )?;
        Ok(String::from_utf8_lossy(shown.text).into_owned())
    }

    /// The text of a value that should be a string or a path. A message must not
    /// fail over what it wants to say.
    pub(crate) fn text_for_message(
        &self,
        evaluator: &mut Evaluator<'h>,
        value: Lazy<'h>,
    ) -> String {
        match evaluator.coerce_to_string(value, Span::NONE, "", Coercion::TO_STRING) {
            Ok(string) => String::from_utf8_lossy(string.text).into_owned(),
            Err(_) => "<unknown>".to_owned(),
        }
    }
}

/// An error as `throw` makes it: the module system's messages are thrown, and
/// `tryEval` catches them.
pub(crate) fn thrown(span: Span, message: impl Into<String>) -> Box<EvalError> {
    EvalError::new(ErrorKind::Throw, span, message)
}
