//! The operators, one file each. Pure: rows and times come in, rows and effects go out.

mod derive;
mod filter;
pub(super) mod join_buffer;
pub(super) mod join_history;
pub(super) mod join_newest;
mod key_by;
mod project;
pub(super) mod publish;
mod union;
pub(super) mod versions;
mod window_aggregate;

pub(super) use derive::{derive, select};
pub(super) use filter::filter;
pub(super) use key_by::has_null;
pub(super) use project::project;
pub(super) use union::{union, union_hashes};
pub(super) use window_aggregate::{Materialised, materialise, next_due, put_inputs};
