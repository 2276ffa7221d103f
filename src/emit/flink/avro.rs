//! The schema that Avro records are written by, as the generated class of their source has it: JSON with
//! nothing in it that reading does not need, and with names that are plain wherever they stand.
//!
//! windrow's own engine reads the schema's file with a library; a bundle reads what is printed here.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::emit::context::Written;

/// A type that has no parts and no name.
const PRIMITIVES: [&str; 8] = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"];

/// The logical types that windrow reads, and what each is a form of.
const LOGICAL: [(&str, &[&str]); 8] = [
    ("decimal", &["bytes", "fixed"]),
    ("date", &["int"]),
    ("timestamp-millis", &["long"]),
    ("timestamp-micros", &["long"]),
    ("timestamp-nanos", &["long"]),
    ("local-timestamp-millis", &["long"]),
    ("local-timestamp-micros", &["long"]),
    ("local-timestamp-nanos", &["long"]),
];

/// The fields of the record, all of them, in the order in which they are written.
///
/// # Errors
/// When the text is no schema of a record; it says why.
pub(super) fn fields(schema: &str) -> Result<Vec<Written>, String> {
    let schema: Json = serde_json::from_str(schema).map_err(|error| error.to_string())?;
    let mut names = Names::default();
    match names.plain(&schema, "")? {
        Json::Object(record) if record["type"] == "record" => {
            record["fields"].as_array().into_iter().flatten().map(written).collect()
        }
        _ => Err("the schema is not that of a record".to_owned()),
    }
}

fn written(field: &Json) -> Result<Written, String> {
    Ok(Written { name: text(field, "name")?.to_owned(), schema: field["type"].to_string() })
}

fn text<'j>(schema: &'j Json, key: &str) -> Result<&'j str, String> {
    schema.get(key).and_then(Json::as_str).ok_or_else(|| format!("`{key}` is missing in {schema}"))
}

fn items<'j>(schema: &'j Json, key: &str) -> Result<&'j Vec<Json>, String> {
    schema.get(key).and_then(Json::as_array).ok_or_else(|| format!("`{key}` is no list in {schema}"))
}

/// The types that have been named so far, and what each is called in the bundle.
#[derive(Default)]
struct Names {
    /// By full name; `None`: it is being read, so what refers to it is inside of it.
    known: BTreeMap<String, Option<String>>,
    count: usize,
}

impl Names {
    fn plain(&mut self, schema: &Json, namespace: &str) -> Result<Json, String> {
        match schema {
            Json::String(name) => self.named(name, namespace),
            Json::Array(variants) => {
                variants.iter().map(|variant| self.plain(variant, namespace)).collect::<Result<_, _>>()
            }
            Json::Object(object) => match object.get("type") {
                Some(Json::String(kind)) => self.typed(kind, schema, namespace),
                Some(inside) => self.plain(inside, namespace),
                None => Err(format!("`type` is missing in {schema}")),
            },
            Json::Null | Json::Bool(_) | Json::Number(_) => Err(format!("{schema} is no type")),
        }
    }

    fn named(&self, name: &str, namespace: &str) -> Result<Json, String> {
        if PRIMITIVES.contains(&name) {
            return Ok(json!(name));
        }
        match self.known.get(&full(name, namespace)) {
            Some(Some(plain)) => Ok(json!(plain)),
            Some(None) => Err(format!("the type `{name}` holds itself, which windrow does not read")),
            None => Err(format!("there is no type `{name}` before it is used")),
        }
    }

    fn typed(&mut self, kind: &str, schema: &Json, namespace: &str) -> Result<Json, String> {
        match kind {
            "array" => {
                let of = schema.get("items").ok_or("an array without `items`")?;
                Ok(json!({"type": kind, "items": self.plain(of, namespace)?}))
            }
            "map" => {
                let of = schema.get("values").ok_or("a map without `values`")?;
                Ok(json!({"type": kind, "values": self.plain(of, namespace)?}))
            }
            "enum" => {
                let symbols = items(schema, "symbols")?;
                let name = self.define(schema, namespace)?;
                Ok(json!({"type": kind, "name": self.close(&name), "symbols": symbols}))
            }
            "fixed" => {
                let size = schema.get("size").and_then(Json::as_u64).ok_or("a fixed without `size`")?;
                let name = self.define(schema, namespace)?;
                Ok(logical(kind, schema, json!({"type": kind, "name": self.close(&name), "size": size})))
            }
            "record" => self.record(schema, namespace),
            _ => match self.named(kind, namespace)? {
                // A type of its own gets no logical type where it is used again.
                Json::String(plain) if plain == kind => Ok(logical(kind, schema, json!({"type": kind}))),
                named => Ok(named),
            },
        }
    }

    fn record(&mut self, schema: &Json, namespace: &str) -> Result<Json, String> {
        let name = self.define(schema, namespace)?;
        let inside = name.rsplit_once('.').map_or("", |(namespace, _)| namespace).to_owned();
        let mut fields = Vec::new();
        for field in items(schema, "fields")? {
            let of = field.get("type").ok_or_else(|| format!("`type` is missing in {field}"))?;
            fields.push(json!({"name": text(field, "name")?, "type": self.plain(of, &inside)?}));
        }
        Ok(json!({"type": "record", "name": self.close(&name), "fields": fields}))
    }

    /// The full name of a type that begins here.
    fn define(&mut self, schema: &Json, namespace: &str) -> Result<String, String> {
        let own = schema.get("namespace").and_then(Json::as_str).unwrap_or(namespace);
        let name = full(text(schema, "name")?, own);
        if self.known.insert(name.clone(), None).is_some() {
            return Err(format!("the type `{name}` is defined twice"));
        }
        Ok(name)
    }

    /// It may be used from here on, under a name that no type of Avro's own has.
    fn close(&mut self, name: &str) -> String {
        let plain = format!("t{}", self.count);
        self.count += 1;
        self.known.insert(name.to_owned(), Some(plain.clone()));
        plain
    }
}

fn full(name: &str, namespace: &str) -> String {
    if name.contains('.') || namespace.is_empty() { name.to_owned() } else { format!("{namespace}.{name}") }
}

/// With the logical type, if windrow reads it.
fn logical(kind: &str, schema: &Json, mut plain: Json) -> Json {
    let name = schema.get("logicalType").and_then(Json::as_str).unwrap_or_default();
    if !LOGICAL.iter().any(|(logical, of)| *logical == name && of.contains(&kind)) {
        let is_alone = plain.as_object().is_some_and(|object| object.len() == 1);
        return if is_alone { json!(kind) } else { plain };
    }
    plain["logicalType"] = json!(name);
    if name == "decimal" {
        plain["scale"] = json!(schema.get("scale").and_then(Json::as_u64).unwrap_or(0));
    }
    plain
}
