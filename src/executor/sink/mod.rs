//! Delivering: a durable outbox in the state, and per group of each region a thread with a cursor and
//! producers of its own. Regions share nothing but the outbox, which they only read: one that is dead or
//! frozen costs the others nothing, and finds the newest row of every key when it comes back.

mod backlog;
mod counts;
mod delivery;
mod fleet;
mod handle;
mod outbox;
mod producer;
mod region;
mod route;
mod running;
mod scout;
mod strays;
mod trouble;

#[cfg(test)]
mod tests;

pub(super) use delivery::SETTLE;
pub(super) use fleet::{Homes, Sinks};
pub(super) use handle::{OwnTopics, Standing};
pub(super) use outbox::{Outbox, corrupt_record, number};
