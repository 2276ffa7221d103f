//! ast::Expr → functions::Expr: names become slots, every node gets a type, widenings become casts.
//!
//! `None` always means: not typed, and reported, here or where the name in it was defined.

use crate::aggregates::Kind;
use crate::diag::{Code, Diagnostic, Diagnostics, Span, Spanned, nearest};
use crate::functions::literal::{self, LiteralError};
use crate::functions::{CastRule, Expr, ExprKind, FunctionId, Type, TypeError, cast_rule};
use crate::syntax::ast::{self, BinaryOp, Name, UnaryOp};
use crate::types::{DataType, Value};

use super::check::types;
use super::resolve::scope::{Lookup, Scope};

/// A typed expression and where it stands.
type Placed = (Expr, Span);

/// The scalar `expr` over the columns of `scope`.
pub(super) fn scalar(expr: &ast::Expr, scope: &Scope, diagnostics: &mut Diagnostics) -> Option<Expr> {
    let typed = Typing { scope, diagnostics }.expr(expr)?;
    if is_untyped_null(&typed) {
        diagnostics.push(untyped_null(expr.span));
        return None;
    }
    Some(typed)
}

/// A scalar that is true, false or null: what `where` takes.
pub(super) fn condition(expr: &ast::Expr, scope: &Scope, diagnostics: &mut Diagnostics) -> Option<Expr> {
    let typed = scalar(expr, scope, diagnostics)?;
    if typed.data_type == DataType::Bool {
        return Some(typed);
    }
    diagnostics.push(not_a_condition(expr.span, typed.data_type));
    None
}

struct Typing<'a> {
    scope: &'a Scope,
    diagnostics: &'a mut Diagnostics,
}

