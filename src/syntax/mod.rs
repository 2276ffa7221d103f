//! Text → [`Ast`]. Two front ends, one tree: the DSL (`*.wr`, `dsl`) and YAML (`*.yaml`, `yaml`).
//!
//! Owns pest and the YAML reader. Looks nothing up: names, types and functions are checked by `model`.

#![deny(clippy::disallowed_methods)]

pub mod ast;
pub mod project;

mod blocks;
mod dsl;
mod excerpt;
mod fmt;
mod invisible;
mod lexer;
mod parse;
mod print;
mod text;
mod words;
mod yaml;

pub use ast::Ast;
pub use dsl::parse_query;
pub use fmt::{Unformatted, format};
pub use parse::{NotUtf8, SIZE_MAX_BYTES, parse, text_of};
pub use print::{convert, print, print_expr};
pub use project::{Defaults, Project, Requirement, TopologyText};
pub use text::text;
pub use yaml::{definitions_schema, parse_project, parse_topology, project_schema, topology_schema};
