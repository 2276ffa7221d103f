//! Model calls: a view that asks, an asynchronous operator that is answered, a view of the rows that go on.
//!
//! The operator is no function of SQL: as such it would be planned once per reader of its rows, and a model be
//! asked as often. Its rows are a stream of their own, which all readers share.

use std::collections::BTreeMap;

use crate::diag::{Code, Diagnostic};
use crate::emit::context::{Ask, Field, ModelCall, Printed, Rows};
use crate::emit::{Modules, NoModule};
use crate::plan::{Call, Node, NodeId, Operator, Plan, WireField};
use crate::wire;

use super::build::{Builder, REQUIREMENTS, Relation, TIME};
use super::job::Stream;
use super::{names, rows, sources};

/// The worker's side of a call, as the executor has it.
const WORKER: (&str, &str) = ("worker.py", include_str!("../../../templates/python/worker.py"));

/// Where the project's modules are in a bundle.
pub(super) const MODULES: &str = "modules";

/// Functions of queries around calls, and their support classes.
const FUNCTIONS: [(&str, &str); 3] =
    [("wr_arguments", "ArgumentsText"), ("wr_record", "RecordBytes"), ("wr_record_of", "RecordParts")];

/// The functions that a plan's models are.
pub(super) fn of(plan: &Plan) -> Vec<(&Node, &Call)> {
    let of_node = |id: NodeId| match &plan.node(id).operator {
        Operator::Call(call) => Some((plan.node(id), call)),
        _ => None,
    };
    plan.topological().into_iter().filter_map(of_node).collect()
}

/// What is wrong with the modules of a plan's calls.
pub(super) fn problems(plan: &Plan, modules: &Modules) -> Vec<Diagnostic> {
    of(plan).into_iter().filter_map(|(node, call)| problem(node, call, modules)).collect()
}

fn problem(node: &Node, call: &Call, modules: &Modules) -> Option<Diagnostic> {
    let function = &call.function;
    match modules.by_function.get(function) {
        Some(Ok(_)) => None,
        Some(Err(NoModule::Unfit { path, why })) => {
            let message =
                format!("`{path}`, of the module of `{function}`, cannot be put into a bundle: {why}");
            Some(Diagnostic::error(Code::E0845, node.origin, message))
        }
        Some(Err(NoModule::Elsewhere)) if modules.requirements.is_some() => None,
        Some(Err(NoModule::Elsewhere)) | None => {
            let path = function.split(':').next().unwrap_or(function).replace('.', "/");
            let message =
                format!("the module of `{function}` is not in the project, so no bundle can hold it");
            let hint = format!(
                "put it there as {path}.py, or name its package in {REQUIREMENTS} beside windrow.yaml"
            );
            Some(Diagnostic::error(Code::E0844, node.origin, message).hint(hint))
        }
    }
}

/// Whether rows of a node come to a call, of which that is true.
pub(super) fn feeds(plan: &Plan, id: NodeId, is_meant: &dyn Fn(&Call) -> bool) -> bool {
    plan.outputs(id).into_iter().any(|(below, _)| {
        let is_one = matches!(&plan.node(below).operator, Operator::Call(call) if is_meant(call));
        is_one || feeds(plan, below, is_meant)
    })
}

/// Adds what all calls of a plan need; nothing, if it has none.
pub(super) fn prepare(builder: &mut Builder, plan: &Plan, modules: &Modules) {
    let calls = of(plan);
    if calls.is_empty() {
        return;
    }
    for (name, class) in FUNCTIONS {
        builder.add_function(name, &format!("dev.windrow.flink.{class}"));
    }
    builder.bundle.add(WORKER.0, WORKER.1);
    let of_call = |(_, call): &(&Node, &Call)| modules.by_function.get(&call.function)?.as_ref().ok();
    let requirements = modules.requirements.iter().map(|bytes| (REQUIREMENTS, bytes));
    let files = calls.iter().filter_map(of_call).flatten().map(|(path, bytes)| (path.as_str(), bytes));
    let all: BTreeMap<&str, &Vec<u8>> = files.chain(requirements).collect();
    for (path, bytes) in all {
        builder.bundle.copy(format!("{MODULES}/{path}"), bytes.clone());
    }
}

/// Prints a call and gives the relation of the rows that go on.
pub(super) fn print(builder: &mut Builder, node: &Node, call: &Call, input: &Relation) -> Relation {
    let name = &node.definition;
    let class = names::call_class(name);
    let context = ModelCall {
        name: name.clone(),
        class: class.clone(),
        function: call.function.clone(),
        worker: wire::worker_spec(call).to_string(),
        timeout_ms: call.timeout_ms,
        concurrency: i64::from(call.concurrency),
        retry: i64::from(call.retry),
        returns: call.returns.iter().map(returned).collect(),
    };
    builder.add_file(&names::class_file(&class), "job/ModelCall.java", &context);
    let begins_at = call.begins_at(&node.output);
    let answered = ask(builder, node, (call, begins_at), input);
    if !call.may_be_null() {
        builder.calls.push(answered.view.clone());
    }
    go_on(builder, node, &answered)
}

fn returned(field: &WireField) -> Field {
    let WireField { field, wire_name, wire_type } = field;
    sources::declared(field, wire_name, wire_type)
}

/// The view of the rows with their arguments, which becomes the stream of the rows with their answers.
fn ask(builder: &mut Builder, node: &Node, (call, begins_at): (&Call, usize), input: &Relation) -> Relation {
    let view = format!("{}:answered", node.definition);
    let context = Ask {
        name: node.definition.clone(),
        from: input.view.clone(),
        arguments: call.arguments.iter().map(|argument| rows::sql(argument, input)).collect(),
        columns: (0..input.columns.len()).map(|slot| input.sql(slot)).collect(),
        has_copy: input.has_copy,
        has_record: input.has_record,
    };
    let stream = Stream {
        class: names::class_name(&names::call_class(&node.definition)),
        uid: names::uid(&node.name.replace('.', "-"), &node.fingerprint),
        begins_at,
    };
    builder.add_stream(&view, "sql/view.ask.sql", &context, stream);
    Relation { view, columns: rows::names_of(&node.output), ..input.clone() }
}

/// The rows that have what they need.
fn go_on(builder: &mut Builder, node: &Node, answered: &Relation) -> Relation {
    let column = |slot: usize| Printed { sql: answered.sql(slot), name: None };
    let context = Rows {
        heading: format!("stream {}: rows with what their model returned", node.definition),
        from: answered.view.clone(),
        columns: (0..answered.columns.len()).map(column).collect(),
        has_copy: answered.has_copy,
        has_record: answered.has_record,
        filter: Some("`wr_dead` IS NULL".to_owned()),
    };
    let view = names::step(&node.name);
    builder.add_view(&view, "sql/view.rows.sql", &context);
    Relation { view, as_of: TIME, ..answered.clone() }
}
