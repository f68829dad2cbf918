//! What of a file is a kernel's configuration: sets of answers, arguments of kernels, and entries
//! of `kernelPatches`.

use std::collections::HashSet;
use std::ops::Range;

use rnix::SyntaxNode;
use rnix::ast::{AttrSet, AttrpathValue, BinOpKind, Entry, Expr, HasEntry};
use rowan::ast::AstNode;

use crate::syntax::expr::{Call, bare, freeform, kernel_lib, unwrap};
use crate::syntax::scope::{Binding, look_up};
use crate::syntax::{ident_name, path_of, range};

/// The argument and attribute that structured configuration is in.
pub(crate) const STRUCTURED: &str = "structuredExtraConfig";
/// What it was called in patches until 2025.
pub(crate) const OLDER: &str = "extraStructuredConfig";

/// One `NAME = answer;`.
#[derive(Clone)]
pub(crate) struct Answer {
    /// The option.
    pub(crate) name: String,
    /// Where the name stands.
    pub(crate) at: Range<usize>,
    /// The whole entry.
    pub(crate) entry: AttrpathValue,
    /// The answer.
    pub(crate) value: Expr,
}

/// A set of answers, as it is written.
pub(crate) struct AnswerSet {
    /// The node: an attribute set, or an entry `structuredExtraConfig.NAME = answer`.
    pub(crate) node: SyntaxNode,
    /// Its answers, in order.
    pub(crate) answers: Vec<Answer>,
}

/// What a set of arguments is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    /// The arguments of `buildLinux`, or those that override them.
    Kernel,
    /// An entry of `kernelPatches`.
    Patch,
}

/// A set that a kernel or a patch is described by.
pub(crate) struct Description {
    /// What it describes.
    pub(crate) role: Role,
    /// The set.
    pub(crate) set: AttrSet,
    /// Whether it is certain to be one, rather than to look like one.
    pub(crate) certain: bool,
}

impl Description {
    /// Its entries with a single name.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (String, SyntaxNode, AttrpathValue)> {
        named_entries(&self.set)
    }

    /// The entry of this name.
    pub(crate) fn get(&self, wanted: &str) -> Option<AttrpathValue> {
        self.entries()
            .find_map(|(name, _, entry)| (name == wanted).then_some(entry))
    }

    /// Whether it has anything of this name, inherited and nested ones included.
    pub(crate) fn has(&self, wanted: &str) -> bool {
        has_name(&self.set, wanted)
    }
}

/// Whether a set has an attribute, however it is written.
pub(crate) fn has_name(set: &AttrSet, wanted: &str) -> bool {
    set.entries().any(|entry| match entry {
        Entry::AttrpathValue(entry) => {
            path_of(&entry).is_some_and(|path| path.first().is_some_and(|(name, _)| name == wanted))
        }
        Entry::Inherit(inherit) => inherit
            .attrs()
            .any(|attr| crate::syntax::attr_name(&attr).as_deref() == Some(wanted)),
    })
}

/// The entries of a set with a single name.
pub(crate) fn named_entries(
    set: &AttrSet,
) -> impl Iterator<Item = (String, SyntaxNode, AttrpathValue)> + use<> {
    set.entries().filter_map(|entry| {
        let Entry::AttrpathValue(entry) = entry else {
            return None;
        };
        let mut path = path_of(&entry)?;
        let (name, node) = path.pop()?;
        path.is_empty().then_some((name, node, entry))
    })
}

/// What a file holds.
#[derive(Default)]
pub(crate) struct Facts {
    /// Sets of answers, in the order of the text.
    pub(crate) answer_sets: Vec<AnswerSet>,
    /// Kernels and patches, in the order of the text.
    pub(crate) descriptions: Vec<Description>,
    /// Whether a kernel is made here.
    pub(crate) makes_kernel: bool,
}

