//! What the engine asks of models, and of whom: the one trait that stands between its pure step and the
//! processes that answer.
//!
//! A step's calls are asked together and answered before the step goes on, so an answer is written with the
//! rows that it made, in the step's one batch (rules R1, S14). A step that is lost asks again.

use std::fmt;

use crate::diag::Diagnostics;
use crate::plan::{Call, Plan};
use crate::types::Row;

/// One row's call.
#[derive(Debug)]
pub struct Request<'a> {
    pub call: &'a Call,
    /// The values of its arguments, in order.
    pub arguments: Row,
}

/// The JSON object that the function returned; or, tries included, why there is none.
pub type Answer = Result<Vec<u8>, String>;

/// Nobody could be asked, whatever the row: the step is given up.
#[derive(Debug, thiserror::Error)]
#[error("`{function}` cannot be called: {why}")]
pub struct NobodyAnswers {
    pub function: String,
    pub why: String,
}

/// Calls models. Keeps to each call's timeout, concurrency and retry.
pub trait Caller: fmt::Debug + Send + Sync {
    /// Makes sure, before anything is run, that every function of a plan can be called: the problems, each at
    /// its call.
    fn ready(&self, plan: &Plan) -> Diagnostics;

    /// Answers each request, in order; comes back when each has its answer or has failed for good.
    ///
    /// # Errors
    /// When nobody can be asked at all.
    fn answers(&self, requests: &[Request<'_>]) -> Result<Vec<Answer>, NobodyAnswers>;

    /// Nobody waits any more, as a thread beside the one that asks says: what is being asked comes back soon, without
    /// answers, and so does whatever is asked from then on.
    fn give_up(&self);
}
