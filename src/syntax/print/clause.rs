//! A definition as its header and its clauses, before it becomes text.

/// `KIND NAME { … }`
#[derive(Debug)]
pub(in crate::syntax) struct Block {
    /// Where its name stands in the text that the tree was read from.
    pub(in crate::syntax) at: u32,
    pub(in crate::syntax) header: String,
    pub(in crate::syntax) clauses: Vec<Clause>,
}

/// One clause on one line; a schema with a line per field.
#[derive(Debug)]
pub(in crate::syntax) struct Clause {
    /// Where the first word that it was made of stands.
    pub(in crate::syntax) at: u32,
    pub(in crate::syntax) text: String,
    /// The fields of a schema.
    pub(in crate::syntax) fields: Vec<Clause>,
}

/// Collects the clauses of one definition.
#[derive(Debug, Default)]
pub(super) struct Clauses(Vec<Clause>);

impl Clauses {
    pub(super) fn add(&mut self, at: u32, text: impl Into<String>) {
        self.0.push(Clause { at, text: text.into(), fields: Vec::new() });
    }

    pub(super) fn schema(&mut self, fields: Vec<Clause>) {
        if let Some(first) = fields.first() {
            self.0.push(Clause { at: first.at, text: "schema".into(), fields });
        }
    }

    /// In the order of their places; of equal ones, as they were added.
    pub(super) fn block(mut self, at: u32, header: String) -> Block {
        self.0.sort_by_key(|clause| clause.at);
        Block { at, header, clauses: self.0 }
    }
}

impl Block {
    pub(super) fn text(&self) -> String {
        let clauses: String = self.clauses.iter().map(Clause::text).collect();
        format!("{} {{\n{clauses}}}\n", self.header)
    }
}

impl Clause {
    fn text(&self) -> String {
        if self.fields.is_empty() {
            return format!("  {}\n", self.text);
        }
        let fields: Vec<_> = self.fields.iter().map(|field| format!("    {}", field.text)).collect();
        format!("  {} {{\n{}\n  }}\n", self.text, fields.join("\n"))
    }
}
