//! Text → Ast: both front ends give one tree, every mistake has a code and a place, and no bytes hurt.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests read their cases and a clock")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use windrow::diag::{Diagnostics, SourceMap, render};
use windrow::syntax::{self, Ast};

/// The files of a folder of cases, in order.
fn cases(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(folder);
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn parse(path: impl Into<PathBuf>, text: &str) -> (Ast, Diagnostics, SourceMap) {
    let mut sources = SourceMap::default();
    let file = sources.add(path, text);
    let (ast, problems) = syntax::parse(&sources, file);
    (ast, problems, sources)
}

/// `E0107 3:5` per problem, sorted.
fn places(problems: Diagnostics, sources: &SourceMap) -> Vec<String> {
    let place = |problem: &windrow::diag::Diagnostic| {
        let span = problem.span.expect("every problem of a text has a place");
        let position = sources.position(span.file, span.start);
        format!("{} {}:{}", problem.code, position.line, position.column)
    };
    problems.sorted().iter().map(place).collect()
}

#[test]
fn both_front_ends_give_one_tree() {
    let mut pairs = 0;
    for path in cases("syntax").iter().filter(|path| path.extension().is_some_and(|e| e == "wr")) {
        let yaml = path.with_extension("yaml");
        let (dsl, problems, sources) = parse(path, &fs::read_to_string(path).unwrap());
        assert!(problems.is_empty(), "{}", render::text(&problems, &sources, false));
        let (other, problems, sources) = parse(&yaml, &fs::read_to_string(&yaml).unwrap());
        assert!(problems.is_empty(), "{}", render::text(&problems, &sources, false));
        assert_eq!(syntax::text(&dsl), syntax::text(&other), "{}", path.display());
        assert_eq!(dsl, other, "{}", path.display());
        assert!(!dsl.definitions.is_empty());
        pairs += 1;
    }
    assert!(pairs >= 3, "the cases moved");
}

#[test]
fn line_ends_and_a_byte_order_mark_change_nothing() {
    for (path, text) in [
        ("x.wr", include_str!("../cases/syntax/purchases.wr")),
        ("x.yaml", include_str!("../cases/syntax/purchases.yaml")),
    ] {
        let (plain, ..) = parse(path, text);
        let (windows, problems, sources) = parse(path, &format!("\u{feff}{}", text.replace('\n', "\r\n")));
        assert!(problems.is_empty(), "{}", render::text(&problems, &sources, false));
        assert_eq!(plain, windows);
        let span = windows.definitions[0].name().span;
        assert_eq!(&sources.text(span.file)[span.start as usize..span.end as usize], "purchases");
    }
}

#[test]
fn every_bad_file_has_the_codes_and_places_it_expects() {
    let mut files = 0;
    for path in cases("diagnostics") {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        // Cases of later stages and of whole projects have their own tests.
        if path.is_dir() || !name.starts_with("E00") && !name.starts_with("E01") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let Some(expected) = text.lines().next().and_then(|line| line.strip_prefix("# expect: ")) else {
            continue;
        };
        let (_, problems, sources) = parse(&path, &text);
        let shown = render::text(&problems, &sources, false);
        assert_eq!(places(problems, &sources).join(", "), expected, "{name}\n{shown}");
        assert!(expected.contains(&name[..5]), "{name} does not show its code");
        files += 1;
    }
    assert!(files >= 40, "the cases moved");
}

#[test]
fn every_code_of_syntax_has_a_bad_file() {
    let names: Vec<_> =
        cases("diagnostics").iter().map(|path| path.file_name().unwrap().to_owned()).collect();
    for page in windrow::diag::pages() {
        let code = page.code.as_str();
        let shown = names.iter().any(|name| name.to_string_lossy().starts_with(code));
        // From E0130 on they are the printer's, which has tests of its own.
        assert!(shown || !("E0100".."E0130").contains(&code), "{code} has no case");
    }
}

#[test]
fn the_reference_shows_only_what_parses() {
    let reference = include_str!("../../grammar/README.md");
    let mut examples = 0;
    for block in reference.split("\n```").skip(1).step_by(2) {
        let (language, text) = block.split_once('\n').unwrap();
        match language {
            "windrow" | "yaml" => {
                let name = if language == "yaml" { "README.yaml" } else { "README.wr" };
                let (ast, problems, sources) = parse(name, text);
                assert!(problems.is_empty(), "{text}\n{}", render::text(&problems, &sources, false));
                assert!(!ast.definitions.is_empty(), "{text}");
            }
            "yaml project" => check_settings(text, |sources, file| syntax::parse_project(sources, file).1),
            "yaml topology" => check_settings(text, |sources, file| syntax::parse_topology(sources, file).1),
            other => panic!("an example of unknown language `{other}`"),
        }
        examples += 1;
    }
    assert!(examples >= 10, "found only {examples} examples");
}

fn check_settings(text: &str, parse: impl Fn(&SourceMap, windrow::diag::FileId) -> Diagnostics) {
    let mut sources = SourceMap::default();
    let file = sources.add("README.yaml", text);
    let problems = parse(&sources, file);
    assert!(problems.is_empty(), "{text}\n{}", render::text(&problems, &sources, false));
}

/// Two seconds; ten times that unoptimised on a busy machine. Quadratic time would take minutes.
const LIMIT: Duration = Duration::from_secs(if cfg!(debug_assertions) { 20 } else { 2 });

/// Parses under both front ends: at least one problem each, all inside the text, in time.
fn hostile(text: &str) {
    for path in ["x.wr", "x.yaml"] {
        let started = Instant::now();
        let (_, problems, sources) = parse(path, text);
        assert!(started.elapsed() < LIMIT, "{path}: {:?}", started.elapsed());
        assert!(problems.has_errors(), "{path} accepted it");
        spans_lie_inside(&problems, &sources);
    }
}

fn spans_lie_inside(problems: &Diagnostics, sources: &SourceMap) {
    for problem in problems.iter() {
        let spans = problem.span.into_iter().chain(problem.secondary.iter().map(|(span, _)| *span));
        for span in spans {
            let text = sources.text(span.file);
            assert!(span.start <= span.end && span.end as usize <= text.len(), "{problem:?} in {text:?}");
        }
    }
    // Rendering clamps to characters; it must hold for whatever parsing says.
    let _ = render::json(problems, sources);
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
    let started = Instant::now();
    let (ast, problems, _) = parse("x.wr", &block.repeat(5_000));
    assert!(problems.is_empty());
    assert_eq!(ast.definitions.len(), 5_000);
    assert!(started.elapsed() < LIMIT, "{:?}", started.elapsed());
}

#[test]
fn a_huge_file_is_refused_at_once() {
    let (_, problems, sources) = parse("x.wr", &" ".repeat(syntax::SIZE_MAX_BYTES + 1));
    assert_eq!(places(problems, &sources), ["E0003 1:1"]);
}

/// A good file with one range replaced: near misses find more than noise.
fn mutated(original: &'static str) -> impl Strategy<Value = String> {
    let scraps = prop_oneof![
        Just(String::new()),
        "[ -~]{0,6}",
        "\\PC{0,4}",
        prop::sample::select(vec![
            "{", "}", "(", ")", "'", "\"", "\n", ": ", "- ", "#", "\\", "|\n", "\u{feff}", "and"
        ])
        .prop_map(String::from),
    ];
    (0..original.len(), 0..40_usize, scraps).prop_map(move |(start, length, scrap)| {
        let cut = |mut at: usize| {
            at = at.min(original.len());
            while !original.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        format!("{}{scrap}{}", &original[..cut(start)], &original[cut(start + length)..])
    })
}

fn survives(text: &str) {
    for path in ["x.wr", "x.yaml"] {
        let (ast, problems, sources) = parse(path, text);
        spans_lie_inside(&problems, &sources);
        assert!(
            !problems.is_empty() || !ast.definitions.is_empty() || text.trim().is_empty() || path == "x.yaml"
        );
        let _ = syntax::text(&ast);
    }
    let mut sources = SourceMap::default();
    let file = sources.add("x.yaml", text);
    spans_lie_inside(&syntax::parse_project(&sources, file).1, &sources);
    spans_lie_inside(&syntax::parse_topology(&sources, file).1, &sources);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_never_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        match syntax::text_of(&bytes) {
            Ok(text) => survives(text),
            Err(bad) => prop_assert!(bad.offset < bytes.len()),
        }
        survives(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn mutated_definitions_are_never_a_panic(text in mutated(include_str!("../cases/syntax/purchases.wr"))) {
        survives(&text);
    }

    #[test]
    fn mutated_expressions_are_never_a_panic(text in mutated(include_str!("../cases/syntax/expressions.wr"))) {
        survives(&text);
    }

    #[test]
    fn mutated_yaml_is_never_a_panic(text in mutated(include_str!("../cases/syntax/purchases.yaml"))) {
        survives(&text);
    }

    #[test]
    fn mutated_yaml_expressions_are_never_a_panic(text in mutated(include_str!("../cases/syntax/expressions.yaml"))) {
        survives(&text);
    }
}
