//! SVG: a picture that opens anywhere, without another program.

use std::fmt::Write as _;

use crate::diag::xml_text;
use crate::plan::Plan;

use super::card::{Card, cards};
use super::placement::{Place, Placement, place};

const FONT_SIZE: f64 = 12.0;
/// A monospaced character is 0.6 of its height wide in every common font; a little air on top.
const CHAR_WIDTH: f64 = FONT_SIZE * 0.62;
const LINE_HEIGHT: f64 = 17.0;
const PADDING: f64 = 12.0;
const MARGIN: f64 = 24.0;
const FONT: &str = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace";

/// The plan as an SVG document.
#[must_use]
pub fn svg(plan: &Plan) -> String {
    let cards = cards(plan);
    let sizes: Vec<_> = cards.iter().map(|card| (card.id, size(card))).collect();
    let edges: Vec<_> =
        cards.iter().flat_map(|card| card.inputs.iter().map(|input| (*input, card.id))).collect();
    let placement = place(&sizes, &edges);
    let frame = Frame::around(&cards, &placement);
    let mut text = frame.open(&plan.deployment);
    for edge in &placement.edges {
        text += &path(edge);
    }
    for card in &cards {
        text += &drawn(card, placement.middles[&card.id]);
    }
    text + "</svg>\n"
}

#[expect(clippy::cast_precision_loss, reason = "a card has few lines of few characters")]
fn size(card: &Card) -> Place {
    let head = [card.kind.to_owned(), card.title.clone()];
    let widest = head.iter().chain(&card.lines).map(|line| line.chars().count()).max().unwrap_or(0);
    Place {
        x: widest as f64 * CHAR_WIDTH + 2.0 * PADDING,
        y: (card.lines.len() + 2) as f64 * LINE_HEIGHT + 1.5 * PADDING,
    }
}

/// The part of the plane that the picture takes.
struct Frame {
    from: Place,
    to: Place,
}

impl Frame {
    fn around(cards: &[Card], placement: &Placement) -> Self {
        let mut frame = Self { from: Place { x: f64::MAX, y: f64::MAX }, to: Place { x: 0.0, y: 0.0 } };
        for card in cards {
            let (middle, size) = (placement.middles[&card.id], size(card));
            frame.grow(Place { x: middle.x - size.x / 2.0, y: middle.y - size.y / 2.0 });
            frame.grow(Place { x: middle.x + size.x / 2.0, y: middle.y + size.y / 2.0 });
        }
        placement.edges.iter().flatten().for_each(|(point, _)| frame.grow(*point));
        if cards.is_empty() {
            frame.from = frame.to;
        }
        frame
    }

    fn grow(&mut self, place: Place) {
        self.from = Place { x: self.from.x.min(place.x), y: self.from.y.min(place.y) };
        self.to = Place { x: self.to.x.max(place.x), y: self.to.y.max(place.y) };
    }

    fn open(&self, title: &str) -> String {
        let (x, y) = (self.from.x - MARGIN, self.from.y - MARGIN);
        let (width, height) = (self.to.x + MARGIN - x, self.to.y + MARGIN - y);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
             viewBox=\"{x:.1} {y:.1} {width:.1} {height:.1}\" font-family=\"{FONT}\" font-size=\"{FONT_SIZE}\">\n\
             <title>{}</title>\n\
             <defs><marker id=\"tip\" markerWidth=\"9\" markerHeight=\"8\" refX=\"8\" refY=\"4\" orient=\"auto\">\
             <path d=\"M0,0 L9,4 L0,8 z\" fill=\"#64748b\"/></marker></defs>\n\
             <rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"#ffffff\"/>\n",
            xml_text(title)
        )
    }
}

fn path(edge: &[(Place, Place)]) -> String {
    let [first, second, rest @ ..] = edge else { return String::new() };
    let mut line = format!(
        "M{:.1},{:.1} C{:.1},{:.1} {:.1},{:.1} {:.1},{:.1}",
        first.0.x, first.0.y, first.1.x, first.1.y, second.0.x, second.0.y, second.1.x, second.1.y
    );
    for (control, point) in rest {
        let _ = write!(line, " S{:.1},{:.1} {:.1},{:.1}", control.x, control.y, point.x, point.y);
    }
    format!(
        "<path d=\"{line}\" fill=\"none\" stroke=\"#64748b\" stroke-width=\"1.4\" marker-end=\"url(#tip)\"/>\n"
    )
}

fn drawn(card: &Card, middle: Place) -> String {
    let size = size(card);
    let (x, y) = (middle.x - size.x / 2.0, middle.y - size.y / 2.0);
    let (fill, ink) = colours(card.kind);
    let mut text = format!(
        "<g><rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"6\" fill=\"{fill}\" \
         stroke=\"{ink}\"/>\n",
        size.x, size.y
    );
    let mut baseline = y + PADDING + FONT_SIZE * 0.7;
    let mut line = |style: &str, content: &str| {
        let _ = writeln!(
            text,
            "<text x=\"{:.1}\" y=\"{baseline:.1}\" {style}>{}</text>",
            x + PADDING,
            xml_text(content)
        );
        baseline += LINE_HEIGHT;
    };
    line(&format!("fill=\"{ink}\""), card.kind);
    line("fill=\"#0f172a\" font-weight=\"bold\"", &card.title);
    for detail in &card.lines {
        line("fill=\"#334155\"", detail);
    }
    text + "</g>\n"
}

/// Background and ink: what reads, what shapes rows, what keeps state, what puts out.
fn colours(kind: &str) -> (&'static str, &'static str) {
    match kind {
        "source" | "decode" | "watermark" => ("#eff6ff", "#1d4ed8"),
        "window-aggregate" | "point-in-time-join" => ("#fff7ed", "#c2410c"),
        "publish" => ("#f0fdf4", "#15803d"),
        _ => ("#f8fafc", "#475569"),
    }
}
