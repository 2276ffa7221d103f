//! A step's share of model calls (rule S14): rows wait for their answers, take them along and go on, or
//! become dead letters.

use crate::functions::eval;
use crate::plan::{Call, Decode, DecodeField, Format};
use crate::types::{Row, Value};

use super::call::{Answer, NobodyAnswers, Request};
use super::engine::Engine;
use super::program::{self, Program, RowOp};
use super::route::{Item, Pending, Worked};
use super::step::{CallLedger, Called, DeadLetter, EngineError, Output};

/// The reason of dead letters for which no model answered.
const REASON: &str = "call";

/// How an answer is read: as a record with the declared fields is, but without a time of its own.
pub(super) fn answers(call: &Call) -> Decode {
    let field = |(slot, returned): (usize, &crate::plan::WireField)| DecodeField {
        field: returned.field.clone(),
        wire_name: returned.wire_name.clone(),
        wire_type: returned.wire_type.clone(),
        slot: Some(slot),
    };
    Decode {
        format: Format::Json,
        fields: call.returns.iter().enumerate().map(field).collect(),
        event_time: None,
        event_id: None,
        ahead_ms: 0,
        keys: Vec::new(),
    }
}

impl Engine {
    /// Asks for the rows that wait for models, until none does: rows that have been answered may come to
    /// another call. What came of them is one more slice of the step's work.
    pub(super) fn call(&mut self, worked: &mut Vec<Worked>, output: &mut Output) -> Result<(), EngineError> {
        let take = |worked: &mut Worked| std::mem::take(&mut worked.pending);
        let mut pending: Vec<Pending> = worked.iter_mut().flat_map(take).collect();
        // Booked once all are answered: a step that is given up counts nothing.
        let mut counts = vec![CallLedger::default(); self.counts.calls.len()];
        while !pending.is_empty() {
            let answers = self.ask_models(&pending)?;
            let mut next = Worked::new(&self.program, self.shards.len());
            for (pending, answer) in pending.into_iter().zip(answers) {
                let (call, more) = next.answered(&self.program, pending, answer, &mut output.calls);
                counts[call].add(more);
            }
            pending = std::mem::take(&mut next.pending);
            worked.push(next);
        }
        self.counts.calls.iter_mut().zip(counts).for_each(|(all, more)| all.add(more));
        Ok(())
    }

    fn ask_models(&self, pending: &[Pending]) -> Result<Vec<Answer>, EngineError> {
        let request = |pending: &Pending| {
            let call = &called(&self.program, pending.step).1.spec;
            let arguments = call.arguments.iter().map(|argument| eval(argument, &pending.row)).collect();
            Request { call, arguments }
        };
        let requests: Vec<_> = pending.iter().map(request).collect();
        let Some(caller) = &self.options.caller else {
            let (function, why) = (requests[0].call.function.clone(), "nobody was told to".to_owned());
            return Err(NobodyAnswers { function, why }.into());
        };
        let answers = caller.answers(&requests)?;
        assert_eq!(answers.len(), requests.len(), "each request has its answer");
        Ok(answers)
    }
}

/// The call of a step, and its number.
fn called(program: &Program, step: usize) -> (usize, &program::Call) {
    match program.steps[step].op {
        RowOp::Call(call) => (call, &program.calls[call]),
        RowOp::Pass
        | RowOp::Filter(_)
        | RowOp::Project(_)
        | RowOp::Derive { .. }
        | RowOp::KeyBy(_)
        | RowOp::Union { .. }
        | RowOp::Aggregate(_)
        | RowOp::JoinLeft(_)
        | RowOp::Lookup(_)
        | RowOp::Table(_) => unreachable!("only rows of calls wait for models"),
    }
}

impl Worked {
    /// Sends a row on with its answer; without one with nulls, if they are allowed, and else nowhere. Returns
    /// the call and what it adds to its counts.
    fn answered(
        &mut self,
        program: &Program,
        pending: Pending,
        answer: Answer,
        said: &mut Called,
    ) -> (usize, CallLedger) {
        let (number, call) = called(program, pending.step);
        let width = call.spec.returns.len();
        let read = |object: Vec<u8>| {
            let decoded = call.answers.decode(width, &object, 0);
            decoded.map(|decoded| decoded.row).map_err(|refused| format!("its answer: {}", refused.detail))
        };
        match answer.and_then(read) {
            Ok(returned) => {
                said.answered += 1;
                self.go_on(program, call, &pending, returned);
                (number, CallLedger { answered: 1, failed: 0 })
            }
            Err(why) => {
                said.failed += 1;
                let detail = format!("`{}` of `{}`: {why}", call.spec.function, call.stream);
                said.first_failure.get_or_insert_with(|| detail.clone());
                if call.spec.may_be_null() {
                    self.go_on(program, call, &pending, vec![Value::Null; width]);
                } else {
                    let keyed = &program.steps[pending.step].keyed;
                    for slot in keyed {
                        self.nodes[usize::from(*slot)].call_failed += 1;
                    }
                    self.dead_letters.push(DeadLetter::of(pending.record, REASON, detail));
                }
                (number, CallLedger { answered: 0, failed: 1 })
            }
        }
    }

    fn go_on(&mut self, program: &Program, call: &program::Call, pending: &Pending, returned: Row) {
        let mut row = pending.row.clone();
        row.splice(call.begins_at..call.begins_at, returned);
        let Pending { step, ts, hashes, own_hashes, record, .. } = pending;
        let record = Some(record);
        let item = Item { ts: *ts, hashes: *hashes, own_hashes: *own_hashes, record, is_deletion: false };
        self.walk(program, &program.steps[*step].next, item, &row);
    }
}
