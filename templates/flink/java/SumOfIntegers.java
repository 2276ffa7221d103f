package dev.windrow.flink;

import java.math.BigInteger;

/** Exact total and count of ints or unscaled decimals; serves `sum` and `avg`. */
final class SumOfIntegers extends Accumulator {
  final WideInt total = new WideInt();
  long count;

  @Override
  void clear() {
    total.clear();
    count = 0;
  }

  @Override
  boolean isEmpty() {
    return count == 0;
  }

  @Override
  void add(Given given) {
    if (given.value instanceof Long v) total.add(v);
    else total.add((BigInteger) given.value);
    count++;
  }

  @Override
  void merge(In in) {
    count += in.i64();
    total.merge(in);
  }

  @Override
  void write(Out out) {
    out.i64(count);
    total.write(out);
  }
}
