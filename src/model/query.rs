//! A query of the command line as a definition: a stream, or with aggregates a group by, and what of its rows
//! is shown under which names.

use std::collections::BTreeSet;

use crate::aggregates::Entry;
use crate::diag::{Code, Diagnostic, Diagnostics, Span, Spanned, nearest};
use crate::syntax::Ast;
use crate::syntax::ast::{
    self, Binding, Definition, Expr, ExprKind, Feature, Name, Query, QueryGroup, QueryItem, SelectItem,
};
use crate::types::Duration;

use super::{Input, Model, SourceId, StreamId};

/// What a query asks for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The stream or group by that has the rows.
    pub definition: Definition,
    pub shown: Vec<Shown>,
    /// Columns of the definition, and whether the greatest come first.
    pub order: Vec<(String, bool)>,
    pub limit: Option<usize>,
}

/// A column that is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub title: String,
    /// Its name among the definition's.
    pub column: String,
}

/// The definition of a query over a project, under a name of its own.
///
/// # Errors
/// What the query asks for in vain; names and types are checked with the definition.
pub fn asked(query: &Query, model: &Model, name: &str) -> Result<Asked, Diagnostics> {
    let inputs = model.sources.iter().map(|source| &source.name).position(|name| *name == query.from.value);
    let streams = model.streams.iter().map(|stream| &stream.name).position(|name| *name == query.from.value);
    let input = inputs.map(|at| Input::Source(SourceId(at)));
    let input = input.or_else(|| streams.map(|at| Input::Stream(StreamId(at))));
    let mut asking = Asking {
        query,
        name: Spanned::new(name.to_owned(), query.from.span),
        columns: Vec::new(),
        time: None,
        id: None,
        taken: BTreeSet::new(),
        problems: Diagnostics::default(),
    };
    if let Some(input) = input {
        let rows = model.rows(input);
        let names = rows.fields.iter().map(|field| field.name.clone());
        asking.columns = names.filter(|name| name != super::ORIGIN).collect();
        asking.time = asking.columns.get(rows.event_time).cloned();
        asking.id = rows.event_id.and_then(|slot| asking.columns.get(slot)).cloned();
        asking.taken = asking.columns.iter().cloned().collect();
    }
    let items: Vec<Item> = query.select.iter().map(Item::of).collect();
    let is_grouped =
        query.group != QueryGroup::None || items.iter().any(|item| matches!(item, Item::Aggregate(..)));
    let (mut definition, shown) = if is_grouped { asking.grouped(&items) } else { asking.row_wise(&items) };
    let order = asking.order(&shown, &items, &mut definition);
    let limit = query.limit.as_ref().map(|limit| limit.value.parse().unwrap_or(usize::MAX));
    if asking.problems.has_errors() {
        return Err(asking.problems);
    }
    Ok(Asked { definition, shown: shown.into_iter().map(|(_, shown)| shown).collect(), order, limit })
}

/// The definitions as they are over files: these hold what they hold, for as long as they like, and values
/// instead of bytes.
#[must_use]
pub fn over_files(asts: &[Ast]) -> Vec<Ast> {
    const FOREVER: Duration = Duration::from_ms(36_500 * 86_400_000);
    let mut asts = asts.to_vec();
    for definition in asts.iter_mut().flat_map(|ast| &mut ast.definitions) {
        let format = match definition {
            Definition::Source(source) => {
                source.retention = Some(Spanned::new(FOREVER, source.name.span));
                source.format.as_mut()
            }
            Definition::Table(table) => table.format.as_mut(),
            _ => None,
        };
        if let Some(format) = format {
            (format.name.value, format.schema_file) = ("json".to_owned(), None);
        }
    }
    asts
}

/// A selected thing, by what it turns out to be.
enum Item {
    All(Span),
    Aggregate(Box<Feature>, bool),
    Column(SelectItem),
}

