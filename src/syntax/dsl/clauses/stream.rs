//! The clauses of a stream.

use crate::diag::{Code, Diagnostic, Spanned, shortened};
use crate::syntax::ast::{Call, Name, Stream};
use crate::syntax::dsl::builder::{Builder, only, parts};
use crate::syntax::dsl::{Pair, Rule};

use super::{Clauses, Seen};

pub(in crate::syntax::dsl) struct StreamClauses {
    node: Stream,
    seen: Seen,
    last: Option<Rule>,
}

impl StreamClauses {
    pub(in crate::syntax::dsl) fn new(name: Name) -> Self {
        Self { node: Stream::named(name), seen: Seen::default(), last: None }
    }
}

impl Clauses for StreamClauses {
    type Node = Stream;

    fn distrust(&mut self) {
        match self.last.take() {
            Some(Rule::filter) => self.node.filter = None,
            Some(Rule::binding) => drop(self.node.lets.pop()),
            Some(Rule::select) => drop(self.node.select.pop()),
            _ => {}
        }
    }

    fn take(&mut self, builder: &mut Builder<'_, '_>, clause: Pair<'_>) {
        let rule = clause.as_rule();
        self.last = Some(rule);
        if rule != Rule::binding && !self.seen.first(builder, &clause) {
            return;
        }
        let node = &mut self.node;
        match rule {
            Rule::from => node.from = Some(builder.name(&only(&clause))),
            Rule::union => node.union = builder.names(&only(&clause)),
            Rule::filter => node.filter = builder.expr(only(&clause)),
            Rule::binding => node.lets.extend(builder.binding(&clause)),
            Rule::select => {
                node.select = parts(&clause).filter_map(|item| builder.select_item(&item)).collect();
            }
            Rule::model_call => node.call = builder.model_call(&clause),
            _ => builder.about(&mut node.about, &clause),
        }
    }

    fn finish(self) -> Stream {
        self.node
    }
}

impl Builder<'_, '_> {
    /// `call "module:function" (a, b) returns { … } [timeout D] [concurrency N] [retry N]`
    fn model_call(&mut self, pair: &Pair<'_>) -> Option<Call> {
        let mut inner = parts(pair);
        let function = inner.next().expect("a call names a function");
        let function = self.label(&function);
        let mut call = Call {
            function,
            arguments: Vec::new(),
            returns: Vec::new(),
            timeout: None,
            concurrency: None,
            retry: None,
        };
        let (mut seen, mut good) = (Seen::default(), true);
        for part in inner {
            if part.as_rule() != Rule::expr {
                good &= seen.first(self, &part);
            }
            good &= self.call_part(&mut call, part).is_some();
        }
        good.then_some(call)
    }

    fn call_part(&mut self, call: &mut Call, part: Pair<'_>) -> Option<()> {
        match part.as_rule() {
            Rule::expr => call.arguments.push(self.expr(part)?),
            Rule::returns => call.returns = self.fields(&only(&part))?,
            Rule::timeout => call.timeout = Some(self.duration(&only(&part))?),
            Rule::concurrency => call.concurrency = Some(self.count(&only(&part))?),
            _ => call.retry = Some(self.count(&only(&part))?),
        }
        Some(())
    }

    /// A whole number, its digits as written.
    pub(in crate::syntax::dsl) fn count(&mut self, pair: &Pair<'_>) -> Option<Spanned<String>> {
        let span = self.span(pair);
        self.checked_count(pair.as_str(), span)
    }

    pub(in crate::syntax) fn checked_count(
        &mut self,
        written: &str,
        span: crate::diag::Span,
    ) -> Option<Spanned<String>> {
        if !written.is_empty() && written.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(Spanned::new(written.into(), span));
        }
        let shown = shortened(written);
        let error = Diagnostic::error(Code::E0112, span, format!("`{shown}` is not a whole number"));
        self.problems.push(error.hint("write digits alone, like `16`"));
        None
    }
}
