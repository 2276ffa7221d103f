//! The ledger's sums and its record.

use crate::types::bytes::{self, Malformed, Reader};

use super::program::Program;
use super::step::{Ledger, NodeLedger, SourceLedger};

const VERSION: u8 = 2;

/// Exact counts: sources in plan order, keyed nodes by slot.
#[derive(Debug, Clone, Default)]
pub(super) struct Counts {
    pub(super) sources: Vec<SourceLedger>,
    pub(super) nodes: Vec<NodeLedger>,
}

impl Counts {
    pub(super) fn new(program: &Program) -> Self {
        Self {
            sources: vec![SourceLedger::default(); program.sources.len()],
            nodes: vec![NodeLedger::default(); program.keyed.len()],
        }
    }

    pub(super) fn add_sources(&mut self, other: &[SourceLedger]) {
        for (mine, theirs) in self.sources.iter_mut().zip(other) {
            mine.consumed += theirs.consumed;
            mine.decoded += theirs.decoded;
            mine.dead_lettered += theirs.dead_lettered;
        }
    }

    pub(super) fn add_nodes(&mut self, other: &[NodeLedger]) {
        for (mine, theirs) in self.nodes.iter_mut().zip(other) {
            fields(mine).into_iter().zip(fields(&mut theirs.clone())).for_each(|(a, b)| *a += *b);
        }
    }

    pub(super) fn ledger(&self, program: &Program) -> Ledger {
        let names = program.sources.iter().map(|source| source.name.clone());
        let nodes = program.keyed.iter().map(|node| (node.id, self.nodes[usize::from(node.slot)]));
        Ledger { sources: names.zip(self.sources.iter().copied()).collect(), nodes: nodes.collect() }
    }

    pub(super) fn record(&self, program: &Program) -> Vec<u8> {
        let mut out = vec![VERSION];
        bytes::put_u64(&mut out, self.sources.len() as u64);
        for (source, counts) in program.sources.iter().zip(&self.sources) {
            bytes::put_bytes(&mut out, source.name.as_bytes());
            for count in [counts.consumed, counts.decoded, counts.dead_lettered] {
                bytes::put_u64(&mut out, count);
            }
        }
        bytes::put_u64(&mut out, self.nodes.len() as u64);
        for counts in &self.nodes {
            for count in fields(&mut counts.clone()) {
                bytes::put_u64(&mut out, *count);
            }
        }
        out
    }

    pub(super) fn read(&mut self, program: &Program, reader: &mut Reader<'_>) -> Result<(), Malformed> {
        // Version 1 had no `lookup_missed`.
        let counted = match reader.u8()? {
            1 => FIELDS - 1,
            VERSION => FIELDS,
            _ => return Err(Malformed),
        };
        for _ in 0..reader.len()? {
            let name = reader.text()?;
            let (consumed, decoded, dead_lettered) = (reader.u64()?, reader.u64()?, reader.u64()?);
            if let Some(at) = program.sources.iter().position(|source| source.name == name) {
                self.sources[at] = SourceLedger { consumed, decoded, dead_lettered };
            }
        }
        for slot in 0..reader.len()? {
            let counts = self.nodes.get_mut(slot).ok_or(Malformed)?;
            for count in fields(counts).into_iter().take(counted) {
                *count = reader.u64()?;
            }
        }
        Ok(())
    }
}

const FIELDS: usize = 9;

/// All counts; new ones stand at the end.
fn fields(ledger: &mut NodeLedger) -> [&mut u64; FIELDS] {
    let NodeLedger {
        decoded,
        applied,
        filtered,
        null_key,
        duplicate,
        expired,
        id_conflict,
        missed,
        lookup_missed,
    } = ledger;
    [decoded, applied, filtered, null_key, duplicate, expired, id_conflict, missed, lookup_missed]
}
