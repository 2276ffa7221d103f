//! Engines against the oracle, and the rules' page against the tests it names.

mod avro;
mod definitions;
mod events;
mod examples;
mod metamorphic;
mod page;
mod random;
mod reader;
mod rng;
mod run;
mod scenario;
mod variations;
