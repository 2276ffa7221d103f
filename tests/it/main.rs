//! The one test binary. One module per area; `support` starts and stops whatever an area needs.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::format_push_string,
    clippy::format_collect,
    clippy::unchecked_time_subtraction,
    clippy::case_sensitive_file_extension_comparisons,
    reason = "tests read files and clocks, build texts plainly, and what they cannot unwrap has failed"
)]

mod calls;
mod cli;
mod convert;
mod diagnostics;
mod fmt;
mod functions;
mod mistakes;
mod model;
mod operation_page;
mod oracle;
mod plan;
mod preview;
mod schema;
mod sql;
mod support;
mod syntax;
mod testing;
mod tidy;
mod training;
mod twins;
mod verify;

#[cfg(feature = "executor")]
mod broker;
#[cfg(feature = "executor")]
mod demo;
#[cfg(feature = "executor")]
mod executor;
mod flink;
