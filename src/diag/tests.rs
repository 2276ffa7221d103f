//! Positions and rendering.

use super::*;

#[test]
fn columns_count_characters_and_lines_start_at_one() {
    let mut sources = SourceMap::default();
    let file = sources.add("a.wr", "é = 1\nkey ü");
    assert_eq!(sources.position(file, 0), Position { line: 1, column: 1 });
    assert_eq!(sources.position(file, 3), Position { line: 1, column: 3 });
    assert_eq!(sources.position(file, 12), Position { line: 2, column: 5 });
    assert_eq!(sources.position(file, 999), Position { line: 2, column: 6 });
}

#[test]
fn the_nearest_name_is_a_likely_slip_or_nothing() {
    assert_eq!(nearest("amuont", ["amount", "account"]), Some("amount"));
    assert_eq!(nearest("USERS", ["users"]), Some("users"));
    assert_eq!(nearest("x", ["merchant"]), None);
    assert_eq!(nearest("m", ["b"]), None);
    assert_eq!(nearest("gg", ["g"]), Some("g"));
}

#[test]
fn any_span_renders_without_panic() {
    let mut sources = SourceMap::default();
    let file = sources.add("a.wr", "ü\r\n\tß");
    for (start, end) in [(0, 0), (0, 1), (1, 1), (4, 99), (99, 99), (3, 5)] {
        let mut all = Diagnostics::default();
        all.push(Diagnostic::error(Code::E0002, Span::new(file, start, end), "odd").label("here").hint("do"));
        assert!(render::text(&all, &sources, false).contains("E0002"));
    }
}
