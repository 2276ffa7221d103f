//! A plan as a picture: Graphviz dot, Mermaid, or SVG. All three show the same cards.

mod card;
mod dot;
mod mermaid;
mod placement;
mod svg;

pub use dot::dot;
pub use mermaid::mermaid;
pub use svg::svg;
