package dev.windrow.flink;

import java.math.BigInteger;

/**
 * The exact sum of doubles, rounded once. A fixed-point number wide enough for every double: limb i holds a signed multiple of 2^(32 i - 1074). An
 * addition touches three limbs and carries nothing; carries are settled before a limb could overflow. Any order of additions and merges gives the same
 * bits, and {1e308, 1e308, -1e308} is 1e308.
 */
final class ExactSum {
  private static final int LIMBS = 68;
  private static final long MASK = 0xffff_ffffL;
  private static final int LOWEST_EXPONENT = -1074;
  private static final int MANTISSA_BITS = 53;
  /** Each addition moves a limb by less than 2^32, so this many leave it far inside a long. */
  private static final int ADDS_MAX = 1 << 29;

  private final long[] limbs = new long[LIMBS];
  private int adds;

  void clear() {
    if (adds > 0) java.util.Arrays.fill(limbs, 0);
    adds = 0;
  }

  void add(double v) {
    long bits = Double.doubleToRawLongBits(v);
    int exponent = (int) (bits >>> 52) & 0x7ff;
    long mantissa = bits & (1L << 52) - 1;
    if (exponent == 0) exponent = 1;
    else mantissa |= 1L << 52;
    int limb = exponent - 1 >>> 5;
    int shift = exponent - 1 & 31;
    long upper = mantissa >>> 32 - shift;
    long sign = bits < 0 ? -1 : 1;
    limbs[limb] += sign * (mantissa << shift & MASK);
    limbs[limb + 1] += sign * (upper & MASK);
    limbs[limb + 2] += sign * (upper >>> 32);
    count();
  }

  private void count() {
    if (++adds >= ADDS_MAX) normalise();
  }

  /** Afterwards all limbs have the sign of the total and are below 2^32 in size. Returns that sign: -1 or 1. */
  private int normalise() {
    carry();
    int sign = limbs[LIMBS - 1] < 0 ? -1 : 1;
    if (sign < 0) {
      negate();
      carry();
      negate();
    }
    adds = 1;
    return sign;
  }

  private void carry() {
    long carry = 0;
    for (int i = 0; i < LIMBS - 1; i++) {
      long v = limbs[i] + carry;
      limbs[i] = v & MASK;
      carry = v >> 32;
    }
    limbs[LIMBS - 1] += carry;
  }

  private void negate() {
    for (int i = 0; i < LIMBS; i++) limbs[i] = -limbs[i];
  }

  void write(Out out) {
    int sign = normalise();
    int from = 0;
    int to = LIMBS;
    while (from < to && limbs[from] == 0) from++;
    while (to > from && limbs[to - 1] == 0) to--;
    out.u8(sign < 0 ? 1 : 0).u8(from).u8(to - from);
    for (int i = from; i < to; i++) out.i32((int) (sign * limbs[i]));
  }

  void merge(In in) {
    long sign = in.u8() == 1 ? -1 : 1;
    int from = in.u8();
    int n = in.u8();
    for (int i = from; i < from + n; i++) limbs[i] += sign * (in.i32() & MASK);
    count();
  }

  /** The total rounded half to even, or null if it is beyond the largest double. Zero is 0.0. */
  Double rounded() {
    int sign = normalise();
    BigInteger total = BigInteger.ZERO;
    for (int i = LIMBS - 1; i >= 0; i--) total = total.shiftLeft(32).add(BigInteger.valueOf(sign * limbs[i]));
    int shift = Math.max(0, total.bitLength() - MANTISSA_BITS);
    long kept = total.shiftRight(shift).longValue();
    if (shift > 0 && total.testBit(shift - 1) && ((kept & 1) == 1 || total.getLowestSetBit() < shift - 1)) kept++;
    double v = sign * Math.scalb((double) kept, shift + LOWEST_EXPONENT);
    return Double.isFinite(v) ? v + 0.0 : null;
  }
}
