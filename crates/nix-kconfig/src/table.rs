//! Tables of text for people: columns without lines between them, as wide as the terminal at most.

use comfy_table::ContentArrangement;
use comfy_table::presets::NOTHING;

use crate::paint::Paint;

/// A table.
pub(crate) struct Table(comfy_table::Table);

impl Table {
    pub(crate) fn new() -> Self {
        let mut table = comfy_table::Table::new();
        table.load_style(NOTHING);
        Self(table)
    }

    /// The names of the columns.
    pub(crate) fn head(&mut self, cells: impl IntoIterator<Item = String>) {
        self.0.set_header(cells.into_iter().collect::<Vec<_>>());
    }

    /// One more row.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.0.add_row(cells.into_iter().collect::<Vec<_>>());
    }

    /// The table as text. Where there is a terminal, what does not fit is broken within its
    /// column; elsewhere a row is a line.
    pub(crate) fn render(mut self, paint: Paint) -> String {
        if let Some(width) = paint.width() {
            self.0.set_content_arrangement(ContentArrangement::Dynamic);
            self.0.set_width(u16::try_from(width).unwrap_or(u16::MAX));
        } else {
            self.0.set_content_arrangement(ContentArrangement::Disabled);
        }
        for column in self.0.column_iter_mut() {
            column.set_padding((0, 2));
        }
        let lines = self.0.lines().map(|line| format!("{}\n", line.trim_end()));
        lines.collect()
    }
}
