//! The bindings of a block of constants.

use crate::syntax::ast::{Constants, Name};
use crate::syntax::dsl::Pair;
use crate::syntax::dsl::builder::Builder;

use super::Clauses;

pub(in crate::syntax::dsl) struct ConstantsClauses(Constants);

impl ConstantsClauses {
    pub(in crate::syntax::dsl) const fn new(word: Name) -> Self {
        Self(Constants { word, bindings: Vec::new(), incomplete: false })
    }
}

impl Clauses for ConstantsClauses {
    type Node = Constants;

    fn take(&mut self, builder: &mut Builder<'_, '_>, clause: Pair<'_>) {
        self.0.bindings.extend(builder.binding(&clause));
    }

    fn distrust(&mut self) {
        self.0.bindings.pop();
    }

    fn finish(self) -> Constants {
        self.0
    }
}
