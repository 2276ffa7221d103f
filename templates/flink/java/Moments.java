package dev.windrow.flink;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * Number, sum and sum of squares, all exact; serves `variance` and `stddev` of a population: `(n Σx² - (Σx)²) / n²`, rounded once. A double is a decimal
 * number too, if a long one.
 */
final class Moments extends Accumulator {
  private static final MathContext NEAR = new MathContext(40, RoundingMode.DOWN);
  private static final BigDecimal HALF = new BigDecimal("0.5");

  private final Type type;
  private long count;
  private BigDecimal total;
  private BigDecimal squares;

  Moments(Type type) {
    this.type = type;
    clear();
  }

  @Override
  void clear() {
    count = 0;
    total = BigDecimal.ZERO;
    squares = BigDecimal.ZERO;
  }

  @Override
  boolean isEmpty() {
    return count == 0;
  }

  @Override
  void add(Given given) {
    BigDecimal x = decimal(given.value);
    count++;
    total = total.add(x);
    squares = squares.add(x.multiply(x));
  }

  private BigDecimal decimal(Object value) {
    if (value instanceof Double d) return new BigDecimal(d);
    return new BigDecimal(value instanceof Long l ? BigInteger.valueOf(l) : (BigInteger) value, type.scale);
  }

  @Override
  void merge(In in) {
    count += in.i64();
    total = total.add(read(in));
    squares = squares.add(read(in));
  }

  @Override
  void write(Out out) {
    out.i64(count);
    write(out, total);
    write(out, squares);
  }

  private static BigDecimal read(In in) {
    return new BigDecimal(new BigInteger(in.bytes()), in.i32());
  }

  private static void write(Out out, BigDecimal value) {
    out.bytes(value.unscaledValue().toByteArray()).i32(value.scale());
  }

  /** The double nearest to the variance or to its root; null for no values, or where no double is near. */
  Double value(boolean root) {
    if (count == 0) return null;
    BigDecimal n = BigDecimal.valueOf(count);
    BigDecimal dividend = n.multiply(squares).subtract(total.multiply(total));
    if (dividend.signum() == 0) return 0.0;
    BigDecimal divisor = n.multiply(n);
    BigDecimal near = dividend.divide(divisor, NEAR);
    double found = (root ? near.sqrt(NEAR) : near).doubleValue();
    // The digits that were cut off may lie beyond the border between two doubles: the borders are compared exactly.
    while (beyond(dividend, divisor, found, Math.nextUp(found), root) > 0) found = Math.nextUp(found);
    while (found > 0 && beyond(dividend, divisor, Math.nextDown(found), found, root) < 0) found = Math.nextDown(found);
    return Double.isInfinite(found) ? null : (Double) found;
  }

  /** Whether the value is nearer to `high` (1) or to `low` (-1) of two neighbours; a tie goes to the even one. */
  private static int beyond(BigDecimal dividend, BigDecimal divisor, double low, double high, boolean root) {
    if (Double.isInfinite(low)) return 0;
    // Beyond the largest double stands what would be its neighbour.
    BigDecimal above = Double.isInfinite(high) ? new BigDecimal(low).add(new BigDecimal(Math.ulp(low))) : new BigDecimal(high);
    BigDecimal border = new BigDecimal(low).add(above).multiply(HALF);
    int side = dividend.compareTo((root ? border.multiply(border) : border).multiply(divisor));
    if (side != 0) return side;
    return (Double.doubleToLongBits(low) & 1) == 0 ? -1 : 1;
  }
}
