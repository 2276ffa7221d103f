//! A test: its target, the records of its events, what it expects.

mod time;
mod value;

use std::collections::BTreeSet;

use crate::diag::{Code, Diagnostic, Diagnostics, Span, nearest};
use crate::model::tested::{Cell, Counter, Expected, Test, TestEvent, TestInput, TestStep};
use crate::model::{Model, SourceField, SourceId, TableId, Target};
use crate::syntax::ast::{self, Name, TestRow, TestTime};
use crate::types::{Date, Field, Row, Value};

/// Tests are resolved last: they name what all others define, and nothing names them.
pub(in crate::model) fn check(
    written: &ast::Test,
    model: &Model,
    diagnostics: &mut Diagnostics,
) -> Option<Test> {
    let date = match &written.date {
        Some(text) => Some(time::date(text, diagnostics)?),
        None => None,
    };
    let of = match &written.of {
        Some(name) => Some(target(name, model, diagnostics)?),
        None => None,
    };
    let mut checker = Checker { model, of, date, arrival_ms: None, events: 0, diagnostics };
    let steps: Vec<_> = written.steps.iter().map(|step| checker.step(step)).collect();
    let sound = checker.all_inputs_are_mentioned(written, &steps);
    let steps = steps.into_iter().collect::<Option<_>>().filter(|_| sound)?;
    Some(Test { title: written.title.value.clone(), span: written.title.span, of, steps })
}

fn target(name: &Name, model: &Model, diagnostics: &mut Diagnostics) -> Option<Target> {
    let found = Target::named(model, &name.value);
    if found.is_none() {
        let names = Target::all(model).map(|known| known.name(model));
        let hint =
            near(&name.value, names).unwrap_or_else(|| "name a group by or join of the project".into());
        let message = format!("there is no group by or join `{}` to test", name.value);
        diagnostics.push(Diagnostic::error(Code::E0630, name.span, message).hint(hint));
    }
    found
}

fn near<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    nearest(name, known).map(|near| format!("did you mean `{near}`?"))
}

struct Checker<'m, 'd> {
    model: &'m Model,
    of: Option<Target>,
    date: Option<Date>,
    /// The newest arrival so far: records arrive in written order.
    arrival_ms: Option<i64>,
    events: usize,
    diagnostics: &'d mut Diagnostics,
}

impl Checker<'_, '_> {
    fn error<T>(&mut self, code: Code, span: Span, message: String, hint: impl Into<String>) -> Option<T> {
        self.diagnostics.push(Diagnostic::error(code, span, message).hint(hint));
        None
    }

    fn step(&mut self, step: &ast::TestStep) -> Option<TestStep> {
        match step {
            ast::TestStep::Event { source, at, fields, arrives } => {
                let input = self.input(source)?;
                self.event(input, source.span, at.as_ref(), fields, arrives.as_ref()).map(TestStep::Event)
            }
            ast::TestStep::Deleted { table, at, fields, arrives } => {
                self.deleted(table, at.as_ref().or(arrives.as_ref()), fields)
            }
            ast::TestStep::Nothing { source } => self.input(source).map(TestStep::Nothing),
            ast::TestStep::Clock(at) => {
                let now = self.time(at)?;
                self.arrival_ms = Some(self.arrival_ms.map_or(now, |before| before.max(now)));
                Some(TestStep::Clock(now))
            }
            ast::TestStep::Expect(expected) => self.expected(expected).map(TestStep::Expect),
        }
    }

    fn time(&mut self, written: &TestTime) -> Option<i64> {
        time::instant(written, self.date, self.diagnostics)
    }

    /// The source or table of that name.
    fn input(&mut self, name: &Name) -> Option<TestInput> {
        let source = self.model.sources.iter().position(|source| source.name == name.value);
        let table = self.model.tables.iter().position(|table| table.name == name.value);
        let found = source.map(|at| TestInput::Source(SourceId(at)));
        let found = found.or_else(|| table.map(|at| TestInput::Table(TableId(at))));
        if found.is_none() {
            let sources = self.model.sources.iter().map(|source| source.name.as_str());
            let names = sources.chain(self.model.tables.iter().map(|table| table.name.as_str()));
            let hint = near(&name.value, names).unwrap_or_else(|| "name a source or table".into());
            let message = format!("there is no source or table `{}`", name.value);
            return self.error(Code::E0631, name.span, message, hint);
        }
        found
    }

