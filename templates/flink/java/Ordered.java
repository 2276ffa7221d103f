package dev.windrow.flink;

import org.apache.flink.table.functions.ScalarFunction;

/** `wr_ordered(n)`: text of an int whose bytes order as the ints do; event ids that are no strings go by it, for ids order ties. */
public final class Ordered extends ScalarFunction {
  private static final long serialVersionUID = 1;
  private static final int DIGITS = 16;

  public String eval(Long n) {
    if (n == null) return null;
    String hex = Long.toHexString(n ^ Long.MIN_VALUE);
    return "0".repeat(DIGITS - hex.length()) + hex;
  }
}
