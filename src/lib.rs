//! windrow: a declarative feature-computation compiler.
#![doc = include_str!("ARCHITECTURE.md")]

// In reading order: a module uses what stands above it, see ARCHITECTURE.md.
pub mod types;

pub mod diag;

pub mod functions;

pub mod aggregates;

pub mod topology;

pub mod syntax;

pub mod model;

pub mod plan;

pub mod emit;

pub mod state;

pub mod wire;

pub mod dataflow;

pub mod calls;

pub mod sim;

pub mod oracle;

pub mod testing;

pub mod verify;

#[cfg(feature = "executor")]
pub mod executor;

#[cfg(feature = "executor")]
pub mod demo;

pub mod cli;
