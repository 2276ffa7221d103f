//! The tree as text: indented, deterministic, without places. Snapshots and people read it.

use std::fmt::Write as _;

use super::ast::{
    Ast, BinaryOp, Binding, Definition, ElementType, Expr, ExprKind, Feature, FieldDef, GroupBy, Join,
    JoinPart, Name, Publish, PublishMode, Source, Tail, TypeName, UnaryOp,
};
use crate::diag::Spanned;
use crate::types::Duration;

/// The whole tree, a definition per paragraph, a clause per line, expressions in prefix form.
#[must_use]
pub fn text(ast: &Ast) -> String {
    let definitions = ast.definitions.iter().map(|definition| match definition {
        Definition::Source(source) => source_text(source),
        Definition::Table(_) | Definition::Stream(_) | Definition::Constants(_) | Definition::Test(_) => {
            Lines::new("definition", definition.name()).0
        }
        Definition::GroupBy(group_by) => group_by_text(group_by),
        Definition::Join(join) => join_text(join),
    });
    definitions.collect::<Vec<_>>().join("\n")
}

/// Lines of one definition.
struct Lines(String);

impl Lines {
    fn new(kind: &str, name: &Name) -> Self {
        Self(format!("{kind} {}\n", name.value))
    }

    fn line(&mut self, word: &str, value: impl std::fmt::Display) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "  {word} {value}");
    }

    fn quoted(&mut self, word: &str, value: Option<&Spanned<String>>) {
        if let Some(value) = value {
            self.line(word, format_args!("{:?}", value.value));
        }
    }

    fn duration(&mut self, word: &str, value: Option<&Spanned<Duration>>) {
        if let Some(value) = value {
            self.line(word, value.value);
        }
    }

    fn name(&mut self, word: &str, value: Option<&Name>) {
        if let Some(value) = value {
            self.line(word, &value.value);
        }
    }

    fn publish(&mut self, value: Option<&Publish>) {
        let Some(publish) = value else { return };
        let mode = match publish.mode.as_ref().map(|mode| mode.value) {
            None => "",
            Some(PublishMode::Latest) => " as latest",
            Some(PublishMode::Events) => " as events",
        };
        let (topic, group) = (&publish.to.topic.value, &publish.to.group.value);
        self.line("publish", format_args!("{topic:?} to {group:?}{mode}"));
    }

    fn binding(&mut self, word: &str, binding: &Binding) {
        self.line(word, format_args!("{} = {}", binding.name.value, expr(&binding.expr)));
    }
}

fn source_text(source: &Source) -> String {
    let mut lines = Lines::new("source", &source.name);
    lines.quoted("doc", source.about.doc.as_ref());
    lines.quoted("owner", source.about.owner.as_ref());
    if let Some(topic) = &source.topic {
        lines.line("topic", format_args!("{:?} in {:?}", topic.topic.value, topic.group.value));
    }
    lines.name("format", source.format.as_ref().map(|format| &format.name));
    for field in &source.schema {
        lines.line("field", field_text(field));
    }
    lines.name("event_time", source.event_time.as_ref());
    lines.name("event_id", source.event_id.as_ref());
    lines.duration("disorder", source.disorder.as_ref());
    lines.duration("ahead", source.ahead.as_ref());
    lines.duration("retention", source.retention.as_ref());
    lines.0
}

fn field_text(field: &FieldDef) -> String {
    let nullable = if field.nullable { "?" } else { "" };
    let wire = field.wire_name.as_ref().map(|wire| format!(" from {:?}", wire.value)).unwrap_or_default();
    format!("{} {}{nullable}{wire}", field.name.value, type_text(&field.data_type.value))
}

fn type_text(name: &TypeName) -> String {
    match name {
        TypeName::Plain { name, arguments } if arguments.is_empty() => name.clone(),
        TypeName::Plain { name, arguments } => {
            let arguments: Vec<_> = arguments.iter().map(|argument| argument.value.as_str()).collect();
            format!("{name}({})", arguments.join(","))
        }
        TypeName::List(element) => format!("list<{}>", element_text(element)),
        TypeName::Map { key, value } => format!("map<{}, {}>", type_text(&key.value), element_text(value)),
        TypeName::Struct(fields) => {
            format!("struct{{{}}}", fields.iter().map(field_text).collect::<Vec<_>>().join(", "))
        }
    }
}

fn element_text(element: &ElementType) -> String {
    format!("{}{}", type_text(&element.data_type.value), if element.nullable { "?" } else { "" })
}

fn names(names: &[Name]) -> String {
    names.iter().map(|name| name.value.as_str()).collect::<Vec<_>>().join(", ")
}

fn group_by_text(group_by: &GroupBy) -> String {
    let mut lines = Lines::new("group_by", &group_by.name);
    lines.quoted("doc", group_by.about.doc.as_ref());
    lines.quoted("owner", group_by.about.owner.as_ref());
    lines.name("from", group_by.from.as_ref());
    for binding in &group_by.lets {
        lines.binding("let", binding);
    }
    if let Some(filter) = &group_by.filter {
        lines.line("where", expr(filter));
    }
    if !group_by.key.is_empty() {
        lines.line("key", names(&group_by.key));
    }
    for feature in &group_by.features {
        lines.line("feature", feature_text(feature));
    }
    lines.publish(group_by.publish.as_ref());
    lines.0
}