impl Facts {
    /// Looks through a file.
    pub(crate) fn of(root: &SyntaxNode) -> Self {
        let mut search = Search::default();
        for node in root.descendants() {
            search.look_at(&node);
        }
        // Files that only hold groups of answers, for others to import.
        for node in root.descendants() {
            if let Some(set) = AttrSet::cast(node)
                && looks_like_answers(&set)
            {
                search.answers(&Expr::AttrSet(set));
            }
        }
        let mut facts = search.facts;
        facts
            .answer_sets
            .sort_by_key(|set| set.node.text_range().start());
        facts
            .descriptions
            .sort_by_key(|description| description.set.syntax().text_range().start());
        facts
    }

    /// All answers, in order.
    pub(crate) fn answers(&self) -> impl Iterator<Item = &Answer> {
        self.answer_sets.iter().flat_map(|set| &set.answers)
    }
}

#[derive(Default)]
struct Search {
    facts: Facts,
    /// Sets that are known already.
    answer_sets: HashSet<SyntaxNode>,
    descriptions: HashSet<SyntaxNode>,
    /// Expressions that were followed, so that none is twice.
    followed: HashSet<SyntaxNode>,
}

impl Search {
    fn look_at(&mut self, node: &SyntaxNode) {
        if let Some(entry) = AttrpathValue::cast(node.clone()) {
            self.entry(&entry);
        } else if let Some(call) = Call::whole(node) {
            self.call(&call);
        } else if let Some(set) = AttrSet::cast(node.clone())
            && has_name(&set, "name")
            && has_name(&set, "patch")
        {
            self.description(Role::Patch, &set, false);
        }
    }

    fn entry(&mut self, entry: &AttrpathValue) {
        let (Some(path), Some(value)) = (path_of(entry), entry.value()) else {
            return;
        };
        let names: Vec<&str> = path.iter().map(|(name, _)| name.as_str()).collect();
        match names.as_slice() {
            [.., STRUCTURED | OLDER] => self.answers(&value),
            [.., STRUCTURED | OLDER, name] => {
                let Some((_, node)) = path.last() else { return };
                if self.answer_sets.insert(entry.syntax().clone()) {
                    self.facts.answer_sets.push(AnswerSet {
                        node: entry.syntax().clone(),
                        answers: vec![Answer {
                            name: (*name).to_owned(),
                            at: range(node),
                            entry: entry.clone(),
                            value,
                        }],
                    });
                }
            }
            [.., "kernelPatches"] => self.patches(&value),
            ["argsOverride"] => self.arguments(&value),
            _ => {}
        }
    }

    fn call(&mut self, call: &Call) {
        match call.name.as_str() {
            "buildLinux" | "linuxManualConfig" => {
                self.facts.makes_kernel = true;
                if let Some(argument) = call.arguments.first() {
                    self.arguments(argument);
                }
            }
            "override" => {
                let Some(Expr::AttrSet(set)) = call.only().cloned().map(bare) else {
                    return;
                };
                let names = [
                    STRUCTURED,
                    OLDER,
                    "kernelPatches",
                    "ignoreConfigErrors",
                    "argsOverride",
                    "autoModules",
                    "preferBuiltin",
                    "enableCommonConfig",
                ];
                if names.iter().any(|name| has_name(&set, name)) {
                    self.description(Role::Kernel, &set, true);
                }
            }
            _ => {}
        }
    }

    /// The sets that an expression for a kernel's arguments is made of.
    fn arguments(&mut self, expr: &Expr) {
        for part in parts_of(expr) {
            if let Expr::AttrSet(set) = part {
                self.description(Role::Kernel, &set, true);
            }
        }
    }

    /// The entries that an expression for `kernelPatches` is made of.
    fn patches(&mut self, expr: &Expr) {
        for part in parts_of(expr) {
            match part {
                Expr::AttrSet(set) => self.description(Role::Patch, &set, true),
                Expr::List(list) => {
                    for item in list.items() {
                        self.patches(&item);
                    }
                }
                _ => {}
            }
        }
    }

