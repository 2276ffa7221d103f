//! Type rules that several entries share.

use crate::types::DataType;

use super::{Signature, Type, TypeError};

/// Refuses another number of arguments than `N`.
pub(super) fn exactly<const N: usize>(
    arguments: &[Type],
    expected: &'static str,
) -> Result<[Type; N], TypeError> {
    arguments.try_into().map_err(|_| TypeError::Count { expected, found: arguments.len() })
}

/// All arguments are of one given type (a `null` takes it), and so is the result.
pub(super) fn all_of(
    arguments: &[Type],
    data_type: DataType,
    expected: &'static str,
    result: DataType,
) -> Result<Signature, TypeError> {
    for (position, argument) in arguments.iter().enumerate() {
        if let Some(found) = argument.data_type.filter(|found| *found != data_type) {
            return Err(TypeError::Argument { position, expected, found });
        }
    }
    Ok(Signature {
        arguments: vec![data_type; arguments.len()],
        result,
        nullable: arguments.iter().any(|argument| argument.nullable),
    })
}

/// The type all arguments widen to; `null` literals take it.
pub(super) fn common(arguments: &[Type]) -> Result<DataType, TypeError> {
    let mut common: Option<DataType> = None;
    for (position, argument) in arguments.iter().enumerate() {
        common = match (common, argument.data_type) {
            (known, None) => known,
            (None, found) => found,
            (Some(left), Some(right)) => {
                Some(left.widen(right).ok_or(TypeError::Mismatch { position, left, right })?)
            }
        };
    }
    common.ok_or(TypeError::UntypedNull)
}

/// Operands of a comparison: with a double among them all are doubles; ints and decimals stay what
/// they are and compare exactly.
pub(super) fn comparable(arguments: &[Type]) -> Result<Vec<DataType>, TypeError> {
    let widest = common(arguments)?;
    let each = |argument: &Type| match (widest, argument.data_type) {
        (DataType::Decimal { .. }, Some(own)) => own,
        _ => widest,
    };
    Ok(arguments.iter().map(each).collect())
}

/// Flink's `LogicalTypeMerging.adjustPrecisionScale`: beyond 38 digits the scale gives way to the
/// integer digits, but not below 6 (or what it was).
pub(super) fn adjusted_decimal(precision: u8, scale: u8) -> DataType {
    if precision <= 38 {
        return DataType::Decimal { precision, scale };
    }
    let scale = 38_u8.saturating_sub(precision - scale).max(scale.min(6));
    DataType::Decimal { precision: 38, scale }
}
