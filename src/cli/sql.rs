//! `windrow sql`: the rows of a query over files, as of an instant: a preview of a definition that nobody has
//! written yet.

use std::path::PathBuf;

use crate::diag::{Diagnostics, FileId, SourceMap};
use crate::model::{self, Asked, GroupById, Input, Model, StreamId, Target};
use crate::syntax::ast::Definition;
use crate::syntax::{self, Ast};
use crate::types::{Field, Row, Value};

use super::load::{Loaded, load};
use super::preview::{self, Request};
use super::{Exit, Failure, Output};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// `select … from NAME [where …] [group by …] [order by …] [limit N]` over a source or stream of the
    /// project
    #[arg(value_name = "QUERY")]
    query: String,
    /// The project's folder, or one definition file
    #[arg(default_value = ".")]
    path: PathBuf,
    #[command(flatten)]
    shared: preview::Shared,
}

pub(crate) fn run(args: &Args, output: &mut Output) -> Result<Exit, Failure> {
    let loaded = load(&args.path)?.sound(output)?;
    let mut sources = loaded.sources.clone();
    let file = sources.add(PathBuf::from("query"), args.query.clone());
    let wrong = |problems: Diagnostics| Failure::definitions(problems, sources.clone());
    let (query, problems) = syntax::parse_query(&sources, file);
    let query = query.ok_or_else(|| wrong(problems))?;
    let name = unused_name(&loaded.model);
    let asked = model::asked(&query, &loaded.model, &name).map_err(wrong)?;
    let (model, target) = resolved(&loaded, &asked, file, &sources, output)?;
    let shape = |fields: Vec<Field>, rows: Vec<Row>| shaped(&asked, &fields, rows);
    let request = Request {
        name: &name,
        model: &model,
        target,
        loaded: &loaded,
        texts: &sources,
        shared: &args.shared,
        left: None,
        shape: &shape,
    };
    preview::show(&request, output)
}

/// A name that no definition has.
fn unused_name(model: &Model) -> String {
    let numbered = (2..).map(|number| format!("query_{number}"));
    let mut names = std::iter::once("query".to_owned()).chain(numbered);
    let is_free = |name: &String| {
        let sources = model.sources.iter().map(|of| &of.name).chain(model.tables.iter().map(|of| &of.name));
        let streams = model.streams.iter().map(|of| &of.name);
        let group_bys = model.group_bys.iter().map(|of| &of.name);
        let mut all = sources.chain(streams).chain(group_bys).chain(model.joins.iter().map(|of| &of.name));
        !all.any(|taken| taken.eq_ignore_ascii_case(name))
    };
    names.find(is_free).expect("numbers do not end")
}

/// The project with the query's definition in it.
fn resolved(
    loaded: &Loaded,
    asked: &Asked,
    file: FileId,
    sources: &SourceMap,
    output: &mut Output,
) -> Result<(Model, Target), Failure> {
    let definition = Ast { definitions: vec![asked.definition.clone()], incomplete: false };
    let written: Vec<Ast> = loaded.asts.iter().map(|(_, ast)| ast.clone()).collect();
    let asts: Vec<Ast> = model::over_files(&written).into_iter().chain([definition]).collect();
    let (model, problems) = model::resolve(&asts, None);
    let problems = problems.only_in(file);
    let name = &asked.definition.name().value;
    let group_by = model.group_bys.iter().position(|group_by| group_by.name == *name);
    let stream = model.streams.iter().position(|stream| stream.name == *name);
    if problems.has_errors() || (group_by.is_none() && stream.is_none()) {
        return Err(Failure::definitions(problems, sources.clone()));
    }
    output.problems(&problems, sources);
    Ok(match (&asked.definition, group_by, stream) {
        (Definition::GroupBy(_), Some(at), _) => (model, Target::GroupBy(GroupById(at))),
        (_, _, stream) => {
            let input = Input::Stream(StreamId(stream.expect("it is one of both")));
            model.showing(input)
        }
    })
}

/// The columns that were asked for, in the order that was asked for.
fn shaped(asked: &Asked, fields: &[Field], mut rows: Vec<Row>) -> (Vec<Field>, Vec<Row>) {
    let place = |name: &str| fields.iter().position(|field| field.name == name);
    let shown: Vec<(usize, Field)> = asked
        .shown
        .iter()
        .filter_map(|column| {
            let at = place(&column.column)?;
            Some((at, Field { name: column.title.clone(), ..fields[at].clone() }))
        })
        .collect();
    let order: Vec<(usize, bool)> =
        asked.order.iter().filter_map(|(column, descending)| Some((place(column)?, *descending))).collect();
    rows.sort_by(|a, b| {
        let by = |(at, descending): &(usize, bool)| compare(&a[*at], &b[*at], *descending);
        order.iter().map(by).find(|order| order.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
    });
    rows.truncate(asked.limit.unwrap_or(usize::MAX));
    let rows = rows.into_iter().map(|row| shown.iter().map(|(at, _)| row[*at].clone()).collect()).collect();
    (shown.into_iter().map(|(_, field)| field).collect(), rows)
}

/// Nulls come last either way.
fn compare(a: &Value, b: &Value, descending: bool) -> std::cmp::Ordering {
    let by_null = a.is_null().cmp(&b.is_null());
    let by_value = if descending { b.total_cmp(a) } else { a.total_cmp(b) };
    by_null.then(by_value)
}
