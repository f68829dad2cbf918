//! A picture as SVG.

use std::fmt::Write;

use kernel_explain::Link;

use super::layout::{Placed, place};
use super::picture::{Box, Picture};

/// Widths of letters and heights of lines, in the font's size of 12.
const LETTER: f64 = 7.3;
const LINE: f64 = 16.0;
/// Around the text of a box, and around the whole.
const PADDING: f64 = 8.0;
const MARGIN: f64 = 16.0;

pub(super) fn write(picture: &Picture) -> String {
    let sizes: Vec<(f64, f64)> = picture.boxes.iter().map(size).collect();
    let (placed, (width, height)) = place(picture, &sizes);
    let mut text = String::new();
    let (width, height) = (width + 2.0 * MARGIN, height + 2.0 * MARGIN);
    let _ = writeln!(
        text,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         width=\"{width:.0}\" height=\"{height:.0}\" font-family=\"monospace\" font-size=\"12\">"
    );
    if let Some(first) = picture.boxes.first() {
        let _ = writeln!(text, "  <title>Around {}</title>", escaped(&first.name));
    }
    text.push_str(
        "  <defs><marker id=\"head\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" \
         markerHeight=\"8\" orient=\"auto-start-reverse\"><path d=\"M0 0 L8 4 L0 8 z\" \
         fill=\"#555\"/></marker></defs>\n  <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
    );
    let _ = writeln!(text, "  <g transform=\"translate({MARGIN} {MARGIN})\">");
    for arrow in &picture.arrows {
        if let (Some(from), Some(to)) = (placed.get(arrow.from), placed.get(arrow.to)) {
            draw_arrow(&mut text, *from, *to, arrow.link);
        }
    }
    for (index, (shown, at)) in picture.boxes.iter().zip(&placed).enumerate() {
        draw_box(&mut text, shown, *at, index == 0);
    }
    text.push_str("  </g>\n</svg>\n");
    text
}

fn size(shown: &Box) -> (f64, f64) {
    let title = shown.title();
    let lines = std::iter::once(&title).chain(&shown.asked_by);
    let longest = lines.map(|line| line.chars().count()).max().unwrap_or(0);
    let count = 1 + shown.asked_by.len();
    (
        longest as f64 * LETTER + 2.0 * PADDING,
        count as f64 * LINE + PADDING,
    )
}

fn draw_box(text: &mut String, shown: &Box, at: Placed, is_first: bool) {
    let Placed {
        x,
        y,
        width,
        height,
    } = at;
    let stroke = if is_first { 2.5 } else { 1.0 };
    let _ = writeln!(
        text,
        "    <rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"4\" \
         fill=\"{}\" stroke=\"#333\" stroke-width=\"{stroke}\"/>",
        shown.colour()
    );
    let title = shown.title();
    for (index, line) in std::iter::once(&title).chain(&shown.asked_by).enumerate() {
        let weight = if index == 0 {
            " font-weight=\"bold\""
        } else {
            ""
        };
        let _ = writeln!(
            text,
            "    <text x=\"{:.1}\" y=\"{:.1}\"{weight}>{}</text>",
            x + PADDING,
            y + LINE * (index as f64 + 0.9),
            escaped(line)
        );
    }
}

/// A curve from one box to another, leaving and arriving sideways.
fn draw_arrow(text: &mut String, from: Placed, to: Placed, link: Link) {
    let middle = |at: Placed| at.y + at.height / 2.0;
    let (from_y, to_y) = (middle(from), middle(to));
    // To the right, to the left, or round the right side within a column.
    let (start, end, bend, arrive) = if from.x + from.width <= to.x {
        let (start, end) = (from.x + from.width, to.x);
        let half = (end - start) / 2.0;
        (start, end, start + half, end - half)
    } else if to.x + to.width <= from.x {
        let (start, end) = (from.x, to.x + to.width);
        let half = (start - end) / 2.0;
        (start, end, start - half, end + half)
    } else {
        let (start, end) = (from.x + from.width, to.x + to.width);
        (start, end, start + 40.0, end + 40.0)
    };
    let style = match link {
        Link::Depends => "",
        Link::Selects => " stroke-width=\"2.5\"",
        Link::Implies => " stroke-dasharray=\"5 4\"",
    };
    let word = match link {
        Link::Depends => "depends on",
        Link::Selects => "selects",
        Link::Implies => "implies",
    };
    let _ = writeln!(
        text,
        "    <path d=\"M{start:.1} {from_y:.1} C{bend:.1} {from_y:.1} {arrive:.1} {to_y:.1} \
         {end:.1} {to_y:.1}\" fill=\"none\" stroke=\"#555\"{style} \
         marker-end=\"url(#head)\"><title>{word}</title></path>"
    );
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
