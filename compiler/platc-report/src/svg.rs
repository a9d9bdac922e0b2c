//! Diagrams as SVG: boxes in columns, callers left of whom they call, arrows between them.
//!
//! The layout is the plainest that reads well: a column for each step from a caller, boxes in it ordered by
//! where their callers are, some sweeps. An arrow over several columns has a place of its own in those between
//! (Sugiyama and others, 1981), so that it passes no box. Widths are counted in characters, because no font is at hand; the
//! picture says a generic one and leaves room.
//!
//! Start with [`draw`].

use std::fmt::Write;

use crate::graph::{Arrow, Diagram, Item};

/// Where a picture is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    /// As a file of its own: it brings its colours.
    File,
    /// In a page that has them.
    Page,
}

const BOX_HEIGHT: i64 = 44;
const ROW: i64 = 62;
const MARGIN: i64 = 16;
/// Room between columns: a label of usual length.
const GAP: i64 = 170;
/// How often columns are put in order by their neighbours: past a few nothing changes.
const SWEEPS: usize = 8;
/// Width of a character of the name, and of what is below it, in the font's 14 and 11 pixels.
const NAME_WIDTH: i64 = 8;
const DETAIL_WIDTH: i64 = 6;

/// Colours: a light and a dark one each.
const STYLE: &str = "\
svg.diagram{font-family:system-ui,sans-serif;color:#1d2430;background:#fff}\
.diagram .box{fill:#eef3fb;stroke:#3a6ea5}.diagram .proxy .box,.diagram .balancer .box{fill:#fff3e0;stroke:#b26a00}\
.diagram .name .box{fill:#f3f3f3;stroke:#777}.diagram .place .box,.diagram .rack .box{fill:#e9f5ec;stroke:#2f7d4f}\
.diagram text{fill:currentColor;font-size:14px}.diagram .detail{font-size:11px;opacity:.8}\
.diagram .label{font-size:10.5px;opacity:.9;paint-order:stroke;stroke:#fff;stroke-width:3px}\
.diagram .arrow{fill:none;stroke:#7a8699;stroke-width:1.3}.diagram .head{fill:#7a8699}\
@media (prefers-color-scheme:dark){svg.diagram{color:#e6e9ef;background:#14181f}\
.diagram .box{fill:#1d2a3d;stroke:#6aa0dc}.diagram .proxy .box,.diagram .balancer .box{fill:#3a2a10;stroke:#e0a040}\
.diagram .name .box{fill:#262b33;stroke:#9aa}.diagram .place .box,.diagram .rack .box{fill:#173022;stroke:#5fb383}\
.diagram .label{stroke:#14181f}}";

/// Where each box is.
struct Layout {
    /// Left, top and width of each box, and of the places where arrows pass a column.
    boxes: Vec<(i64, i64, i64)>,
    /// By arrow: its boxes, and the places between them.
    ways: Vec<Vec<usize>>,
    width: i64,
    height: i64,
}

/// The colours of pictures, for a page that has several.
pub(crate) const fn style() -> &'static str {
    STYLE
}

/// The diagram as an `svg` element.
pub(crate) fn draw(diagram: &Diagram, place: Place) -> String {
    let layout = layout(diagram);
    let (width, height) = (layout.width, layout.height);
    let title = escape(&diagram.title);
    let name_space = if place == Place::File { " xmlns=\"http://www.w3.org/2000/svg\"" } else { "" };
    // A page shrinks a wide picture to what can still be read; past that it scrolls.
    let style = if place == Place::Page {
        format!(" style=\"min-width:{}px\"", width * 3 / 4)
    } else {
        String::new()
    };
    let mut out = format!(
        "<svg class=\"diagram\"{name_space} viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\"{style} role=\"group\" aria-label=\"{title}\">\n"
    );
    if place == Place::File {
        let _ = writeln!(out, "<title>{title}</title><style>{STYLE}</style>");
    }
    // Arrows first, so that boxes lie over them.
    let labels = labels(diagram, &layout);
    for ((arrow, way), label) in diagram.arrows.iter().zip(&layout.ways).zip(labels) {
        out += &arrow_text(diagram, arrow, &hops(&layout, way), label);
    }
    for (own, at) in diagram.boxes.iter().zip(&layout.boxes) {
        out += &box_text(own, *at);
    }
    if diagram.left_out > 0 {
        let _ = writeln!(
            out,
            "<text class=\"detail\" x=\"{MARGIN}\" y=\"{}\">and {} more</text>",
            height - 4,
            diagram.left_out
        );
    }
    out + "</svg>\n"
}

