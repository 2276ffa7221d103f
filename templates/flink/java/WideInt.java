package dev.windrow.flink;

import java.math.BigInteger;

/** An integer total that cannot overflow: a long while it fits, the rest spilled into a BigInteger. */
final class WideInt {
  private long low;
  private BigInteger spilled = BigInteger.ZERO;

  void clear() {
    low = 0;
    spilled = BigInteger.ZERO;
  }

  void add(long v) {
    long sum = low + v;
    if (((low ^ sum) & (v ^ sum)) < 0) {
      spilled = spilled.add(BigInteger.valueOf(low)).add(BigInteger.valueOf(v));
      low = 0;
    } else {
      low = sum;
    }
  }

  void add(BigInteger v) {
    if (v.bitLength() < Long.SIZE) add(v.longValue());
    else spilled = spilled.add(v);
  }

  BigInteger total() {
    return spilled.signum() == 0 ? BigInteger.valueOf(low) : spilled.add(BigInteger.valueOf(low));
  }

  void write(Out out) {
    out.bytes(total().toByteArray());
  }

  void merge(In in) {
    add(new BigInteger(in.bytes()));
  }
}
