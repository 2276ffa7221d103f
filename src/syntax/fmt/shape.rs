//! Which clauses stand in columns, and where their cells begin.

use super::token::Token;

/// Lines of one class share the width of their first cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    /// Not aligned.
    Plain,
    /// `event_time ts`
    Setting,
    /// `from purchases`, `let usd = …`, `features g on k`
    Input,
    /// `spend = sum(usd) over 1h`
    Named,
    /// `user_id string`
    Field,
    /// `event purchases at '10:00' { … }`
    Step,
    /// `expect at '11:00' { … }`
    Expect,
}

/// Lines of one row form share the width of their later cells too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    Other,
    Let,
    Part,
    Named,
    Step,
}

#[derive(Debug)]
pub(super) struct Shape {
    pub(super) class: Class,
    pub(super) form: Form,
    /// Where the cells after the first begin, as indices of tokens.
    pub(super) cells: Vec<usize>,
}

const SETTINGS: [&str; 10] = [
    "event_time",
    "event_id",
    "disorder",
    "ahead",
    "retention",
    "refresh",
    "ttl",
    "mode",
    "hold_for",
    "left_late",
];
const INPUTS: [&str; 5] = ["from", "where", "key", "union", "left"];
const STEPS: [&str; 3] = ["event", "row", "deleted"];

/// The shape of a clause of a definition of this kind.
pub(super) fn clause(definition: &str, tokens: &[Token<'_>]) -> Shape {
    let word = tokens.first().map_or("", |token| token.text);
    let of = |class, form, cells: Vec<usize>| {
        let cells = cells.into_iter().filter(|cell| (1..tokens.len()).contains(cell)).collect();
        Shape { class, form, cells }
    };
    let at = |words: &[&str]| outside(tokens).filter(|at| words.contains(&tokens[*at].text)).collect();
    if tokens.get(1).is_some_and(|token| token.text == "=") {
        let mut cells: Vec<usize> = vec![1];
        if definition == "group_by" {
            cells.extend(at(&["over"]));
        }
        return of(Class::Named, Form::Named, cells);
    }
    let is_setting = SETTINGS.contains(&word) || (definition == "table" && word == "key");
    match word {
        "let" => of(Class::Input, Form::Let, vec![1, 2]),
        "features" | "lookup" => {
            let ons = at(&["on", "as"]);
            of(Class::Input, Form::Part, std::iter::once(1).chain(ons).collect())
        }
        _ if is_setting => of(Class::Setting, Form::Other, vec![1]),
        _ if INPUTS.contains(&word) => of(Class::Input, Form::Other, vec![1]),
        _ if definition == "test" && STEPS.contains(&word) => of(Class::Step, Form::Step, at(&["at", "{"])),
        "expect" if tokens.get(1).is_some_and(|token| token.text == "at") => {
            of(Class::Expect, Form::Other, at(&["{"]))
        }
        _ => of(Class::Plain, Form::Other, Vec::new()),
    }
}

/// `name type`
pub(super) fn field() -> Shape {
    Shape { class: Class::Field, form: Form::Other, cells: vec![1] }
}

/// The tokens outside of brackets; an opening one counts as outside.
fn outside<'t>(tokens: &'t [Token<'_>]) -> impl Iterator<Item = usize> + 't {
    let mut depth = 0;
    tokens.iter().enumerate().filter_map(move |(index, token)| {
        let was = depth;
        depth += token.depth();
        (was == 0).then_some(index)
    })
}
