//! `windrow fmt`: stable, comments kept, meaning kept; and the printer behind `windrow convert`.

mod random;
mod scenario;

use std::path::PathBuf;
use std::process::Stdio;

use proptest::prelude::*;
use windrow::diag::{SourceMap, render};
use windrow::syntax::{self, Ast, Unformatted};

use crate::support::binary::{command, windrow, windrow_in};
use crate::support::{Scratch, root};

fn parse(text: &str) -> Result<Ast, String> {
    let mut sources = SourceMap::default();
    let file = sources.add("x.wr", text);
    let (ast, problems) = syntax::parse(&sources, file);
    if problems.is_empty() { Ok(ast) } else { Err(render::text(&problems, &sources, false)) }
}

/// The text in the one layout; `None` if it does not parse.
fn formatted(text: &str) -> Option<String> {
    let mut sources = SourceMap::default();
    let file = sources.add("x.wr", text);
    match syntax::format(&sources, file) {
        Ok(text) => Some(text),
        Err(Unformatted::Wrong(_)) => None,
        Err(Unformatted::Changed) => panic!("the formatter would have changed the meaning of:\n{text}"),
    }
}

/// Every DSL file of the repository that is there to be read.
fn corpus() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join("features"), root().join("tests/cases")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "wr") {
                found.extend(std::fs::read_to_string(&path).ok().map(|text| (path, text)));
            }
        }
    }
    found.sort();
    assert!(found.len() > 60, "the corpus moved");
    found
}

#[test]
fn the_features_are_in_the_layout() {
    let run = windrow(&["fmt", "--check", "features"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""), "{}", run.stderr);
    assert!(run.stderr.contains("left alone"), "{}", run.stderr);
}

#[test]
fn every_file_that_parses_has_one_layout() {
    let mut formatted_files = 0;
    for (path, text) in corpus() {
        let Some(once) = formatted(&text) else { continue };
        assert_eq!(formatted(&once).as_ref(), Some(&once), "{} is not stable", path.display());
        let windows = formatted(&once.replace('\n', "\r\n")).unwrap();
        assert_eq!(windows, once.replace('\n', "\r\n"), "{}", path.display());
        formatted_files += 1;
    }
    assert!(formatted_files > 40, "only {formatted_files}");
}

#[test]
fn what_is_printed_is_in_the_layout_already() {
    for (path, text) in corpus() {
        let Ok(ast) = parse(&text) else { continue };
        let printed = syntax::print(&ast);
        let again = parse(&printed).unwrap_or_else(|problems| panic!("{printed}\n{problems}"));
        assert_eq!(again, ast, "{}\n{printed}", path.display());
        assert_eq!(formatted(&printed), Some(printed), "{}", path.display());
    }
}

