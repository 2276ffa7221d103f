//! The time zones that a plan's expressions name: a class each, with windrow's own table of it. The JVM has
//! another version of the time zone database, and other times before 1970.

use std::collections::BTreeSet;

use crate::emit::context;
use crate::functions::{Expr, zone};
use crate::plan::{AggregateColumn, Operator, Plan};
use crate::wire;

use super::build::Builder;
use super::names;

/// Functions of one zone, and the classes in that of the zone.
const FUNCTIONS: [(&str, &str); 3] = [("wr_part", "Part"), ("wr_floor", "Floor"), ("wr_local", "Local")];

pub(super) fn print(builder: &mut Builder, plan: &Plan) {
    for zone in of(plan) {
        let class = names::zone_class(&zone);
        for (name, inner) in FUNCTIONS {
            builder
                .add_function(&format!("{name}:{zone}"), &format!("{}${inner}", names::class_name(&class)));
        }
        let table = zone::table(&zone).expect("a literal zone was looked up when it was checked");
        let (table, version) = (wire::base64(table), zone::version());
        let context = context::Zone { name: zone, class: class.clone(), version, table };
        builder.add_file(&names::class_file(&class), "job/Zone.java", &context);
    }
}

fn of(plan: &Plan) -> BTreeSet<String> {
    let nodes = plan.topological().into_iter().map(|id| &plan.node(id).operator);
    nodes.flat_map(expressions).flat_map(zone::named_in).collect()
}

fn expressions(operator: &Operator) -> Vec<&Expr> {
    match operator {
        Operator::Filter { predicate } => vec![predicate],
        Operator::Project { columns } | Operator::Derive { columns, select: _ } => columns.iter().collect(),
        Operator::WindowAggregate(aggregate) => {
            aggregate.columns.iter().flat_map(AggregateColumn::expressions).collect()
        }
        Operator::Call(call) => call.arguments.iter().collect(),
        Operator::Source(_)
        | Operator::Decode(_)
        | Operator::Watermark(_)
        | Operator::KeyBy { .. }
        | Operator::Union
        | Operator::Table(_)
        | Operator::Lookup(_)
        | Operator::PointInTimeJoin(_)
        | Operator::Publish(_) => Vec::new(),
    }
}