impl Typing<'_> {
    fn expr(&mut self, expr: &ast::Expr) -> Option<Expr> {
        let span = expr.span;
        match &expr.kind {
            ast::ExprKind::Null => Some(constant(Value::Null, DataType::Bool)),
            ast::ExprKind::Bool(value) => Some(constant(Value::Bool(*value), DataType::Bool)),
            ast::ExprKind::String(text) => Some(constant(Value::string(text.as_str()), DataType::String)),
            ast::ExprKind::Int(digits) | ast::ExprKind::Decimal(digits) | ast::ExprKind::Double(digits) => {
                self.number(&expr.kind, digits, span)
            }
            ast::ExprKind::Path(path) => self.path(path),
            ast::ExprKind::Timestamp(_)
            | ast::ExprKind::Date(_)
            | ast::ExprKind::Field(..)
            | ast::ExprKind::Index(..)
            | ast::ExprKind::IsDistinctFrom { .. } => self.error(not_yet(span)),
            ast::ExprKind::Unary(op, operand) => self.unary(*op, operand, span),
            ast::ExprKind::Binary(op, left, right) => self.binary(*op, left, right, span),
            ast::ExprKind::IsNull { operand, negated } => {
                let function = if *negated { FunctionId::IsNotNull } else { FunctionId::IsNull };
                self.call(function, &[operand], span)
            }
            ast::ExprKind::In { operand, list, negated } => {
                let arguments: Vec<_> = std::iter::once(&**operand).chain(list).collect();
                let typed = self.call(FunctionId::In, &arguments, span)?;
                self.negated(*negated, typed, span)
            }
            ast::ExprKind::Between { operand, low, high, negated } => {
                let typed = self.between(operand, low, high, span)?;
                self.negated(*negated, typed, span)
            }
            ast::ExprKind::Like { operand, pattern, negated } => {
                let typed = self.call(FunctionId::Like, &[operand, pattern], span)?;
                self.negated(*negated, typed, span)
            }
            ast::ExprKind::Case { operand, arms, otherwise } => {
                self.case(operand.as_deref(), arms, otherwise.as_deref(), span)
            }
            ast::ExprKind::Cast { operand, to, lenient } => self.cast(operand, to, *lenient),
            ast::ExprKind::Call { function, arguments } => self.named(function, arguments, span),
        }
    }

    fn error<T>(&mut self, diagnostic: Diagnostic) -> Option<T> {
        self.diagnostics.push(diagnostic);
        None
    }

    /// A number literal; `digits` may carry a sign.
    fn number(&mut self, kind: &ast::ExprKind, digits: &str, span: Span) -> Option<Expr> {
        let read = match kind {
            ast::ExprKind::Decimal(_) => literal::decimal(digits),
            ast::ExprKind::Double(_) => literal::double(digits).map(|value| (value, DataType::Double)),
            _ => literal::int(digits).map(|value| (value, DataType::Int)),
        };
        match read {
            Ok((value, data_type)) => Some(constant(value, data_type)),
            Err(error) => self.error(too_large(error, digits, span)),
        }
    }

    fn path(&mut self, path: &[Name]) -> Option<Expr> {
        match self.scope.path(path) {
            Lookup::Found(column) => Some(column),
            Lookup::Quiet => None,
            Lookup::Unknown(diagnostic) => self.error(*diagnostic),
        }
    }

    fn unary(&mut self, op: UnaryOp, operand: &ast::Expr, span: Span) -> Option<Expr> {
        match (op, &operand.kind) {
            // The least int is a literal only together with its sign.
            (
                UnaryOp::Negate,
                ast::ExprKind::Int(digits) | ast::ExprKind::Decimal(digits) | ast::ExprKind::Double(digits),
            ) => self.number(&operand.kind, &format!("-{digits}"), span),
            (UnaryOp::Negate, _) => self.call(FunctionId::Negate, &[operand], span),
            (UnaryOp::Not, _) => self.call(FunctionId::Not, &[operand], span),
        }
    }

    fn binary(&mut self, op: BinaryOp, left: &ast::Expr, right: &ast::Expr, span: Span) -> Option<Expr> {
        let function = operator(op);
        if is_comparison(op) && [left, right].iter().any(|side| matches!(side.kind, ast::ExprKind::Null)) {
            let message = format!("a comparison with null by `{}` is never true", function.entry().name);
            let hint = "write `is null` or `is not null`";
            self.diagnostics.push(Diagnostic::warning(Code::W0301, span, message).hint(hint));
        }
        self.call(function, &[left, right], span)
    }

    fn between(
        &mut self,
        operand: &ast::Expr,
        low: &ast::Expr,
        high: &ast::Expr,
        span: Span,
    ) -> Option<Expr> {
        let operand_typed = self.expr(operand);
        let (low_typed, high_typed) = (self.expr(low), self.expr(high));
        let operand = (operand_typed?, operand.span);
        let from =
            self.apply(FunctionId::GreaterOrEqual, vec![operand.clone(), (low_typed?, low.span)], span)?;
        let to = self.apply(FunctionId::LessOrEqual, vec![operand, (high_typed?, high.span)], span)?;
        self.apply(FunctionId::And, vec![(from, span), (to, span)], span)
    }

    fn negated(&mut self, negated: bool, typed: Expr, span: Span) -> Option<Expr> {
        if negated { self.apply(FunctionId::Not, vec![(typed, span)], span) } else { Some(typed) }
    }

    fn named(&mut self, name: &Name, arguments: &[ast::Expr], span: Span) -> Option<Expr> {
        let arguments: Vec<_> = arguments.iter().collect();
        if let Some(function) = FunctionId::by_name(&name.value) {
            return self.call(function, &arguments, span);
        }
        // The arguments may have problems of their own.
        for argument in arguments {
            self.expr(argument);
        }
        self.error(unknown_function(name))
    }

    /// Types all arguments, even after one has failed, and applies the function.
    fn call(&mut self, function: FunctionId, arguments: &[&ast::Expr], span: Span) -> Option<Expr> {
        let typed: Vec<_> =
            arguments.iter().map(|argument| Some((self.expr(argument)?, argument.span))).collect();
        self.apply(function, typed.into_iter().collect::<Option<_>>()?, span)
    }

    fn apply(&mut self, function: FunctionId, arguments: Vec<Placed>, span: Span) -> Option<Expr> {
        let types: Vec<_> = arguments.iter().map(|(argument, _)| type_of(argument)).collect();
        match (function.entry().rule)(&types) {
            Ok(signature) => {
                let arguments = arguments.into_iter().zip(&signature.arguments);
                let arguments = arguments.map(|((argument, _), target)| coerce(argument, *target)).collect();
                let kind = ExprKind::Call { function, arguments };
                Some(Expr { kind, data_type: signature.result, nullable: signature.nullable })
            }
            Err(error) => self.error(refused(function, &error, &arguments, span)),
        }
    }

    fn case(
        &mut self,
        operand: Option<&ast::Expr>,
        arms: &[(ast::Expr, ast::Expr)],
        otherwise: Option<&ast::Expr>,
        span: Span,
    ) -> Option<Expr> {
        let operand = operand.map(|operand| self.expr(operand).map(|typed| (typed, operand.span)));
        let mut conditions = Vec::new();
        let mut results = Vec::new();
        for (when, then) in arms {
            conditions.push(self.arm(operand.as_ref(), when));
            results.push(self.expr(then).map(|typed| (typed, then.span)));
        }
        results.push(match otherwise {
            Some(otherwise) => self.expr(otherwise).map(|typed| (typed, otherwise.span)),
            None => Some((constant(Value::Null, DataType::Bool), span)),
        });
        let conditions: Vec<Expr> = conditions.into_iter().collect::<Option<_>>()?;
        self.one_of(conditions, results.into_iter().collect::<Option<_>>()?, span)
    }

    /// The condition of an arm: `when` itself, or that the operand equals it.
    fn arm(&mut self, operand: Option<&Option<Placed>>, when: &ast::Expr) -> Option<Expr> {
        let typed = self.expr(when)?;
        match operand {
            Some(operand) => {
                self.apply(FunctionId::Equal, vec![operand.clone()?, (typed, when.span)], when.span)
            }
            None if typed.data_type == DataType::Bool => Some(typed),
            None => self.error(not_a_condition(when.span, typed.data_type)),
        }
    }

    fn one_of(&mut self, conditions: Vec<Expr>, results: Vec<Placed>, span: Span) -> Option<Expr> {
        let mut common: Option<(DataType, Span)> = None;
        for (result, place) in results.iter().filter(|(result, _)| !is_untyped_null(result)) {
            let found = result.data_type;
            common = Some(match common {
                None => (found, *place),
                Some((known, first)) => match known.widen(found) {
                    Some(wide) => (wide, first),
                    None => return self.error(arms_differ((known, first), (found, *place))),
                },
            });
        }
        let Some((data_type, _)) = common else { return self.error(untyped_null(span)) };
        let nullable = results.iter().any(|(result, _)| result.nullable);
        let mut results =
            results.into_iter().map(|(result, _)| coerce(result, data_type)).collect::<Vec<_>>();
        let otherwise = Box::new(results.pop()?);
        let kind = ExprKind::Case { arms: conditions.into_iter().zip(results).collect(), otherwise };
        Some(Expr { kind, data_type, nullable })
    }

    fn cast(&mut self, operand: &ast::Expr, to: &Spanned<ast::TypeName>, lenient: bool) -> Option<Expr> {
        let target = types::data_type(to, self.diagnostics);
        let typed = self.expr(operand)?;
        let target = target?;
        if is_untyped_null(&typed) {
            let null = Expr { data_type: target, ..typed };
            return Some(Expr { kind: ExprKind::Cast(Box::new(null)), data_type: target, nullable: true });
        }
        let (from, span) = (typed.data_type, operand.span);
        match cast_rule(from, target) {
            CastRule::OnlyLenient if !lenient => self.error(
                Diagnostic::error(
                    Code::E0306,
                    span,
                    format!("a cast of string to {target} could fail at run time"),
                )
                .hint(format!("write `try_cast(… as {target})`: what cannot be read is null")),
            ),
            CastRule::Refused => {
                let hint = match (from, target) {
                    (DataType::Bool, _) => "write `case when … then 1 else 0 end`",
                    (DataType::Double, DataType::String) => "cast to a decimal first, then to string",
                    (_, DataType::Bool) => "compare, like `… <> 0`",
                    _ => "the language reference has the table of casts",
                };
                let message = format!("{from} cannot be cast to {target}");
                self.error(Diagnostic::error(Code::E0305, span, message).hint(hint))
            }
            CastRule::Allowed { .. } | CastRule::OnlyLenient => Some(coerce(typed, target)),
        }
    }
}

