//! Joins: a function per part that takes left rows and the events of one group by, chained in the
//! order of the plan.

use crate::emit::context::{Carried, Inner, JoinPart, Newest, Node as Aggregated};
use crate::functions::flink::type_name;
use crate::plan::{Node, NodeId, Operator, Plan, PointInTimeJoin, Publish};
use crate::types::{Field, Schema};

use super::build::{Builder, Relation, TIME};
use super::{names, nodes, rows};

/// Prints a join; `schema` is the left row.
pub(super) fn print(
    builder: &mut Builder,
    node: &Node,
    join: &PointInTimeJoin,
    input: &Relation,
    schema: &Schema,
) -> Relation {
    let mut relation = input.clone();
    let mut width = schema.len();
    for (number, right) in (1..).zip(&join.rights) {
        let mut aggregated = builder.aggregates[&right.right].clone();
        let keys = aggregated.keys.len();
        let features = right.select.iter().map(|slot| aggregated.features[*slot - keys].clone());
        aggregated.features = features.collect();
        let on: Vec<&str> = right.on.iter().map(|slot| relation.columns[*slot].as_str()).collect();
        let fields = (width, right.columns.len());
        let part = part(node, (join, number), &relation, &on, fields, aggregated);
        relation = add(builder, &part);
        width += right.columns.len();
    }
    relation
}

fn part(
    node: &Node,
    (join, number): (&PointInTimeJoin, usize),
    left: &Relation,
    on: &[&str],
    (width, more): (usize, usize),
    right: Aggregated,
) -> JoinPart {
    let outputs = carried(&node.output.fields[..width + more]);
    let is_first = number == 1;
    JoinPart {
        name: node.definition.clone(),
        part: format!("{}:{number}", node.definition),
        class: names::join_class(&node.definition, number),
        uid: names::uid(&format!("{}-{number}", node.definition), &node.fingerprint),
        from: left.view.clone(),
        is_first,
        copies: is_first && left.has_copy,
        left_late_ms: join.left_late_ms,
        on: inner(on.iter().copied()),
        lefts: outputs[..width].to_vec(),
        right,
        outputs,
    }
}

fn add(builder: &mut Builder, part: &JoinPart) -> Relation {
    builder.add_function(&format!("wr_join:{}", part.part), &names::class_name(&part.class));
    builder.add_file(&names::class_file(&part.class), "job/Join.java", part);
    builder.add_view(&format!("{}:left", part.part), "sql/view.left.sql", part);
    builder.add_view(&part.part, "sql/view.join.sql", part);
    let columns = part.outputs.iter().map(|column| column.name.clone()).collect();
    Relation { view: part.part.clone(), columns, has_copy: false, as_of: TIME }
}

/// The join that a publication is of.
pub(super) fn left_of(plan: &Plan, publish: NodeId) -> Option<&PointInTimeJoin> {
    let mut above = plan.inputs(publish).first().copied();
    while let Some(id) = above {
        match &plan.node(id).operator {
            Operator::PointInTimeJoin(join) => return Some(join),
            Operator::Derive { .. } => above = plan.inputs(id).first().copied(),
            Operator::Source(_)
            | Operator::Decode(_)
            | Operator::Watermark(_)
            | Operator::Filter { .. }
            | Operator::Project { .. }
            | Operator::KeyBy { .. }
            | Operator::Union
            | Operator::Call(_)
            | Operator::Table(_)
            | Operator::Lookup(_)
            | Operator::WindowAggregate(_)
            | Operator::Publish(_) => return None,
        }
    }
    None
}

/// Prints what keeps late left rows from standing as the latest.
pub(super) fn newest(
    builder: &mut Builder,
    node: &Node,
    publish: &Publish,
    join: &PointInTimeJoin,
    input: &Relation,
) -> Relation {
    let name = &node.definition;
    let context = Newest {
        name: name.clone(),
        class: names::newest_class(name),
        uid: names::uid(&format!("{name}-newest"), &node.fingerprint),
        from: input.view.clone(),
        left_late_ms: join.left_late_ms,
        keys: inner(publish.keys.iter().map(|slot| input.columns[*slot].as_str())),
        event_id: join.event_id.map(|slot| nodes::event_id(input, &node.output, slot)),
        columns: carried(&node.output.fields),
    };
    builder.add_function(&format!("wr_newest:{name}"), &names::class_name(&context.class));
    builder.add_file(&names::class_file(&context.class), "job/Newest.java", &context);
    builder.add_view(&format!("{name}:rows"), "sql/view.newest.input.sql", &context);
    let view = format!("{name}:newest");
    builder.add_view(&view, "sql/view.newest.sql", &context);
    Relation { view, columns: rows::names_of(&node.output), has_copy: false, as_of: TIME }
}

fn inner<'n>(columns: impl Iterator<Item = &'n str>) -> Vec<Inner> {
    (0..).zip(columns).map(|(i, from)| Inner { from: from.to_owned(), inner: format!("wr_k{i}") }).collect()
}

fn carried(fields: &[Field]) -> Vec<Carried> {
    let one = |(i, field): (usize, &Field)| Carried {
        name: field.name.clone(),
        inner: format!("wr_c{i}"),
        data_type: field.data_type.to_string(),
        sql_type: type_name(field.data_type),
    };
    fields.iter().enumerate().map(one).collect()
}
