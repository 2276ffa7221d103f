//! What the parser knows of a text's places: where clauses and fields begin, what is one word, what is a
//! type. Asks the grammar itself, by the names of its rules, so that a new clause needs nothing here.

use std::collections::{BTreeMap, BTreeSet};

use pest::Parser as _;

use crate::syntax::dsl::{Grammar, Rule};
use crate::syntax::lexer::{Piece, Pieces};

use super::token::Begins;

type Pair<'i> = pest::iterators::Pair<'i, Rule>;

#[derive(Debug, Default)]
pub(super) struct Marks {
    clauses: BTreeSet<usize>,
    fields: BTreeSet<usize>,
    prefixes: BTreeSet<usize>,
    labels: BTreeSet<usize>,
    /// Where words begin and end that are one for the grammar: `shop.purchases-v2`, `1.5e-3`.
    atoms: BTreeMap<usize, usize>,
    /// Types, outermost only.
    types: BTreeMap<usize, usize>,
}

impl Marks {
    pub(super) fn of(text: &str) -> Self {
        let mut marks = Self::default();
        for (word, start, end) in bodies(text) {
            let rule = Rule::all_rules().iter().find(|rule| format!("{rule:?}") == format!("{word}_body"));
            let parsed = rule.map(|rule| Grammar::parse(*rule, &text[start..end]));
            for clause in parsed.into_iter().flatten().flatten().flat_map(Pair::into_inner) {
                marks.clauses.insert(start + clause.as_span().start());
                marks.walk(&clause, start);
            }
        }
        marks
    }

    fn walk(&mut self, pair: &Pair<'_>, base: usize) {
        let (span, rule) = (pair.as_span(), pair.as_rule());
        let (start, end) = (base + span.start(), base + span.end());
        if rule == Rule::type_name && self.type_at(start).is_none() {
            self.types.insert(start, end);
        }
        // Of a schema or of what a model returns, not of a struct.
        if rule == Rule::field && self.type_at(start).is_none() {
            self.fields.insert(start);
        }
        let mut inner = pair.clone().into_inner().peekable();
        if inner.peek().is_none() && is_one_word(pair.as_str()) {
            self.atoms.insert(start, end);
            match rule {
                Rule::prefix => drop(self.prefixes.insert(start)),
                Rule::label => drop(self.labels.insert(start)),
                _ => {}
            }
        }
        for pair in inner {
            self.walk(&pair, base);
        }
    }

    pub(super) fn begins(&self, at: usize) -> Begins {
        if self.fields.contains(&at) {
            Begins::Field
        } else if self.clauses.contains(&at) {
            Begins::Clause
        } else {
            Begins::Nothing
        }
    }

    pub(super) fn atom_end(&self, at: usize) -> Option<usize> {
        self.atoms.get(&at).copied()
    }

    pub(super) fn is_prefix(&self, at: usize) -> bool {
        self.prefixes.contains(&at)
    }

    /// A topic, group or owner.
    pub(super) fn is_label(&self, at: usize) -> bool {
        self.labels.contains(&at)
    }

    pub(super) fn type_at(&self, at: usize) -> Option<usize> {
        let (start, end) = self.types.range(..=at).next_back()?;
        (at < *end).then_some(*start)
    }
}

/// A leaf of the grammar that holds no blanks of its own.
fn is_one_word(text: &str) -> bool {
    text.starts_with(['\'', '"']) || (!text.is_empty() && !text.contains(char::is_whitespace))
}

/// The first word of each definition, and where its inside lies.
fn bodies(text: &str) -> Vec<(&str, usize, usize)> {
    let (mut found, mut word, mut open, mut depth) = (Vec::new(), None, 0, 0_usize);
    for (piece, start, end) in Pieces::new(text, 0) {
        match piece {
            Piece::Word if depth == 0 && word.is_none() => word = Some(&text[start..end]),
            Piece::Open('{') => {
                depth += 1;
                if depth == 1 {
                    open = end;
                }
            }
            Piece::Close('}') => {
                depth = depth.saturating_sub(1);
                if let (0, Some(word)) = (depth, word.take_if(|_| depth == 0)) {
                    found.push((word, open, start));
                }
            }
            _ => {}
        }
    }
    found
}
