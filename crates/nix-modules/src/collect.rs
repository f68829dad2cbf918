//! From the modules that a user writes to a flat list of all that they import, in
//! canonical form (`collectModules`).

use std::collections::VecDeque;

use nix_eval::{Evaluator, Lazy, Result, Span, Value};

use crate::ModuleSystem;
use crate::disabled::Disabled;
use crate::load::{Loading, Module, UNKNOWN_MODULE};

/// A module with what it imports.
struct Node<'h> {
    module: Module<'h>,
    imports: Vec<Node<'h>>,
}
impl<'h> ModuleSystem<'h> {
    /// All modules that `modules` lead to, each key once, disabled ones left
    /// out, in the order of the closure: breadth first.
    pub(crate) fn collect_modules(
        &'h self,
        evaluator: &mut Evaluator<'h>,
        loading: &Loading<'h>,
        modules: &[Lazy<'h>],
    ) -> Result<Vec<Module<'h>>> {
        let (roots, disabled) = self.load_tree(evaluator, loading, modules)?;
        let enabled = |node: &&Node<'h>| !disabled.contains(node.module.key);
        let mut seen = std::collections::HashSet::new();
        let mut todo: VecDeque<&Node<'h>> = roots.iter().filter(enabled).collect();
        let mut collected = Vec::new();
        while let Some(node) = todo.pop_front() {
            if seen.insert(node.module.key) {
                collected.push(node.module);
                todo.extend(node.imports.iter().filter(enabled));
            }
        }
        Ok(collected)
    }

    /// The tree of imports as a value: the `graph` of an evaluation.
    pub(crate) fn module_graph(
        &'h self,
        evaluator: &mut Evaluator<'h>,
        loading: &Loading<'h>,
        modules: &[Lazy<'h>],
    ) -> Result<Value<'h>> {
        let (roots, disabled) = self.load_tree(evaluator, loading, modules)?;
        Ok(self.graph_of(evaluator, &roots, &disabled))
    }

    fn graph_of(
        &self,
        evaluator: &mut Evaluator<'h>,
        nodes: &[Node<'h>],
        disabled: &Disabled,
    ) -> Value<'h> {
        let items: Vec<Lazy<'h>> = nodes
            .iter()
            .map(|node| {
                let is_disabled = disabled.contains(node.module.key);
                let key = evaluator.string_in_heap(node.module.key, &[]);
                let imports = self.graph_of(evaluator, &node.imports, disabled);
                self.set(
                    evaluator,
                    &[
                        (self.names.disabled, Value::Bool(is_disabled).into()),
                        (self.names.key, key.into()),
                        (self.names.file, node.module.file),
                        (self.names.imports, imports.into()),
                    ],
                )
                .into()
            })
            .collect();
        evaluator.list(&items)
    }

    fn load_tree(
        &'h self,
        evaluator: &mut Evaluator<'h>,
        loading: &Loading<'h>,
        modules: &[Lazy<'h>],
    ) -> Result<(Vec<Node<'h>>, Disabled)> {
        let mut disabled = Vec::new();
        let unknown = evaluator.string(UNKNOWN_MODULE).into();
        let mut ancestors = Vec::new();
        let roots = self.load_all(
            evaluator,
            loading,
            unknown,
            b"",
            modules,
            &mut ancestors,
            &mut disabled,
        )?;
        let disabled = self.disabled(evaluator, loading, &disabled)?;
        Ok((roots, disabled))
    }

    #[expect(clippy::too_many_arguments, reason = "the state of one recursion")]
    fn load_all(
        &'h self,
        evaluator: &mut Evaluator<'h>,
        loading: &Loading<'h>,
        parent_file: Lazy<'h>,
        parent_key: &[u8],
        modules: &[Lazy<'h>],
        ancestors: &mut Vec<&'h [u8]>,
        disabled: &mut Vec<(Module<'h>, Lazy<'h>)>,
    ) -> Result<Vec<Node<'h>>> {
        let mut nodes = Vec::with_capacity(modules.len());
        for (index, &written) in modules.iter().enumerate() {
            let fallback_key = [parent_key, format!(":anon-{}", index + 1).as_bytes()].concat();
            let fallback_key = evaluator.heap().alloc_slice_copy(&fallback_key);
            let module =
                self.load_module(evaluator, loading, parent_file, fallback_key, written)?;
            self.check_class(evaluator, loading, &module)?;
            let listed = evaluator.expect_list(
                module.disabled_modules,
                Span::NONE,
                "while evaluating disabledModules",
            )?;
            for &item in listed.items {
                disabled.push((module, item));
            }
            // A module that imports itself is imported already.
            let imports = if ancestors.contains(&module.key) {
                Vec::new()
            } else {
                let imports = evaluator.expect_list(
                    module.imports,
                    Span::NONE,
                    "while evaluating the imports of a module",
                )?;
                ancestors.push(module.key);
                let loaded = evaluator.with_stack(Span::NONE, |evaluator| {
                    self.load_all(
                        evaluator,
                        loading,
                        module.file,
                        module.key,
                        imports.items,
                        ancestors,
                        disabled,
                    )
                });
                ancestors.pop();
                loaded?
            };
            nodes.push(Node { module, imports });
        }
        Ok(nodes)
    }
}
