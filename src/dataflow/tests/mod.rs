//! The engine against a plain computation of the same values, and the rules one by one.

mod enriched;
mod enriched_rig;
mod equality;
mod latest;
mod memory;
mod reference;
mod rig;
mod rules;
mod waking;
