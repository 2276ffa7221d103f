//! `windrow demo`: the whole line on one machine, with faults that are real.
//!
//! Clusters and the executor are processes of their own, so that a kill is a kill and a freeze a
//! freeze. The script feeds flights, breaks things, heals them, and then compares what every region
//! holds with the oracle, which has never seen the executor.
#![allow(
    clippy::disallowed_methods,
    reason = "the demo starts processes, reads clocks and writes scratch files"
)]

mod cast;
mod feed;
mod project;
mod script;
mod summary;
mod verdict;
mod view;

pub use script::{Options, run};
pub use summary::Summary;
pub use view::Frame;

/// Why a demo could not be shown to its end.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{what}: {source}")]
    Io { what: String, source: std::io::Error },
    #[error("{what} did not happen within {waited_s} s; its log ends with:\n{log}")]
    Deadline { what: String, waited_s: u64, log: String },
    #[error("{who} ended on its own ({status}); its log ends with:\n{log}")]
    Died { who: String, status: String, log: String },
    #[error("interrupted")]
    Interrupted,
    #[error("the demo's own definitions do not compile, which is a bug:\n{0}")]
    Definitions(String),
    #[error(transparent)]
    Feeder(#[from] crate::executor::feeder::FeederError),
    #[error("reading a region back: {0}")]
    ReadBack(String),
}

impl Error {
    fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}
