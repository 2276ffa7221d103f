//! What nobody writes by mistake: a pointed error in two seconds and 256 MB, never a panic or an abort.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use windrow::syntax;

use super::{parse, places, spans_lie_inside};
use crate::support::Scratch;

/// What this thread has computed so far: other tests and a busy machine do not count. Where the system does
/// not say, the time that has passed.
fn cpu_time() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.and_then(|told| told.split(' ').next()?.parse().ok());
    nanos.map_or_else(|| START.get_or_init(Instant::now).elapsed(), Duration::from_nanos)
}

/// Two seconds; ten times that unoptimised on a busy machine. Quadratic time would take minutes.
const LIMIT: Duration = Duration::from_secs(if cfg!(debug_assertions) { 20 } else { 2 });

/// Parses under both front ends: at least one problem each, all inside the text, in time.
fn hostile(text: &str) {
    for path in ["x.wr", "x.yaml"] {
        let started = cpu_time();
        let (_, problems, sources) = parse(path, text);
        assert!(cpu_time() - started < LIMIT, "{path}: {:?}", cpu_time() - started);
        assert!(problems.has_errors(), "{path} accepted it");
        spans_lie_inside(&problems, &sources);
    }
}

#[test]
fn brackets_without_end_are_a_pointed_error_in_time() {
    for bracket in ["(", "[", "{", ")", "}", "((", "[{", "- ", "'", "\"", "&a ", "*a ", "!a ", "? "] {
        hostile(&bracket.repeat(199_999));
        hostile(&format!("group_by g {{ where {} }}", bracket.repeat(199_999)));
        hostile(&format!("group_by:\n  g:\n    where: {}", bracket.repeat(199_999)));
    }
}

#[test]
fn long_lines_and_many_pieces_are_a_pointed_error_in_time() {
    let words = "a ".repeat(500_000);
    for body in [&words, &"x".repeat(1 << 20), &"case when ".repeat(100_000), &"not ".repeat(200_000)] {
        hostile(body);
        hostile(&format!("group_by g {{ where {body} }}"));
        hostile(&format!("group_by:\n  g:\n    where: {body}\n"));
    }
    for body in ["1 + ", "a or ", "a = ", "a, ", "a.", "- ", "f(", "a in (1) ", "a = 1 and\n"] {
        // pest is slow unoptimised; quadratic time would still take minutes.
        let body = body.repeat(10_000);
        hostile(&format!("group_by g {{ where {body} }}"));
        hostile(&format!("group_by:\n  g:\n    where: \"{body}\"\n"));
    }
    for block in
        ["x y { }\n", "source s {\n", "source s { t }\n", "}\n", "\n\n; ", "source s { topic t in g ; }\n"]
    {
        hostile(&block.repeat(50_000));
    }
}

#[test]
fn a_file_of_mistakes_is_not_reported_without_end() {
    let yaml = format!("join:\n  j:\n    features:\n{}", "      - x\n".repeat(20_000));
    for (path, text) in [("x.wr", "source s { t }\n".repeat(20_000)), ("x.yaml", yaml)] {
        let (_, problems, _) = parse(path, &text);
        assert!((500..600).contains(&problems.iter().count()), "{}", problems.iter().count());
    }
}

#[test]
fn a_large_good_file_is_read_in_time() {
    let block =
        "group_by g { from s key a where a = 1 n = count() where x > 2 and y < 3 over 1h, 2h tail hop }\n";
    let started = cpu_time();
    let (ast, problems, _) = parse("x.wr", &block.repeat(5_000));
    assert!(problems.is_empty());
    assert_eq!(ast.definitions.len(), 5_000);
    assert!(cpu_time() - started < LIMIT, "{:?}", cpu_time() - started);
}

#[test]
fn a_huge_file_is_refused_at_once() {
    let (_, problems, sources) = parse("x.wr", &" ".repeat(syntax::SIZE_MAX_BYTES + 1));
    assert_eq!(places(problems, &sources), ["E0003 1:1"]);
}

