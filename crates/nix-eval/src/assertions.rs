//! Failed assertions: what the condition was, and for `assert a == b` what the
//! difference is.

use std::path::Path;

use bumpalo::Bump;

use crate::env::Env;
use crate::error::{ErrorKind, EvalError, Result, Traced};
use crate::evaluator::Evaluator;
use crate::expr::{Assert, Expr};
use crate::source::{Origin, SourceFile, Span};
use crate::syntax;
use crate::value::{Lazy, Value};

impl<'h> Evaluator<'h> {
    /// The error of an assertion that does not hold.
    #[cold]
    pub(crate) fn assertion_failed(
        &mut self,
        node: &'h Assert<'h>,
        env: &'h Env<'h>,
    ) -> Box<EvalError> {
        let condition = self.shown_condition(node.condition_span);
        if let Expr::Equal(operands) = &node.condition {
            let difference = self.eval(&operands.left, env).and_then(|left| {
                let right = self.eval(&operands.right, env)?;
                self.check_equal(left.into(), right.into(), Span::NONE)
            });
            match difference {
                Ok(()) => {}
                Err(error) if error.kind == ErrorKind::Assertion => {
                    return error.traced(node.span, || {
                        format!("while evaluating the condition of the assertion '{condition}'")
                    });
                }
                Err(error) => return error,
            }
        }
        EvalError::new(
            ErrorKind::Assertion,
            node.span,
            format!("assertion '{condition}' failed"),
        )
    }

    /// A condition as Nix prints it: in the notation of `--parse`. Made from the
    /// text again, since it is hardly ever needed.
    fn shown_condition(&mut self, span: Span) -> String {
        let Some((file, start)) = self.sources.locate(span.start) else {
            return String::new();
        };
        let text = file.text().get(start..file.offset(span.end));
        let text = text.unwrap_or_default().to_owned();
        let base_dir = match file.origin() {
            Origin::File(path) => path.parent().unwrap_or(Path::new("/")).to_owned(),
            _ => Path::new("/").to_owned(),
        };
        let condition = SourceFile::detached(&text);
        let arena = Bump::new();
        let Ok(ast) = self.build(&arena, &condition, &base_dir) else {
            return text;
        };
        let mut out = Vec::new();
        syntax::show::show(&ast, &self.symbols, &mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    /// Fails with the first difference of two values (`assertEqValues` in Nix).
    fn check_equal(&mut self, left: Lazy<'h>, right: Lazy<'h>, span: Span) -> Result<()> {
        let left_value = self.force(left, span)?;
        let right_value = self.force(right, span)?;
        let differ = |evaluator: &Self, template: &dyn Fn(&str, &str) -> String| {
            let left = evaluator.show_in_message(left_value);
            let right = evaluator.show_in_message(right_value);
            Err(EvalError::new(
                ErrorKind::Assertion,
                Span::NONE,
                template(&left, &right),
            ))
        };
        let (left_type, right_type) = (
            left_value.type_with_article(),
            right_value.type_with_article(),
        );
        let is_number = |value| matches!(value, Value::Int(_) | Value::Float(_));
        if is_number(left_value) && is_number(right_value) {
            if self.equal_values(left_value, right_value, span)? {
                return Ok(());
            }
            return differ(self, &|left, right| {
                format!(
                    "{left_type} with value '{left}' is not equal to {right_type} with value '{right}'"
                )
            });
        }
        if left_value.type_name() != right_value.type_name() {
            return differ(self, &|left, right| {
                format!(
                    "{left_type} of value '{left}' is not equal to {right_type} of value '{right}'"
                )
            });
        }
        match (left_value, right_value) {
            (Value::List(left_list), Value::List(right_list)) => {
                let (left_size, right_size) = (left_list.items.len(), right_list.items.len());
                if left_size != right_size {
                    return differ(self, &|left, right| {
                        format!(
                            "list of size '{left_size}' is not equal to list of size '{right_size}', left hand side is '{left}', right hand side is '{right}'"
                        )
                    });
                }
                for (index, (&left, &right)) in
                    left_list.items.iter().zip(right_list.items).enumerate()
                {
                    self.check_equal_elements(left, right, span)
                        .traced(span, || format!("while comparing list element {index}"))?;
                }
                Ok(())
            }
            (Value::Attrs(left_attrs), Value::Attrs(right_attrs)) => {
                if self.is_derivation(left_attrs)?
                    && self.is_derivation(right_attrs)?
                    && let (Some(left), Some(right)) = (
                        left_attrs.get(self.names.out_path),
                        right_attrs.get(self.names.out_path),
                    )
                {
                    return self
                        .check_equal(left.value, right.value, span)
                        .traced(span, || {
                            "while comparing a derivation by its 'outPath' attribute".to_owned()
                        });
                }
                if left_attrs.len() != right_attrs.len() {
                    return differ(self, &|left, right| {
                        format!(
                            "attribute names of attribute set '{left}' differs from attribute set '{right}'"
                        )
                    });
                }
                for (left, right) in left_attrs.iter().zip(right_attrs.iter()) {
                    if left.name != right.name {
                        if right_attrs.get(left.name).is_none() {
                            let name = self.shown_name(left.name);
                            return differ(self, &|left, right| {
                                format!(
                                    "attribute name '{name}' is contained in '{left}', but not in '{right}'"
                                )
                            });
                        }
                        let name = self.shown_name(right.name);
                        return differ(self, &|left, right| {
                            format!(
                                "attribute name '{name}' is missing in '{left}', but is contained in '{right}'"
                            )
                        });
                    }
                    let compared = self.check_equal_elements(left.value, right.value, span);
                    if let Err(error) = compared {
                        let name = self.shown_name(left.name);
                        return Err(error
                            .traced(Span::at(right.pos), || {
                                "where right hand side is".to_owned()
                            })
                            .traced(Span::at(left.pos), || "where left hand side is".to_owned())
                            .traced(span, || format!("while comparing attribute '{name}'")));
                    }
                }
                Ok(())
            }
            (Value::Closure(_) | Value::Primop(_) | Value::PrimopApp(_), _) => Err(EvalError::new(
                ErrorKind::Assertion,
                Span::NONE,
                "distinct functions and immediate comparisons of identical functions compare as unequal",
            )),
            _ if self.equal_values(left_value, right_value, span)? => Ok(()),
            (Value::Bool(_), _) => differ(self, &|left, right| {
                format!("boolean '{left}' is not equal to boolean '{right}'")
            }),
            (Value::String(_), _) => differ(self, &|left, right| {
                format!("string '{left}' is not equal to string '{right}'")
            }),
            _ => differ(self, &|left, right| {
                format!("path '{left}' is not equal to path '{right}'")
            }),
        }
    }

    fn check_equal_elements(&mut self, left: Lazy<'h>, right: Lazy<'h>, span: Span) -> Result<()> {
        if self.equal_elements(left, right, span)? {
            return Ok(());
        }
        self.with_stack(span, |evaluator| evaluator.check_equal(left, right, span))
    }
}
