package dev.windrow.flink;

import java.nio.charset.StandardCharsets;
import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.annotation.InputGroup;
import org.apache.flink.table.functions.ScalarFunction;

/** `wr_json(value)`: a list, a map or a struct as it is on the wire. */
public final class WireJson extends ScalarFunction {
  private static final long serialVersionUID = 1;

  public byte[] eval(@DataTypeHint(inputGroup = InputGroup.ANY) Object value) {
    return value == null ? null : WireText.json(value).getBytes(StandardCharsets.UTF_8);
  }
}