fn feature_text(feature: &Feature) -> String {
    let mut text = format!("{} = {}", feature.name.value, call(&feature.function.value, &feature.arguments));
    if let Some(filter) = &feature.filter {
        let _ = write!(text, " where {}", expr(filter));
    }
    if !feature.windows.is_empty() {
        let windows: Vec<_> = feature.windows.iter().map(|window| window.value.text.as_str()).collect();
        let _ = write!(text, " over {}", windows.join(", "));
    }
    match feature.tail.as_ref().map(|tail| tail.value) {
        None => {}
        Some(Tail::Exact) => text += " tail exact",
        Some(Tail::Chronon) => text += " tail chronon",
        Some(Tail::Hop(None)) => text += " tail hop",
        Some(Tail::Hop(Some(hop))) => {
            let _ = write!(text, " tail hop {hop}");
        }
    }
    text
}

fn join_text(join: &Join) -> String {
    let mut lines = Lines::new("join", &join.name);
    lines.quoted("doc", join.about.doc.as_ref());
    lines.quoted("owner", join.about.owner.as_ref());
    lines.name("left", join.left.as_ref());
    for part in &join.parts {
        lines.line("features", part_text(part));
    }
    for binding in &join.derived {
        lines.binding("derived", binding);
    }
    lines.duration("hold_for", join.hold_for.as_ref());
    lines.duration("left_late", join.left_late.as_ref());
    lines.publish(join.publish.as_ref());
    lines.0
}

fn part_text(part: &JoinPart) -> String {
    let on = part.on.iter().map(|mapping| match &mapping.key {
        Some(key) => format!("{} = {}", mapping.left.value, key.value),
        None => mapping.left.value.clone(),
    });
    let alias = part.alias.as_ref().map(|alias| format!(" as {}", alias.value)).unwrap_or_default();
    format!("{} on {}{alias}", part.group_by.value, on.collect::<Vec<_>>().join(", "))
}

fn call(function: &str, arguments: &[Expr]) -> String {
    let mut text = format!("({function}");
    for argument in arguments {
        text.push(' ');
        text += &expr(argument);
    }
    text + ")"
}

/// Prefix form: `a + b * 2` is `(+ a (* b 2))`.
fn expr(value: &Expr) -> String {
    let not = |negated: &bool| if *negated { "not-" } else { "" };
    match &value.kind {
        ExprKind::Null => "null".into(),
        ExprKind::Bool(value) => value.to_string(),
        ExprKind::Int(digits) | ExprKind::Decimal(digits) | ExprKind::Double(digits) => digits.clone(),
        ExprKind::String(text) => format!("{text:?}"),
        ExprKind::Timestamp(text) => format!("(timestamp {text:?})"),
        ExprKind::Date(text) => format!("(date {text:?})"),
        ExprKind::Field(operand, name) => format!("(field {} {})", expr(operand), name.value),
        ExprKind::Index(operand, index) => format!("(index {} {})", expr(operand), expr(index)),
        ExprKind::IsDistinctFrom { left, right, negated } => {
            format!("({}is-distinct {} {})", not(negated), expr(left), expr(right))
        }
        ExprKind::Path(path) => path.iter().map(|name| name.value.as_str()).collect::<Vec<_>>().join("."),
        ExprKind::Unary(UnaryOp::Not, operand) => format!("(not {})", expr(operand)),
        ExprKind::Unary(UnaryOp::Negate, operand) => format!("(neg {})", expr(operand)),
        ExprKind::Binary(op, left, right) => format!("({} {} {})", symbol(*op), expr(left), expr(right)),
        ExprKind::IsNull { operand, negated } => format!("({}is-null {})", not(negated), expr(operand)),
        ExprKind::In { operand, list, negated } => {
            let list: Vec<_> = list.iter().map(expr).collect();
            format!("({}in {} [{}])", not(negated), expr(operand), list.join(" "))
        }
        ExprKind::Between { operand, low, high, negated } => {
            format!("({}between {} {} {})", not(negated), expr(operand), expr(low), expr(high))
        }
        ExprKind::Like { operand, pattern, negated } => {
            format!("({}like {} {})", not(negated), expr(operand), expr(pattern))
        }
        ExprKind::Case { operand, arms, otherwise } => case(operand.as_deref(), arms, otherwise.as_deref()),
        ExprKind::Cast { operand, to, lenient } => {
            format!(
                "({} {} {})",
                if *lenient { "try-cast" } else { "cast" },
                expr(operand),
                type_text(&to.value)
            )
        }
        ExprKind::Call { function, arguments } => call(&function.value, arguments),
    }
}

fn case(operand: Option<&Expr>, arms: &[(Expr, Expr)], otherwise: Option<&Expr>) -> String {
    let mut text = String::from("(case");
    if let Some(operand) = operand {
        let _ = write!(text, " {}", expr(operand));
    }
    for (when, then) in arms {
        let _ = write!(text, " [{} {}]", expr(when), expr(then));
    }
    if let Some(otherwise) = otherwise {
        let _ = write!(text, " else {}", expr(otherwise));
    }
    text + ")"
}

const fn symbol(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Or => "or",
        BinaryOp::And => "and",
        BinaryOp::Equal => "=",
        BinaryOp::NotEqual => "<>",
        BinaryOp::Less => "<",
        BinaryOp::LessOrEqual => "<=",
        BinaryOp::Greater => ">",
        BinaryOp::GreaterOrEqual => ">=",
        BinaryOp::Add => "+",
        BinaryOp::Subtract => "-",
        BinaryOp::Multiply => "*",
        BinaryOp::Divide => "/",
        BinaryOp::Modulo => "%",
        BinaryOp::Concat => "||",
    }
}
