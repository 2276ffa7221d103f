package dev.windrow.flink;

import org.apache.flink.table.functions.ScalarFunction;

/** `wr_key_of(line)`: the key of the record without value that a {@link StampedLine} is; null of any other. */
public final class LineKey extends ScalarFunction {
  private static final long serialVersionUID = 1;

  public byte[] eval(byte[] line) {
    return StampedLine.read(line).key();
  }
}
