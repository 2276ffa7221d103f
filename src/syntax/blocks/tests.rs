//! What the block scanner cuts and reports.

use super::*;
use crate::diag::SourceMap;

/// The bodies found, and `code offset` per problem.
fn check(text: &str, bodies: &[&str], problems: &[&str]) {
    let file = SourceMap::default().add("x.wr", text);
    let mut found = Diagnostics::default();
    let blocks = split(file, text, &mut found);
    let cut: Vec<_> = blocks.iter().map(|block| &text[block.body.0..block.body.1]).collect();
    let place =
        |problem: &Diagnostic| format!("{} {}", problem.code, problem.span.map_or(0, |span| span.start));
    assert_eq!(cut, bodies, "{text}");
    assert_eq!(found.iter().map(place).collect::<Vec<_>>(), problems, "{text}");
}

#[test]
fn blocks_are_cut_at_their_own_braces() {
    check("source a { x }\n# note }\njoin b{}", &[" x ", ""], &[]);
    check("source a { schema { x } doc \"}\" '}' # }\n }", &[" schema { x } doc \"}\" '}' # }\n "], &[]);
    check("\u{feff}source a {}", &[""], &[]);
}

#[test]
fn a_block_without_end_stops_at_the_next_definition() {
    check("source a { x\nsource b { y }", &[" x\n", " y "], &["E0104 9"]);
    check("source a { x\n  source b { y }", &[" x\n  source b { y }"], &["E0104 9"]);
    check("source a { f(\nsource b { y }", &[" f(\n", " y "], &["E0104 12"]);
}

#[test]
fn stray_text_is_one_problem_up_to_the_next_definition() {
    check("what is this\nand this\nsource a {}", &[""], &["E0101 0"]);
    check("source a {} }", &[""], &["E0101 12"]);
    check("source", &[], &["E0107 6"]);
    check("a b {}", &[], &["E0102 0"]);
}

#[test]
fn depth_is_counted_over_brackets_and_case() {
    let nested =
        |open: &str, close: &str, n: usize| format!("join j {{{}{}}}", open.repeat(n), close.repeat(n));
    check(&nested("(", ")", 63), &[&nested("(", ")", 63)[8..134]], &[]);
    check(&nested("(", ")", 64), &[], &["E0004 71"]);
    check(&nested("case ", "end ", 64), &[], &["E0004 323"]);
    check(&nested("(", "", 200_000), &[], &["E0004 71"]);
}

#[test]
fn names_are_measured_before_anything_is_parsed() {
    let long = "x".repeat(129);
    check(&format!("join j {{ {long} }}"), &[], &["E0109 9"]);
    check(&format!("join j {{ {} }}", &long[1..]), &[&format!(" {} ", &long[1..])], &[]);
}
