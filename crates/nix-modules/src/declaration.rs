//! Declarations of one option by several modules become one
//! (`mergeOptionDecls`, `fixupOptionType`).

use nix_eval::{Attr, Attrs, Evaluator, Lazy, Pos, Result, Span, Value};

use crate::ModuleSystem;
use crate::definition::required;
use crate::level::Declaration;
use crate::show::thrown;

impl<'h> ModuleSystem<'h> {
    /// One option of all its declarations. They may not contradict each other;
    /// types are merged where they can be, submodules always.
    pub(crate) fn merge_declarations(
        &self,
        evaluator: &mut Evaluator<'h>,
        loc: &'h [Lazy<'h>],
        declarations: &[Declaration<'h>],
    ) -> Result<&'h Attrs<'h>> {
        let names = self.names;
        let mut merged: Option<&'h Attrs<'h>> = None;
        let mut files: Vec<Lazy<'h>> = Vec::new();
        let mut positions: Vec<Lazy<'h>> = Vec::new();
        let mut submodules: Vec<Lazy<'h>> = Vec::new();
        for declaration in declarations {
            let option = evaluator.expect_attrs(
                declaration.options,
                Span::at(declaration.pos),
                "while evaluating an option declaration",
            )?;
            let mut combined = option;
            if let Some(before) = merged {
                self.reject_contradiction(evaluator, loc, before, option, declaration, &files)?;
                let kind = self.merge_types(evaluator, loc, before, option, declaration, &files)?;
                combined = evaluator.update(option, before);
                if let Some(kind) = kind {
                    let kind = self.set(evaluator, &[(names.type_, kind.into())]);
                    let Value::Attrs(kind) = kind else { continue };
                    combined = evaluator.update(combined, kind);
                }
            }
            merged = Some(combined);
            self.prepend_submodules(evaluator, option, declaration, &mut submodules)?;
            files.push(declaration.file);
            positions.push(self.declaration_position(evaluator, declaration)?.into());
        }
        let loc = evaluator.list_in_heap(loc);
        let files = evaluator.list(&files);
        let positions = evaluator.list(&positions);
        let submodules = evaluator.list(&submodules);
        let Value::Attrs(bookkeeping) = self.set(
            evaluator,
            &[
                (names.loc, loc.into()),
                (names.declarations, files.into()),
                (names.declaration_positions, positions.into()),
                (names.options, submodules.into()),
            ],
        ) else {
            unreachable!("a set was made")
        };
        Ok(match merged {
            Some(merged) => evaluator.update(merged, bookkeeping),
            None => bookkeeping,
        })
    }

