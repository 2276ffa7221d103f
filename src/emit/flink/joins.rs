//! Joins: a function per part that takes left rows and the events of one group by, chained in the
//! order of the plan.

use crate::emit::context::{Argument, Carried, Inner, JoinPart, Newest, Node as Aggregated, TableRows};
use crate::emit::escape;
use crate::functions::flink::type_name;
use crate::plan::{JoinMode, Lookup, Node, NodeId, Operator, Plan, PointInTimeJoin, Publish, Table};
use crate::types::{DataType, Field, Schema};

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
        let aggregated = taken(&builder.aggregates[&right.right], &right.select);
        let on: Vec<&str> = right.on.iter().map(|slot| relation.columns[*slot].as_str()).collect();
        let fields = (width, right.columns.len());
        let part = part(node, (join, number), &relation, &on, fields, aggregated);
        relation = add(builder, &part);
        width += right.columns.len();
    }
    relation
}

/// The right side with only what a part takes of it.
fn taken(right: &Aggregated, select: &[usize]) -> Aggregated {
    let mut taken = right.clone();
    if let Some(table) = &mut taken.table {
        table.takes = select.iter().filter_map(|slot| i64::try_from(*slot).ok()).collect();
    } else {
        let feature = |slot: &usize| right.features[*slot - right.keys.len()].clone();
        taken.features = select.iter().map(feature).collect();
    }
    taken
}

/// Where a record stands: of a static table it says which of two is newer.
const PLACE: [&str; 3] = ["wr_cluster", "wr_partition", "wr_offset"];

/// The rows of a table, as lookups and joins read them.
pub(super) fn table(
    builder: &mut Builder,
    node: &Node,
    table: &Table,
    input: &Relation,
    schema: &Schema,
) -> Aggregated {
    let record = Argument {
        name: "wr_a0".to_owned(),
        sql: "`wr_value`".to_owned(),
        data_type: DataType::Bytes.to_string(),
    };
    let column = |(slot, field): (usize, &Field)| Argument {
        name: format!("wr_a{}", slot + 1),
        sql: input.sql(slot),
        data_type: field.data_type.to_string(),
    };
    let columns = schema.fields.iter().enumerate().map(column);
    let is_static = table.event_time.is_none();
    let place = |name: &&str| Argument {
        name: (*name).to_owned(),
        sql: escape::sql_name(name),
        data_type: String::new(),
    };
    let places = PLACE.iter().filter(|_| is_static).map(place);
    let key = |slot: &usize| nodes::key(&input.columns[*slot], &schema.fields[*slot].name);
    let context = Aggregated {
        name: node.definition.clone(),
        class: String::new(),
        uid: String::new(),
        from: input.view.clone(),
        keys: table.keys.iter().map(key).collect(),
        // Deleted keys may have a null in any part.
        null_keys: table.keys.iter().map(|slot| input.columns[*slot].clone()).collect(),
        // Copies of a static table's rows say nothing new, and there is no time to have ties at.
        event_id: table.event_id.filter(|_| !is_static).map(|slot| nodes::event_id(input, schema, slot)),
        origin: None,
        ttl_ms: None,
        every_ms: None,
        columns: std::iter::once(record).chain(columns).chain(places).collect(),
        features: Vec::new(),
        table: Some(TableRows {
            is_static,
            types: schema.fields.iter().map(|field| field.data_type.to_string()).collect(),
            takes: Vec::new(),
        }),
    };
    builder.add_view(&names::input(&node.definition), "sql/view.input.sql", &context);
    context
}

/// Prints rows with the columns of a table. What finds copies goes along: who aggregates the rows looks for them.
pub(super) fn lookup(
    builder: &mut Builder,
    node: &Node,
    (lookup, kept_ms): (&Lookup, i64),
    input: &Relation,
    table: NodeId,
) -> Relation {
    let width = input.columns.len();
    let mut outputs = carried(&node.output.fields);
    let copy = Carried {
        name: COPY.to_owned(),
        inner: format!("wr_c{}", outputs.len()),
        data_type: DataType::Bytes.to_string(),
        sql_type: type_name(DataType::Bytes),
    };
    let mut lefts = outputs[..width].to_vec();
    if input.has_copy {
        lefts.push(copy.clone());
        outputs.insert(width, copy);
    }
    let on: Vec<&str> = lookup.on.iter().map(|slot| input.columns[*slot].as_str()).collect();
    let part = JoinPart {
        name: node.definition.clone(),
        part: names::step(&node.name),
        class: names::lookup_class(&node.name),
        uid: names::uid(&node.name.replace('.', "-"), &node.fingerprint),
        from: input.view.clone(),
        is_first: false,
        copies: false,
        is_fresh: false,
        left_late_ms: kept_ms,
        on: inner(on.into_iter()),
        lefts,
        right: taken(&builder.aggregates[&table], &lookup.columns),
        outputs,
    };
    let relation = add(builder, &part);
    Relation { columns: rows::names_of(&node.output), has_copy: input.has_copy, ..relation }
}

/// The column of a row's identity, which finds copies.
const COPY: &str = "wr_copy";

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
        is_fresh: join.mode == JoinMode::Fresh,
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
    Relation { view: part.part.clone(), columns, has_copy: false, has_record: false, as_of: TIME }
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
    let nullable = publish.keys.iter().filter(|slot| node.output.fields[**slot].nullable);
    let context = Newest {
        name: name.clone(),
        class: names::newest_class(name),
        uid: names::uid(&format!("{name}-newest"), &node.fingerprint),
        from: input.view.clone(),
        left_late_ms: join.left_late_ms,
        every_ms: publish.every_ms,
        keys: inner(publish.keys.iter().map(|slot| input.columns[*slot].as_str())),
        null_keys: nullable.map(|slot| input.columns[*slot].clone()).collect(),
        event_id: join.event_id.map(|slot| nodes::event_id(input, &node.output, slot)),
        columns: carried(&node.output.fields),
    };
    builder.add_function(&format!("wr_newest:{name}"), &names::class_name(&context.class));
    builder.add_file(&names::class_file(&context.class), "job/Newest.java", &context);
    builder.add_view(&format!("{name}:rows"), "sql/view.newest.input.sql", &context);
    let view = format!("{name}:newest");
    builder.add_view(&view, "sql/view.newest.sql", &context);
    Relation { view, columns: rows::names_of(&node.output), has_copy: false, has_record: false, as_of: TIME }
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