fn constant(value: Value, data_type: DataType) -> Expr {
    let nullable = value.is_null();
    Expr { kind: ExprKind::Literal(value), data_type, nullable }
}

/// The bare literal `null`; a typed one stands in a cast.
fn is_untyped_null(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Literal(Value::Null))
}

fn type_of(expr: &Expr) -> Type {
    if is_untyped_null(expr) { Type::NULL } else { Type::new(expr.data_type, expr.nullable) }
}

/// The expression as `target`, by a cast where it is not yet.
fn coerce(expr: Expr, target: DataType) -> Expr {
    if is_untyped_null(&expr) {
        let null = Expr { data_type: target, ..expr };
        return Expr { kind: ExprKind::Cast(Box::new(null)), data_type: target, nullable: true };
    }
    if expr.data_type == target {
        return expr;
    }
    let may_fail = cast_rule(expr.data_type, target) != CastRule::Allowed { nullable: false };
    let nullable = expr.nullable || may_fail;
    Expr { kind: ExprKind::Cast(Box::new(expr)), data_type: target, nullable }
}

const fn operator(op: BinaryOp) -> FunctionId {
    match op {
        BinaryOp::Or => FunctionId::Or,
        BinaryOp::And => FunctionId::And,
        BinaryOp::Equal => FunctionId::Equal,
        BinaryOp::NotEqual => FunctionId::NotEqual,
        BinaryOp::Less => FunctionId::Less,
        BinaryOp::LessOrEqual => FunctionId::LessOrEqual,
        BinaryOp::Greater => FunctionId::Greater,
        BinaryOp::GreaterOrEqual => FunctionId::GreaterOrEqual,
        BinaryOp::Add => FunctionId::Add,
        BinaryOp::Subtract => FunctionId::Subtract,
        BinaryOp::Multiply => FunctionId::Multiply,
        BinaryOp::Divide => FunctionId::Divide,
        BinaryOp::Modulo => FunctionId::Modulo,
        BinaryOp::Concat => FunctionId::Concat,
    }
}

