//! Escaping per language, and the engine's strictness.

use serde::Serialize;

use super::engine::Engine;
use super::escape::{comment, java_long, java_text, sql_name, sql_text};

/// Texts that try to end what they are in.
const HOSTILE: &str = "a'b\"c`d\\e\nf${x}*/--\u{2028}é\u{1f600}\0";

#[derive(Serialize)]
struct Context {
    text: String,
}

fn render(template: &'static str, text: &str) -> String {
    Engine::new(&[("t", template)]).render("t", Context { text: text.to_owned() })
}

#[test]
fn each_language_escapes_what_would_end_its_literals() {
    assert_eq!(sql_name(HOSTILE), "`a'b\"c``d\\e\nf${x}*/--\u{2028}é\u{1f600}\0`");
    assert_eq!(sql_text(HOSTILE), "'a''b\"c`d\\e\nf${x}*/--\u{2028}é\u{1f600}\0'");
    assert_eq!(
        java_text(HOSTILE),
        "\"a'b\\\"c`d\\\\e\\nf${x}*/--\\u2028\\u00e9\\ud83d\\ude00\\000\"",
        "in ASCII, and no escape of unicode stands for what ends a literal"
    );
    assert!(!comment(HOSTILE).contains(['\n', '\u{2028}', '\0']));
}

#[test]
fn a_text_that_is_spelled_like_an_escape_stays_a_text() {
    assert_eq!(java_text("\\u0022"), "\"\\\\u0022\"");
    assert_eq!(java_text("\\\\n"), "\"\\\\\\\\n\"");
}

#[test]
fn longs_are_grouped_by_thousands() {
    let longs: Vec<_> = [0, 999, 1_000, 604_800_000, -10_000].map(java_long).to_vec();
    assert_eq!(longs, ["0L", "999L", "1_000L", "604_800_000L", "-10_000L"]);
}

#[test]
fn only_statements_double_dollars() {
    assert_eq!(render("${path} {{ text | sql_text | dollars }}", "a$b'"), "${path} 'a$$b'''");
    assert_eq!(render("{{ text | sql_text }}", "a$b"), "'a$b'");
}

#[test]
#[should_panic(expected = "without a filter")]
fn a_text_without_a_filter_is_not_printed() {
    render("{{ text }}", "harmless");
}

#[test]
#[should_panic(expected = "without a filter")]
fn a_joined_text_has_to_be_escaped_again() {
    render("{{ (text | sql_name) ~ text }}", "harmless");
}

#[test]
#[should_panic(expected = "comes after the filter that escapes")]
fn dollars_alone_escape_nothing() {
    render("{{ text | dollars }}", "harmless");
}

#[test]
#[should_panic(expected = "is not a word")]
fn a_name_that_is_no_word_is_not_printed_as_one() {
    render("{{ text | word }}", "a b");
}

#[test]
#[should_panic(expected = "is broken")]
fn a_template_cannot_ask_for_what_is_not_there() {
    render("{% if test %}x{% endif %}", "harmless");
}