#[test]
fn check_shows_what_would_change_and_writes_nothing() {
    let scratch = Scratch::new();
    scratch.file("a.wr", "source s { topic t in g }\n");
    scratch.file("b.yaml", "source: {}\n");
    let run = windrow_in(scratch.path(), &["fmt", "--check"]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(
        run.stdout.contains("-source s { topic t in g }") && run.stdout.contains("+  topic t in g"),
        "{}",
        run.stdout
    );
    assert!(run.stderr.contains("1 of 1 file") && run.stderr.contains("1 YAML"), "{}", run.stderr);
    assert_eq!(std::fs::read_to_string(scratch.path().join("a.wr")).unwrap(), "source s { topic t in g }\n");
    let run = windrow_in(scratch.path(), &["fmt"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(
        std::fs::read_to_string(scratch.path().join("a.wr")).unwrap(),
        "source s {\n  topic t in g\n}\n"
    );
    assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 2, "something was left behind");
    assert_eq!(windrow_in(scratch.path(), &["fmt", "--check"]).code, Some(0));
}

/// As git reads such a file: of folders, of patterns, with exceptions; what is named itself is meant.
#[test]
fn what_an_ignore_file_names_is_left_out_unless_it_is_asked_for() {
    let scratch = Scratch::new();
    for name in ["windrow.yaml", "good.wr", "cases/bad.wr", "cases/kept.wr", "deep/cases/bad.wr", "old.wr"] {
        let text = if name.ends_with("yaml") { "name: p\n" } else { "source s { topic t in }\n" };
        scratch.file(name, text);
    }
    scratch.file("good.wr", "constants {\n  a = 1\n}\n");
    scratch.file("cases/kept.wr", "constants { b = 1 }\n");
    scratch.file(".windrowignore", "# not ours\ncases/*\n!kept.wr\nold.*\n");
    let run = windrow_in(scratch.path(), &["fmt", "--check"]);
    assert!(run.code == Some(1) && run.stdout.contains("+++ cases/kept.wr"), "{}{}", run.stdout, run.stderr);
    assert!(run.stderr.contains("1 of 3 files"), "deep/cases is no `cases`: {}", run.stderr);
    scratch.file(".windrowignore", "cases/\nold.wr\n");
    let run = windrow_in(scratch.path(), &["fmt", "--check"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""), "{}", run.stderr);
    let run = windrow_in(scratch.path(), &["check"]);
    assert_eq!(run.code, Some(0), "a project has no definitions that are ignored: {}", run.stdout);
    for asked in ["cases", "old.wr"] {
        let run = windrow_in(scratch.path(), &["fmt", "--check", asked]);
        assert_eq!(run.code, Some(1), "{asked}: {}", run.stderr);
    }
    scratch.file(".windrowignore", "a{b\n");
    let run = windrow_in(scratch.path(), &["fmt", "--check"]);
    assert!(run.code == Some(2) && run.stderr.contains(".windrowignore"), "{}", run.stderr);
}

#[test]
fn the_repository_is_in_the_layout() {
    let run = windrow(&["fmt", "--check"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""), "{}", run.stderr);
}

#[test]
fn a_file_that_does_not_parse_is_left_with_its_diagnostics() {
    let scratch = Scratch::new();
    let bad = "source s { topic t in }\n";
    scratch.file("bad.wr", bad);
    scratch.file("good.wr", "source s { topic t in g }\n");
    let run = windrow_in(scratch.path(), &["fmt"]);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("error[E0107]") && run.stderr.contains("bad.wr:1"), "{}", run.stderr);
    assert_eq!(std::fs::read_to_string(scratch.path().join("bad.wr")).unwrap(), bad);
    assert!(std::fs::read_to_string(scratch.path().join("good.wr")).unwrap().starts_with("source s {\n"));
    assert_eq!(windrow_in(scratch.path(), &["fmt", "nowhere"]).code, Some(2));
}

#[test]
fn the_standard_input_goes_to_the_standard_output() {
    let through = |text: &str, args: &[&str]| {
        let mut child = command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(child.stdin.as_mut().unwrap(), text.as_bytes()).unwrap();
        drop(child.stdin.take());
        let output = child.wait_with_output().unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (code, stdout, _) = through("source s { topic t in g }", &["fmt", "--stdin"]);
    assert_eq!((code, stdout.as_str()), (Some(0), "source s {\n  topic t in g\n}\n"));
    let (code, stdout, stderr) = through("source s {", &["fmt", "--stdin"]);
    assert_eq!((code, stdout.as_str()), (Some(1), ""));
    assert!(stderr.contains("error[E0104]"), "{stderr}");
    assert_eq!(through("source s {\n  topic t in g\n}\n", &["fmt", "--stdin", "--check"]).0, Some(0));
    assert_eq!(through("source s { topic t in g }", &["fmt", "--stdin", "--check"]).0, Some(1));
}

/// A file of the corpus with comments, line breaks and blanks at random between its words.
fn mutated() -> impl Strategy<Value = String> {
    let texts: Vec<String> =
        corpus().into_iter().map(|(_, text)| text).filter(|text| text.len() < 4000).collect();
    let cuts = proptest::collection::vec((any::<prop::sample::Index>(), 0..6_usize), 0..24);
    (prop::sample::select(texts), cuts).prop_map(|(text, cuts)| {
        let blanks: Vec<usize> = text.match_indices([' ', '\n']).map(|(at, _)| at).collect();
        let mut places: Vec<(usize, usize)> = cuts
            .into_iter()
            .filter(|_| !blanks.is_empty())
            .map(|(index, what)| (blanks[index.index(blanks.len())], what))
            .collect();
        places.sort_unstable();
        let mut text = text;
        for (at, what) in places.into_iter().rev() {
            text.insert_str(at, ["\n", " # behind\n", "\n# alone\n", "\n\n\n", "   ", "\n  #\n\n"][what]);
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn formatting_twice_is_formatting_once(text in mutated()) {
        if let Some(once) = formatted(&text) {
            let twice = formatted(&once);
            prop_assert_eq!(twice.as_ref(), Some(&once), "first:\n{}", once);
            // What stands inside of a definition's text is nobody's blanks.
            let has_text = text.contains("expect error");
            prop_assert!(has_text || !once.contains("\n\n\n") && once.lines().all(|line| line.trim_end() == line), "{}", once);
        }
    }

    #[test]
    fn what_is_printed_is_read_as_the_same_tree(ast in random::ast()) {
        let printed = syntax::print(&ast);
        let again = parse(&printed);
        prop_assert!(again.is_ok(), "{}\n{}", printed, again.unwrap_err());
        prop_assert_eq!(again.unwrap(), ast, "{}", printed);
        let twice = formatted(&printed);
        prop_assert_eq!(twice.as_ref(), Some(&printed), "not in the layout");
    }
}
