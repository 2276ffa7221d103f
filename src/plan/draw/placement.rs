//! Where each card stands and how each edge runs. Owns layout-rs: it places, we draw.
//!
//! Its own SVG sets lines so close that underscores vanish, and knows one look for all; so the
//! picture is taken from its drawing calls, and drawn by [`super::svg`].

use std::collections::BTreeMap;

use layout::core::base::Orientation;
use layout::core::format::{ClipHandle, RenderBackend};
use layout::core::geometry::Point;
use layout::core::style::StyleAttr;
use layout::std_shapes::shapes::{Arrow, Element, ShapeKind};
use layout::topo::layout::VisualGraph;

use crate::plan::NodeId;

/// Above this many nodes, edges are left as they fall: the search for fewer crossings is quadratic.
const OPTIMIZED_NODES_MAX: usize = 400;

/// A place in the picture, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    pub(super) x: f64,
    pub(super) y: f64,
}

/// A placed picture.
#[derive(Debug, Default)]
pub(super) struct Placement {
    /// The middle of each card.
    pub(super) middles: BTreeMap<NodeId, Place>,
    /// Each edge as a chain of cubic curves: a point and the control point that leads to or from it.
    pub(super) edges: Vec<Vec<(Place, Place)>>,
}

/// Places boxes of these sizes, fed as the edges (from, to) say.
pub(super) fn place(sizes: &[(NodeId, Place)], edges: &[(NodeId, NodeId)]) -> Placement {
    let mut placement = Placement::default();
    if sizes.is_empty() {
        return placement;
    }
    let mut graph = VisualGraph::new(Orientation::TopToBottom);
    let mut handles = BTreeMap::new();
    for (id, size) in sizes {
        // The label tells the drawing calls apart.
        let shape = ShapeKind::new_box(&id.0.to_string());
        let size = Point::new(size.x, size.y);
        let element = Element::create(shape, StyleAttr::simple(), Orientation::TopToBottom, size);
        handles.insert(*id, graph.add_node(element));
    }
    for (from, to) in edges {
        graph.add_edge(Arrow::default(), handles[from], handles[to]);
    }
    graph.do_it(false, sizes.len() > OPTIMIZED_NODES_MAX, false, &mut placement);
    placement
}

impl From<Point> for Place {
    fn from(point: Point) -> Self {
        Self { x: point.x, y: point.y }
    }
}

impl RenderBackend for Placement {
    fn draw_text(&mut self, xy: Point, text: &str, _: &StyleAttr) {
        if let Ok(id) = text.parse() {
            self.middles.insert(NodeId(id), xy.into());
        }
    }

    fn draw_arrow(
        &mut self,
        path: &[(Point, Point)],
        _: bool,
        _: (bool, bool),
        _: &StyleAttr,
        _: Option<String>,
        _: &str,
    ) {
        self.edges.push(path.iter().map(|(point, control)| ((*point).into(), (*control).into())).collect());
    }

    // The rest of its look is not ours.
    fn draw_rect(&mut self, _: Point, _: Point, _: &StyleAttr, _: Option<String>, _: Option<ClipHandle>) {}

    fn draw_line(&mut self, _: Point, _: Point, _: &StyleAttr, _: Option<String>) {}

    fn draw_circle(&mut self, _: Point, _: Point, _: &StyleAttr, _: Option<String>) {}

    fn create_clip(&mut self, _: Point, _: Point, _: usize) -> ClipHandle {
        0
    }
}
