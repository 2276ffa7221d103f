package dev.windrow.flink;

import java.nio.ByteBuffer;
import org.apache.flink.table.functions.ScalarFunction;

/** `wr_salt(copy, origin)`: the hash that finds copies, of an event that no other input of a union has. */
public final class Salted extends ScalarFunction {
  private static final long serialVersionUID = 1;

  public byte[] eval(byte[] copy, Long origin) {
    if (copy == null) return null;
    ByteBuffer in = ByteBuffer.wrap(copy);
    long salt = XxHash64.of(ByteBuffer.allocate(Long.BYTES).putLong(origin).array());
    ByteBuffer out = ByteBuffer.allocate(copy.length);
    // Turned before, so that unions of unions are told apart by the order of their inputs.
    while (in.remaining() >= Long.BYTES) out.putLong(Long.rotateLeft(in.getLong(), 1) ^ salt);
    return out.array();
  }
}
