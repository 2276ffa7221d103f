//! Gives the flat operands and operators of pest their precedence. From loose to tight: `or`, `and`,
//! `not`, comparisons and tests, `||`, `+ -`, `* / %`, unary `-`.

use std::iter::Peekable;

use crate::diag::{Code, Diagnostic, Spanned, shortened};
use crate::syntax::ast::{Expr, ExprKind, UnaryOp};
use crate::syntax::blocks::{self, DEPTH_MAX};

use super::builder::{Builder, only, parts};
use super::operator::{Level, binary, short};
use super::{Pair, Rule};

/// How high the tree of one expression may grow: later stages walk it recursively.
const HEIGHT_MAX: usize = 256;

/// An expression and the height of its tree.
struct Built {
    expr: Expr,
    height: usize,
}

type Flat<'i> = Peekable<pest::iterators::Pairs<'i, Rule>>;

impl Builder<'_, '_> {
    /// An expression; `None` if it is wrong, which is reported.
    pub(super) fn expr(&mut self, pair: Pair<'_>) -> Option<Expr> {
        self.nested(pair, 0).map(|built| built.expr)
    }

    fn nested(&mut self, pair: Pair<'_>, depth: usize) -> Option<Built> {
        let mut flat = pair.into_inner().peekable();
        self.climb(&mut flat, Level::Or, depth)
    }

    /// Everything that binds at least as tight as `level`.
    fn climb(&mut self, flat: &mut Flat<'_>, level: Level, depth: usize) -> Option<Built> {
        let mut left = self.operand(flat, level, depth)?;
        let mut compared: Option<Pair<'_>> = None;
        while let Some((found, operator)) =
            flat.peek().and_then(|pair| Some((Level::of(pair)?, pair.clone())))
        {
            if found < level {
                break;
            }
            flat.next();
            if found == Level::Comparison
                && let Some(first) = compared.replace(operator.clone())
            {
                self.chained(&first, &operator);
                return None;
            }
            left = self.apply(left, &operator, found, flat, depth)?;
        }
        Some(left)
    }

    fn chained(&mut self, first: &Pair<'_>, second: &Pair<'_>) {
        let message = format!("`{}` after `{}`: comparisons do not chain", short(second), short(first));
        let also = self.span(first);
        let hint =
            "join them with `and` or `or`, or put parentheses around one; `||` joins texts, it is not `or`";
        let error = Diagnostic::error(Code::E0113, self.span(second), message).hint(hint);
        self.problems.push(error.also(also, "the first comparison"));
    }

    fn operand(&mut self, flat: &mut Flat<'_>, level: Level, depth: usize) -> Option<Built> {
        let pair = flat.next().expect("an operator is followed by an operand");
        if pair.as_rule() != Rule::prefix {
            let primary = self.primary(&pair, depth)?;
            return self.behind(primary, flat, depth);
        }
        let span = self.span(&pair);
        if depth >= DEPTH_MAX {
            self.problems.push(blocks::too_deep(span));
            return None;
        }
        let (op, binds) =
            if pair.as_str() == "-" { (UnaryOp::Negate, Level::Sign) } else { (UnaryOp::Not, Level::Not) };
        if binds < level {
            self.report(Code::E0107, span, "expected a value, found `not`", "write `(not …)`");
            return None;
        }
        let operand = self.climb(flat, binds, depth + 1)?;
        let span = span.to(operand.expr.span);
        self.built(ExprKind::Unary(op, Box::new(operand.expr)), span, operand.height)
    }

    /// `[i]` and `.field` behind an operand.
    fn behind(&mut self, mut built: Built, flat: &mut Flat<'_>, depth: usize) -> Option<Built> {
        while let Some(pair) = flat.next_if(|pair| matches!(pair.as_rule(), Rule::index | Rule::member)) {
            let span = built.expr.span.to(self.span(&pair));
            if pair.as_rule() == Rule::index {
                let index = self.nested(only(&pair), depth + 1)?;
                let height = built.height.max(index.height);
                let kind = ExprKind::Index(Box::new(built.expr), Box::new(index.expr));
                built = self.built(kind, span, height)?;
                continue;
            }
            let name: Spanned<String> = self.name(&only(&pair));
            built = if let ExprKind::Path(mut path) = built.expr.kind {
                path.push(name);
                Built { expr: Expr { kind: ExprKind::Path(path), span }, height: built.height }
            } else {
                self.built(ExprKind::Field(Box::new(built.expr), name), span, built.height)?
            };
        }
        Some(built)
    }

