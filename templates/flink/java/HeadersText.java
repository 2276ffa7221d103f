package dev.windrow.flink;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.functions.ScalarFunction;

/** `wr_headers(map)`: a dead letter's headers as a JSON object of names and values in base64. */
public final class HeadersText extends ScalarFunction {
  private static final long serialVersionUID = 1;

  public String eval(@DataTypeHint("MAP<STRING, BYTES>") Map<String, byte[]> headers) {
    if (headers == null) return null;
    List<String> names = new ArrayList<>();
    List<Object> values = new ArrayList<>();
    new TreeMap<>(headers).forEach((name, value) -> {
      names.add(name);
      values.add(value == null ? null : Base64.getEncoder().encodeToString(value));
    });
    return new String(WireText.row(names, values.toArray()), java.nio.charset.StandardCharsets.UTF_8);
  }
}
