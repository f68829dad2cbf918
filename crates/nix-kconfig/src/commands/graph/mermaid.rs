//! A picture for Markdown that knows Mermaid.

use std::fmt::Write;

use kernel_explain::Link;

use super::picture::Picture;

pub(super) fn write(picture: &Picture) -> String {
    let mut text = String::from("flowchart LR\n");
    for (index, shown) in picture.boxes.iter().enumerate() {
        let mut label = quoted(&shown.title());
        for asked in &shown.asked_by {
            let _ = write!(label, "<br/>{}", quoted(asked));
        }
        let _ = writeln!(text, "  n{index}[\"{label}\"]");
    }
    for arrow in &picture.arrows {
        let line = match arrow.link {
            Link::Depends => "-->",
            Link::Selects => "==>|selects|",
            Link::Implies => "-.->|implies|",
        };
        let _ = writeln!(text, "  n{} {line} n{}", arrow.from, arrow.to);
    }
    for (index, shown) in picture.boxes.iter().enumerate() {
        let _ = writeln!(text, "  style n{index} fill:{}", shown.colour());
    }
    text
}

fn quoted(text: &str) -> String {
    text.replace('&', "#amp;")
        .replace('"', "#quot;")
        .replace('<', "#lt;")
        .replace('>', "#gt;")
}
