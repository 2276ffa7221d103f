//! A table's rows of one key over time (rules S5, S9): which held when, and which nobody can ask for
//! any more.

use twox_hash::XxHash3_128;

use crate::state::{Slot, Store, StoreError, WriteBatch, corrupt, keys};
use crate::types::bytes::{self, Malformed, Reader};
use crate::types::{Row, Value};

const VERSION: u8 = 1;

/// A deletion is remembered for a day longer than it can be asked for, so that a row older than it
/// that comes late does not bring the key back.
const DELETION_KEPT_MS: i64 = 86_400_000;

/// A row from `ts` on, or that there is none from then on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::dataflow) struct Version {
    pub(in crate::dataflow) ts: i64,
    /// Null where the table declares none, and of a deletion.
    pub(in crate::dataflow) id: Value,
    pub(in crate::dataflow) payload: Vec<u8>,
    pub(in crate::dataflow) row: Option<Row>,
}

/// The versions of a key, oldest first; ties by event id, then by the value's bytes, a deletion
/// before any row.
#[derive(Debug, Clone, Default)]
pub(in crate::dataflow) struct Versions {
    list: Vec<Version>,
}

/// What became of a version.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::dataflow) enum Kept {
    New,
    /// A copy.
    Duplicate,
    /// A newer one holds wherever it could be asked for.
    Expired,
}

/// Where the versions of a key are stored.
#[derive(Debug, Clone, Copy)]
pub(in crate::dataflow) struct Home<'a> {
    pub(in crate::dataflow) slot: Slot,
    pub(in crate::dataflow) key: &'a [u8],
}

impl Version {
    fn order(&self, other: &Self) -> std::cmp::Ordering {
        let by_time = self.ts.cmp(&other.ts).then_with(|| self.id.total_cmp(&other.id));
        by_time.then_with(|| (self.row.is_some(), &self.payload).cmp(&(other.row.is_some(), &other.payload)))
    }

    fn record(&self, home: Home<'_>) -> Vec<u8> {
        // Of a key of a static table there is one version, which the next replaces.
        let hash = if self.ts == i64::MIN { 0 } else { XxHash3_128::oneshot(&self.payload) };
        keys::version(home.slot, home.key, self.ts, hash ^ u128::from(self.row.is_none()))
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        bytes::put_i64(&mut out, self.ts);
        bytes::put_value(&mut out, &self.id);
        bytes::put_bytes(&mut out, &self.payload);
        out.push(u8::from(self.row.is_some()));
        if let Some(row) = &self.row {
            bytes::put_row(&mut out, row);
        }
        out
    }

    fn decode(record: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(record);
        if reader.u8()? != VERSION {
            return Err(Malformed);
        }
        let (ts, id, payload) = (reader.i64()?, reader.value()?, reader.bytes()?.to_vec());
        let row = if reader.u8()? == 1 { Some(reader.row()?) } else { None };
        Ok(Self { ts, id, payload, row })
    }
}

impl Versions {
    pub(in crate::dataflow) fn load(home: Home<'_>, store: &dyn Store) -> Result<Self, StoreError> {
        let prefix = keys::versions(home.slot, home.key);
        let mut list = Vec::new();
        let mut outcome = Ok(());
        store.scan(&prefix, &keys::after_prefix(&prefix), &mut |key, record| {
            match Version::decode(record) {
                Ok(version) => list.push(version),
                Err(Malformed) => outcome = Err(corrupt(key)),
            }
            std::ops::ControlFlow::Continue(())
        })?;
        outcome?;
        list.sort_by(Version::order);
        Ok(Self { list })
    }

    /// The row that holds strictly before `q`; `q` of a static table does not matter.
    pub(in crate::dataflow) fn as_of(&self, q: i64) -> Option<&Row> {
        let before = |version: &Version| version.ts < q || version.ts == i64::MIN;
        let at = self.list.partition_point(before).checked_sub(1)?;
        self.list[at].row.as_ref()
    }

    /// Replaces what a static table has of the key.
    pub(in crate::dataflow) fn replace(
        &mut self,
        version: Version,
        home: Home<'_>,
        batch: &mut WriteBatch,
    ) -> Kept {
        if self.list.first() == Some(&version) {
            return Kept::Duplicate;
        }
        for old in self.list.drain(..) {
            batch.delete(old.record(home));
        }
        if version.row.is_some() {
            batch.put(version.record(home), version.encode());
            self.list.push(version);
        }
        Kept::New
    }

    /// Adds a version; nobody asks as of an instant before `horizon` any more.
    pub(in crate::dataflow) fn insert(
        &mut self,
        version: Version,
        horizon: i64,
        home: Home<'_>,
        batch: &mut WriteBatch,
    ) -> Kept {
        let at = self.list.partition_point(|other| other.order(&version).is_lt());
        if self.list.get(at).is_some_and(|other| other.order(&version).is_eq()) {
            return Kept::Duplicate;
        }
        if self.list.get(at).is_some_and(|next| next.ts < horizon) {
            return Kept::Expired;
        }
        batch.put(version.record(home), version.encode());
        self.list.insert(at, version);
        // What it or the next one after it replaces can go when nobody asks for it any more.
        for (position, version) in self.list.iter().enumerate().skip(at).take(2) {
            if position > 0 && version.ts >= horizon {
                batch.put(keys::timer(home.slot, version.ts, home.key), Vec::new());
            }
        }
        let version = &self.list[at];
        if version.row.is_none() {
            let due = version.ts.saturating_add(DELETION_KEPT_MS).max(horizon);
            batch.put(keys::timer(home.slot, due, home.key), Vec::new());
        }
        self.trim(horizon, home, batch);
        Kept::New
    }

    /// Forgets what nobody can ask for as of `horizon` or later.
    pub(in crate::dataflow) fn trim(&mut self, horizon: i64, home: Home<'_>, batch: &mut WriteBatch) {
        let replaced = self.list.partition_point(|version| version.ts < horizon).saturating_sub(1);
        for old in self.list.drain(..replaced) {
            batch.delete(old.record(home));
        }
        let is_over =
            |first: &Version| first.row.is_none() && first.ts.saturating_add(DELETION_KEPT_MS) < horizon;
        if self.list.first().is_some_and(is_over) {
            batch.delete(self.list.remove(0).record(home));
        }
    }
}
