package dev.windrow.flink;

import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.annotation.InputGroup;
import org.apache.flink.table.functions.ScalarFunction;

/** `wr_arguments(value, …)`: what a model is asked, as a JSON array. */
public final class ArgumentsText extends ScalarFunction {
  private static final long serialVersionUID = 1;

  public String eval(@DataTypeHint(inputGroup = InputGroup.ANY) Object... values) {
    return WireText.json(values);
  }
}
