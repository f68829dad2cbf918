//! Selecting with a path given as text, as `-A` does.

use crate::attrs::Attrs;
use crate::error::{ErrorKind, EvalError, Result};
use crate::evaluator::Evaluator;
use crate::source::Span;
use crate::value::{Lazy, Value};

/// The names in a selection path: separated by dots, in quotes where they
/// contain dots themselves.
fn path_names(path: &str) -> Result<Vec<String>> {
    let mut names = Vec::new();
    let mut name = String::new();
    let mut characters = path.chars();
    while let Some(character) = characters.next() {
        match character {
            '.' => names.push(std::mem::take(&mut name)),
            '"' => loop {
                match characters.next() {
                    Some('"') => break,
                    Some(quoted) => name.push(quoted),
                    None => {
                        return Err(failure(format!(
                            "missing closing quote in selection path '{path}'"
                        )));
                    }
                }
            },
            _ => name.push(character),
        }
    }
    if !name.is_empty() {
        names.push(name);
    }
    Ok(names)
}

fn failure(message: String) -> Box<EvalError> {
    EvalError::new(ErrorKind::MissingAttribute, Span::NONE, message)
}

impl<'h> Evaluator<'h> {
    /// The names in a path such as `a."b.c"`.
    ///
    /// # Errors
    ///
    /// A quote that is not closed.
    pub fn attribute_path(path: &str) -> Result<Vec<String>> {
        path_names(path)
    }

    /// What a path such as `a."b.c".0` selects from a value. Functions on the way
    /// are called with `args` (`findAlongAttrPath` in Nix).
    pub fn select_path(
        &mut self,
        value: Value<'h>,
        path: &str,
        args: &'h Attrs<'h>,
    ) -> Result<Value<'h>> {
        let mut selected: Lazy<'h> = value.into();
        for name in path_names(path)? {
            let value = self.force(selected, Span::NONE)?;
            let value = self.auto_call(value, args)?;
            selected = match name.parse::<u32>() {
                Ok(index) => select_index(value, path, index)?,
                Err(_) => self.select_name(value, path, &name)?,
            };
        }
        self.force(selected, Span::NONE)
    }

    fn select_name(&self, value: Value<'h>, path: &str, name: &str) -> Result<Lazy<'h>> {
        let Value::Attrs(attrs) = value else {
            return Err(wrong_type(path, "a set", value));
        };
        if name.is_empty() {
            return Err(failure(format!(
                "empty attribute name in selection path '{path}'"
            )));
        }
        match self.symbol(name).and_then(|name| attrs.get(name)) {
            Some(attr) => Ok(attr.value),
            None => {
                let mut error = failure(format!(
                    "attribute '{name}' in selection path '{path}' not found"
                ));
                error.suggestions = self.similar_names(attrs, name.as_bytes());
                Err(error)
            }
        }
    }
}

fn select_index<'h>(value: Value<'h>, path: &str, index: u32) -> Result<Lazy<'h>> {
    let Value::List(list) = value else {
        return Err(wrong_type(path, "a list", value));
    };
    match list.items.get(index as usize) {
        Some(&item) => Ok(item),
        None => Err(failure(format!(
            "list index {index} in selection path '{path}' is out of range"
        ))),
    }
}

fn wrong_type(path: &str, wanted: &str, found: Value<'_>) -> Box<EvalError> {
    EvalError::new(
        ErrorKind::Type,
        Span::NONE,
        format!(
            "the expression selected by the selection path '{path}' should be {wanted} but is {}",
            found.type_with_article()
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::path_names;

    #[test]
    fn paths_are_split_at_dots_outside_of_quotes() {
        assert_eq!(path_names("a.b").unwrap(), ["a", "b"]);
        assert_eq!(path_names("a.\"b.c\".d").unwrap(), ["a", "b.c", "d"]);
        assert_eq!(path_names("a..b").unwrap(), ["a", "", "b"]);
        assert!(path_names("").unwrap().is_empty());
        assert!(path_names("a.\"b").is_err());
    }
}
