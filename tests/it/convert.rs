//! `windrow convert`: the same tree in the DSL, with the comments of the YAML.

use std::path::PathBuf;

use windrow::diag::{SourceMap, render};
use windrow::syntax::{self, Ast};

use crate::support::binary::{windrow, windrow_in};
use crate::support::{Scratch, root};

/// The YAML files of the repository's examples and cases.
fn corpus() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join("features"), root().join("tests/cases")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "yaml") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn parse(name: &str, text: &str) -> Result<Ast, String> {
    let mut sources = SourceMap::default();
    let file = sources.add(name, text);
    let (ast, problems) = syntax::parse(&sources, file);
    if problems.is_empty() { Ok(ast) } else { Err(render::text(&problems, &sources, false)) }
}

fn converted(yaml: &str) -> String {
    let mut sources = SourceMap::default();
    let file = sources.add("x.yaml", yaml);
    syntax::convert(&sources, file).unwrap_or_else(|problem| panic!("{problem:?} for\n{yaml}"))
}

#[test]
fn every_yaml_file_that_parses_becomes_dsl_of_the_same_tree() {
    let mut files = 0;
    for path in corpus() {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let Ok(ast) = parse("x.yaml", &text) else { continue };
        let dsl = converted(&text);
        let again = parse("x.wr", &dsl).unwrap_or_else(|problems| panic!("{dsl}\n{problems}"));
        assert_eq!(again, ast, "{}\n{dsl}", path.display());
        for comment in text.lines().filter_map(|line| line.trim_start().strip_prefix("# ")) {
            assert!(dsl.contains(comment), "{} lost `{comment}`", path.display());
        }
        let mut sources = SourceMap::default();
        let file = sources.add("x.wr", dsl.as_str());
        assert_eq!(syntax::format(&sources, file).unwrap(), dsl, "{}", path.display());
        files += 1;
    }
    assert!(files >= 4, "only {files} files");
}

#[test]
fn comments_stand_where_they_stood() {
    let yaml = "\
# Covers: comments.

# the sources
source:
  # one
  s:  # named s
    topic: t in g  # read there
    # how
    format: json
    schema:
      # key
      a: string  # first
      b: int
    # dangling in s
group_by:
  g:
    where: |
      a = 'x'  # inside
      and b > 1
    key: [a]
    from: s
    features:  # counted
      n: count() over 1h  # per hour
# the end
";
    let dsl = "\
# Covers: comments.

# the sources
# one
source s {  # named s
  topic t in g  # read there
  # how
  format json
  # key
  schema {
    a string  # first
    b int
  }
  # dangling in s
}

group_by g {
  # inside
  where a = 'x' and b > 1
  key   a
  from  s
  # counted
  n = count() over 1h  # per hour
}

# the end
";
    let shown = converted(yaml);
    assert_eq!(shown, dsl, "\n{shown}");
}

#[test]
fn in_place_replaces_the_yaml_and_never_another_file() {
    let scratch = Scratch::new();
    let yaml = "source:\n  s:\n    topic: t in g\n";
    scratch.file("defs/a.yaml", yaml);
    scratch.file("defs/topology.yaml", "generation: 1\n");
    let run = windrow_in(scratch.path(), &["convert", "defs/a.yaml"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), "source s {\n  topic t in g\n}\n"));
    let run = windrow_in(scratch.path(), &["convert", "defs/a.yaml", "--out", "b.wr"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""), "{}", run.stderr);
    assert!(scratch.path().join("b.wr").is_file() && scratch.path().join("defs/a.yaml").is_file());
    scratch.file("defs/a.wr", "# mine\n");
    let run = windrow_in(scratch.path(), &["convert", "defs", "--in-place"]);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("error[E0092]"), "{}", run.stderr);
    std::fs::remove_file(scratch.path().join("defs/a.wr")).unwrap();
    let run = windrow_in(scratch.path(), &["convert", "defs", "--in-place"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(
        !scratch.path().join("defs/a.yaml").exists() && scratch.path().join("defs/topology.yaml").exists()
    );
    assert!(std::fs::read_to_string(scratch.path().join("defs/a.wr")).unwrap().starts_with("source s {"));
}

#[test]
fn what_cannot_be_converted_is_refused_whole() {
    let scratch = Scratch::new();
    scratch.file("bad.yaml", "source:\n  s:\n    topci: t in g\n");
    scratch.file("good.yaml", "source:\n  t:\n    topic: t in g\n");
    let run = windrow_in(scratch.path(), &["convert", ".", "--in-place"]);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("error[E0125]"), "{}", run.stderr);
    assert!(scratch.path().join("good.yaml").exists() && !scratch.path().join("good.wr").exists());
    scratch.file("doc.yaml", "source:\n  s:\n    doc: |\n      one\n      two\n    topic: t in g\n");
    let run = windrow_in(scratch.path(), &["convert", "doc.yaml"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
    assert!(run.stderr.contains("error[E0093]") && run.stderr.contains("doc.yaml:4"), "{}", run.stderr);
    for other in ["features/flights/flights.wr", "features/windrow.yaml", "features/topology.yaml"] {
        let run = windrow(&["convert", other]);
        assert_eq!(run.code, Some(2), "{other}");
        assert!(run.stderr.contains("E0090") || run.stderr.contains("E0005"), "{}", run.stderr);
    }
}
