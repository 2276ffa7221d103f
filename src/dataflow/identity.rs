//! Which plan a state belongs to: the fingerprints of its keyed nodes. Everything else may change.

use crate::plan::Plan;
use crate::state::{Slot, Store, StoreError, corrupt, keys};
use crate::types::bytes::{self, Malformed, Reader};

use super::program::keyed_nodes;
use super::step::EngineError;

const VERSION: u8 = 1;

/// The slots of the plan's keyed nodes in the state, and whether the state is new.
pub(super) fn slots(plan: &Plan, store: &dyn Store) -> Result<(Vec<Slot>, bool), EngineError> {
    let key = keys::table(keys::Table::Plan);
    let wanted = fingerprints(plan);
    let Some(record) = store.get(&key)? else {
        let slots = (0..wanted.len()).map(|i| Slot::try_from(i).expect("fewer than 65536 keyed nodes"));
        return Ok((slots.collect(), true));
    };
    let kept = read(&record).map_err(|Malformed| EngineError::Store(corrupt(&key)))?;
    let mut free: Vec<bool> = vec![true; kept.len()];
    let mut slots = Vec::new();
    for (fingerprint, id) in wanted.iter().zip(keyed_nodes(plan)) {
        let found = (0..kept.len()).find(|i| free[*i] && kept[*i] == *fingerprint);
        let Some(found) = found else {
            return Err(EngineError::OtherPlan(format!(
                "it knows nothing of `{}` as it is now",
                plan.node(id).name
            )));
        };
        free[found] = false;
        slots.push(Slot::try_from(found).expect("fewer than 65536 keyed nodes"));
    }
    match free.iter().filter(|free| **free).count() {
        0 => Ok((slots, false)),
        more => {
            Err(EngineError::OtherPlan(format!("it holds {more} keyed operators that this plan has not")))
        }
    }
}

fn fingerprints(plan: &Plan) -> Vec<String> {
    keyed_nodes(plan).into_iter().map(|id| plan.node(id).fingerprint.clone()).collect()
}

/// The record that names the plan.
pub(super) fn record(plan: &Plan) -> Vec<u8> {
    let fingerprints = fingerprints(plan);
    let mut out = vec![VERSION];
    bytes::put_u64(&mut out, fingerprints.len() as u64);
    for fingerprint in fingerprints {
        bytes::put_bytes(&mut out, fingerprint.as_bytes());
    }
    out
}

fn read(record: &[u8]) -> Result<Vec<String>, Malformed> {
    let mut reader = Reader::new(record);
    if reader.u8()? != VERSION {
        return Err(Malformed);
    }
    let count = reader.len()?;
    (0..count).map(|_| reader.text().map(str::to_owned)).collect()
}

/// A record of a table that has only one, or nothing.
pub(super) fn single<T>(
    store: &dyn Store,
    table: keys::Table,
    read: impl FnOnce(&mut Reader<'_>) -> Result<T, Malformed>,
) -> Result<Option<T>, StoreError> {
    let key = keys::table(table);
    match store.get(&key)? {
        Some(record) => read(&mut Reader::new(&record)).map(Some).map_err(|Malformed| corrupt(&key)),
        None => Ok(None),
    }
}
