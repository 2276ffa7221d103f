//! Random trees, with a bias to the names, texts and shapes that printers get wrong.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use windrow::diag::{FileId, Span, Spanned};
use windrow::syntax::ast::{
    About, Ast, BinaryOp, Binding, Call, Constants, Definition, ElementType, Expr, ExprKind, Feature,
    FieldDef, Format, GroupBy, History, Join, JoinMode, JoinPart, KeyMapping, Lookup, Name, Publish,
    PublishMode, SelectItem, Source, Stream, Table, Tail, TopicRef, TypeName, UnaryOp, Window,
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

pub(super) fn name() -> BoxedStrategy<Name> {
    let any_name = prop_oneof![
        4 => select(vec!["a", "b", "x1", "_", "user_id", "amount"]).prop_map(str::to_owned),
        2 => select(WORDS.to_vec()).prop_map(str::to_owned),
        1 => "[a-zA-Z_][a-zA-Z0-9_]{0,30}",
    ];
    any_name.prop_map(spanned).boxed()
}

pub(super) fn text() -> BoxedStrategy<String> {
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
    prop_oneof![select(odd).prop_map(str::to_owned), "[ -~]{0,20}"].boxed()
}

pub(super) fn label() -> BoxedStrategy<Name> {
    prop_oneof![3 => "[a-z0-9][a-z0-9._-]{0,12}", 1 => text()].prop_map(spanned).boxed()
}

pub(super) fn length() -> BoxedStrategy<Spanned<Duration>> {
    let ms = prop_oneof![
        select(vec![0, 1, 999, 1000, 60_000, 90_000, 3_600_000, 86_400_000, 7 * 86_400_000_i64]),
        0..10_000_000_i64,
    ];
    ms.prop_map(|ms| spanned(Duration::from_ms(ms))).boxed()
}

fn at(kind: ExprKind) -> Expr {
    Expr { kind, span: nowhere() }
}

fn boxed(kind: ExprKind) -> Box<Expr> {
    Box::new(at(kind))
}

fn literal() -> BoxedStrategy<ExprKind> {
    prop_oneof![
        Just(ExprKind::Null),
        any::<bool>().prop_map(ExprKind::Bool),
        prop_oneof!["0", "[0-9]{1,25}"].prop_map(ExprKind::Int),
        "[0-9]{1,5}\\.[0-9]{1,5}".prop_map(ExprKind::Decimal),
        "[0-9]{1,3}(\\.[0-9]{1,3})?[eE][+-]?[0-9]{1,3}".prop_map(ExprKind::Double),
        text().prop_map(ExprKind::String),
        text().prop_map(ExprKind::Timestamp),
        text().prop_map(ExprKind::Date),
        vec(name(), 1..4).prop_map(ExprKind::Path),
    ]
    .boxed()
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

pub(super) fn expr() -> BoxedStrategy<Expr> {
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
            1 => (one(), one(), any::<bool>())
                .prop_map(|(left, right, negated)| ExprKind::IsDistinctFrom { left, right, negated }),
            2 => (one(), one()).prop_map(|(of, index)| ExprKind::Index(of, index)),
            1 => (one(), name()).prop_filter_map("a path takes its fields in", |(of, field)| {
                (!matches!(of.kind, ExprKind::Path(_))).then_some(ExprKind::Field(of, field))
            }),
            1 => case(inner.clone()),
            1 => (one(), type_name(), any::<bool>())
                .prop_map(|(operand, to, lenient)| ExprKind::Cast { operand, to: spanned(to), lenient }),
            2 => (name(), several(0)).prop_map(|(function, arguments)| ExprKind::Call { function, arguments }),
        ]
    })
    .prop_map(at)
        .boxed()
}

fn case(inner: impl Strategy<Value = ExprKind> + Clone) -> impl Strategy<Value = ExprKind> {
    let arm = (inner.clone().prop_map(at), inner.clone().prop_map(at));
    let one = inner.prop_map(boxed);
    (option::of(one.clone()), vec(arm, 1..3), option::of(one))
        .prop_map(|(operand, arms, otherwise)| ExprKind::Case { operand, arms, otherwise })
}

