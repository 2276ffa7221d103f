//! Types of fields: a text as in the DSL, or a map `{struct: …}`, `{list: …}`, `{map: …}`, `{type: …}`.

use crate::diag::{Code, Diagnostic, Span, Spanned};
use crate::syntax::ast::{ElementType, FieldDef, TypeName};
use crate::syntax::dsl::read;
use crate::syntax::yaml::reader::{Entry, Node, NodeKind, has};
use crate::syntax::yaml::values::Values;

const WANTED: &str = "a type like `string` or `decimal(12,2)`";
pub(in crate::syntax::yaml) const FORMS: [&str; 4] = ["type", "struct", "list", "map"];

/// A field: its name and its type. Recursion ends at the reader's nesting limit.
pub(super) fn field(values: &mut Values<'_>, entry: &Entry) -> Option<FieldDef> {
    let name = values.name(&entry.key);
    let NodeKind::Map(parts) = &entry.value.kind else {
        return values.read(entry, WANTED, |builder| read::field(builder, name));
    };
    let mut wire_name = None;
    if let Some(from) = parts.iter().find(|part| part.key.text == "from") {
        wire_name = values.string(from, "the field's name in the record");
    }
    let rest: Vec<&Entry> = parts.iter().filter(|part| part.key.text != "from").collect();
    let ElementType { data_type, nullable } = written_out(values, entry.value.span, &rest)?;
    Some(FieldDef { name, data_type, nullable, wire_name })
}

/// The type of a list's elements or a map's values.
fn element(values: &mut Values<'_>, node: &Node, key: Option<&Entry>) -> Option<ElementType> {
    match (&node.kind, key) {
        (NodeKind::Map(parts), _) => {
            let parts: Vec<&Entry> = parts.iter().collect();
            written_out(values, node.span, &parts)
        }
        (_, Some(entry)) => values.read(entry, WANTED, read::element),
        (_, None) => values.read_item(node, WANTED, read::element),
    }
}

/// `{struct: {a: int, b: string?}, nullable: true}`, with `list:`, `map:` or `type:` in place of `struct:`.
fn written_out(values: &mut Values<'_>, span: Span, parts: &[&Entry]) -> Option<ElementType> {
    let (mut nullable, mut forms) = (false, Vec::new());
    for part in parts {
        match part.key.text.as_str() {
            "nullable" => nullable = values.flag(part)?,
            word if FORMS.contains(&word) => forms.push(*part),
            _ => values.unknown(&part.key, "a type", &["type", "struct", "list", "map", "nullable", "from"]),
        }
    }
    let [form] = forms.as_slice() else {
        let span = forms.get(1).map_or(span, |second| second.key.span);
        let message = "expected one of `type:`, `struct:`, `list:` and `map:`";
        let hint = "a struct is written `{struct: {a: int, b: string?}}`, a list `{list: string}`";
        values.report(Diagnostic::error(Code::E0116, span, message).hint(hint));
        return None;
    };
    let span = form.value.span;
    let value = match form.key.text.as_str() {
        "struct" => {
            let fields = values.entries_of(form, "a map of fields and types");
            if !matches!(form.value.kind, NodeKind::Map(_)) {
                return None;
            }
            let fields: Vec<_> = fields.iter().map(|entry| field(values, entry)).collect();
            TypeName::Struct(fields.into_iter().collect::<Option<_>>()?)
        }
        "list" => TypeName::List(Box::new(element(values, &form.value, Some(form))?)),
        "map" => map_type(values, form)?,
        _ => {
            let plain = element(values, &form.value, Some(form))?;
            return Some(ElementType { nullable: plain.nullable || nullable, ..plain });
        }
    };
    Some(ElementType { data_type: Spanned::new(value, span), nullable })
}

/// `{key: string, value: int}`
fn map_type(values: &mut Values<'_>, form: &Entry) -> Option<TypeName> {
    let (mut key, mut value) = (None, None);
    let entries = values.entries_of(form, "a map with `key:` and `value:`");
    for entry in entries {
        match entry.key.text.as_str() {
            "key" => key = Some(element(values, &entry.value, Some(entry))?),
            "value" => value = Some(element(values, &entry.value, Some(entry))?),
            _ => values.unknown(&entry.key, "a map's type", &["key", "value"]),
        }
    }
    if let NodeKind::Map(entries) = &form.value.kind {
        for needed in ["key", "value"].iter().filter(|needed| !has(entries, needed)) {
            let hint = "write it like `{map: {key: string, value: int}}`";
            values.missing(form.key.span, &format!("`{needed}:`"), hint);
        }
    }
    let (key, value) = key.zip(value)?;
    if key.nullable {
        let error = Diagnostic::error(Code::E0116, key.data_type.span, "a key of a map is never null");
        values.report(error.hint("remove the `?`, or `nullable:`"));
        return None;
    }
    Some(TypeName::Map { key: Box::new(key.data_type), value: Box::new(value) })
}
