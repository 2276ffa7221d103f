package dev.windrow.flink;

import java.util.Base64;
import org.apache.flink.table.functions.ScalarFunction;

/** `wr_base64(bytes)`: bytes as text, with padding. */
public final class Base64Text extends ScalarFunction {
  private static final long serialVersionUID = 1;

  public String eval(byte[] bytes) {
    return bytes == null ? null : Base64.getEncoder().encodeToString(bytes);
  }
}
