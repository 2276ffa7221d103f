//! What each node of a plan becomes in a bundle, and why that and not something simpler.

use std::fmt::Write as _;

use crate::plan::{Node, NodeId, Operator, Plan};

/// What became of a node, and why.
struct Form {
    is: String,
    why: &'static str,
}

/// A block of text per node, in the order of the plan.
pub(super) fn explain(plan: &Plan) -> String {
    let mut text = format!("deployment {}, for Flink\n", plan.deployment);
    for id in plan.topological() {
        let node = plan.node(id);
        let Form { is, why } = form(plan, id, node);
        let _ = write!(text, "\n{}\n  is   {is}\n  why  {why}\n", node.name);
    }
    text
}

fn form(plan: &Plan, id: NodeId, node: &Node) -> Form {
    let name = &node.definition;
    match &node.operator {
        Operator::Source(source) if is_static(plan, id) => Form {
            is: format!(
                "one table over all clusters of the group `{}` in every region (with `sources: fixed` two for each)",
                source.group
            ),
            why: "rows wait until it has been read to its end once; silence is no end, so each cluster is asked where that is",
        },
        Operator::Source(source) => Form {
            is: format!(
                "one table over all clusters of the group `{}` in every region (with `sources: fixed` one for each)",
                source.group
            ),
            why: "records are in any cluster of the group; of the partitions that are waited for the least watermark counts",
        },
        Operator::Decode(_) => Form {
            is: format!("the Java table function `wr_decode:{name}`"),
            why: "every declared field is checked as the executor checks it, and what is no row keeps its bytes and the reason",
        },
        Operator::Watermark(_) => Form {
            is: "the WATERMARK of its table".into(),
            why: "dead letters and events after the cut must not move it, so the event time is read by a function of ours",
        },
        Operator::Filter { .. } | Operator::Project { .. } => Form {
            is: "a view in SQL".into(),
            why: "row by row, and every function in it has a form that gives the same value in every case",
        },
        Operator::KeyBy { .. } => Form {
            is: "PARTITION BY of the functions below it".into(),
            why: "rows with a null key part are left out before",
        },
        Operator::WindowAggregate(_) => aggregate(plan, id, name),
        Operator::PointInTimeJoin(join) => Form {
            is: format!(
                "{} Java functions of two inputs, `wr_join:{name}:1` first, one feeding the next",
                join.rights.len()
            ),
            why: "Flink's temporal join includes what happens at q, and drops late left rows",
        },
        Operator::Derive { columns, .. } => Form {
            is: format!("views in SQL for {} derived columns", columns.len()),
            why: "a query cannot use its own columns, so each layer of them is a view",
        },
        Operator::Publish(publish) => Form {
            is: format!(
                "a sink of ours to `{}` in the group `{}` of every region",
                publish.topic, publish.group
            ),
            why: "with a Kafka sink per region a frozen one stalls the others within a minute, and fails the job in two",
        },
        Operator::Union => Form {
            is: "a view in SQL, `UNION ALL`".into(),
            why: "each row says which input it is of, for that breaks ties, and no input has copies of another's",
        },
        Operator::Table(table) => of_table(table.event_time.is_none()),
        Operator::Lookup(_) => Form {
            is: format!("the Java function `wr_join:{}`", node.name.replacen('.', ":", 1)),
            why: "a row waits for the table's watermark, and sees the newest row strictly before itself",
        },
        Operator::Call(call) => Form {
            is: format!(
                "an asynchronous Java operator; each of its tasks asks a Python process of its own, {} calls at once",
                call.concurrency
            ),
            why: "as a function of SQL it would ask once for the rows and once for the dead letters; a watermark waits for the answers before it",
        },
    }
}

fn of_table(is_static: bool) -> Form {
    Form {
        is: "a part of the lookups and joins that read it".into(),
        why: if is_static {
            "each key's last row holds at all times: of one partition the one of the highest offset, of several the last to arrive"
        } else {
            "each key's rows are kept for as long as a row may still ask for them as of its own time"
        },
    }
}

/// Whether the rows of a source hold at all times.
fn is_static(plan: &Plan, source: NodeId) -> bool {
    plan.outputs(source).iter().any(
        |(below, _)| matches!(&plan.node(*below).operator, Operator::Decode(decode) if decode.event_time.is_none()),
    )
}

fn aggregate(plan: &Plan, id: NodeId, name: &str) -> Form {
    let is_published =
        plan.outputs(id).iter().any(|(below, _)| matches!(plan.node(*below).operator, Operator::Publish(_)));
    if is_published {
        return Form {
            is: format!("the Java function `wr_node:{name}`, with a tree of events and one timer per key"),
            why: "SQL's OVER drops late rows, publishes nothing when events leave a window, and drifts on doubles",
        };
    }
    Form {
        is: "a part of the joins that read it".into(),
        why: "nobody is told its rows, so they are computed only as of the joins' left rows",
    }
}