/// How often something that nests is repeated: far beyond any limit.
const MANY: usize = 199_999;

#[test]
fn types_and_elements_without_end_are_a_pointed_error_in_time() {
    for opening in ["list<", "map<string, ", "struct{a ", "list<struct{a ", "map<list<"] {
        let deep = opening.repeat(MANY);
        hostile(&format!("source s {{ schema {{ a {deep}int }} }}"));
        hostile(&format!("group_by g {{ where cast(x as {deep}int) }}"));
        hostile(&format!("stream s {{ call \"m:f\" () returns {{ a {deep}int }} }}"));
        hostile(&format!("source:\n  s:\n    schema:\n      a: '{deep}int'\n"));
    }
    for opening in ["{list: ", "{struct: {a: ", "{map: {key: string, value: "] {
        hostile(&format!("source:\n  s:\n    schema:\n      a: {}int", opening.repeat(MANY)));
    }
    for inside in ["a[", "a.b[c[", "f(x)[", "a is distinct from ", "timestamp ", "{a: ", "[", "{'k': ["] {
        let deep = inside.repeat(MANY);
        hostile(&format!("group_by g {{ where {deep}1 }}"));
        hostile(&format!("test \"x\" {{ event e {{ a: {deep}1 }} }}"));
        hostile(&format!("test:\n  t:\n    steps:\n      - event: e\n        values: {{a: {deep}"));
    }
    let high = "[1]".repeat(20_000);
    hostile(&format!("group_by g {{ where a{high} }}"));
    hostile(&format!("group_by:\n  g:\n    where: a{high}.\n"));
    let fields = ".b".repeat(20_000);
    hostile(&format!("group_by g {{ where f(x){fields} }}"));
}

#[test]
fn lists_without_end_are_a_pointed_error_in_time() {
    let names = "a, ".repeat(20_000);
    for clause in ["union", "select", "tags", "from x key", "call \"m:f\" (", "lookup t on"] {
        hostile(&format!("stream s {{ {clause} {names}; }}"));
        hostile(&format!("group_by s {{ {clause} {names}; }}"));
    }
    hostile(&format!("stream:\n  s:\n    union: [{names}\n"));
    hostile(&format!("stream:\n  s:\n    union: {names}\n"));
    for step in ["clock '1' ", "expect ", "no events from a ", "event a {} ", "expect error E1 in \"\n"] {
        hostile(&format!("test \"x\" {{ {} ; }}", step.repeat(10_000)));
    }
    hostile(&format!("test \"x\" {{ expect error E1 in {} }}", "\"\"\" in ".repeat(50_000)));
    hostile(&format!("test \"x\" {{ {} }}", "error a in \"\"\n".repeat(50_000)));
    for step in ["- clock: 1\n", "- {}\n", "- {expect: {}}\n", "- {event: e, values: {a: no}}\n"] {
        hostile(&format!("test:\n  t:\n    steps:\n{}      - x", format!("      {step}").repeat(10_000)));
    }
    let same: String = "    from: a\n".repeat(50_000);
    hostile(&format!("stream:\n  s:\n{same}"));
    hostile(&format!("stream s {{ {} }}", "from a ".repeat(50_000)));
    hostile(&format!("source s {{ schema {{ {} }} }}", "a b c;\n".repeat(10_000)));
    hostile(&format!("source s {{ schema {{ {} }} }}", "a list<\n".repeat(10_000)));
}

