//! What a row is joined to: group bys with `features`, tables with `lookup`, and the keys of both.

use crate::syntax::ast::{JoinPart, KeyMapping, Lookup, Name};

use super::builder::{Builder, only, parts};
use super::{Pair, Rule};

impl Builder<'_, '_> {
    /// `GROUP_BY on a = k, b [as ALIAS]`.
    pub(super) fn join_part(&mut self, pair: &Pair<'_>) -> JoinPart {
        let group_by = self.name(&only(pair));
        let mut part = JoinPart { group_by, on: Vec::new(), alias: None };
        for inner in parts(pair).skip(1) {
            match inner.as_rule() {
                Rule::mapping => part.on.push(self.mapping(&inner)),
                _ => part.alias = Some(self.name(&only(&inner))),
            }
        }
        part
    }

    /// `TABLE on a = k, b { column, … } [as ALIAS]`.
    pub(super) fn lookup(&mut self, pair: &Pair<'_>) -> Lookup {
        let table: Name = self.name(&only(pair));
        let mut lookup = Lookup { table, on: Vec::new(), columns: Vec::new(), alias: None };
        for inner in parts(pair).skip(1) {
            match inner.as_rule() {
                Rule::mapping => lookup.on.push(self.mapping(&inner)),
                Rule::names => lookup.columns = self.names(&inner),
                _ => lookup.alias = Some(self.name(&only(&inner))),
            }
        }
        lookup
    }

    /// `a = k, b`
    pub(super) fn mappings(&mut self, pair: &Pair<'_>) -> Vec<KeyMapping> {
        parts(pair).map(|mapping| self.mapping(&mapping)).collect()
    }

    fn mapping(&mut self, pair: &Pair<'_>) -> KeyMapping {
        let mut names = parts(pair);
        let left = names.next().expect("a mapping has a left column");
        let left = self.name(&left);
        KeyMapping { left, key: names.next().map(|key| self.name(&key)) }
    }
}