fn box_text(own: &Item, (x, y, width): (i64, i64, i64)) -> String {
    let (name, detail) = (escape(&own.name), escape(&shown_detail(own)));
    format!(
        "<g class=\"{}\" role=\"img\" tabindex=\"0\" aria-label=\"{name}, {detail}\"><title>{name}, {detail}</title>\
         <rect class=\"box\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{BOX_HEIGHT}\" rx=\"6\"/>\
         <text x=\"{}\" y=\"{}\">{name}</text>\
         <text class=\"detail\" x=\"{}\" y=\"{}\">{detail}</text></g>\n",
        own.kind,
        x + 10,
        y + 19,
        x + 10,
        y + 35,
    )
}

/// What is under the name: with the cluster, where there is one.
fn shown_detail(own: &Item) -> String {
    if own.frame.is_empty() { own.detail.clone() } else { format!("{}, {}", own.detail, own.frame) }
}

/// Start and end of a part of an arrow.
type Hop = ((i64, i64), (i64, i64));

/// The parts of an arrow, from gap to gap.
fn hops(layout: &Layout, way: &[usize]) -> Vec<Hop> {
    let at = |place: Option<&usize>| place.and_then(|at| layout.boxes.get(*at)).copied().unwrap_or_default();
    let each = (1..way.len()).map(|nth| {
        let ((x1, y1, w1), (x2, y2, _)) = (at(way.get(nth - 1)), at(way.get(nth)));
        let head = if nth + 1 == way.len() { 7 } else { 0 };
        ((x1 + w1, y1 + BOX_HEIGHT / 2), (x2 - head, y2 + BOX_HEIGHT / 2))
    });
    each.collect()
}

fn arrow_text(diagram: &Diagram, arrow: &Arrow, hops: &[Hop], (lx, ly): (i64, i64)) -> String {
    let (Some((start, _)), Some((_, (ex, ey)))) = (hops.first(), hops.last()) else { return String::new() };
    let name = |at: usize| diagram.boxes.get(at).map_or("", |own| &own.name);
    let words = format!("{} to {} {}", name(arrow.from), name(arrow.to), arrow.label);
    let words = escape(words.trim());
    let mut path = format!("M{} {}", start.0, start.1);
    for ((sx, sy), (ex, ey)) in hops {
        // Backward arrows go round below, so that they are seen as such.
        let _ = if ex > sx {
            let bend = ((ex - sx) / 2).max(30);
            write!(path, "L{sx} {sy}C{} {sy} {} {ey} {ex} {ey}", sx + bend, ex - bend)
        } else {
            write!(path, "C{} {} {} {} {ex} {ey}", sx + 60, sy + 50, ex - 60, ey + 50)
        };
    }
    let label = escape(&arrow.label);
    format!(
        "<g role=\"img\" aria-label=\"{words}\"><title>{words}</title><path class=\"arrow\" d=\"{path}\"/>\
         <path class=\"head\" d=\"M{ex} {ey}l-1 -4 8 4 -8 4z\"/>\
         <text class=\"label\" text-anchor=\"middle\" x=\"{lx}\" y=\"{ly}\">{label}</text></g>\n"
    )
}

/// Where the label of an arrow starts out: at its middle, but within the first gap, where no box hides it.
fn on_curve((sx, sy): (i64, i64), (ex, ey): (i64, i64)) -> (i64, i64) {
    if ex <= sx {
        return ((sx + ex) / 2, sy.max(ey) + BOX_HEIGHT);
    }
    let wanted = ((sx + ex) / 2).min(sx + GAP / 2);
    let middle = (sx + ex) / 2;
    // The curve of `arrow_text` in 32 steps: a cubic whose inner points lie level with its ends.
    let at = |t: i64| {
        let (a, b, c, d) = ((32 - t).pow(3), 3 * (32 - t).pow(2) * t, 3 * (32 - t) * t.pow(2), t.pow(3));
        let x = (a * sx + b * middle + c * middle + d * ex) / 32_768;
        (x, ((a + b) * sy + (c + d) * ey) / 32_768 - 4)
    };
    (0..=32).map(at).find(|(x, _)| *x >= wanted).unwrap_or((middle, (sy + ey) / 2 - 4))
}

