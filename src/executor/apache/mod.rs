//! One real Apache Kafka broker as a cluster of its own (KRaft, broker and controller in one process), for
//! tests and for `windrow demo --real`. It is started the way the embedded cluster is, so whoever uses one can
//! use the other.
//!
//! [`become_broker`] turns this process into the broker: whoever kills, freezes or stops the process that was
//! started does so to the broker itself, not to a parent of it. An attendant beside it ([`attend`]) creates the
//! topics, says when clients can come, and kills the broker when the parent ends.
//!
//! Loopback only, memory-lean, one partition for everything internal. Needs a JVM and the broker's jars.

mod attend;
mod broker;
mod error;
mod install;
mod properties;

pub use attend::attend;
pub use broker::{Beside, Ports, become_broker};
pub use error::Error;
