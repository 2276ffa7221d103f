package dev.windrow.flink;

/** Exact total and count of doubles; serves `sum` and `avg`. */
final class SumOfDoubles extends Accumulator {
  final ExactSum total = new ExactSum();
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
    total.add((Double) given.value);
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