impl Item {
    fn of(item: &QueryItem) -> Self {
        match item {
            QueryItem::All(span) => Self::All(*span),
            QueryItem::Column(item) => Self::Column(item.clone()),
            QueryItem::Call { feature, is_named, has_suffixes, span } => {
                if *has_suffixes || Entry::by_name(&feature.function.value).is_some() {
                    return Self::Aggregate(feature.clone(), *is_named);
                }
                let Feature { function, arguments, .. } = (**feature).clone();
                let expr = Expr { kind: ExprKind::Call { function, arguments }, span: *span };
                Self::Column(SelectItem { expr, name: is_named.then(|| feature.name.clone()) })
            }
        }
    }
}

/// What is shown, with the position of the item that asked for it.
type Columns = Vec<(usize, Shown)>;

struct Asking<'q> {
    query: &'q Query,
    name: Name,
    /// Of the input; none if it is unknown, which is said elsewhere.
    columns: Vec<String>,
    time: Option<String>,
    id: Option<String>,
    /// Names that are used already.
    taken: BTreeSet<String>,
    problems: Diagnostics,
}

impl Asking<'_> {
    fn row_wise(&mut self, items: &[Item]) -> (Definition, Columns) {
        let mut stream = ast::Stream::named(self.name.clone());
        stream.from = Some(self.query.from.clone());
        stream.filter.clone_from(&self.query.filter);
        let mut shown = Vec::new();
        for (at, item) in items.iter().enumerate() {
            match item {
                Item::All(span) => {
                    for column in &self.columns {
                        let name = Spanned::new(column.clone(), *span);
                        let expr = Expr { kind: ExprKind::Path(vec![name]), span: *span };
                        stream.select.push(SelectItem { expr, name: None });
                        shown.push((at, Shown { title: column.clone(), column: column.clone() }));
                    }
                }
                Item::Column(item) => {
                    let title = title(item).unwrap_or_default().to_owned();
                    shown.push((at, Shown { column: title.clone(), title }));
                    stream.select.push(item.clone());
                }
                Item::Aggregate(..) => {}
            }
        }
        // Rows have a time and an id whether they are shown or not.
        for needed in [self.time.clone(), self.id.clone()].into_iter().flatten() {
            if !stream.select.iter().any(|item| bare(&item.expr) == Some(&needed)) {
                let name = Spanned::new(self.fresh("hidden"), self.query.from.span);
                let path = vec![Spanned::new(needed, self.query.from.span)];
                let expr = Expr { kind: ExprKind::Path(path), span: self.query.from.span };
                stream.select.push(SelectItem { expr, name: Some(name) });
            }
        }
        (Definition::Stream(stream), shown)
    }

    fn grouped(&mut self, items: &[Item]) -> (Definition, Columns) {
        let mut group_by = ast::GroupBy::named(self.name.clone());
        group_by.from = Some(self.query.from.clone());
        group_by.filter.clone_from(&self.query.filter);
        let keys = self.keys(items, &mut group_by);
        let mut shown = Vec::new();
        for (at, item) in items.iter().enumerate() {
            match item {
                Item::Aggregate(feature, is_named) => {
                    let feature = self.named(feature, *is_named);
                    shown.extend(columns_of(&feature, *is_named).map(|column| (at, column)));
                    group_by.features.push(feature);
                }
                Item::Column(item) => match keys.iter().find(|(of, _)| of.contains(&at)) {
                    Some((_, column)) => {
                        let title = title(item).unwrap_or(column).to_owned();
                        shown.push((at, Shown { title, column: column.clone() }));
                    }
                    None => self.neither(item.expr.span, title(item)),
                },
                Item::All(span) => self.neither(*span, None),
            }
        }
        if group_by.features.is_empty() {
            // The keys are what is asked for.
            let count = Spanned::new("count".to_owned(), self.query.from.span);
            let name = Spanned::new(self.fresh("count"), self.query.from.span);
            group_by.features.push(feature(name, count));
        }
        let is_lifetime = group_by.features.iter().any(|feature| feature.windows.is_empty());
        group_by.unbounded = is_lifetime.then_some(self.query.from.span);
        (Definition::GroupBy(group_by), shown)
    }

    /// The key columns, each with the items that show it.
    fn keys(&mut self, items: &[Item], group_by: &mut ast::GroupBy) -> Vec<(Vec<usize>, String)> {
        let selected = |at: usize| match items.get(at) {
            Some(Item::Column(item)) => Some(item),
            _ => None,
        };
        let all = || (0..items.len()).filter_map(|at| Some(selected(at)?.expr.clone())).collect();
        let terms: Vec<Expr> = match &self.query.group {
            QueryGroup::None => Vec::new(),
            QueryGroup::All => all(),
            QueryGroup::By(terms) => terms.clone(),
        };
        let mut keys: Vec<(Vec<usize>, String)> = Vec::new();
        for term in terms {
            let expr = self.grouped_by(&term, items);
            let same = (0..items.len()).filter(|at| selected(*at).is_some_and(|item| item.expr == expr));
            let items = same.collect();
            let column = if let Some(column) = bare(&expr) {
                Spanned::new(column.to_owned(), expr.span)
            } else {
                let name = Spanned::new(self.fresh("key"), expr.span);
                group_by.lets.push(Binding { name: name.clone(), expr });
                name
            };
            if !keys.iter().any(|(_, known)| *known == column.value) {
                keys.push((items, column.value.clone()));
                group_by.key.push(column);
            }
        }
        if keys.is_empty() {
            // One row of everything.
            let name = Spanned::new(self.fresh("everything"), self.query.from.span);
            let expr = Expr { kind: ExprKind::Bool(true), span: self.query.from.span };
            group_by.lets.push(Binding { name: name.clone(), expr });
            group_by.key.push(name);
        }
        keys
    }

    /// `1` is the first item, a name that is no column of the input an item's alias.
    fn grouped_by(&mut self, term: &Expr, items: &[Item]) -> Expr {
        let column = |item: &Item| match item {
            Item::Column(item) => Some(item.clone()),
            Item::All(_) | Item::Aggregate(..) => None,
        };
        if let ExprKind::Int(digits) = &term.kind {
            let at = digits.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
            if let Some(item) = at.and_then(|at| items.get(at)).and_then(column) {
                return item.expr;
            }
            let message = format!("`{digits}` is not the number of a selected column");
            let problem = Diagnostic::error(Code::E0891, term.span, message);
            self.problems.push(problem.hint("name what the rows are grouped by: `group by user_id`"));
        }
        let Some(name) = bare(term).filter(|name| !self.columns.iter().any(|column| column == name)) else {
            return term.clone();
        };
        let is_it = |item: &SelectItem| item.name.as_ref().is_some_and(|alias| alias.value == name);
        items.iter().filter_map(column).find(is_it).map_or_else(|| term.clone(), |item| item.expr)
    }

    fn neither(&mut self, span: Span, name: Option<&str>) {
        if self.problems.has_errors() {
            // A key that is wrong may be the one that is missing.
            return;
        }
        let name = name.unwrap_or("*");
        let message = format!("`{name}` is neither grouped by nor an aggregate");
        let hint = match (&self.query.group, name) {
            (_, "*") => {
                "name the keys, and what is aggregated of each: `select user_id, count() over 7d`".into()
            }
            (QueryGroup::By(_), _) => {
                format!("add it to `group by`, or aggregate it: `last({name}) over 7d as {name}`")
            }
            (QueryGroup::None | QueryGroup::All, _) => format!("add `group by {name}` behind the query"),
        };
        self.problems.push(Diagnostic::error(Code::E0891, span, message).hint(hint));
    }

    /// A feature without a name is called by what it is: `sum_amount`.
    fn named(&mut self, feature: &Feature, is_named: bool) -> Feature {
        let mut feature = feature.clone();
        if !is_named {
            let of = feature.arguments.first().and_then(bare);
            let of = of.map_or_else(String::new, |column| format!("_{column}"));
            feature.name.value = self.fresh(&format!("{}{of}", feature.function.value.to_lowercase()));
        }
        feature
    }

    /// The name, with a number behind it if it is taken.
    fn fresh(&mut self, name: &str) -> String {
        let numbered = (2..).map(|number| format!("{name}_{number}"));
        let mut names = std::iter::once(name.to_owned()).chain(numbered);
        let fresh = names.find(|name| !self.taken.contains(name)).expect("numbers do not end");
        self.taken.insert(fresh.clone());
        fresh
    }

    /// By what is shown; rows of a stream by anything that could be.
    fn order(&mut self, shown: &Columns, items: &[Item], definition: &mut Definition) -> Vec<(String, bool)> {
        let mut order = Vec::new();
        for term in &self.query.order {
            let number = match &term.by.kind {
                ExprKind::Int(digits) => {
                    digits.parse::<usize>().ok().and_then(|number| number.checked_sub(1))
                }
                _ => None,
            };
            let name = bare(&term.by);
            let same = |item: &Item| match (item, &term.by.kind) {
                (Item::Column(item), _) => item.expr == term.by,
                (Item::Aggregate(feature, _), ExprKind::Call { function, arguments }) => {
                    feature.function == *function && feature.arguments == *arguments
                }
                (Item::Aggregate(..) | Item::All(_), _) => false,
            };
            let by_name = shown.iter().position(|(_, column)| Some(column.title.as_str()) == name);
            let by_item = || shown.iter().position(|(at, _)| same(&items[*at]));
            match (number.filter(|at| *at < shown.len()).or(by_name).or_else(by_item), &mut *definition) {
                (Some(at), _) => order.push((shown[at].1.column.clone(), term.descending)),
                (None, Definition::Stream(stream)) if number.is_none() => {
                    let name = Spanned::new(self.fresh("hidden"), term.by.span);
                    stream.select.push(SelectItem { expr: term.by.clone(), name: Some(name.clone()) });
                    order.push((name.value, term.descending));
                }
                (None, _) => self.problems.push(not_shown(&term.by, shown)),
            }
        }
        order
    }
}