#[test]
fn large_good_definitions_are_read_in_time() {
    let many = |piece: &str| piece.repeat(20_000);
    for (path, text) in [
        ("x.wr", format!("stream s {{ union {} z }}", many("abc, "))),
        ("x.wr", format!("stream s {{ from x select {} z }}", many("a + 1 as b, "))),
        ("x.wr", format!("constants {{ {} }}", many("a = 1 "))),
        ("x.wr", format!("test \"x\" {{ {} }}", many("event a { b: 1, c: 'x' }\n"))),
        ("x.wr", format!("source s {{ schema {{ {} }} }}", many("a list<int?> "))),
        ("x.yaml", format!("stream: {{s: {{union: [{}z]}}}}", many("abc, "))),
        ("x.yaml", format!("test:\n  t:\n    steps:\n{}", many("      - {event: a, values: {b: 1}}\n"))),
    ] {
        let started = cpu_time();
        let (ast, problems, _) = parse(path, &text);
        assert!(problems.is_empty(), "{:?}", problems.iter().next());
        assert_eq!(ast.definitions.len(), 1);
        assert!(cpu_time() - started < LIMIT, "{:?} for {}", cpu_time() - started, &text[..40]);
    }
}

/// The first problem of a text.
fn first(path: &str, text: &str) -> String {
    let (_, problems, sources) = parse(path, text);
    spans_lie_inside(&problems, &sources);
    places(problems, &sources).first().cloned().unwrap_or_default()
}

#[test]
fn yaml_of_research_fame_is_a_pointed_error() {
    let bomb: String = (1..30)
        .fold("a0: &a0 [x, x]\n".into(), |text, n| format!("{text}a{n}: &a{n} [*a{0}, *a{0}]\n", n - 1));
    for (text, expected) in [
        (bomb.as_str(), "E0102 1:1"),
        ("source: &x {}\n", "E0123 1:9"),
        ("source: *x\n", "E0123 1:9"),
        ("source: {a: {<<: {topic: t in g}}}\n", "E0123 1:14"),
        ("source: {a: !!binary aGk=}\n", "E0123 1:13"),
        ("source: {a: !ruby/object:X {}}\n", "E0123 1:13"),
        ("%TAG ! tag:x,2024:\n---\nsource: {a: {topic: !x t in g}}\n", "E0123 3:21"),
        ("source: {a: {}}\n---\nsource: {a: {}}\n", "E0124 2:1"),
        ("source: {a: {}, a: {}}\n", "E0122 1:17"),
        ("source: {a: {}, \"\\u0061\": {}}\n", "E0122 1:17"),
        ("source: {null: {}}\n", "E0121 1:10"),
        ("source: {no: {from: x}}\n", "E0125 1:15"),
        ("source: {1_000: {}}\n", "E0109 1:10"),
        ("source: {[a, b]: {}}\n", "E0121 1:10"),
        ("? {a: b}\n: c\n", "E0121 1:3"),
        ("source: {a: {retention: .nan}}\n", "E0107 1:25"),
        ("source: {a: {retention: 1_0d}}\n", "E0111 1:25"),
        ("source: {a: {retention: 0x10}}\n", "E0111 1:25"),
        ("source: {a: {event_time: null}}\n", "E0126 1:14"),
        ("group_by: {a: {unbounded: yes}}\n", "E0121 1:27"),
        ("group_by: {a: {let: {x: .inf}}}\n", "E0107 1:25"),
        ("stream: {a: {call: {retry: 1_000}}}\n", "E0126 1:14"),
        ("source:\n\ta: {}\n", "E0120 2:1"),
        ("source: {a: {doc: \"\\x00\"}}\n", ""),
        ("so\u{0441}urce: {a: {}}\n", "E0102 1:1"),
        ("source: {\u{430}: {}}\n", "E0109 1:10"),
        ("source: {a\u{200b}: {}}\n", "E0117 1:11"),
        ("source: {a: {doc: \"\u{202e}\"}}\n", "E0117 1:20"),
        ("\u{feff}\u{feff}source: {a: {}}\n", "E0117 1:2"),
    ] {
        assert_eq!(first("x.yaml", text), expected, "{text}");
    }
    let mut sources = windrow::diag::SourceMap::default();
    let file = sources.add("windrow.yaml", "name: null\nowners: [null, no, .nan]\nrequire: null\n");
    let (_, problems) = syntax::parse_project(&sources, file);
    assert_eq!(places(problems, &sources), ["E0126 1:1", "E0126 2:10", "E0126 3:1"]);
}

