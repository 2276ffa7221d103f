//! Model → [`Plan`]: one typed operator graph per deployment.
//!
//! Owns petgraph. The plan is data: `emit`, `diff`, `dataflow` read it and nothing before it.
#![deny(clippy::disallowed_methods)]

pub mod draw;
mod find;
pub mod fingerprint;
mod graph;
pub mod lineage;
mod lower;
mod node;
mod passes;
mod rewrite;
mod text;

pub use find::alone;
pub use graph::Plan;
pub use lower::lower;
pub use node::{
    AggregateColumn, Call, Decode, DecodeField, Format, History, JoinInput, JoinMode, Lookup, Node, NodeId,
    Operator, PointInTimeJoin, Publish, PublishMode, SourceNode, Table, Tail, Watermark, Window,
    WindowAggregate, WireElement, WireField, WireType,
};
pub use passes::{PASSES, Pass, optimize, renumber};
pub use text::{kind, text};

#[cfg(test)]
mod tests;
