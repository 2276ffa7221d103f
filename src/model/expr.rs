//! ast::Expr → functions::Expr: names become slots, every node gets a type, widenings become casts.
//!
//! `None` always means: not typed, and reported, here or where the name in it was defined.

mod messages;

use crate::diag::{Code, Diagnostic, Diagnostics, Span, Spanned};
use crate::functions::{CastRule, Expr, ExprKind, FunctionId, Type, cast_rule, literal};
use crate::syntax::ast::{self, BinaryOp, Name, UnaryOp};
use crate::types::{DataType, EventTime, Value};

use super::check::types;
use super::resolve::scope::{Lookup, Scope};

/// A typed expression and where it stands.
type Placed = (Expr, Span);

/// The scalar `expr` over the columns of `scope`.
pub(super) fn scalar(expr: &ast::Expr, scope: &Scope, diagnostics: &mut Diagnostics) -> Option<Expr> {
    let typed = Typing { scope, diagnostics }.expr(expr)?;
    if is_untyped_null(&typed) {
        diagnostics.push(messages::untyped_null(expr.span));
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
    diagnostics.push(messages::not_a_condition(expr.span, typed.data_type));
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
            ast::ExprKind::Null => Some(Expr::literal(Value::Null, DataType::Bool)),
            ast::ExprKind::Bool(value) => Some(Expr::literal(Value::Bool(*value), DataType::Bool)),
            ast::ExprKind::String(text) => {
                Some(Expr::literal(Value::string(text.as_str()), DataType::String))
            }
            ast::ExprKind::Int(digits) | ast::ExprKind::Decimal(digits) | ast::ExprKind::Double(digits) => {
                self.number(&expr.kind, digits, span)
            }
            ast::ExprKind::Timestamp(text) => match EventTime::from_iso(text) {
                Ok(time) => Some(Expr::literal(Value::Timestamp(time), DataType::Timestamp)),
                Err(_) => self.error(messages::no_time(text, span)),
            },
            ast::ExprKind::Date(text) => match text.parse() {
                Ok(date) => Some(Expr::literal(Value::Date(date), DataType::Date)),
                Err(_) => self.error(messages::no_date(text, span)),
            },
            ast::ExprKind::Path(path) => self.path(path),
            ast::ExprKind::Field(operand, name) => {
                let typed = self.expr(operand)?;
                self.field(typed, operand.span, name)
            }
            ast::ExprKind::Index(operand, at) => self.index(operand, at, span),
            ast::ExprKind::IsDistinctFrom { left, right, negated } => {
                let function =
                    if *negated { FunctionId::IsNotDistinctFrom } else { FunctionId::IsDistinctFrom };
                self.call(function, &[left, right], span)
            }
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
            Ok((value, data_type)) => Some(Expr::literal(value, data_type)),
            Err(error) => self.error(messages::too_large(error, digits, span)),
        }
    }

    /// A column, `alias.column`, or a field of one of them.
    fn path(&mut self, path: &[Name]) -> Option<Expr> {
        let is_qualified = path.len() > 1 && !self.scope.has_bare(&path[0].value)
            || path.len() > 1 && self.scope.knows_qualifier(&path[0].value);
        let (column, fields) = path.split_at(if is_qualified { 2 } else { 1 });
        let mut place = column.iter().map(|name| name.span).reduce(Span::to)?;
        let mut expr = match self.scope.path(column) {
            Lookup::Found(expr) => expr,
            Lookup::Quiet => return None,
            Lookup::Unknown(describe) => {
                self.diagnostics.push_error_with(describe);
                return None;
            }
        };
        for name in fields {
            expr = self.field(expr, place, name)?;
            place = place.to(name.span);
        }
        Some(expr)
    }

    fn field(&mut self, operand: Expr, place: Span, name: &Name) -> Option<Expr> {
        let DataType::Struct(fields) = operand.data_type else {
            return self.error(messages::has_no_fields(&operand, place, name));
        };
        match fields.field(&name.value) {
            Some((position, _)) => Some(Expr::field(operand, position)),
            None => self.error(messages::unknown_field(&fields, name)),
        }
    }

    /// `list[1]`, from 1, or `map['k']`.
    fn index(&mut self, operand: &ast::Expr, at: &ast::Expr, span: Span) -> Option<Expr> {
        let (list, at_typed) = (self.expr(operand), self.expr(at));
        let list = list?;
        if !matches!(list.data_type, DataType::List(_) | DataType::Map(_)) {
            return self.error(messages::has_no_elements(&list, operand.span));
        }
        if let (DataType::List(_), Some(ExprKind::Literal(Value::Int(number)))) =
            (list.data_type, at_typed.as_ref().map(|at| &at.kind))
            && *number < 1
        {
            return self.error(messages::no_such_element(at.span, *number));
        }
        self.apply(FunctionId::ElementAt, vec![(list, operand.span), (at_typed?, at.span)], span)
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
        let (operand, low, high) =
            ((operand_typed?, operand.span), (low_typed?, low.span), (high_typed?, high.span));
        let from = self.apply_as("between", FunctionId::GreaterOrEqual, vec![operand.clone(), low], span)?;
        let to = self.apply_as("between", FunctionId::LessOrEqual, vec![operand, high], span)?;
        self.apply(FunctionId::And, vec![(from, span), (to, span)], span)
    }

    fn negated(&mut self, negated: bool, typed: Expr, span: Span) -> Option<Expr> {
        if negated { self.apply(FunctionId::Not, vec![(typed, span)], span) } else { Some(typed) }
    }

    fn named(&mut self, name: &Name, arguments: &[ast::Expr], span: Span) -> Option<Expr> {
        let arguments: Vec<_> = arguments.iter().collect();
        match FunctionId::by_name(&name.value) {
            Some(function) if function.is_of_now() => return self.of_now(function, name, &arguments, span),
            Some(function) => return self.call(function, &arguments, span),
            None => {}
        }
        // The arguments may have problems of their own.
        for argument in arguments {
            self.expr(argument);
        }
        self.diagnostics.push_error_with(|| messages::unknown_function(name));
        None
    }

    /// A function whose first argument is the instant for which the row holds.
    fn of_now(
        &mut self,
        function: FunctionId,
        name: &Name,
        arguments: &[&ast::Expr],
        span: Span,
    ) -> Option<Expr> {
        let written: Vec<_> =
            arguments.iter().map(|argument| Some((self.expr(argument)?, argument.span))).collect();
        let Some(now) = self.scope.as_of() else {
            return self.error(messages::no_as_of(name));
        };
        let arguments = std::iter::once(Some((now.clone(), name.span))).chain(written);
        self.apply(function, arguments.collect::<Option<_>>()?, span)
    }

    /// Types all arguments, even after one has failed, and applies the function.
    fn call(&mut self, function: FunctionId, arguments: &[&ast::Expr], span: Span) -> Option<Expr> {
        let typed: Vec<_> =
            arguments.iter().map(|argument| Some((self.expr(argument)?, argument.span))).collect();
        self.apply(function, typed.into_iter().collect::<Option<_>>()?, span)
    }

    fn apply(&mut self, function: FunctionId, arguments: Vec<Placed>, span: Span) -> Option<Expr> {
        self.apply_as(function.entry().name, function, arguments, span)
    }

    /// As [`Self::apply`], of what is written otherwise than the function is.
    fn apply_as(
        &mut self,
        written: &str,
        function: FunctionId,
        arguments: Vec<Placed>,
        span: Span,
    ) -> Option<Expr> {
        let types: Vec<_> = arguments.iter().map(|(argument, _)| Type::of(argument)).collect();
        match function.entry().signature(&types) {
            Ok(signature) => {
                let arguments = arguments.into_iter().zip(&signature.arguments);
                let arguments = arguments.map(|((argument, _), target)| coerce(argument, *target)).collect();
                let kind = ExprKind::Call { function, arguments };
                Some(Expr { kind, data_type: signature.result, nullable: signature.nullable })
            }
            Err(error) => self.error(messages::refused(written, function, &error, &arguments, span)),
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
            None => Some((Expr::literal(Value::Null, DataType::Bool), span)),
        });
        let conditions: Vec<Expr> = conditions.into_iter().collect::<Option<_>>()?;
        self.one_of(conditions, results.into_iter().collect::<Option<_>>()?, span)
    }

    /// The condition of an arm: `when` itself, or that the operand equals it.
    fn arm(&mut self, operand: Option<&Option<Placed>>, when: &ast::Expr) -> Option<Expr> {
        let typed = self.expr(when)?;
        match operand {
            Some(operand) => {
                let sides = vec![operand.clone()?, (typed, when.span)];
                self.apply_as("case", FunctionId::Equal, sides, when.span)
            }
            None if typed.data_type == DataType::Bool => Some(typed),
            None => self.error(messages::not_a_condition(when.span, typed.data_type)),
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
                    None => return self.error(messages::arms_differ((known, first), (found, *place))),
                },
            });
        }
        let Some((data_type, _)) = common else { return self.error(messages::untyped_null(span)) };
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
            CastRule::OnlyLenient if !lenient => self.error(messages::could_fail(from, target, span)),
            CastRule::Refused => self.error(messages::no_cast(from, target, span)),
            CastRule::Allowed { .. } | CastRule::OnlyLenient => Some(coerce(typed, target)),
        }
    }
}

/// The bare literal `null`; a typed one stands in a cast.
fn is_untyped_null(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Literal(Value::Null))
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
