//! Type rules that several entries share.

use crate::types::DataType;

use super::parameter::{self, Parameter, Takes};
use super::{Type, TypeError};

/// What each argument is cast to where the parameters alone decide.
pub(super) fn targets(parameters: &[Parameter], arguments: &[Type]) -> Result<Vec<DataType>, TypeError> {
    let target = |(position, argument): (usize, &Type)| {
        let takes = parameter::at(parameters, position).map_or(Takes::Any, |parameter| parameter.takes);
        takes.target(argument.data_type).ok_or(TypeError::UntypedNull)
    };
    arguments.iter().enumerate().map(target).collect()
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
