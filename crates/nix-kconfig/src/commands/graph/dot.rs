//! A picture for Graphviz.

use std::fmt::Write;

use kernel_explain::Link;

use super::picture::Picture;

pub(super) fn write(picture: &Picture) -> String {
    let mut text = String::from(
        "digraph kconfig {\n  rankdir=LR;\n  node [shape=box, style=filled, fontname=\"sans-serif\"];\n",
    );
    for (index, shown) in picture.boxes.iter().enumerate() {
        let mut label = quoted(&shown.title());
        for asked in &shown.asked_by {
            let _ = write!(label, "\\n{}", quoted(asked));
        }
        let pen = if index == 0 { ", penwidth=2" } else { "" };
        let _ = writeln!(
            text,
            "  \"{}\" [label=\"{label}\", fillcolor=\"{}\"{pen}];",
            quoted(&shown.name),
            shown.colour()
        );
    }
    for arrow in &picture.arrows {
        let (Some(from), Some(to)) = (picture.boxes.get(arrow.from), picture.boxes.get(arrow.to))
        else {
            continue;
        };
        let style = match arrow.link {
            Link::Depends => "",
            Link::Selects => " [style=bold, label=\"selects\"]",
            Link::Implies => " [style=dashed, label=\"implies\"]",
        };
        let (from, to) = (quoted(&from.name), quoted(&to.name));
        let _ = writeln!(text, "  \"{from}\" -> \"{to}\"{style};");
    }
    text.push_str("}\n");
    text
}

fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
