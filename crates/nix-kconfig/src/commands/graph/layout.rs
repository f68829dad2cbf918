//! Where boxes go: in columns by how far they are from the first, and in each column in an order
//! that crosses few arrows (the barycentre heuristic of Sugiyama's method).

use super::picture::Picture;

/// A box's place: its upper left corner and its size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Placed {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// Between two columns: room for arrows.
const COLUMN_GAP: f64 = 70.0;
/// Between two boxes of a column.
const ROW_GAP: f64 = 14.0;
/// How often the order of the columns is improved.
const SWEEPS: usize = 8;

/// Places boxes of the given sizes; also gives the size of the whole.
pub(super) fn place(picture: &Picture, sizes: &[(f64, f64)]) -> (Vec<Placed>, (f64, f64)) {
    let columns = ordered(picture);
    let column_height = |column: &[usize]| -> f64 {
        let boxes: f64 = column.iter().map(|&index| sizes[index].1).sum();
        boxes + ROW_GAP * column.len().saturating_sub(1) as f64
    };
    let height = columns
        .iter()
        .map(|column| column_height(column))
        .fold(0.0, f64::max);
    let mut placed = vec![
        Placed {
            x: 0.0,
            y: 0.0,
            width: 0.0,
            height: 0.0
        };
        sizes.len()
    ];
    let mut x = 0.0;
    for column in &columns {
        let width = column
            .iter()
            .map(|&index| sizes[index].0)
            .fold(0.0, f64::max);
        let mut y = (height - column_height(column)) / 2.0;
        for &index in column {
            placed[index] = Placed {
                x,
                y,
                width,
                height: sizes[index].1,
            };
            y += sizes[index].1 + ROW_GAP;
        }
        x += width + COLUMN_GAP;
    }
    (placed, ((x - COLUMN_GAP).max(0.0), height))
}

/// The boxes by column, each column in its order.
fn ordered(picture: &Picture) -> Vec<Vec<usize>> {
    let deepest = picture.boxes.iter().map(|shown| shown.depth).max();
    let mut columns = vec![Vec::new(); deepest.map_or(0, |deepest| deepest + 1)];
    for (index, shown) in picture.boxes.iter().enumerate() {
        columns[shown.depth].push(index);
    }
    let mut neighbours = vec![Vec::new(); picture.boxes.len()];
    for arrow in &picture.arrows {
        neighbours[arrow.from].push(arrow.to);
        neighbours[arrow.to].push(arrow.from);
    }
    let mut rank = vec![0.0; picture.boxes.len()];
    let note = |columns: &[Vec<usize>], rank: &mut [f64]| {
        for column in columns {
            for (position, &index) in column.iter().enumerate() {
                rank[index] = (position as f64 + 0.5) / column.len() as f64;
            }
        }
    };
    note(&columns, &mut rank);
    for sweep in 0..SWEEPS {
        let count = columns.len();
        for step in 0..count {
            let column = if sweep % 2 == 0 {
                step
            } else {
                count - 1 - step
            };
            let mut wanted: Vec<(f64, usize)> = columns[column]
                .iter()
                .map(|&index| (barycentre(&neighbours[index], &rank, rank[index]), index))
                .collect();
            wanted.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            columns[column] = wanted.into_iter().map(|(_, index)| index).collect();
            note(&columns, &mut rank);
        }
    }
    columns
}

fn barycentre(neighbours: &[usize], rank: &[f64], own: f64) -> f64 {
    if neighbours.is_empty() {
        return own;
    }
    let sum: f64 = neighbours.iter().map(|&index| rank[index]).sum();
    sum / neighbours.len() as f64
}

#[cfg(test)]
mod tests {
    use super::super::picture::{Arrow, Box};
    use super::*;
    use kernel_explain::Link;

    #[test]
    fn boxes_do_not_overlap_and_arrows_do_not_cross_needlessly() {
        let depths = [0, 1, 1, 2, 2];
        let picture = Picture {
            boxes: depths
                .iter()
                .map(|&depth| Box {
                    name: "A".to_owned(),
                    value: None,
                    asked_by: Vec::new(),
                    depth,
                })
                .collect(),
            arrows: [(0, 1), (0, 2), (1, 4), (2, 3)]
                .into_iter()
                .map(|(from, to)| Arrow {
                    from,
                    to,
                    link: Link::Depends,
                })
                .collect(),
        };
        let (placed, _) = place(&picture, &[(100.0, 20.0); 5]);
        for (index, a) in placed.iter().enumerate() {
            for b in &placed[index + 1..] {
                let apart = a.x + a.width <= b.x
                    || b.x + b.width <= a.x
                    || a.y + a.height <= b.y
                    || b.y + b.height <= a.y;
                assert!(apart, "{a:?} {b:?}");
            }
        }
        // What 1 leads to is on the same side as 1.
        assert_eq!(placed[1].y < placed[2].y, placed[4].y < placed[3].y);
    }
}