pub(super) fn type_name() -> BoxedStrategy<TypeName> {
    let plain = |name: &str, arguments: &[&str]| TypeName::Plain {
        name: name.into(),
        arguments: arguments.iter().map(|argument| spanned((*argument).to_owned())).collect(),
    };
    let leaf = select(vec![
        plain("string", &[]),
        plain("int", &[]),
        plain("decimal", &["12", "2"]),
        plain("timestamp_ms", &[]),
        plain("whatever", &["1"]),
    ]);
    leaf.prop_recursive(3, 12, 3, |inner| {
        let element = (inner.clone(), any::<bool>()).prop_map(|(data_type, nullable)| {
            Box::new(ElementType { data_type: spanned(data_type), nullable })
        });
        let key = inner.clone().prop_map(|key| Box::new(spanned(key)));
        prop_oneof![
            element.clone().prop_map(TypeName::List),
            (key, element).prop_map(|(key, value)| TypeName::Map { key, value }),
            vec(field_of(inner), 1..4).prop_map(TypeName::Struct),
        ]
    })
    .boxed()
}

fn field() -> BoxedStrategy<FieldDef> {
    field_of(type_name()).boxed()
}

fn field_of(data_type: impl Strategy<Value = TypeName>) -> impl Strategy<Value = FieldDef> {
    (name(), data_type, any::<bool>(), option::weighted(0.2, text())).prop_map(
        |(name, data_type, nullable, wire)| FieldDef {
            name,
            data_type: spanned(data_type),
            nullable,
            wire_name: wire.map(spanned),
        },
    )
}

fn about() -> BoxedStrategy<About> {
    let said = || option::weighted(0.3, text().prop_map(spanned));
    (said(), option::weighted(0.3, label()), vec(label(), 0..3), said())
        .prop_map(|(doc, owner, tags, deprecated)| About { doc, owner, tags, deprecated })
        .boxed()
}

fn topic() -> BoxedStrategy<TopicRef> {
    (label(), label()).prop_map(|(topic, group)| TopicRef { topic, group }).boxed()
}

fn publish() -> BoxedStrategy<Publish> {
    let mode = option::of(select(vec![PublishMode::Latest, PublishMode::Events]));
    (topic(), mode, option::of(length()))
        .prop_map(|(to, mode, every)| Publish { to, mode: mode.map(spanned), every })
        .boxed()
}

fn history() -> BoxedStrategy<History> {
    (text(), option::of(text()))
        .prop_map(|(files, until)| History { files: spanned(files), until: until.map(spanned) })
        .boxed()
}

fn source() -> BoxedStrategy<Source> {
    let format =
        (name(), option::of(text())).prop_map(|(name, file)| Format { name, schema_file: file.map(spanned) });
    let names = (option::of(name()), option::of(name()));
    let lengths = (option::of(length()), option::of(length()), option::of(length()));
    let records = (option::of(topic()), option::of(format), vec(field(), 0..5), vec(history(), 0..3));
    (name(), about(), records, names, lengths)
        .prop_map(
            |(
                name,
                about,
                (topic, format, schema, history),
                (event_time, event_id),
                (disorder, ahead, retention),
            )| {
                Source {
                    about,
                    topic,
                    format,
                    schema,
                    event_time,
                    event_id,
                    disorder,
                    ahead,
                    retention,
                    history,
                    ..Source::named(name)
                }
            },
        )
        .boxed()
}

fn table() -> BoxedStrategy<Table> {
    (source(), vec(name(), 0..3))
        .prop_map(|(records, key)| Table {
            about: records.about,
            topic: records.topic,
            format: records.format,
            key,
            schema: records.schema,
            event_time: records.event_time,
            event_id: records.event_id,
            disorder: records.disorder,
            ahead: records.ahead,
            retention: records.retention,
            history: records.history,
            ..Table::named(records.name)
        })
        .boxed()
}

fn digits() -> BoxedStrategy<Option<Spanned<String>>> {
    option::of("[0-9]{1,4}".prop_map(spanned)).boxed()
}

fn call() -> BoxedStrategy<Call> {
    let limits = (option::of(length()), digits(), digits());
    (text(), vec(expr(), 0..3), vec(field(), 1..4), limits)
        .prop_map(|(function, arguments, returns, (timeout, concurrency, retry))| Call {
            function: spanned(function),
            arguments,
            returns,
            timeout,
            concurrency,
            retry,
        })
        .boxed()
}

fn stream() -> BoxedStrategy<Stream> {
    let column = (expr(), option::of(name())).prop_map(|(expr, name)| SelectItem { expr, name });
    let bare = name().prop_map(|column| SelectItem { expr: at(ExprKind::Path(vec![column])), name: None });
    let item = prop_oneof![bare, column.prop_filter("a name is needed", |item| item.name.is_some())];
    let inputs = (option::of(name()), vec(name(), 0..3), vec(binding(), 0..3), option::of(expr()));
    (name(), about(), inputs, vec(item, 0..4), option::of(call()))
        .prop_map(|(name, about, (from, union, lets, filter), select, call)| Stream {
            about,
            from,
            union,
            lets,
            filter,
            select,
            call,
            ..Stream::named(name)
        })
        .boxed()
}

