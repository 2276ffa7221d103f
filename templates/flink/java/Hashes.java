package dev.windrow.flink;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.TreeSet;

/**
 * The smallest hashes of the values; serves `approx_unique_count`, which is exact below {@link #HASHES_MAX} different values. They are a function of the set,
 * so any order and any merge gives the same estimate.
 */
final class Hashes extends Accumulator {
  private static final int HASHES_MAX = 2_048;
  private static final int DECIMAL_BYTES = 16;

  private final Type type;
  private final TreeSet<Long> hashes = new TreeSet<>(Long::compareUnsigned);

  Hashes(Type type) {
    this.type = type;
  }

  /** In whole numbers, so that every engine gives the same. */
  long estimate() {
    if (hashes.size() < HASHES_MAX) return hashes.size();
    BigInteger last = new BigInteger(Long.toUnsignedString(hashes.last())).add(BigInteger.ONE);
    BigInteger estimate = BigInteger.valueOf(HASHES_MAX - 1).shiftLeft(Long.SIZE).divide(last);
    return estimate.bitLength() < Long.SIZE ? estimate.longValue() : Long.MAX_VALUE;
  }

  @Override
  void clear() {
    hashes.clear();
  }

  @Override
  boolean isEmpty() {
    return hashes.isEmpty();
  }

  @Override
  void add(Given given) {
    add(XxHash64.of(bytes(given.value)));
  }

  private void add(long hash) {
    if (hashes.size() == HASHES_MAX && Long.compareUnsigned(hash, hashes.last()) >= 0) return;
    if (hashes.add(hash) && hashes.size() > HASHES_MAX) hashes.pollLast();
  }

  /** Text and bytes as they are, ints and times as eight bytes, decimals as sixteen bytes of units, the least first. */
  private byte[] bytes(Object value) {
    return switch (type.kind) {
      case STRING, BYTES -> (byte[]) value;
      case BOOL -> new byte[] {(byte) ((Boolean) value ? 1 : 0)};
      case DOUBLE -> little(Double.doubleToLongBits((Double) value));
      case DECIMAL -> units(value instanceof Long v ? BigInteger.valueOf(v) : (BigInteger) value);
      default -> little((Long) value);
    };
  }

  private static byte[] little(long value) {
    return ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
  }

  private static byte[] units(BigInteger value) {
    byte[] big = value.toByteArray();
    byte[] little = new byte[DECIMAL_BYTES];
    for (int i = 0; i < DECIMAL_BYTES; i++) little[i] = i < big.length ? big[big.length - 1 - i] : (byte) (value.signum() < 0 ? -1 : 0);
    return little;
  }

  @Override
  void merge(In in) {
    for (int n = in.size(); n > 0; n--) add(in.i64());
  }

  @Override
  void write(Out out) {
    out.size(hashes.size());
    hashes.forEach(out::i64);
  }
}
