package dev.windrow.flink;

import java.util.Arrays;
import org.apache.flink.table.functions.ScalarFunction;

/** `wr_unstamped(line)`: the record of a line that is its timestamp in ms, a tab, and the record. */
public final class LineRest extends ScalarFunction {
  private static final long serialVersionUID = 1;

  public byte[] eval(byte[] line) {
    return Arrays.copyOfRange(line, LineStamp.tab(line) + 1, line.length);
  }
}
