package dev.windrow.flink;

import java.lang.reflect.Array;
import org.apache.flink.table.catalog.DataTypeFactory;
import org.apache.flink.table.data.ArrayData;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.functions.ScalarFunction;
import org.apache.flink.table.functions.SpecializedFunction;
import org.apache.flink.table.functions.UserDefinedFunction;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.inference.InputTypeStrategies;
import org.apache.flink.table.types.inference.InputTypeStrategy;
import org.apache.flink.table.types.inference.TypeInference;
import org.apache.flink.table.types.inference.TypeStrategies;
import org.apache.flink.table.types.logical.ArrayType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.LogicalTypeRoot;
import org.apache.flink.table.types.logical.utils.LogicalTypeUtils;

/**
 * `wr_list(array)`: the same elements in an array of their own class. Flink's literals and functions of arrays (ARRAY[…], ARRAY_SORT) make an Object[], and
 * where a function in Java is given such a list of BIGINT or DOUBLE, Flink casts it to Long[] or Double[] and fails. The array stays in Flink's own form on both
 * sides, so that nothing is cast on the way in.
 */
public final class TypedList extends ScalarFunction implements SpecializedFunction {
  private static final long serialVersionUID = 1;

  /** Null until the types of a call are known. */
  private final DataType type;

  private final ArrayData.ElementGetter elements;
  private final Class<?> elementClass;

  public TypedList() {
    type = null;
    elements = null;
    elementClass = null;
  }

  private TypedList(DataType type) {
    this.type = type.bridgedTo(ArrayData.class);
    LogicalType element = ((ArrayType) type.getLogicalType()).getElementType();
    elements = ArrayData.createElementGetter(element);
    elementClass = LogicalTypeUtils.toInternalConversionClass(element);
  }

  @Override
  public UserDefinedFunction specialize(SpecializedContext context) {
    return new TypedList(context.getCallContext().getArgumentDataTypes().get(0));
  }

  @Override
  public TypeInference getTypeInference(DataTypeFactory types) {
    InputTypeStrategy any = InputTypeStrategies.sequence(InputTypeStrategies.logical(LogicalTypeRoot.ARRAY));
    return TypeInference.newBuilder()
        .inputTypeStrategy(type == null ? any : InputTypeStrategies.explicitSequence(type))
        .outputTypeStrategy(type == null ? TypeStrategies.argument(0) : TypeStrategies.explicit(type))
        .build();
  }

  public ArrayData eval(ArrayData list) {
    if (list == null) return null;
    Object[] typed = (Object[]) Array.newInstance(elementClass, list.size());
    for (int i = 0; i < typed.length; i++) typed[i] = elements.getElementOrNull(list, i);
    return new GenericArrayData(typed);
  }
}