    fn description(&mut self, role: Role, set: &AttrSet, certain: bool) {
        if self.descriptions.insert(set.syntax().clone()) {
            self.facts.descriptions.push(Description {
                role,
                set: set.clone(),
                certain,
            });
        } else if certain {
            let known = self
                .facts
                .descriptions
                .iter_mut()
                .find(|known| known.set.syntax() == set.syntax());
            if let Some(known) = known {
                known.certain = true;
            }
        }
    }

    /// The sets that an expression for structured configuration is made of.
    fn answers(&mut self, expr: &Expr) {
        for part in parts_of(expr) {
            match part {
                Expr::AttrSet(set) => {
                    self.answer_set(&set);
                }
                Expr::Ident(ident) => {
                    let Some(name) = ident_name(&ident) else {
                        continue;
                    };
                    if let Binding::Value(value) = look_up(&name, ident.syntax())
                        && self.followed.insert(value.syntax().clone())
                    {
                        self.answers(&value);
                    }
                }
                Expr::List(list) => {
                    for item in list.items() {
                        self.answers(&item);
                    }
                }
                _ => {}
            }
        }
    }
}

impl Search {
    fn answer_set(&mut self, set: &AttrSet) {
        if self.answer_sets.insert(set.syntax().clone()) {
            self.facts.answer_sets.push(AnswerSet {
                answers: answers_of(set),
                node: set.syntax().clone(),
            });
        }
    }
}

/// The literal sets and lists, and the variables, that an expression's value is put together from.
pub(crate) fn parts_of(expr: &Expr) -> Vec<Expr> {
    let mut parts = Vec::new();
    let mut open = vec![expr.clone()];
    while let Some(expr) = open.pop() {
        match bare(expr) {
            Expr::With(with) => open.extend(with.body()),
            Expr::LetIn(let_in) => open.extend(let_in.body()),
            Expr::Assert(assert) => open.extend(assert.body()),
            Expr::IfElse(choice) => {
                open.extend(choice.else_body().into_iter().chain(choice.body()));
            }
            Expr::BinOp(operation) => {
                if matches!(
                    operation.operator(),
                    Some(BinOpKind::Update | BinOpKind::Concat)
                ) {
                    open.extend(operation.rhs().into_iter().chain(operation.lhs()));
                }
            }
            Expr::Lambda(lambda) => open.extend(lambda.body()),
            expr @ Expr::Apply(_) => {
                if let Some(call) = Call::of(&expr) {
                    open.extend(passed_on(call));
                }
            }
            expr => parts.push(expr),
        }
    }
    parts
}

/// What a call hands on of its arguments.
fn passed_on(call: Call) -> Option<Expr> {
    let count = match call.name.as_str() {
        "mkMerge" | "mkForce" | "mkDefault" | "mkBefore" | "mkAfter" | "singleton" => 1,
        "mkIf" | "optionalAttrs" | "mkOverride" | "mkOrder" | "optional" | "optionals"
        | "mapAttrs" | "removeAttrs" => 2,
        _ => return None,
    };
    // Of a set that names are taken from, what is left is on the left.
    if call.name == "removeAttrs" {
        return call.arguments.into_iter().next();
    }
    (call.arguments.len() == count)
        .then(|| call.arguments.into_iter().next_back())
        .flatten()
}

fn answers_of(set: &AttrSet) -> Vec<Answer> {
    named_entries(set)
        .filter_map(|(name, node, entry)| {
            Some(Answer {
                name,
                at: range(&node),
                value: entry.value()?,
                entry,
            })
        })
        .collect()
}

/// Whether a set is one of answers by what it holds: names as options have them, and values
/// that only `lib.kernel` makes.
fn looks_like_answers(set: &AttrSet) -> bool {
    let is_option = |name: &str| {
        name.len() > 1
            && name
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
    };
    let mut known = 0;
    let mut others = 0;
    for answer in answers_of(set) {
        let (_, core) = unwrap(&answer.value);
        let is_answer = kernel_lib(&core).is_some() || freeform(&core).is_some();
        if is_answer && is_option(answer.name.trim_start_matches("CONFIG_")) {
            known += 1;
        } else {
            others += 1;
        }
    }
    known > 0 && known >= others
}
