//! Bundles for Flink: their text, what is refused, and what a real Flink computes with them.

mod avro;
mod bench;
mod bundles;
mod commands;
mod functions;
mod joined;
mod joins;
mod kafka;
mod kafka_avro;
mod kafka_tables;
mod kubernetes;
mod lookups;
mod models;
mod payments;
mod project;
mod real;
mod refused;
mod restore;
mod rows;
mod scan;
mod topology;
mod verified;
mod wire;
mod zones;
