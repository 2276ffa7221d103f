//! The engine against a plain computation of the same values, and the rules one by one.

mod equality;
mod reference;
mod rig;
mod rules;