/// A source of many columns.
fn wide_source() -> String {
    let fields: String = (0..1_900).fold(String::new(), |fields, n| fields + &format!("column_{n} int "));
    format!(
        "source s {{ topic t in g format json schema {{ id string ts timestamp_ms {fields} }} event_time ts event_id id }}\n"
    )
}

/// A condition on columns that a source with many does not have: each is compared with all.
fn unknown_columns(count: usize) -> String {
    let unknown: String = (0..count).fold(String::new(), |names, n| names + &format!("colunm_{n}, "));
    wide_source()
        + &format!("group_by g {{ from s key id n = count() where column_1 in ({unknown} 1) over 1h }}\n")
}

/// Streams that take few words and have as many columns as their source.
fn wide_streams(count: usize) -> String {
    (0..count).fold(wide_source(), |text, n| text + &format!("stream s_{n} {{ from s }}\n"))
}

/// Each constant is a text twice as long as the one before.
fn doubled_constants(count: usize) -> String {
    let doubled = (1..count).fold(String::new(), |text, n| text + &format!("a{n} = a{0} || a{0}\n", n - 1));
    format!("constants {{ a0 = 'xxxxxxxx'\n{doubled} }}\n")
}

/// Files that are large, deep or full of mistakes, through the whole program under a limit of memory.
#[cfg(target_os = "linux")]
#[test]
fn hostile_files_are_checked_in_256_mb() {
    let scratch = Scratch::new();
    let files = [
        ("brackets.wr", "group_by g { where ".to_owned() + &"(".repeat(8 << 20)),
        ("types.wr", format!("source s {{ schema {{ a {} }} }}", "list<".repeat(100_000))),
        ("union.wr", format!("stream s {{ union {}; }}", "a, ".repeat(100_000))),
        ("unknown.wr", unknown_columns(50_000)),
        ("wide.wr", wide_streams(50_000)),
        ("doubled.wr", doubled_constants(50)),
        ("mistakes.wr", "source s { t }\n".repeat(60_000)),
        ("steps.wr", format!("test \"x\" {{ {} ; }}", "event a { b: 1 }\n".repeat(40_000))),
        ("line.wr", "x".repeat(15 << 20)),
        ("brackets.yaml", "[".repeat(8 << 20)),
        ("keys.yaml", format!("stream:\n  s:\n{}", "    from: a\n".repeat(100_000))),
        (
            "steps.yaml",
            format!("test:\n  t:\n    steps:\n{}", "      - {event: e, values: {a: no}}\n".repeat(20_000)),
        ),
        ("bomb.yaml", format!("a: &a [x]\nb: [{}]\n", "*a, ".repeat(100_000))),
    ];
    for (name, text) in files {
        let file = scratch.file(name, text);
        let script = format!(
            "ulimit -v {} && ulimit -t {} && exec '{}' check --format json '{}'",
            256 << 10,
            LIMIT.as_secs(),
            env!("CARGO_BIN_EXE_windrow"),
            file.display()
        );
        let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
        let stdout = String::from_utf8_lossy(&output.stdout);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{name}: {stderr}");
        assert!(stdout.contains("\"code\"") && stdout.contains("\"line\""), "{name}: {stdout}");
        let of_many =
            ["union.wr", "unknown.wr", "mistakes.wr", "steps.wr", "keys.yaml", "steps.yaml", "bomb.yaml"];
        assert_eq!(stdout.contains("\"E0640\""), of_many.contains(&name), "{name}: {stdout}");
        assert!(name != "wide.wr" || stdout.contains("\"E0228\""), "{stdout}");
        assert!(name != "doubled.wr" || stdout.contains("\"E0322\""), "{stdout}");
    }
}