    fn apply(
        &mut self,
        left: Built,
        operator: &Pair<'_>,
        level: Level,
        flat: &mut Flat<'_>,
        depth: usize,
    ) -> Option<Built> {
        let negated = operator.clone().into_inner().any(|part| part.as_rule() == Rule::kw_not);
        match operator.as_rule() {
            Rule::is_null => {
                let span = left.expr.span.to(self.span(operator));
                let operand = Box::new(left.expr);
                self.built(ExprKind::IsNull { operand, negated }, span, left.height)
            }
            Rule::is_bool => {
                // `a is true` is `a is not distinct from true`.
                let value = parts(operator).last().expect("`is` is followed by a word");
                let kind = ExprKind::Bool(value.as_str().eq_ignore_ascii_case("true"));
                let right = Box::new(Expr { kind, span: self.span(&value) });
                let (span, left_expr) = (left.expr.span.to(self.span(operator)), Box::new(left.expr));
                let kind = ExprKind::IsDistinctFrom { left: left_expr, right, negated: !negated };
                self.built(kind, span, left.height)
            }
            Rule::in_list => self.in_list(left, operator, negated, depth),
            Rule::between => self.between(left, operator, negated, flat, depth),
            _ => {
                let right = self.climb(flat, level.next(), depth)?;
                let (span, height) = (left.expr.span.to(right.expr.span), left.height.max(right.height));
                let (operand, right) = (Box::new(left.expr), Box::new(right.expr));
                let kind = match binary(operator) {
                    Some(op) => ExprKind::Binary(op, operand, right),
                    None if operator.as_rule() == Rule::distinct => {
                        ExprKind::IsDistinctFrom { left: operand, right, negated }
                    }
                    None => ExprKind::Like { operand, pattern: right, negated },
                };
                self.built(kind, span, height)
            }
        }
    }

    fn in_list(&mut self, left: Built, test: &Pair<'_>, negated: bool, depth: usize) -> Option<Built> {
        let (mut list, mut height) = (Vec::new(), left.height);
        for item in test.clone().into_inner().filter(|part| part.as_rule() == Rule::expr) {
            let item = self.nested(item, depth + 1)?;
            height = height.max(item.height);
            list.push(item.expr);
        }
        let span = left.expr.span.to(self.span(test));
        self.built(ExprKind::In { operand: Box::new(left.expr), list, negated }, span, height)
    }

    /// `x between LOW and HIGH`: the `and` is the next operator at this height.
    fn between(
        &mut self,
        left: Built,
        operator: &Pair<'_>,
        negated: bool,
        flat: &mut Flat<'_>,
        depth: usize,
    ) -> Option<Built> {
        let low = self.climb(flat, Level::Concat, depth)?;
        if flat.next_if(|pair| pair.as_rule() == Rule::kw_and).is_none() {
            let span = flat.peek().map_or_else(|| self.span(operator), |pair| self.span(pair));
            let message = "expected `and` and the upper bound of `between`";
            self.report(Code::E0107, span, message, "write `x between LOW and HIGH`");
            return None;
        }
        let high = self.climb(flat, Level::Concat, depth)?;
        let height = left.height.max(low.height).max(high.height);
        let span = left.expr.span.to(high.expr.span);
        let (operand, low, high) = (Box::new(left.expr), Box::new(low.expr), Box::new(high.expr));
        self.built(ExprKind::Between { operand, low, high, negated }, span, height)
    }