    fn reject_contradiction(
        &self,
        evaluator: &mut Evaluator<'h>,
        loc: &[Lazy<'h>],
        before: &'h Attrs<'h>,
        option: &'h Attrs<'h>,
        declaration: &Declaration<'h>,
        files: &[Lazy<'h>],
    ) -> Result<()> {
        let names = &self.names;
        let twice = [names.default, names.example, names.description, names.apply]
            .iter()
            .any(|&name| before.get(name).is_some() && option.get(name).is_some());
        if twice {
            return Err(self.declared_twice(evaluator, loc, declaration, files));
        }
        Ok(())
    }

    fn declared_twice(
        &self,
        evaluator: &mut Evaluator<'h>,
        loc: &[Lazy<'h>],
        declaration: &Declaration<'h>,
        files: &[Lazy<'h>],
    ) -> Box<nix_eval::EvalError> {
        let option = self.show_option(evaluator, loc);
        let file = self.text_for_message(evaluator, declaration.file);
        let before = self.show_files(evaluator, files.iter().copied());
        thrown(
            Span::at(declaration.pos),
            format!("The option `{option}' in `{file}' is already declared in {before}."),
        )
    }

    /// The merged type, where both have one.
    fn merge_types(
        &self,
        evaluator: &mut Evaluator<'h>,
        loc: &[Lazy<'h>],
        before: &'h Attrs<'h>,
        option: &'h Attrs<'h>,
        declaration: &Declaration<'h>,
        files: &[Lazy<'h>],
    ) -> Result<Option<Value<'h>>> {
        let names = &self.names;
        let (Some(left), Some(right)) = (before.get(names.type_), option.get(names.type_)) else {
            return Ok(None);
        };
        let what = "while merging the types of an option";
        let left = evaluator.expect_attrs(left.value, Span::at(left.pos), what)?;
        let right = evaluator.expect_attrs(right.value, Span::at(right.pos), what)?;
        let merge = required(evaluator, left, names.type_merge)?;
        let merge = evaluator.expect_function(merge, Span::NONE, what)?;
        let functor = required(evaluator, right, names.type_functor)?;
        match evaluator.apply(merge, &[functor], Span::NONE)? {
            Value::Null => Err(self.declared_twice(evaluator, loc, declaration, files)),
            merged => Ok(Some(merged)),
        }
    }

    /// The submodules that a declaration's type brings, in front of those there
    /// are, each with the file that declared it.
    fn prepend_submodules(
        &self,
        evaluator: &mut Evaluator<'h>,
        option: &'h Attrs<'h>,
        declaration: &Declaration<'h>,
        submodules: &mut Vec<Lazy<'h>>,
    ) -> Result<()> {
        let names = &self.names;
        let Value::Attrs(kind) = self.get_or_null(evaluator, option, names.type_)? else {
            return Ok(());
        };
        let Value::List(modules) = self.get_or_null(evaluator, kind, names.get_sub_modules)? else {
            return Ok(());
        };
        let located: Vec<Lazy<'h>> = modules
            .items
            .iter()
            .map(|&module| {
                let imports = evaluator.list(&[module]);
                self.set(
                    evaluator,
                    &[
                        (names.file_tag, declaration.file),
                        (names.imports, imports.into()),
                    ],
                )
                .into()
            })
            .collect();
        submodules.splice(0..0, located);
        Ok(())
    }

    /// `{ file, line, column }`, the numbers null where nobody knows.
    fn declaration_position(
        &self,
        evaluator: &mut Evaluator<'h>,
        declaration: &Declaration<'h>,
    ) -> Result<Value<'h>> {
        if let Some(given) = declaration.given_pos {
            match evaluator.force(given, Span::NONE)? {
                Value::Null => {}
                position => return Ok(position),
            }
        }
        let pos = match declaration.given_pos {
            None => declaration.pos,
            Some(_) => Pos::NONE,
        };
        let known = evaluator
            .sources()
            .line_column(pos)
            .and_then(|(file, at)| Some((file.path()?.display().to_string(), at)));
        let (file, line, column): (Lazy<'h>, Value<'h>, Value<'h>) = match known {
            Some((file, at)) => (
                evaluator.string(file).into(),
                Value::Int(at.line.into()),
                Value::Int(at.column.into()),
            ),
            None => (declaration.file, Value::Null, Value::Null),
        };
        let file = evaluator.attr("file", file);
        let line = evaluator.attr("line", line);
        let column = evaluator.attr("column", column);
        Ok(Value::Attrs(evaluator.attrs(vec![file, line, column])))
    }

    /// Gives an option without a type the one that takes anything, and puts
    /// submodules declared elsewhere into a submodule type.
    pub(crate) fn fix_up_type(
        &self,
        evaluator: &mut Evaluator<'h>,
        option: &'h Attrs<'h>,
    ) -> Result<&'h Attrs<'h>> {
        let names = self.names;
        let kind = match option.get(names.type_) {
            Some(kind) => evaluator.force(kind.value, Span::at(kind.pos))?,
            None => self.helper(
                evaluator,
                &self.helpers.unspecified,
                &["types", "unspecified"],
            )?,
        };
        let sub_modules = match kind {
            Value::Attrs(kind) => self.get_or_null(evaluator, kind, names.get_sub_modules)?,
            _ => Value::Null,
        };
        let mut changes = Vec::new();
        match (kind, sub_modules) {
            (_, Value::Null) => {
                if option.get(names.type_).is_some() {
                    return Ok(option);
                }
                changes.push((names.type_, kind.into()));
            }
            (Value::Attrs(attrs), _) => {
                let subst = required(evaluator, attrs, names.subst_sub_modules)?;
                let submodules = required(evaluator, option, names.options)?;
                changes.push((names.type_, evaluator.lazy_apply(subst, submodules)));
                changes.push((names.options, evaluator.list(&[]).into()));
            }
            _ => return Ok(option),
        }
        let Value::Attrs(changes) = self.set(evaluator, &changes) else {
            unreachable!("a set was made")
        };
        Ok(evaluator.update(option, changes))
    }

    /// A set of options becomes an option of its own: a submodule that has them.
    pub(crate) fn tree_to_option(
        &self,
        evaluator: &mut Evaluator<'h>,
        declaration: Declaration<'h>,
    ) -> Result<Declaration<'h>> {
        let names = self.names;
        let attrs = evaluator.expect_attrs(
            declaration.options,
            Span::at(declaration.pos),
            "while evaluating an option declaration",
        )?;
        if self.type_tag(evaluator, attrs)? == Some(b"option") {
            return Ok(declaration);
        }
        let module = self.set(evaluator, &[(names.options, declaration.options)]);
        let modules = evaluator.list(&[module.into()]);
        let args = self.set(
            evaluator,
            &[
                (names.modules, modules.into()),
                (names.shorthand_only_defines_config, Value::Null.into()),
            ],
        );
        let submodule_with = self.lib_attribute(evaluator, &["types", "submoduleWith"])?;
        let kind = evaluator.apply(submodule_with, &[args.into()], Span::NONE)?;
        let tag = evaluator.string("option");
        let option = self.set(
            evaluator,
            &[(names.type_tag, tag.into()), (names.type_, kind.into())],
        );
        Ok(Declaration {
            options: option.into(),
            ..declaration
        })
    }

    /// Declarations in their Nix form, `{ _file, pos, options }`.
    pub(crate) fn declarations_from_list(
        &self,
        evaluator: &mut Evaluator<'h>,
        list: Lazy<'h>,
    ) -> Result<Vec<Declaration<'h>>> {
        let what = "while reading a list of option declarations";
        let items = evaluator.expect_list(list, Span::NONE, what)?.items;
        let mut declarations = Vec::with_capacity(items.len());
        for &item in items {
            let attrs = evaluator.expect_attrs(item, Span::NONE, what)?;
            let options = required(evaluator, attrs, self.names.options)?;
            declarations.push(Declaration {
                file: required(evaluator, attrs, self.names.file_tag)?,
                pos: attrs
                    .get(self.names.options)
                    .map_or(Pos::NONE, |attr: &Attr<'h>| attr.pos),
                given_pos: attrs.get(self.names.pos).map(|attr| attr.value),
                options,
            });
        }
        Ok(declarations)
    }
}
