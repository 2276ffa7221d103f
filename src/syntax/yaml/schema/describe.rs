//! What the reference says of a definition and its clauses.

use crate::syntax::words::Kind;

const REFERENCE: &str = include_str!("../../../../grammar/README.md");

/// The first sentence below a definition's heading.
pub(super) fn kind(kind: Kind) -> String {
    let paragraph = section(kind.word()).trim_start().split("\n\n").next().unwrap_or_default();
    if paragraph.starts_with(['|', '`', '#']) { String::new() } else { paragraph.replace('\n', " ") }
}

/// What a clause means, and an example; nothing where the reference has no row for it.
pub(super) fn clause(kind: Kind, key: &str) -> String {
    let own = row(section(kind.word()), key);
    own.or_else(|| row(section("Words that every definition has"), key)).unwrap_or_default()
}

/// The text below a heading of the second level.
fn section(heading: &str) -> &'static str {
    let begins = |part: &&str| part.lines().next().is_some_and(|line| line.trim() == heading);
    let part = REFERENCE.split("\n## ").find(begins).unwrap_or_default();
    part.split_once('\n').map_or("", |(_, below)| below)
}

/// `| KEY | EXAMPLE | MEANING |`
fn row(section: &str, key: &str) -> Option<String> {
    section.lines().find_map(|line| {
        let cells: Vec<&str> = line.trim().trim_matches('|').split(" | ").map(str::trim).collect();
        match cells.as_slice() {
            [word, example, meaning] if *word == format!("`{key}`") => {
                Some(format!("{meaning}. {example}").replace("\\|", "|"))
            }
            _ => None,
        }
    })
}