/// Where the label of each arrow is: where it starts out, and further down where another one is already.
fn labels(diagram: &Diagram, layout: &Layout) -> Vec<(i64, i64)> {
    let middle =
        |way: &Vec<usize>| hops(layout, way).first().map_or((0, 0), |(start, end)| on_curve(*start, *end));
    let mut places: Vec<(i64, i64)> = layout.ways.iter().map(middle).collect();
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_by_key(|at| places.get(*at).map(|(x, y)| (*y, *x)));
    let mut taken: Vec<(i64, i64, i64)> = Vec::new();
    for at in order {
        let half =
            diagram.arrows.get(at).map_or(0, |arrow| count(arrow.label.chars().count()) * DETAIL_WIDTH / 2);
        let Some((x, y)) = places.get_mut(at) else { continue };
        let (near, own) = (12, *x);
        let clash = |y: i64| {
            let hit = |(left, at, right): &&(i64, i64, i64)| {
                (at - y).abs() < near && own - half < *right && own + half > *left
            };
            taken.iter().find(hit).map(|(_, at, _)| at + near)
        };
        while let Some(lower) = clash(*y) {
            *y = lower;
        }
        taken.push((own - half, *y, own + half));
    }
    places
}

fn layout(diagram: &Diagram) -> Layout {
    let mut depths = depths(diagram);
    let ways = ways(diagram, &mut depths);
    let neighbours = neighbours(depths.len(), &ways);
    let columns = columns(&depths, &neighbours);
    let mut boxes = vec![(0, 0, 0); depths.len()];
    let mut x = MARGIN;
    let highest = columns.iter().map(Vec::len).max().unwrap_or(0);
    for column in &columns {
        let width = column.iter().filter_map(|at| diagram.boxes.get(*at)).map(box_width).max().unwrap_or(0);
        // Short columns stand in the middle at first.
        let top = MARGIN + (count(highest) - count(column.len())) * ROW / 2;
        for (nth, at) in column.iter().enumerate() {
            if let Some(slot) = boxes.get_mut(*at) {
                *slot = (x, top + count(nth) * ROW, width);
            }
        }
        x += width + GAP;
    }
    for _ in 0..SWEEPS {
        for column in &columns {
            level(column, &neighbours, count(highest), &mut boxes);
        }
    }
    let left_out = if diagram.left_out > 0 { 16 } else { 0 };
    let (width, height) = ((x - GAP + MARGIN).max(120), count(highest) * ROW + 2 * MARGIN + left_out);
    Layout { boxes, ways, width, height }
}

/// Moves the boxes of a column to where their neighbours are on average, as near as their order and the room between
/// them allow: least squares, by pooling those that would overlap (Ayer and others, 1955).
fn level(column: &[usize], neighbours: &[Vec<usize>], highest: i64, boxes: &mut [(i64, i64, i64)]) {
    let top = |at: usize| boxes.get(at).map_or(0, |(_, top, _)| *top);
    // Sum and number of those that move together, each as if all rows above it were taken out.
    let mut pools: Vec<(i64, i64)> = Vec::new();
    for (nth, at) in column.iter().enumerate() {
        let near = neighbours.get(*at).map_or(&[][..], Vec::as_slice);
        let sum: i64 = near.iter().map(|other| top(*other)).sum();
        let wanted = if near.is_empty() { top(*at) } else { sum / count(near.len()) };
        let mut last = (wanted - count(nth) * ROW, 1);
        while let Some((sum, n)) = pools.pop_if(|(sum, n)| *sum * last.1 > last.0 * *n) {
            last = (last.0 + sum, last.1 + n);
        }
        pools.push(last);
    }
    let lowest = MARGIN + (highest - count(column.len())) * ROW;
    let tops = pools.iter().flat_map(|(sum, n)| (0..*n).map(move |_| (sum / n).clamp(MARGIN, lowest)));
    for ((nth, at), top) in column.iter().enumerate().zip(tops) {
        if let Some(slot) = boxes.get_mut(*at) {
            slot.1 = top + count(nth) * ROW;
        }
    }
}

