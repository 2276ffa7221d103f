package dev.windrow.flink;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.annotation.InputGroup;
import org.apache.flink.table.functions.ScalarFunction;

/** `wr_line(name, value, …)`: a row as it is on the wire. */
public final class WireLine extends ScalarFunction {
  private static final long serialVersionUID = 1;

  public String eval(@DataTypeHint(inputGroup = InputGroup.ANY) Object... namesAndValues) {
    List<String> names = new ArrayList<>();
    Object[] values = new Object[namesAndValues.length / 2];
    for (int i = 0; i < values.length; i++) {
      names.add((String) namesAndValues[2 * i]);
      values[i] = namesAndValues[2 * i + 1];
    }
    return new String(WireText.row(names, values), StandardCharsets.UTF_8);
  }
}
