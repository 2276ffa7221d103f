//! Copies of the state in a second place, and the way back from there.
//!
//! [`Place`] says where: a folder, S3 or Azure Blob. `remote.rs` reaches it and is the only owner of
//! `object_store`; leases are kept there too. `write.rs` makes a checkpoint: hard links of the store's files,
//! sent under the hash of their content, so that what has not changed is not sent again, and a manifest last.
//! `restore.rs` brings one back and trusts no byte of it before its hash is right. `keeper.rs` does the first
//! while a run goes on, `standby.rs` the second until somebody says `windrow takeover`.

mod folder;
mod keeper;
mod manifest;
mod place;
mod remote;
mod restore;
mod write;

pub(super) use keeper::Keeper;
pub(super) use manifest::Manifest;
pub use place::Place;
pub(super) use remote::{Pace, Remote};
pub(super) use restore::{complete, forget_note, newest, note, restore};
