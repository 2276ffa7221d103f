//! From a test to a plan that puts out the rows it is about, and the records of its events.

use std::sync::Arc;

use crate::dataflow::{self, Caller};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::model::tested::{Test, TestEvent, TestInput, TestStep};
use crate::model::{Model, PublishMode, Target};
use crate::plan::{self, Decode, NodeId, Plan};
use crate::sim::{self, Happening, Played, Raw};
use crate::types::{DataType, Date, Decimal, EventTime, Value};
use crate::wire;

/// The plan of what is tested, as a deployment of its own.
pub(super) struct Prepared {
    pub(super) plan: Plan,
    /// The node that puts out its rows.
    pub(super) publisher: NodeId,
    pub(super) definition: String,
    /// How many of its columns are its key; none of a join.
    pub(super) keys: usize,
    /// Who answers its model calls.
    caller: Option<Arc<dyn Caller>>,
}

impl Prepared {
    /// Plays what happens, to a cut or as it is live.
    pub(super) fn play(
        &self,
        happenings: &[Happening],
        until: Option<EventTime>,
    ) -> Result<Played, sim::Error> {
        let caller = self.caller.clone();
        sim::play(&self.plan, happenings, sim::Options { until, caller, ..sim::Options::default() })
    }
}

/// The plan of the tested definition alone, without histories: a test says what happened.
pub(super) fn plan(
    model: &Model,
    of: Target,
    caller: Option<&Arc<dyn Caller>>,
) -> Result<Prepared, Diagnostics> {
    let mut alone = model.alone(of).without_histories();
    if let Target::Join(id) = of {
        // Its rows are those that a reader ends up with.
        let latest = model.join(id).publish.as_ref().filter(|publish| publish.mode == PublishMode::Latest);
        if let (Some(latest), Some(rows)) = (latest, &mut alone.joins[id.0].publish) {
            rows.mode = latest.mode;
        }
    }
    let plan = plan::alone(&alone, of);
    let mut refusals = dataflow::refusals(&plan);
    refusals.extend(caller.map_or_else(Diagnostics::default, |caller| caller.ready(&plan)));
    if refusals.has_errors() {
        return Err(refusals);
    }
    let keys = match of {
        Target::GroupBy(id) => model.group_by(id).keys.len(),
        Target::Join(_) => 0,
    };
    Ok(Prepared {
        publisher: plan.publisher(),
        definition: of.name(model).to_owned(),
        keys,
        caller: caller.cloned(),
        plan,
    })
}

/// What happens in the steps, each with the position of its step.
pub(super) fn happenings(
    model: &Model,
    plan: &Plan,
    test: &Test,
) -> Result<Vec<(usize, Happening)>, Box<Diagnostic>> {
    let mut happenings = Vec::new();
    for (position, step) in test.steps.iter().enumerate() {
        match step {
            TestStep::Event(event) => {
                let name = input_name(model, event.input);
                let Some(decode) = plan.decode_of(name) else { continue };
                let payload = sim::payload(decode, &complete(decode, event)?);
                let raw = Raw::new(event.arrival_ms, payload);
                happenings.push((position, Happening::Record { source: name.to_owned(), raw }));
            }
            TestStep::Deleted { table, key, at_ms } => {
                let name = &model.table(*table).name;
                if plan.decode_of(name).is_some() {
                    let (table, key) = (name.clone(), wire::encode_key(key));
                    let deleted = Happening::Deleted { table, key, timestamp_ms: *at_ms };
                    happenings.push((position, deleted));
                }
            }
            TestStep::Clock(now) => happenings.push((position, Happening::Clock(*now))),
            TestStep::Nothing(_) | TestStep::Expect(_) => {}
        }
    }
    Ok(happenings)
}

pub(super) fn input_name(model: &Model, input: TestInput) -> &str {
    match input {
        TestInput::Source(id) => &model.source(id).name,
        TestInput::Table(id) => &model.table(id).name,
    }
}

/// The values of an event with those fields that the schema requires and nothing reads.
fn complete(decode: &Decode, event: &TestEvent) -> Result<Vec<(usize, Value)>, Box<Diagnostic>> {
    let mut values = event.values.clone();
    for (index, field) in decode.fields.iter().enumerate() {
        if field.field.nullable || values.iter().any(|(other, _)| *other == index) {
            continue;
        }
        if field.slot.is_some() {
            let name = &field.field.name;
            let message = format!("the event has no `{name}`, which is required and read here");
            let hint = format!(
                "add `{name}: …`; only fields that the tested definition does not read may be left out"
            );
            return Err(Box::new(Diagnostic::error(Code::E0636, event.span, message).hint(hint)));
        }
        values.push((index, neutral(field.field.data_type)));
    }
    Ok(values)
}

/// Any value of the type: nothing reads it.
fn neutral(data_type: DataType) -> Value {
    match data_type {
        DataType::String => Value::string(""),
        DataType::Int => Value::Int(0),
        DataType::Double => Value::double(0.0),
        DataType::Bool => Value::Bool(false),
        DataType::Bytes => Value::bytes([]),
        DataType::Date => Date::from_days(0).map_or(Value::Null, Value::Date),
        DataType::Decimal { scale, .. } => Decimal::new(0, scale).map_or(Value::Null, Value::Decimal),
        DataType::Timestamp => Value::Timestamp(EventTime(0)),
        DataType::List(_) => Value::list([]),
        DataType::Map(_) => Value::map(Vec::new()),
        DataType::Struct(of) => {
            Value::structure(of.fields.iter().map(|field| neutral(field.data_type)).collect::<Vec<_>>())
        }
    }
}
