package dev.windrow.flink;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Values in their order; serves `approx_percentile`. Up to {@link #EXACT_MAX} all are kept, and the answer is one of them. Beyond, they are counted in
 * buckets of equal ratio, 64 to each power of two, and the answer is the middle of a bucket. Both are functions of the multiset.
 */
final class Percentile extends Accumulator {
  private static final int EXACT_MAX = 1_024;
  private static final int BUCKET_BITS = 6;
  /** Bits of a double that do not matter to its bucket. */
  private static final int DOUBLE_SHIFT = 52 - BUCKET_BITS;
  private static final BigInteger BILLION = BigInteger.valueOf(1_000_000_000);

  private final Type type;
  /** Ints, decimal units, or the numbers of doubles in the order of doubles; null once there are buckets. */
  private List<BigInteger> exact = new ArrayList<>();
  private final TreeMap<Integer, Long> buckets = new TreeMap<>();

  Percentile(Type type) {
    this.type = type;
  }

  @Override
  void clear() {
    exact = new ArrayList<>();
    buckets.clear();
  }

  @Override
  boolean isEmpty() {
    return exact != null && exact.isEmpty();
  }

  @Override
  void add(Given given) {
    add(ordinal(given.value));
  }

  private void add(BigInteger ordinal) {
    if (exact == null) {
      buckets.merge(bucket(ordinal), 1L, Long::sum);
      return;
    }
    exact.add(ordinal);
    if (exact.size() > EXACT_MAX) spill();
  }

  private void spill() {
    if (exact == null) return;
    for (BigInteger one : exact) buckets.merge(bucket(one), 1L, Long::sum);
    exact = null;
  }

  private BigInteger ordinal(Object value) {
    if (value instanceof Long v) return BigInteger.valueOf(v);
    if (value instanceof BigInteger v) return v;
    double v = (Double) value;
    BigInteger size = BigInteger.valueOf(Double.doubleToLongBits(Math.abs(v)));
    return v < 0 ? size.negate() : size;
  }

  private boolean isDouble() {
    return type.kind == Type.Kind.DOUBLE;
  }

  private int bucket(BigInteger ordinal) {
    BigInteger size = ordinal.abs();
    int number;
    if (isDouble()) {
      number = size.shiftRight(DOUBLE_SHIFT).intValueExact();
      // Subnormal doubles have no leading bit that buckets could be cut by.
      if (number >> BUCKET_BITS == 0) number = 0;
    } else {
      int octave = Math.max(0, size.bitLength() - BUCKET_BITS - 1);
      number = (octave << BUCKET_BITS) + size.shiftRight(octave).intValueExact();
    }
    return ordinal.signum() < 0 ? -number : number;
  }

  /** The ordinal in the middle of a bucket. */
  private BigInteger middle(int bucket) {
    int number = Math.abs(bucket);
    BigInteger size;
    if (isDouble()) {
      size = number == 0 ? BigInteger.ZERO : BigInteger.valueOf((long) number << DOUBLE_SHIFT | 1L << DOUBLE_SHIFT - 1);
    } else {
      // Below 2^7 a bucket is one number; above, the octave's numbers begin at 2^6.
      int octave = Math.max(0, (number >> BUCKET_BITS) - 1);
      size = BigInteger.valueOf(number - (octave << BUCKET_BITS)).shiftLeft(octave).add(BigInteger.ONE.shiftLeft(octave).shiftRight(1));
    }
    return bucket < 0 ? size.negate() : size;
  }

  /** The value at the fraction of `p` billionths: of n in order that at `min(floor(p n), n - 1)`. */
  Object value(long p) {
    if (isEmpty()) return null;
    if (exact != null) {
      List<BigInteger> sorted = new ArrayList<>(exact);
      Collections.sort(sorted);
      return valueOf(sorted.get((int) place(sorted.size(), p)));
    }
    long place = place(buckets.values().stream().mapToLong(Long::longValue).sum(), p);
    for (Map.Entry<Integer, Long> bucket : buckets.entrySet()) {
      if (place < bucket.getValue()) return valueOf(middle(bucket.getKey()));
      place -= bucket.getValue();
    }
    throw new IllegalStateException("a place is below the count");
  }

  private static long place(long count, long p) {
    return Math.min(BigInteger.valueOf(count).multiply(BigInteger.valueOf(p)).divide(BILLION).longValueExact(), count - 1);
  }

  private Object valueOf(BigInteger ordinal) {
    if (isDouble()) {
      double size = Double.longBitsToDouble(ordinal.abs().longValueExact());
      return Double.isFinite(size) ? (Object) ((ordinal.signum() < 0 ? -size : size) + 0.0) : null;
    }
    return type.clamp(ordinal);
  }

  @Override
  void merge(In in) {
    if (in.u8() == 0) {
      for (int n = in.size(); n > 0; n--) add(new BigInteger(in.bytes()));
      return;
    }
    spill();
    for (int n = in.size(); n > 0; n--) buckets.merge(in.i32(), in.i64(), Long::sum);
  }

  @Override
  void write(Out out) {
    out.u8(exact == null ? 1 : 0);
    if (exact != null) {
      out.size(exact.size());
      for (BigInteger one : exact) out.bytes(one.toByteArray());
      return;
    }
    out.size(buckets.size());
    buckets.forEach((bucket, count) -> out.i32(bucket).i64(count));
  }
}