    fn primary(&mut self, pair: &Pair<'_>, depth: usize) -> Option<Built> {
        let span = self.span(pair);
        let kind = match pair.as_rule() {
            Rule::paren => {
                let inner = self.nested(only(pair), depth + 1)?;
                return Some(Built { expr: Expr { kind: inner.expr.kind, span }, height: inner.height });
            }
            Rule::case => return self.case(pair, depth),
            Rule::cast => return self.cast(pair, depth),
            Rule::call => return self.call(pair, depth),
            Rule::path => ExprKind::Path(parts(pair).map(|name| self.name(&name)).collect()),
            Rule::string => {
                let text = pair.as_str();
                ExprKind::String(text[1..text.len() - 1].replace("''", "'"))
            }
            Rule::number => self.number(pair)?,
            Rule::instant_of => {
                let mut inner = parts(pair);
                let word = inner.next().expect("a timestamp or date begins with its word");
                let text = self.text(&inner.next().expect("a timestamp or date has a text")).value;
                let is_date = word.as_str().eq_ignore_ascii_case("date");
                if is_date { ExprKind::Date(text) } else { ExprKind::Timestamp(text) }
            }
            // What is left is `literal`.
            _ => match pair.as_str().to_ascii_lowercase().as_str() {
                "null" => ExprKind::Null,
                word => ExprKind::Bool(word == "true"),
            },
        };
        Some(Built { expr: Expr { kind, span }, height: 1 })
    }

    fn number(&mut self, pair: &Pair<'_>) -> Option<ExprKind> {
        let text = pair.as_str().to_string();
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let plain = |text: &str| match text.split_once('.') {
            Some((whole, fraction)) => digits(whole) && digits(fraction),
            None => digits(text),
        };
        if digits(&text) {
            return Some(ExprKind::Int(text));
        }
        if plain(&text) {
            return Some(ExprKind::Decimal(text));
        }
        if let Some((number, exponent)) = text.split_once(['e', 'E'])
            && plain(number)
            && digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))
        {
            return Some(ExprKind::Double(text));
        }
        let shown = shortened(&text);
        let hint = "numbers are written `42`, `0.5` or `1.5e-3`; names cannot begin with a digit";
        let span = self.span(pair);
        self.report(Code::E0112, span, format!("`{shown}` is not a number"), hint);
        None
    }

    fn case(&mut self, pair: &Pair<'_>, depth: usize) -> Option<Built> {
        let (mut operand, mut arms, mut otherwise, mut height) = (None, Vec::new(), None, 0);
        for part in parts(pair) {
            match part.as_rule() {
                Rule::arm => {
                    let built: Option<Vec<_>> =
                        parts(&part).map(|side| self.nested(side, depth + 1)).collect();
                    let [when, then] = <[Built; 2]>::try_from(built?).ok()?;
                    height = height.max(when.height).max(then.height);
                    arms.push((when.expr, then.expr));
                }
                rule => {
                    let inner = if rule == Rule::otherwise { only(&part) } else { part };
                    let built = self.nested(inner, depth + 1)?;
                    height = height.max(built.height);
                    let slot = if rule == Rule::otherwise { &mut otherwise } else { &mut operand };
                    *slot = Some(Box::new(built.expr));
                }
            }
        }
        self.built(ExprKind::Case { operand, arms, otherwise }, self.span(pair), height)
    }

    fn cast(&mut self, pair: &Pair<'_>, depth: usize) -> Option<Built> {
        let mut inner = parts(pair);
        let mut next = || inner.next().expect("a cast has a word, a value and a type");
        let (word, value, to) = (next(), next(), next());
        let operand = self.nested(value, depth + 1)?;
        let to = self.type_name(&to)?;
        let lenient = word.as_str().eq_ignore_ascii_case("try_cast");
        let kind = ExprKind::Cast { operand: Box::new(operand.expr), to, lenient };
        self.built(kind, self.span(pair), operand.height)
    }

    fn call(&mut self, pair: &Pair<'_>, depth: usize) -> Option<Built> {
        let mut inner = parts(pair);
        let function = inner.next().expect("a call has a name");
        let function: Spanned<String> = self.name(&function);
        let (mut arguments, mut height) = (Vec::new(), 0);
        for argument in inner {
            let built = self.nested(argument, depth + 1)?;
            height = height.max(built.height);
            arguments.push(built.expr);
        }
        self.built(ExprKind::Call { function, arguments }, self.span(pair), height)
    }

    fn built(&mut self, kind: ExprKind, span: crate::diag::Span, below: usize) -> Option<Built> {
        if below >= HEIGHT_MAX {
            let message = format!("the expression has more than {HEIGHT_MAX} operators in a row");
            let hint = "give a part of it a name with `let`, or use `in (…)`";
            self.report(Code::E0004, span, message, hint);
            return None;
        }
        Some(Built { expr: Expr { kind, span }, height: below + 1 })
    }
}
