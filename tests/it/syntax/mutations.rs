//! Near misses of good files, and noise: never a panic, every problem inside the text; what was found
//! once by fuzzing is read again.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use windrow::diag::SourceMap;
use windrow::syntax;

use super::{parse, spans_lie_inside};

/// A good file with one range replaced: near misses find more than noise.
fn mutated(original: impl Into<String>) -> impl Strategy<Value = String> {
    let original = original.into();
    let scraps = prop_oneof![
        Just(String::new()),
        "[ -~]{0,6}",
        "\\PC{0,4}",
        prop::sample::select(vec![
            "{",
            "}",
            "(",
            ")",
            "[",
            "]",
            "<",
            ">",
            "'",
            "\"",
            "\n",
            ": ",
            "- ",
            "#",
            "\\",
            "|\n",
            "\u{feff}",
            "and",
            "list<",
            "map<string, ",
            "struct{",
            "by ",
            "default ",
            "is ",
            "timestamp '",
            "expect ",
            "call ",
            "= ",
            "error E in \"",
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
        if !problems.has_errors() && path == "x.wr" {
            let again = parse(path, &syntax::print(&ast));
            assert!(again.0 == ast, "{text}\nis printed as\n{}", syntax::print(&ast));
        }
    }
    let mut sources = SourceMap::default();
    let file = sources.add("x.yaml", text);
    spans_lie_inside(&syntax::parse_project(&sources, file).1, &sources);
    spans_lie_inside(&syntax::parse_topology(&sources, file).1, &sources);
}

/// The seeds of the fuzzer and what it found.
fn corpus() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn the_fuzzers_corpus_is_survived() {
    let files = corpus();
    assert!(files.len() >= 30, "the corpus moved");
    for file in files {
        survives(&String::from_utf8_lossy(&fs::read(file).unwrap()));
    }
}

/// A seed of the fuzzer with one range replaced.
fn mutated_seed() -> impl Strategy<Value = String> {
    let seeds: Vec<String> = corpus()
        .iter()
        .filter_map(|file| fs::read_to_string(file).ok())
        .filter(|seed| !seed.is_empty())
        .collect();
    prop::sample::select(seeds).prop_flat_map(mutated)
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
    fn mutated_definitions_are_never_a_panic(text in mutated(include_str!("../../cases/syntax/purchases.wr"))) {
        survives(&text);
    }

    #[test]
    fn mutated_expressions_are_never_a_panic(text in mutated(include_str!("../../cases/syntax/expressions.wr"))) {
        survives(&text);
    }

    #[test]
    fn mutated_yaml_is_never_a_panic(text in mutated(include_str!("../../cases/syntax/purchases.yaml"))) {
        survives(&text);
    }

    #[test]
    fn mutated_yaml_expressions_are_never_a_panic(text in mutated(include_str!("../../cases/syntax/expressions.yaml"))) {
        survives(&text);
    }

    #[test]
    fn mutated_seeds_are_never_a_panic(text in mutated_seed()) {
        survives(&text);
    }
}