    fn fields(&self, input: TestInput) -> (&[SourceField], Option<usize>, Option<usize>) {
        match input {
            TestInput::Source(id) => {
                let source = self.model.source(id);
                (&source.fields, Some(source.event_time), source.event_id)
            }
            TestInput::Table(id) => {
                let table = self.model.table(id);
                (&table.fields, table.event_time, table.event_id)
            }
        }
    }

    fn event(
        &mut self,
        input: TestInput,
        span: Span,
        at: Option<&TestTime>,
        fields: &TestRow,
        arrives: Option<&TestTime>,
    ) -> Option<TestEvent> {
        let (declared, time_slot, id_slot) = self.fields(input);
        let declared: Vec<Field> = declared.iter().map(|field| field.field.clone()).collect();
        let mut values: Vec<(usize, Value)> = self.values(fields, &declared, "field", None)?;
        if let Some((at, slot)) = at.zip(time_slot) {
            let at = self.time(at)?;
            values.retain(|(other, _)| *other != slot);
            values.push((slot, Value::Timestamp(crate::types::EventTime(at))));
        }
        let ts = match time_slot.map(|slot| values.iter().find(|(other, _)| *other == slot)) {
            Some(Some((_, Value::Timestamp(ts)))) => Some(ts.millis()),
            Some(_) => {
                let hint = "add `at '10:00'` behind the source's name";
                return self.error(Code::E0634, span, "the event has no event time".into(), hint);
            }
            None => None,
        };
        self.events += 1;
        if let Some(slot) = id_slot
            && !values.iter().any(|(other, _)| *other == slot)
        {
            values.push((slot, value::id(self.events, declared[slot].data_type)?));
        }
        values.sort_by_key(|(slot, _)| *slot);
        let arrival_ms = self.arrives(ts, arrives)?;
        Some(TestEvent { input, values, arrival_ms, span })
    }

    /// When a record arrives: as written, else as soon as the one before it and its own event allow.
    fn arrives(&mut self, ts: Option<i64>, written: Option<&TestTime>) -> Option<i64> {
        let arrival = match written {
            Some(written) => self.time(written)?,
            None => ts.into_iter().chain(self.arrival_ms).max().unwrap_or(0),
        };
        if let Some((written, before)) = written.zip(self.arrival_ms.filter(|before| arrival < *before)) {
            let message = "it would arrive before the step above it".into();
            let hint = format!(
                "steps stand in order of arrival; the one above is at {}",
                crate::types::EventTime(before)
            );
            return self.error(Code::E0634, written.span, message, hint);
        }
        self.arrival_ms = Some(arrival);
        Some(arrival)
    }

    fn deleted(&mut self, name: &Name, at: Option<&TestTime>, fields: &TestRow) -> Option<TestStep> {
        let Some(at_table) = self.model.tables.iter().position(|table| table.name == name.value) else {
            let message = format!("there is no table `{}`", name.value);
            return self.error(Code::E0631, name.span, message, "only rows of tables are deleted");
        };
        let table = self.model.table(TableId(at_table));
        let declared: Vec<Field> = table.fields.iter().map(|field| field.field.clone()).collect();
        let keys = table.keys.clone();
        let values = self.values(fields, &declared, "field", None)?;
        let part =
            |slot: &usize| values.iter().find(|(other, _)| other == slot).map(|(_, value)| value.clone());
        let Some(key) = keys.iter().map(part).collect::<Option<Row>>() else {
            let message = format!("the key of `{}` is not complete", name.value);
            return self.error(Code::E0639, name.span, message, "give every key column a value");
        };
        let ts = match at {
            Some(at) => Some(self.time(at)?),
            None => None,
        };
        // A deletion has no time but its record's own.
        let arrival_ms = self.arrives(ts, None)?;
        Some(TestStep::Deleted { table: TableId(at_table), key, at_ms: ts.unwrap_or(arrival_ms) })
    }

