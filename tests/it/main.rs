//! The one test binary. One module per area; `support` starts and stops whatever an area needs.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests read files and clocks, and what they cannot unwrap has failed"
)]

mod cli;
mod convert;
mod diagnostics;
mod fmt;
mod functions;
mod mistakes;
mod model;
mod oracle;
mod plan;
mod preview;
mod schema;
mod support;
mod syntax;
mod testing;
mod tidy;
mod training;

#[cfg(feature = "executor")]
mod broker;
#[cfg(feature = "executor")]
mod demo;
#[cfg(feature = "executor")]
mod executor;
mod flink;
