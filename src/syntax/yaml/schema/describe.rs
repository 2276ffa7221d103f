//! What the reference says of a definition and its clauses.

use crate::syntax::words::Kind;

const OVERVIEW: &str = include_str!("../../../../grammar/README.md");

/// The page of a kind of definition, below its heading.
fn page(kind: Kind) -> &'static str {
    let page = match kind {
        Kind::Source => include_str!("../../../../grammar/reference/source.md"),
        Kind::Table => include_str!("../../../../grammar/reference/table.md"),
        Kind::Stream => include_str!("../../../../grammar/reference/stream.md"),
        Kind::GroupBy => include_str!("../../../../grammar/reference/group_by.md"),
        Kind::Join => include_str!("../../../../grammar/reference/join.md"),
        Kind::Constants => include_str!("../../../../grammar/reference/constants.md"),
        Kind::Test => include_str!("../../../../grammar/reference/test.md"),
    };
    page.split_once('\n').map_or("", |(_, below)| below)
}

/// The first sentence below a definition's heading.
pub(super) fn kind(kind: Kind) -> String {
    let paragraph = page(kind).trim_start().split("\n\n").next().unwrap_or_default();
    if paragraph.starts_with(['|', '`', '#']) { String::new() } else { paragraph.replace('\n', " ") }
}

/// What a clause means, and an example; nothing where the reference has no row for it.
pub(super) fn clause(kind: Kind, key: &str) -> String {
    let own = row(page(kind), key);
    // A table has the clauses of a source.
    let records = || if kind == Kind::Table { row(page(Kind::Source), key) } else { None };
    own.or_else(records).or_else(|| row(section("Words that every definition has"), key)).unwrap_or_default()
}

/// The text of the overview below a heading of the second level.
fn section(heading: &str) -> &'static str {
    let begins = |part: &&str| part.lines().next().is_some_and(|line| line.trim() == heading);
    let part = OVERVIEW.split("\n## ").find(begins).unwrap_or_default();
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