const fn is_comparison(op: BinaryOp) -> bool {
    matches!(
        op,
        BinaryOp::Equal
            | BinaryOp::NotEqual
            | BinaryOp::Less
            | BinaryOp::LessOrEqual
            | BinaryOp::Greater
            | BinaryOp::GreaterOrEqual
    )
}

fn untyped_null(span: Span) -> Diagnostic {
    Diagnostic::error(Code::E0307, span, "the type of `null` is not known here")
        .hint("write `cast(null as int)`, with the type you mean")
}

fn not_a_condition(span: Span, found: DataType) -> Diagnostic {
    let example = if found.is_numeric() { "`… > 0`" } else { "`… = 'x'` or `… is not null`" };
    Diagnostic::error(Code::E0303, span, format!("expected a condition (bool), found {found}"))
        .hint(format!("compare it, like {example}"))
}

fn too_large(error: LiteralError, digits: &str, span: Span) -> Diagnostic {
    let (what, hint) = match error {
        LiteralError::Int => ("an int", "write it as a decimal (`1000.0`) or a double (`1e20`)"),
        LiteralError::Decimal => ("a decimal", "write it as a double, like `1.5e3`"),
        LiteralError::Double => ("a double", "use a smaller number"),
    };
    let shown: String = digits.chars().take(40).collect();
    Diagnostic::error(Code::E0304, span, format!("`{shown}` does not fit {what}: {error}")).hint(hint)
}

fn unknown_function(name: &Name) -> Diagnostic {
    if let Some(kind) = Kind::by_name(&name.value) {
        let message = format!("the aggregate `{}` stands where a scalar belongs", kind.name());
        return Diagnostic::error(Code::E0308, name.span, message)
            .hint("aggregate in a feature of a group by; calculate with features in a join");
    }
    let names: Vec<_> = FunctionId::named().map(|function| function.entry().name).collect();
    let hint = match nearest(&name.value, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the functions are {}", names.join(", ")),
    };
    Diagnostic::error(Code::E0204, name.span, format!("unknown function `{}`", name.value)).hint(hint)
}

fn arms_differ((known, first): (DataType, Span), (found, place): (DataType, Span)) -> Diagnostic {
    Diagnostic::error(
        Code::E0301,
        place,
        format!("the results of `case` have no common type: {known} and {found}"),
    )
    .label(found.to_string())
    .also(first, known.to_string())
    .hint("cast one of them")
}

/// Words for a type rule that refused.
fn refused(function: FunctionId, error: &TypeError, arguments: &[Placed], span: Span) -> Diagnostic {
    let name = function.entry().name;
    match error {
        TypeError::Count { .. } => {
            let example = function.entry().examples[0];
            let hint =
                format!("like `{name}({})`, which is {}", example.arguments.join(", "), example.result);
            Diagnostic::error(Code::E0302, span, format!("`{name}`: {error}")).hint(hint)
        }
        TypeError::Argument { position, found, .. } => {
            let logic = matches!(function, FunctionId::And | FunctionId::Or | FunctionId::Not);
            let place = arguments[*position].1;
            if logic {
                return not_a_condition(place, *found);
            }
            let hint = match found {
                DataType::String => "read a number from it with `try_cast(… as decimal(12,2))`",
                DataType::Double => "cast it to a decimal or an int",
                _ => "cast it, or leave it out",
            };
            Diagnostic::error(Code::E0301, place, format!("`{name}`: {error}"))
                .label(found.to_string())
                .hint(hint)
        }
        TypeError::Mismatch { position, left, right } => {
            Diagnostic::error(Code::E0301, arguments[*position].1, format!("`{name}`: {error}"))
                .label(right.to_string())
                .also(arguments[0].1, left.to_string())
                .hint("cast one side to the type of the other")
        }
        TypeError::UntypedNull => untyped_null(span),
    }
}

fn not_yet(span: Span) -> Diagnostic {
    Diagnostic::error(Code::E0103, span, "this form of expression is not available yet")
}
