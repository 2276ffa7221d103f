//! The front door.

use super::*;

fn codes(path: &str, text: &str) -> Vec<String> {
    let mut sources = SourceMap::default();
    let file = sources.add(path, text);
    parse(&sources, file).1.iter().map(|problem| problem.code.to_string()).collect()
}

#[test]
fn bytes_that_are_not_utf8_have_a_line_and_a_column() {
    let bad = text_of(b"ok\n\xc3\xa9\xff").unwrap_err();
    assert_eq!((bad.offset, bad.position), (5, Position { line: 2, column: 2 }));
    let mut sources = SourceMap::default();
    let file = sources.add("x.wr", String::from_utf8_lossy(b"ok\n\xc3\xa9\xff"));
    let span = bad.diagnostic(file).span.unwrap();
    assert_eq!(sources.position(file, span.start), bad.position);
    assert_eq!(text_of("é".as_bytes()), Ok("é"));
}

#[test]
fn a_file_without_definitions_is_empty() {
    for text in ["", " \n\t", "# note\n\n", "\u{feff}"] {
        assert_eq!(codes("x.wr", text), ["E0002"], "{text:?}");
        assert_eq!(codes("x.yaml", text), ["E0002"], "{text:?}");
    }
}

#[test]
fn the_extension_picks_the_front_end() {
    for path in ["x.yaml", "x.yml", "X.YAML"] {
        assert_eq!(codes(path, "source: {a: {topic: t in g}}"), [""; 0]);
    }
    assert_eq!(codes("x.wr", "source a { topic t in g }"), [""; 0]);
    assert_eq!(codes("x.yaml", "source a { topic t in g }"), ["E0121"]);
}
