//! Model calls: Python processes that answer what the engine asks (rule S14).
//!
//! [`Workers`] is a [`crate::dataflow::Caller`]: one process per function, started before anything is run. A
//! `function` keeps its process alive and a `batch` keeps to timeout, concurrency and retry; what goes
//! over the pipes is said in `templates/python/worker.py`.
//!
//! Nothing here waits for a model for ever: a call has its timeout, a process that answers nothing is killed
//! and started again, and one that cannot be started again ends the run.
#![allow(clippy::disallowed_methods, reason = "workers are processes, and calls have deadlines by the clock")]

mod batch;
mod function;
mod process;
mod workers;

pub use workers::{Log, Workers};

#[cfg(test)]
mod tests;
