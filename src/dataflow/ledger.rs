//! The ledger's sums and its record.

use crate::types::bytes::{self, Malformed, Reader};

use super::program::Program;
use super::step::{CallLedger, Ledger, NodeLedger, SourceLedger};

const VERSION: u8 = 3;

/// Exact counts: sources in plan order, keyed nodes by slot.
#[derive(Debug, Clone, Default)]
pub(super) struct Counts {
    pub(super) sources: Vec<SourceLedger>,
    pub(super) nodes: Vec<NodeLedger>,
    pub(super) calls: Vec<CallLedger>,
}

impl Counts {
    pub(super) fn new(program: &Program) -> Self {
        Self {
            sources: vec![SourceLedger::default(); program.sources.len()],
            nodes: vec![NodeLedger::default(); program.keyed.len()],
            calls: vec![CallLedger::default(); program.calls.len()],
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
        let calls = program.calls.iter().map(|call| call.stream.clone()).zip(self.calls.iter().copied());
        Ledger {
            sources: names.zip(self.sources.iter().copied()).collect(),
            nodes: nodes.collect(),
            calls: calls.collect(),
        }
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
        bytes::put_u64(&mut out, self.calls.len() as u64);
        for (call, counts) in program.calls.iter().zip(&self.calls) {
            bytes::put_bytes(&mut out, call.stream.as_bytes());
            bytes::put_u64(&mut out, counts.answered);
            bytes::put_u64(&mut out, counts.failed);
        }
        out
    }

    pub(super) fn read(&mut self, program: &Program, reader: &mut Reader<'_>) -> Result<(), Malformed> {
        // Version 1 had no `lookup_missed`, version 2 no `call_failed`, and neither had calls.
        let version = reader.u8()?;
        let counted = match version {
            1 => FIELDS - 2,
            2 => FIELDS - 1,
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
        if version == VERSION { self.read_calls(program, reader) } else { Ok(()) }
    }

    fn read_calls(&mut self, program: &Program, reader: &mut Reader<'_>) -> Result<(), Malformed> {
        for _ in 0..reader.len()? {
            let stream = reader.text()?;
            let (answered, failed) = (reader.u64()?, reader.u64()?);
            if let Some(at) = program.calls.iter().position(|call| call.stream == stream) {
                self.calls[at] = CallLedger { answered, failed };
            }
        }
        Ok(())
    }
}

const FIELDS: usize = 10;

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
        call_failed,
    } = ledger;
    [
        decoded,
        applied,
        filtered,
        null_key,
        duplicate,
        expired,
        id_conflict,
        missed,
        lookup_missed,
        call_failed,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_from_before_there_were_calls_is_read() {
        let nodes = vec![NodeLedger::default()];
        for (version, counted) in [(1, FIELDS - 2), (2, FIELDS - 1)] {
            let mut record = vec![version];
            bytes::put_u64(&mut record, 0);
            bytes::put_u64(&mut record, 1);
            (1..=counted as u64).for_each(|count| bytes::put_u64(&mut record, count));
            let mut counts = Counts { nodes: nodes.clone(), ..Counts::default() };
            let mut reader = Reader::new(&record);
            counts.read(&Program::default(), &mut reader).unwrap();
            assert_eq!((counts.nodes[0].decoded, counts.nodes[0].missed), (1, 8));
            assert_eq!(
                (counts.nodes[0].lookup_missed, counts.nodes[0].call_failed),
                (9 * u64::from(version > 1), 0)
            );
        }
    }
}