fn not_shown(by: &Expr, shown: &Columns) -> Diagnostic {
    let titles = || shown.iter().map(|(_, column)| column.title.as_str());
    let hint = match bare(by).and_then(|name| nearest(name, titles())) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("rows are ordered by what is shown: {}", titles().collect::<Vec<_>>().join(", ")),
    };
    Diagnostic::error(Code::E0892, by.span, "this is not among the columns that are shown").hint(hint)
}

/// One column per window; a single one has the name that was given to it.
fn columns_of(feature: &Feature, is_named: bool) -> impl Iterator<Item = Shown> {
    let name = feature.name.value.clone();
    let with = |window: &str| format!("{name}_{window}");
    let columns: Vec<String> = match feature.windows.as_slice() {
        [] => vec![name.clone()],
        windows => windows.iter().map(|window| with(&window.value.text)).collect(),
    };
    let is_alias = is_named && columns.len() == 1;
    columns.into_iter().map(move |column| {
        let title = if is_alias { name.clone() } else { column.clone() };
        Shown { title, column }
    })
}

fn feature(name: Name, function: Name) -> Feature {
    let (arguments, windows) = (Vec::new(), Vec::new());
    Feature { name, function, arguments, filter: None, by: None, windows, tail: None, default: None }
}

/// A column by its bare name.
fn bare(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Path(path) => match path.as_slice() {
            [name] => Some(&name.value),
            _ => None,
        },
        _ => None,
    }
}

fn title(item: &SelectItem) -> Option<&str> {
    item.name.as_ref().map(|name| name.value.as_str()).or_else(|| bare(&item.expr))
}
