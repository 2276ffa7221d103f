//! Random trees, with a bias to the names, texts and shapes that printers get wrong.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use windrow::diag::{FileId, Span, Spanned};
use windrow::syntax::ast::{
    About, Ast, BinaryOp, Binding, Definition, Expr, ExprKind, Feature, FieldDef, Format, GroupBy, Join,
    JoinPart, KeyMapping, Name, Publish, PublishMode, Source, Tail, TopicRef, TypeName, UnaryOp, Window,
};
use windrow::types::Duration;

pub(super) fn nowhere() -> Span {
    Span::new(FileId(0), 0, 0)
}

pub(super) fn spanned<T>(value: T) -> Spanned<T> {
    Spanned::new(value, nowhere())
}

/// Words of the language and of SQL, which are names all the same.
const WORDS: [&str; 44] = [
    "and",
    "As",
    "between",
    "by",
    "call",
    "case",
    "cast",
    "clock",
    "date",
    "default",
    "distinct",
    "doc",
    "end",
    "event",
    "exact",
    "expect",
    "features",
    "from",
    "hop",
    "in",
    "is",
    "key",
    "left",
    "let",
    "like",
    "list",
    "lookup",
    "map",
    "NOT",
    "null",
    "on",
    "or",
    "over",
    "row",
    "schema",
    "struct",
    "tail",
    "timestamp",
    "topic",
    "true",
    "try_cast",
    "unbounded",
    "when",
    "where",
];

pub(super) fn name() -> impl Strategy<Value = Name> {
    let any_name = prop_oneof![
        4 => select(vec!["a", "b", "x1", "_", "user_id", "amount"]).prop_map(str::to_owned),
        2 => select(WORDS.to_vec()).prop_map(str::to_owned),
        1 => "[a-zA-Z_][a-zA-Z0-9_]{0,30}",
    ];
    any_name.prop_map(spanned)
}

pub(super) fn text() -> impl Strategy<Value = String> {
    let odd = vec![
        "",
        "'",
        "''",
        "\"",
        "it's",
        "a \"b\" c",
        "# no comment",
        "{",
        "}",
        ")",
        "[",
        "日本",
        "\\",
        "--",
        "\t",
        " ",
        "a  b",
        "where x = 1",
    ];
    prop_oneof![select(odd).prop_map(str::to_owned), "[ -~]{0,20}"]
}

pub(super) fn label() -> impl Strategy<Value = Name> {
    prop_oneof![3 => "[a-z0-9][a-z0-9._-]{0,12}", 1 => text()].prop_map(spanned)
}

pub(super) fn length() -> impl Strategy<Value = Spanned<Duration>> {
    let ms = prop_oneof![
        select(vec![0, 1, 999, 1000, 60_000, 90_000, 3_600_000, 86_400_000, 7 * 86_400_000_i64]),
        0..10_000_000_i64,
    ];
    ms.prop_map(|ms| spanned(Duration::from_ms(ms)))
}

fn at(kind: ExprKind) -> Expr {
    Expr { kind, span: nowhere() }
}

fn boxed(kind: ExprKind) -> Box<Expr> {
    Box::new(at(kind))
}

fn literal() -> impl Strategy<Value = ExprKind> {
    prop_oneof![
        Just(ExprKind::Null),
        any::<bool>().prop_map(ExprKind::Bool),
        prop_oneof!["0", "[0-9]{1,25}"].prop_map(ExprKind::Int),
        "[0-9]{1,5}\\.[0-9]{1,5}".prop_map(ExprKind::Decimal),
        "[0-9]{1,3}(\\.[0-9]{1,3})?[eE][+-]?[0-9]{1,3}".prop_map(ExprKind::Double),
        text().prop_map(ExprKind::String),
        vec(name(), 1..4).prop_map(ExprKind::Path),
    ]
}

const OPERATORS: [BinaryOp; 14] = [
    BinaryOp::Or,
    BinaryOp::And,
    BinaryOp::Equal,
    BinaryOp::NotEqual,
    BinaryOp::Less,
    BinaryOp::LessOrEqual,
    BinaryOp::Greater,
    BinaryOp::GreaterOrEqual,
    BinaryOp::Add,
    BinaryOp::Subtract,
    BinaryOp::Multiply,
    BinaryOp::Divide,
    BinaryOp::Modulo,
    BinaryOp::Concat,
];

pub(super) fn expr() -> impl Strategy<Value = Expr> {
    literal().prop_recursive(5, 40, 4, |inner| {
        let one = || inner.clone().prop_map(boxed);
        let several = |from: usize| vec(inner.clone().prop_map(at), from..4);
        prop_oneof![
            6 => (select(OPERATORS.to_vec()), one(), one()).prop_map(|(op, l, r)| ExprKind::Binary(op, l, r)),
            3 => (any::<bool>(), one()).prop_map(|(not, operand)| {
                ExprKind::Unary(if not { UnaryOp::Not } else { UnaryOp::Negate }, operand)
            }),
            1 => (one(), any::<bool>()).prop_map(|(operand, negated)| ExprKind::IsNull { operand, negated }),
            1 => (one(), several(1), any::<bool>())
                .prop_map(|(operand, list, negated)| ExprKind::In { operand, list, negated }),
            1 => (one(), one(), one(), any::<bool>())
                .prop_map(|(operand, low, high, negated)| ExprKind::Between { operand, low, high, negated }),
            1 => (one(), one(), any::<bool>())
                .prop_map(|(operand, pattern, negated)| ExprKind::Like { operand, pattern, negated }),
            1 => case(inner.clone()),
            1 => (one(), type_name(), any::<bool>())
                .prop_map(|(operand, to, lenient)| ExprKind::Cast { operand, to: spanned(to), lenient }),
            2 => (name(), several(0)).prop_map(|(function, arguments)| ExprKind::Call { function, arguments }),
        ]
    })
    .prop_map(at)
}

