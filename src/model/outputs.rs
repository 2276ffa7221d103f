//! The columns that definitions put out, in order.

use crate::types::Field;

use super::{GroupBy, Join, JoinPart, Model};

impl Model {
    /// The key columns, then the features.
    #[must_use]
    pub fn group_by_output(&self, group_by: &GroupBy) -> Vec<Field> {
        let scope = self.group_by_scope(group_by);
        // A row with a null key part is no row.
        let keys = group_by.keys.iter().map(|slot| Field { nullable: false, ..scope[*slot].clone() });
        let features = group_by.aggregates.iter();
        keys.chain(features.map(|a| Field::new(&a.column, a.output, a.nullable))).collect()
    }

    /// Left columns, `<alias>_<column>` of each part, `<alias>_<column>` of each lookup, derived columns.
    #[must_use]
    pub fn join_output(&self, join: &Join) -> Vec<Field> {
        let mut fields = self.left_fields(join);
        for part in &join.parts {
            let features = self.part_fields(join, part);
            fields.extend(features);
        }
        for lookup in &join.lookups {
            let named = |field: Field| Field { name: format!("{}_{}", lookup.alias, field.name), ..field };
            fields.extend(self.looked_up(lookup).into_iter().map(named));
        }
        let derived = join.derived_order.iter().map(|index| &join.derived[*index]);
        fields.extend(
            derived.map(|column| Field::new(&column.name, column.expr.data_type, column.expr.nullable)),
        );
        fields
    }

    /// A null key part gives nulls for all features of a part (rule S6).
    fn part_fields(&self, join: &Join, part: &JoinPart) -> Vec<Field> {
        let left = self.left_fields(join);
        let key_may_be_null = part.on.iter().any(|slot| left[*slot].nullable);
        let features = self.group_by(part.group_by).aggregates.iter();
        features
            .map(|a| {
                Field::new(format!("{}_{}", part.alias, a.column), a.output, a.nullable || key_may_be_null)
            })
            .collect()
    }
}
