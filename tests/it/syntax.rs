//! Text → Ast: both front ends give one tree, every mistake has a code and a place, and no bytes hurt.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests read their cases and a clock")]

mod hostile;
mod mutations;

use std::fs;
use std::path::{Path, PathBuf};

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

/// The pages of the language reference.
fn pages() -> Vec<PathBuf> {
    let grammar = Path::new(env!("CARGO_MANIFEST_DIR")).join("grammar");
    let mut pages: Vec<_> =
        fs::read_dir(grammar.join("reference")).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.sort();
    pages.insert(0, grammar.join("README.md"));
    pages
}

#[test]
fn the_reference_shows_only_what_parses_and_both_forms_give_one_tree() {
    let mut pairs = 0;
    for page in pages() {
        let reference = fs::read_to_string(&page).unwrap();
        let mut dsl: Option<Ast> = None;
        for block in reference.split("\n```").skip(1).step_by(2) {
            let (language, text) = block.split_once('\n').unwrap();
            match language {
                "windrow" => {
                    let definitions = example("x.wr", text).definitions;
                    dsl.get_or_insert_default().definitions.extend(definitions);
                }
                "yaml" => {
                    let dsl = dsl.take().expect("the DSL stands before its YAML");
                    let yaml = example("x.yaml", text);
                    assert_eq!(syntax::text(&dsl), syntax::text(&yaml), "{}", page.display());
                    assert_eq!(dsl, yaml, "{}", page.display());
                    pairs += 1;
                }
                "yaml project" => {
                    check_settings(text, |sources, file| syntax::parse_project(sources, file).1);
                }
                "yaml topology" => {
                    check_settings(text, |sources, file| syntax::parse_topology(sources, file).1);
                }
                "sql" => {
                    let mut sources = SourceMap::default();
                    let file = sources.add("query", text);
                    let (query, problems) = syntax::parse_query(&sources, file);
                    assert!(query.is_some(), "{text}\n{}", render::text(&problems, &sources, false));
                }
                // Commands; cli.rs runs those of the first page. Models: calls.rs runs those of `features/models`.
                "sh" | "python" => {}
                other => panic!("an example of unknown language `{other}`"),
            }
        }
        assert!(dsl.is_none(), "{}: an example without YAML", page.display());
    }
    assert!(pairs >= 12, "found only {pairs} pairs of examples");
}

fn example(name: &str, text: &str) -> Ast {
    let (ast, problems, sources) = parse(name, text);
    assert!(problems.is_empty(), "{text}\n{}", render::text(&problems, &sources, false));
    assert!(!ast.definitions.is_empty(), "{text}");
    ast
}

/// Every clause that the parsers know has a place in the reference.
#[test]
fn the_reference_names_every_code_word_of_the_grammar() {
    let grammar = include_str!("../../grammar/feature.pest");
    let reference: String = pages().iter().map(|page| fs::read_to_string(page).unwrap()).collect();
    let words = grammar.lines().filter_map(|line| line.strip_prefix("kw_")?.split('"').nth(1));
    let missing: Vec<_> = words.filter(|word| !reference.contains(word)).collect();
    assert!(missing.is_empty(), "the reference does not mention {missing:?}");
}

fn check_settings(text: &str, parse: impl Fn(&SourceMap, windrow::diag::FileId) -> Diagnostics) {
    let mut sources = SourceMap::default();
    let file = sources.add("README.yaml", text);
    let problems = parse(&sources, file);
    assert!(problems.is_empty(), "{text}\n{}", render::text(&problems, &sources, false));
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