/// By arrow: the box that it comes from, a place in each column that it passes, and the box that it goes to.
/// The places are numbered behind the boxes, and their columns come behind those of the boxes.
fn ways(diagram: &Diagram, depths: &mut Vec<usize>) -> Vec<Vec<usize>> {
    let mut ways = Vec::with_capacity(diagram.arrows.len());
    for arrow in &diagram.arrows {
        let depth = |at: usize| depths.get(at).copied().unwrap_or(0);
        let (from, to) = (depth(arrow.from), depth(arrow.to));
        let mut way = vec![arrow.from];
        for between in from + 1..to {
            way.push(depths.len());
            depths.push(between);
        }
        way.push(arrow.to);
        ways.push(way);
    }
    ways
}

fn box_width(own: &Item) -> i64 {
    let name = count(own.name.chars().count()) * NAME_WIDTH;
    let detail = count(shown_detail(own).chars().count()) * DETAIL_WIDTH;
    name.max(detail) + 20
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// By box or place: those before and behind it on its ways.
fn neighbours(n: usize, ways: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut neighbours = vec![Vec::new(); n];
    for (from, to) in ways.iter().flat_map(|way| way.iter().zip(way.iter().skip(1))) {
        for (own, other) in [(from, to), (to, from)] {
            if let Some(neighbours) = neighbours.get_mut(*own) {
                neighbours.push(*other);
            }
        }
    }
    neighbours
}

/// Boxes and places by column, each in its order from top to bottom.
fn columns(depths: &[usize], neighbours: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut columns = vec![Vec::new(); depths.iter().max().map_or(0, |last| last + 1)];
    for (at, depth) in depths.iter().enumerate() {
        if let Some(column) = columns.get_mut(*depth) {
            column.push(at);
        }
    }
    for _ in 0..SWEEPS {
        let rows = rows(&columns, depths.len());
        for column in &mut columns {
            column.sort_by_key(|at| (middle(neighbours, &rows, *at), *at));
        }
    }
    columns
}

/// Steps from who nobody calls: the longest way, cut off at the number of boxes because of circles.
fn depths(diagram: &Diagram) -> Vec<usize> {
    let n = diagram.boxes.len();
    let mut depths = vec![0_usize; n];
    // A circle would push its boxes on for ever.
    for _ in 0..n.min(64) {
        let mut changed = false;
        for arrow in &diagram.arrows {
            let from = depths.get(arrow.from).copied().unwrap_or(0);
            if let Some(to) = depths.get_mut(arrow.to).filter(|to| **to <= from && from < 64) {
                *to = from + 1;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    compact(depths)
}

/// Columns without a box are left out.
fn compact(depths: Vec<usize>) -> Vec<usize> {
    let mut used = depths.clone();
    used.sort_unstable();
    used.dedup();
    depths.into_iter().map(|depth| used.binary_search(&depth).unwrap_or(0)).collect()
}

/// Where each stands, the middle of all columns at 0.
fn rows(columns: &[Vec<usize>], n: usize) -> Vec<i64> {
    let mut rows = vec![0; n];
    for column in columns {
        for (nth, at) in column.iter().enumerate() {
            if let Some(row) = rows.get_mut(*at) {
                *row = count(nth) * 100 - count(column.len()) * 50;
            }
        }
    }
    rows
}

/// Where a box's neighbours are, on average; of those that are next to nothing, below all others.
fn middle(neighbours: &[Vec<usize>], rows: &[i64], at: usize) -> i64 {
    let rows: Vec<i64> =
        neighbours.get(at).into_iter().flatten().filter_map(|other| rows.get(*other).copied()).collect();
    let n = count(rows.len());
    if n == 0 { i64::MAX } else { rows.iter().sum::<i64>() / n }
}

/// Text for XML and HTML.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}