fn case(inner: impl Strategy<Value = ExprKind> + Clone) -> impl Strategy<Value = ExprKind> {
    let arm = (inner.clone().prop_map(at), inner.clone().prop_map(at));
    let one = inner.prop_map(boxed);
    (option::of(one.clone()), vec(arm, 1..3), option::of(one))
        .prop_map(|(operand, arms, otherwise)| ExprKind::Case { operand, arms, otherwise })
}

pub(super) fn type_name() -> impl Strategy<Value = TypeName> {
    let plain = |name: &str, arguments: &[&str]| TypeName::Plain {
        name: name.into(),
        arguments: arguments.iter().map(|argument| spanned((*argument).to_owned())).collect(),
    };
    select(vec![
        plain("string", &[]),
        plain("int", &[]),
        plain("decimal", &["12", "2"]),
        plain("timestamp_ms", &[]),
        plain("whatever", &["1"]),
    ])
}

fn field() -> impl Strategy<Value = FieldDef> {
    (name(), type_name(), any::<bool>(), option::weighted(0.2, text())).prop_map(
        |(name, data_type, nullable, wire)| FieldDef {
            name,
            data_type: spanned(data_type),
            nullable,
            wire_name: wire.map(spanned),
        },
    )
}

fn about() -> impl Strategy<Value = About> {
    (option::of(text().prop_map(spanned)), option::of(label())).prop_map(|(doc, owner)| About {
        doc,
        owner,
        ..About::default()
    })
}

fn topic() -> impl Strategy<Value = TopicRef> {
    (label(), label()).prop_map(|(topic, group)| TopicRef { topic, group })
}

fn publish() -> impl Strategy<Value = Publish> {
    let mode = option::of(select(vec![PublishMode::Latest, PublishMode::Events]));
    (topic(), mode).prop_map(|(to, mode)| Publish { to, mode: mode.map(spanned), every: None })
}

fn source() -> impl Strategy<Value = Source> {
    let format = name().prop_map(|name| Format { name, schema_file: None });
    let names = (option::of(name()), option::of(name()));
    let lengths = (option::of(length()), option::of(length()), option::of(length()));
    (name(), about(), option::of(topic()), option::of(format), vec(field(), 0..5), names, lengths).prop_map(
        |(name, about, topic, format, schema, (event_time, event_id), (disorder, ahead, retention))| Source {
            about,
            topic,
            format,
            schema,
            event_time,
            event_id,
            disorder,
            ahead,
            retention,
            ..Source::named(name)
        },
    )
}

fn binding() -> impl Strategy<Value = Binding> {
    (name(), expr()).prop_map(|(name, expr)| Binding { name, expr })
}

fn window() -> impl Strategy<Value = Spanned<Window>> {
    select(vec!["1h", "60m", "24h", "1d", "500ms", "0s", "36500d"])
        .prop_map(|text| spanned(Window { text: text.to_owned(), length: text.parse().unwrap() }))
}

fn tail() -> impl Strategy<Value = Tail> {
    prop_oneof![
        Just(Tail::Exact),
        Just(Tail::Hop(None)),
        length().prop_map(|length| Tail::Hop(Some(length.value))),
    ]
}

fn feature() -> impl Strategy<Value = Feature> {
    let suffixes = (option::of(expr()), vec(window(), 0..4), option::of(tail()));
    (name(), name(), vec(expr(), 0..3), suffixes).prop_map(
        |(name, function, arguments, (filter, windows, tail))| Feature {
            name,
            function,
            arguments,
            filter,
            by: None,
            windows,
            tail: tail.map(spanned),
            default: None,
        },
    )
}

fn group_by() -> impl Strategy<Value = GroupBy> {
    let clauses = (vec(binding(), 0..3), option::of(expr()), vec(name(), 0..3), vec(feature(), 0..4));
    (name(), about(), option::of(name()), clauses, option::of(publish())).prop_map(
        |(name, about, from, (lets, filter, key, features), publish)| GroupBy {
            about,
            from,
            lets,
            filter,
            key,
            features,
            publish,
            ..GroupBy::named(name)
        },
    )
}

fn mappings() -> impl Strategy<Value = Vec<KeyMapping>> {
    vec((name(), option::of(name())).prop_map(|(left, key)| KeyMapping { left, key }), 1..3)
}

fn join() -> impl Strategy<Value = Join> {
    let part = (name(), mappings(), option::of(name())).prop_map(|(group_by, on, alias)| JoinPart {
        group_by,
        on,
        alias,
    });
    let times = (option::of(length()), option::of(length()));
    (name(), about(), option::of(name()), vec(part, 0..3), vec(binding(), 0..3), times, option::of(publish()))
        .prop_map(|(name, about, left, parts, derived, (hold_for, left_late), publish)| Join {
            about,
            left,
            parts,
            derived,
            hold_for,
            left_late,
            publish,
            ..Join::named(name)
        })
}

pub(super) fn ast() -> impl Strategy<Value = Ast> {
    let definition = prop_oneof![
        source().prop_map(Definition::Source),
        group_by().prop_map(Definition::GroupBy),
        join().prop_map(Definition::Join),
    ];
    vec(definition, 1..4).prop_map(|definitions| Ast { definitions, incomplete: false })
}
