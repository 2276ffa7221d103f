package dev.windrow.flink;

import org.apache.flink.table.functions.ScalarFunction;

/** `wr_unstamped(line)`: the record of a {@link StampedLine}; null if that has no value. */
public final class LineRest extends ScalarFunction {
  private static final long serialVersionUID = 1;

  public byte[] eval(byte[] line) {
    return StampedLine.read(line).value();
  }
}
