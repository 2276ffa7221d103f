//! Type rules that several entries share.

use crate::types::DataType;

use super::entry::TypeError;

/// Values without parts, which have an order and compact bytes.
pub(super) fn scalar(input: DataType) -> Result<DataType, TypeError> {
    if input.is_scalar() {
        return Ok(input);
    }
    Err(TypeError::Input { expected: "a value without parts", found: input })
}

/// Numbers.
pub(super) fn number(input: DataType) -> Result<DataType, TypeError> {
    if input.is_numeric() { Ok(input) } else { Err(TypeError::Input { expected: "numbers", found: input }) }
}

/// A list of such values.
pub(super) fn list(input: DataType) -> Result<DataType, TypeError> {
    Ok(DataType::list(scalar(input)?, false))
}

/// How many of them.
pub(super) fn counted(input: DataType) -> Result<DataType, TypeError> {
    scalar(input).map(|_| DataType::Int)
}

/// What orders values: anything without parts.
///
/// # Errors
/// When it has parts.
pub fn order(data_type: DataType) -> Result<(), TypeError> {
    scalar(data_type).map(|_| ())
}
