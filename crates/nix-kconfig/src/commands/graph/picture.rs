//! What is in the picture, whatever draws it.

use std::collections::BTreeSet;

use kconfig::Session;
use kernel_explain::{Link, Neighbourhood};
use kernel_resolve::Origin;
use petgraph::visit::EdgeRef;

use crate::paint::shortened;
use crate::subject::Subject;

/// A graph with all that is written in it. The first box is the option that was asked for.
pub(super) struct Picture {
    pub(super) boxes: Vec<Box>,
    pub(super) arrows: Vec<Arrow>,
}

/// An option.
pub(super) struct Box {
    pub(super) name: String,
    /// `None` where nothing defines it.
    pub(super) value: Option<String>,
    /// Who asks for it in Nix, and where.
    pub(super) asked_by: Vec<String>,
    /// How many links away from the first.
    pub(super) depth: usize,
}

/// A link between two boxes, by their numbers.
pub(super) struct Arrow {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) link: Link,
}

impl Picture {
    pub(super) fn of(subject: &Subject, session: &mut Session<'_>, around: &Neighbourhood) -> Self {
        let tree = session.tree();
        let boxes = around
            .graph
            .node_weights()
            .map(|node| Box {
                name: tree.name(node.symbol).to_owned(),
                value: tree
                    .is_defined(node.symbol)
                    .then(|| session.value(node.symbol)),
                asked_by: asked_by(subject, tree.name(node.symbol)),
                depth: node.depth,
            })
            .collect();
        let arrows = around
            .graph
            .edge_references()
            .map(|edge| Arrow {
                from: edge.source().index(),
                to: edge.target().index(),
                link: *edge.weight(),
            })
            .collect();
        Self { boxes, arrows }
    }
}

/// The sources in Nix that touch an option: each once, with its answer and place.
fn asked_by(subject: &Subject, name: &str) -> Vec<String> {
    let Some(kernel) = subject.kernel() else {
        return Vec::new();
    };
    let mut sources: BTreeSet<String> = BTreeSet::new();
    if let Some(answer) = kernel.answers.get(name)
        && let Origin::Text { source, .. } = &answer.origin
    {
        sources.insert(format!("{}: {source}", answer.value));
    }
    let items = &kernel.evaluated.settings.items;
    for definition in items.get(name).iter().flat_map(|item| &item.definitions) {
        let source = definition.source.as_str();
        let source = source
            .strip_prefix("structuredExtraConfig of ")
            .unwrap_or(source);
        let place = definition.place.as_ref().map_or_else(String::new, |place| {
            format!(", {}:{}", shortened(&place.file_name()), place.line())
        });
        sources.insert(format!("{}: {source}{place}", definition.shown));
    }
    sources.into_iter().collect()
}

impl Box {
    /// The name and the value.
    pub(super) fn title(&self) -> String {
        match &self.value {
            Some(value) if !value.is_empty() => format!("{} = {value}", self.name),
            Some(_) => self.name.clone(),
            None => format!("{} (not defined)", self.name),
        }
    }

    /// The colour that stands for its value: a background that dark text reads well on.
    pub(super) fn colour(&self) -> &'static str {
        match self.value.as_deref() {
            Some("y") => "#d3f2d3",
            Some("m") => "#d3e6f7",
            Some("n") => "#eeeeee",
            Some(_) => "#f7efd3",
            None => "#f7d9d3",
        }
    }
}