    /// Named values as slots of `declared`, each once.
    fn values(
        &mut self,
        row: &TestRow,
        declared: &[Field],
        what: &str,
        of: Option<&str>,
    ) -> Option<Vec<(usize, Value)>> {
        let mut values: Vec<(usize, Value)> = Vec::new();
        let mut sound = true;
        for (name, written) in row {
            let Some(slot) = declared.iter().position(|field| field.name == name.value) else {
                let hint = near(&name.value, declared.iter().map(|field| field.name.as_str()));
                let list = || format!("there are {}", list(declared));
                let whose = of.map_or_else(String::new, |of| format!(" in `{of}`"));
                let message = format!("there is no {what} `{}`{whose}", name.value);
                sound =
                    self.error::<()>(Code::E0632, name.span, message, hint.unwrap_or_else(list)).is_some();
                continue;
            };
            if values.iter().any(|(other, _)| *other == slot) {
                let message = format!("`{}` is given twice", name.value);
                sound = self.error::<()>(Code::E0632, name.span, message, "keep one of them").is_some();
                continue;
            }
            match value::read(written, &declared[slot], self.date, self.diagnostics) {
                Some(value) => values.push((slot, value)),
                None => sound = false,
            }
        }
        sound.then_some(values)
    }

    fn expected(&mut self, written: &ast::Expectation) -> Option<Expected> {
        match written {
            ast::Expectation::Row { at, fields, span } => {
                let (at, cells) = self.row(at.as_ref(), fields, *span)?;
                Some(Expected::Row { at, cells, span: *span })
            }
            ast::Expectation::NoRow { at, fields, span } => {
                let (at, cells) = self.row(at.as_ref(), fields, *span)?;
                Some(Expected::NoRow { at, cells, span: *span })
            }
            ast::Expectation::DeadLetter { reason, source } => {
                let source = match source.as_ref().map(|name| (name, self.input(name))) {
                    Some((_, Some(TestInput::Source(id)))) => Some(id),
                    Some((name, _)) => {
                        let message = format!("`{}` is not a source", name.value);
                        return self.error(Code::E0631, name.span, message, "name a source");
                    }
                    None => None,
                };
                Some(Expected::DeadLetter { reason: reason.value.clone(), source, span: reason.span })
            }
            ast::Expectation::Counter { counter, count } => {
                let counter_kind = self.counter(counter)?;
                let Ok(number) = count.value.parse() else {
                    let message = format!("`{}` is not a count", count.value);
                    return self.error(Code::E0633, count.span, message, "write a whole number");
                };
                Some(Expected::Counter { counter: counter_kind, count: number, span: counter.span })
            }
            ast::Expectation::Error { code, definition } => {
                if Code::page(&code.value).is_none() {
                    let message = format!("there is no code `{}`", code.value);
                    let hint = "`windrow explain CODE` prints the page of a code";
                    return self.error(Code::E0638, code.span, message, hint);
                }
                let (code, span) = (code.value.to_ascii_uppercase(), code.span);
                Some(Expected::Error { code, definition: definition.value.clone(), span })
            }
        }
    }

    fn counter(&mut self, name: &Name) -> Option<Counter> {
        let found = Counter::ALL.into_iter().find(|counter| counter.name() == name.value);
        if found.is_none() {
            let names = || Counter::ALL.into_iter().map(Counter::name);
            let all = names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            let hint = near(&name.value, names()).unwrap_or_else(|| format!("the counters are {all}"));
            let message = format!("there is no counter `{}`", name.value);
            return self.error(Code::E0638, name.span, message, hint);
        }
        found
    }

