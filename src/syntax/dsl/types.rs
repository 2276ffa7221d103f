//! Types as written, and the fields that have them. Recursion ends at the scanner's nesting limit.

use crate::diag::{Code, Diagnostic, Spanned};
use crate::syntax::ast::{ElementType, FieldDef, Name, TypeName};

use super::builder::{Builder, only, parts};
use super::{Pair, Rule};

impl Builder<'_, '_> {
    /// A type; `None` if it is wrong, which is reported.
    pub(super) fn type_name(&mut self, pair: &Pair<'_>) -> Option<Spanned<TypeName>> {
        let span = self.span(pair);
        let kind = only(pair);
        let value = match kind.as_rule() {
            Rule::list_type => TypeName::List(Box::new(self.element(&only(&kind))?)),
            Rule::map_type => self.map_type(&kind)?,
            Rule::struct_type => TypeName::Struct(self.fields(&only(&kind))?),
            _ => self.plain_type(&kind)?,
        };
        Some(Spanned::new(value, span))
    }

    fn plain_type(&mut self, pair: &Pair<'_>) -> Option<TypeName> {
        let mut parts = parts(pair);
        let name = parts.next().map_or_else(String::new, |word| word.as_str().to_string());
        let form = match name.to_ascii_lowercase().as_str() {
            "list" | "array" => "list<string>",
            "map" => "map<string, int>",
            "struct" => "struct{a int, b string?}",
            _ => {
                let arguments =
                    parts.map(|part| Spanned::new(part.as_str().to_string(), self.span(&part))).collect();
                return Some(TypeName::Plain { name, arguments });
            }
        };
        let message = format!("`{name}` does not say what is in it");
        self.report(Code::E0116, self.span(pair), message, &format!("write it like `{form}`"));
        None
    }

    fn map_type(&mut self, pair: &Pair<'_>) -> Option<TypeName> {
        let mut sides = parts(pair);
        let key = sides.next().expect("a map has a key");
        let key = self.element(&key)?;
        let value = sides.next().expect("a map has a value");
        let value = Box::new(self.element(&value)?);
        if key.nullable {
            let span = key.data_type.span;
            self.report(Code::E0116, span, "a key of a map is never null", "remove the `?` behind it");
            return None;
        }
        Some(TypeName::Map { key: Box::new(key.data_type), value })
    }

    /// `type?` inside of a list or map.
    pub(super) fn element(&mut self, pair: &Pair<'_>) -> Option<ElementType> {
        let mut parts = parts(pair);
        let data_type = parts.next().expect("an element has a type");
        let data_type = self.type_name(&data_type)?;
        Some(ElementType { data_type, nullable: parts.next().is_some() })
    }

    /// `{ a int, b string? }`; `None` if one of them is wrong.
    pub(super) fn fields(&mut self, pair: &Pair<'_>) -> Option<Vec<FieldDef>> {
        let fields: Vec<_> = parts(pair).map(|field| self.field(&field)).collect();
        let fields: Vec<FieldDef> = fields.into_iter().collect::<Option<_>>()?;
        if fields.is_empty() {
            let span = self.span(pair);
            let error = Diagnostic::error(Code::E0116, span, "expected fields, found none");
            self.problems.push(error.hint("write a name and a type for each, like `{ a int, b string? }`"));
            return None;
        }
        Some(fields)
    }

    /// `type? from "wire name"` for a field of that name.
    pub(super) fn field_type(&mut self, name: Name, pair: &Pair<'_>) -> Option<FieldDef> {
        let data_type = self.type_name(&only(pair))?;
        let mut field = FieldDef { name, data_type, nullable: false, wire_name: None };
        for part in parts(pair).skip(1) {
            match part.as_rule() {
                Rule::nullable => field.nullable = true,
                _ => field.wire_name = Some(self.label(&only(&part))),
            }
        }
        Some(field)
    }

    pub(super) fn field(&mut self, pair: &Pair<'_>) -> Option<FieldDef> {
        let mut parts = parts(pair);
        let name = parts.next().expect("a field has a name");
        let data_type = parts.next().expect("a field has a type");
        let name = self.name(&name);
        self.field_type(name, &data_type)
    }
}