fn lookup() -> BoxedStrategy<Lookup> {
    (name(), mappings(), vec(name(), 1..3), option::of(name()))
        .prop_map(|(table, on, columns, alias)| Lookup { table, on, columns, alias })
        .boxed()
}

fn constants() -> BoxedStrategy<Constants> {
    vec(binding(), 0..4)
        .prop_map(|bindings| Constants { word: spanned("constants".to_owned()), bindings, incomplete: false })
        .boxed()
}

fn binding() -> BoxedStrategy<Binding> {
    (name(), expr()).prop_map(|(name, expr)| Binding { name, expr }).boxed()
}

fn window() -> BoxedStrategy<Spanned<Window>> {
    select(vec!["1h", "60m", "24h", "1d", "500ms", "0s", "36500d"])
        .prop_map(|text| spanned(Window { text: text.to_owned(), length: text.parse().unwrap() }))
        .boxed()
}

fn tail() -> BoxedStrategy<Tail> {
    prop_oneof![
        Just(Tail::Exact),
        Just(Tail::Chronon),
        Just(Tail::Hop(None)),
        length().prop_map(|length| Tail::Hop(Some(length.value))),
    ]
    .boxed()
}

fn feature() -> BoxedStrategy<Feature> {
    let conditions = (option::of(expr()), option::of(expr()), option::of(expr()));
    (name(), name(), vec(expr(), 0..3), conditions, vec(window(), 0..4), option::of(tail()))
        .prop_map(|(name, function, arguments, (filter, by, default), windows, tail)| Feature {
            name,
            function,
            arguments,
            filter,
            by,
            windows,
            tail: tail.map(spanned),
            default,
        })
        .boxed()
}

fn group_by() -> BoxedStrategy<GroupBy> {
    let inputs = (option::of(name()), vec(lookup(), 0..3), vec(binding(), 0..3), option::of(expr()));
    let times = (option::of(length()), option::of(length()), option::of(Just(nowhere())));
    let outputs = (vec(name(), 0..3), vec(feature(), 0..4), option::of(publish()));
    (name(), about(), inputs, times, outputs)
        .prop_map(
            |(
                name,
                about,
                (from, lookups, lets, filter),
                (refresh, ttl, unbounded),
                (key, features, publish),
            )| {
                GroupBy {
                    about,
                    from,
                    lookups,
                    lets,
                    filter,
                    key,
                    features,
                    refresh,
                    ttl,
                    unbounded,
                    publish,
                    ..GroupBy::named(name)
                }
            },
        )
        .boxed()
}

fn mappings() -> BoxedStrategy<Vec<KeyMapping>> {
    vec((name(), option::of(name())).prop_map(|(left, key)| KeyMapping { left, key }), 1..3).boxed()
}

fn join() -> BoxedStrategy<Join> {
    let part = (name(), mappings(), option::of(name())).prop_map(|(group_by, on, alias)| JoinPart {
        group_by,
        on,
        alias,
    });
    let mode = option::of(select(vec![JoinMode::Complete, JoinMode::Fresh]));
    let times = (mode, option::of(length()), option::of(length()));
    let inputs = (option::of(name()), vec(part, 0..3), vec(lookup(), 0..3));
    (name(), about(), inputs, vec(binding(), 0..3), times, option::of(publish()))
        .prop_map(|(name, about, (left, parts, lookups), derived, (mode, hold_for, left_late), publish)| {
            Join {
                about,
                left,
                parts,
                lookups,
                derived,
                mode: mode.map(spanned),
                hold_for,
                left_late,
                publish,
                ..Join::named(name)
            }
        })
        .boxed()
}

pub(super) fn ast() -> BoxedStrategy<Ast> {
    let definition = prop_oneof![
        source().prop_map(Definition::Source),
        table().prop_map(Definition::Table),
        stream().prop_map(Definition::Stream),
        constants().prop_map(Definition::Constants),
        super::scenario::test().prop_map(Definition::Test),
        group_by().prop_map(Definition::GroupBy),
        join().prop_map(Definition::Join),
    ];
    vec(definition, 1..4).prop_map(|definitions| Ast { definitions, incomplete: false }).boxed()
}
