//! The page about running a deployment: its limits are the program's.

use crate::support::root;

#[test]
fn every_limit_on_the_page_is_the_constant_in_the_code() {
    let page = std::fs::read_to_string(root().join("grammar/OPERATION.md")).unwrap();
    let (_, limits) = page.split_once("\n## Limits\n").expect("the page has limits");
    let mut checked = 0;
    for row in limits.lines().filter(|line| {
        ["executor", "cli", "calls"].iter().any(|module| line.contains(&format!(" in {module}/")))
    }) {
        let (_, place) =
            row.trim_end_matches(" |").rsplit_once("| `").expect("a constant in the last column");
        let (constant, file) = place.split_once("` in ").expect("and the file that has it");
        let text = std::fs::read_to_string(root().join("src").join(file)).expect("the file exists");
        assert!(text.contains(&format!("const {constant};")), "{file} has no `{constant}`");
        checked += 1;
    }
    assert!(checked >= 15, "the table has moved");
}