    /// The cells of an expected row.
    fn row(
        &mut self,
        at: Option<&TestTime>,
        fields: &TestRow,
        span: Span,
    ) -> Option<(Option<i64>, Vec<Cell>)> {
        let (name, columns, keys) = match self.of {
            Some(Target::GroupBy(id)) => {
                let group_by = self.model.group_by(id);
                (group_by.name.clone(), self.model.group_by_output(group_by), group_by.keys.len())
            }
            Some(Target::Join(id)) => {
                let join = self.model.join(id);
                (join.name.clone(), self.model.join_output(join), 0)
            }
            None => {
                let hint = "write `test NAME \"title\" { … }`";
                return self.error(Code::E0630, span, "the test names nothing that has rows".into(), hint);
            }
        };
        let at = match at {
            Some(at) => Some(self.time(at)?),
            None => None,
        };
        let values = self.values(fields, &columns, "column", Some(&name))?;
        if let Some(missing) = (0..keys).find(|key| !values.iter().any(|(slot, _)| slot == key)) {
            let message = format!("the key column `{}` is not given", columns[missing].name);
            return self.error(Code::E0639, span, message, "a row of a group by is found by its key");
        }
        if values.is_empty() {
            return self.error(
                Code::E0639,
                span,
                "the row has no columns".into(),
                "name the columns to compare",
            );
        }
        let span_of = |column: &str| {
            fields.iter().find(|(name, _)| name.value == column).map_or(span, |(name, _)| name.span)
        };
        let cell =
            |(column, value): (usize, Value)| Cell { column, value, span: span_of(&columns[column].name) };
        Some((at, values.into_iter().map(cell).collect()))
    }

    /// A source that feeds the target without being in the test would be a silent empty input.
    fn all_inputs_are_mentioned(&mut self, written: &ast::Test, steps: &[Option<TestStep>]) -> bool {
        // What was not read of a test may mention it.
        let Some(of) = self.of.filter(|_| !written.incomplete) else { return true };
        let mut mentioned = BTreeSet::new();
        for step in steps {
            match step {
                Some(TestStep::Event(event)) => drop(mentioned.insert(event.input)),
                Some(TestStep::Deleted { table, .. }) => drop(mentioned.insert(TestInput::Table(*table))),
                Some(TestStep::Nothing(input)) => drop(mentioned.insert(*input)),
                Some(TestStep::Clock(_) | TestStep::Expect(_)) => {}
                // A broken step may be the one that mentions it.
                None => return true,
            }
        }
        let read = inputs(self.model, of);
        let missing: Vec<_> = read.into_iter().filter(|input| !mentioned.contains(input)).collect();
        for input in &missing {
            let name = match input {
                TestInput::Source(id) => self.model.source(*id).name.clone(),
                TestInput::Table(id) => self.model.table(*id).name.clone(),
            };
            let message = format!("the test does not mention `{name}`, which feeds what it tests");
            let hint = format!("add its events, or `no events from {name}`");
            self.error::<()>(Code::E0635, written.title.span, message, hint);
        }
        missing.is_empty()
    }
}

/// What feeds a group by or join, tables included.
fn inputs(model: &Model, of: Target) -> BTreeSet<TestInput> {
    let mut found = BTreeSet::new();
    let mut add = |input, lookups: &[crate::model::Lookup]| {
        found.extend(model.sources_of(input).into_iter().map(TestInput::Source));
        found.extend(lookups.iter().map(|lookup| TestInput::Table(lookup.table)));
    };
    match of {
        Target::GroupBy(id) => add(model.group_by(id).from, &model.group_by(id).lookups),
        Target::Join(id) => {
            let join = model.join(id);
            add(join.left, &join.lookups);
            for group_by in join.parts.iter().map(|part| model.group_by(part.group_by)) {
                add(group_by.from, &group_by.lookups);
            }
        }
    }
    found
}

fn list(fields: &[Field]) -> String {
    const SHOWN: usize = 8;
    let more = if fields.len() > SHOWN { ", …" } else { "" };
    let names: Vec<_> = fields.iter().take(SHOWN).map(|field| format!("`{}`", field.name)).collect();
    format!("{}{more}", names.join(", "))
}
