//! Putting attributes into a set: nested paths, merging, duplicates.

use bumpalo::Bump;
use bumpalo::collections::Vec as BumpVec;
use rustc_hash::FxHashMap;

use super::ast::{Ast, AttrAst, AttrName, AttrSource, AttrsAst, DynamicAttrAst, Node};
use crate::source::Span;
use crate::symbol::Symbol;

/// Sets up to this size are searched; larger ones are indexed.
const SEARCHED: usize = 8;

/// The names of the sets of one file.
#[derive(Default)]
pub(crate) struct AttrIndex {
    sets: u32,
    large: FxHashMap<(u32, Symbol), usize>,
}

/// An attribute is defined twice.
pub(crate) struct Duplicate {
    /// The path, as far as it is shared.
    pub(crate) path: Vec<Symbol>,
    pub(crate) pos: Span,
    pub(crate) previous: Span,
}

impl AttrIndex {
    /// An empty set.
    pub(crate) fn new_set<'a>(&mut self, heap: &'a Bump, recursive: bool) -> &'a mut AttrsAst<'a> {
        self.sets += 1;
        heap.alloc(AttrsAst {
            id: self.sets,
            recursive,
            attrs: BumpVec::new_in(heap),
            dynamic: BumpVec::new_in(heap),
            sources: BumpVec::new_in(heap),
        })
    }

    fn find(&self, set: &AttrsAst<'_>, name: Symbol) -> Option<usize> {
        if set.attrs.len() <= SEARCHED {
            set.attrs.iter().position(|attr| attr.name == name)
        } else {
            self.large.get(&(set.id, name)).copied()
        }
    }

    fn push<'a>(&mut self, set: &mut AttrsAst<'a>, attr: AttrAst<'a>) {
        let index = set.attrs.len();
        if index == SEARCHED {
            for (index, attr) in set.attrs.iter().enumerate() {
                self.large.insert((set.id, attr.name), index);
            }
        }
        if index >= SEARCHED {
            self.large.insert((set.id, attr.name), index);
        }
        set.attrs.push(attr);
    }

    /// Adds `inherit name` or `inherit (…) name`.
    pub(crate) fn add_inherited<'a>(
        &mut self,
        set: &mut AttrsAst<'a>,
        attr: AttrAst<'a>,
    ) -> Result<(), Duplicate> {
        if let Some(index) = self.find(set, attr.name) {
            return Err(Duplicate {
                path: vec![attr.name],
                pos: attr.pos,
                previous: set.attrs[index].pos,
            });
        }
        self.push(set, attr);
        Ok(())
    }

    /// Adds `path = value`. Sets on the way are made or, if they are literal
    /// sets, extended; a literal set that meets a literal set is merged into it
    /// (`ParserState::addAttr` in Nix).
    pub(crate) fn add<'a>(
        &mut self,
        heap: &'a Bump,
        mut set: &mut AttrsAst<'a>,
        path: BumpVec<'a, (AttrName<'a>, Span)>,
        pos: Span,
        value: Ast<'a>,
    ) -> Result<(), Duplicate> {
        let mut names = Vec::new();
        let mut path = path.into_iter().peekable();
        while let Some((name, _)) = path.next() {
            let last = path.peek().is_none();
            match name {
                AttrName::Static(name) => {
                    names.push(name);
                    if last {
                        let attr = AttrAst {
                            name,
                            pos,
                            source: AttrSource::Plain(value),
                        };
                        return self.define(set, &mut names, attr);
                    }
                    let index = if let Some(index) = self.find(set, name) {
                        index
                    } else {
                        let nested = self.new_set(heap, false);
                        let index = set.attrs.len();
                        self.push(
                            set,
                            AttrAst {
                                name,
                                pos,
                                source: AttrSource::Plain(Ast::new(pos, Node::Attrs(nested))),
                            },
                        );
                        index
                    };
                    let existing = &mut set.attrs[index];
                    let previous = existing.pos;
                    let AttrSource::Plain(Ast {
                        node: Node::Attrs(nested),
                        ..
                    }) = &mut existing.source
                    else {
                        return Err(Duplicate {
                            path: names,
                            pos,
                            previous,
                        });
                    };
                    set = nested;
                }
                AttrName::Dynamic(name) => {
                    if last {
                        set.dynamic.push(DynamicAttrAst { name, value, pos });
                        return Ok(());
                    }
                    let nested = self.new_set(heap, false);
                    set.dynamic.push(DynamicAttrAst {
                        name,
                        value: Ast::new(pos, Node::Attrs(nested)),
                        pos,
                    });
                    let Some(DynamicAttrAst {
                        value:
                            Ast {
                                node: Node::Attrs(nested),
                                ..
                            },
                        ..
                    }) = set.dynamic.last_mut()
                    else {
                        unreachable!("the set was just pushed");
                    };
                    set = nested;
                }
            }
        }
        Ok(())
    }

    fn define<'a>(
        &mut self,
        set: &mut AttrsAst<'a>,
        names: &mut Vec<Symbol>,
        attr: AttrAst<'a>,
    ) -> Result<(), Duplicate> {
        let Some(index) = self.find(set, attr.name) else {
            self.push(set, attr);
            return Ok(());
        };
        let existing = &mut set.attrs[index];
        match (&mut existing.source, attr.source) {
            (
                AttrSource::Plain(Ast {
                    node: Node::Attrs(into),
                    ..
                }),
                AttrSource::Plain(Ast {
                    node: Node::Attrs(from),
                    ..
                }),
            ) => super::on_enough_stack(|| self.merge(into, from, names)),
            _ => Err(Duplicate {
                path: std::mem::take(names),
                pos: attr.pos,
                previous: existing.pos,
            }),
        }
    }

    /// Moves the attributes of one set into another. Whether `from` is `rec` is
    /// lost, as in Nix.
    fn merge<'a>(
        &mut self,
        into: &mut AttrsAst<'a>,
        from: &mut AttrsAst<'a>,
        names: &mut Vec<Symbol>,
    ) -> Result<(), Duplicate> {
        let shift = into.sources.len();
        for mut attr in from.attrs.drain(..) {
            if let AttrSource::InheritedFrom(source) = &mut attr.source {
                *source += shift;
            }
            names.push(attr.name);
            self.define(into, names, attr)?;
            names.pop();
        }
        into.dynamic.extend(from.dynamic.drain(..));
        into.sources.extend(from.sources.drain(..));
        Ok(())
    }
}
