package dev.windrow.flink;

import java.nio.charset.StandardCharsets;
import org.apache.flink.table.functions.ScalarFunction;

/** `wr_text(bytes)`: a dead letter's payload for people; what is no text shows as replacement characters, see {@link PayloadBytes}. */
public final class PayloadText extends ScalarFunction {
  private static final long serialVersionUID = 1;

  public String eval(byte[] bytes) {
    return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
  }
}
