//! JSON Schemas of the YAML files, for editors: what completes, what is underlined while it is typed.
//!
//! They accept what the loader accepts, as far as it is a matter of keys and kinds of values; the texts
//! of expressions are texts to them. The keys come from the loader's own tables, the descriptions from
//! the reference.

mod definition;
mod describe;
mod settings;
mod shape;
mod step;

use serde_json::{Map, Value, json};

use crate::syntax::words::Kind;

use shape::{closed, named};

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Of definition files.
#[must_use]
pub fn definitions_schema() -> Value {
    let section = |kind: Kind| {
        let definition = json!({"$ref": format!("#/$defs/{}", kind.word())});
        let sections = match kind {
            Kind::Constants => shape::bindings(),
            // A test's key is its title.
            Kind::Test => json!({"type": "object", "additionalProperties": definition}),
            Kind::Source | Kind::Table | Kind::Stream | Kind::GroupBy | Kind::Join => named(&definition),
        };
        (kind.word(), with_description(sections, &describe::kind(kind)))
    };
    let mut schema = closed(Kind::ALL.into_iter().map(section), &[]);
    let kinds = Kind::ALL.into_iter().filter(|kind| *kind != Kind::Constants);
    let mut shared: Map<String, Value> =
        kinds.map(|kind| (kind.word().into(), definition::schema(kind))).collect();
    shared.extend(definition::shared().into_iter().map(|(name, schema)| (name.into(), schema)));
    schema["$defs"] = Value::Object(shared);
    document(schema, "windrow definitions")
}

/// Of `windrow.yaml`.
#[must_use]
pub fn project_schema() -> Value {
    document(settings::project(), "windrow.yaml")
}

/// Of topologies.
#[must_use]
pub fn topology_schema() -> Value {
    document(settings::topology(), "windrow topology")
}

fn document(schema: Value, title: &str) -> Value {
    let mut document = Map::new();
    document.insert("$schema".into(), DRAFT.into());
    document.insert("title".into(), title.into());
    if let Value::Object(schema) = schema {
        document.extend(schema);
    }
    Value::Object(document)
}

fn with_description(mut schema: Value, description: &str) -> Value {
    if !description.is_empty() {
        schema["description"] = description.into();
    }
    schema
}
