package dev.windrow.flink;

/**
 * What is kept of a set of values: fed value by value, or from another accumulator's bytes. The outcome depends on the set alone, never on the order of
 * calls, so a chunk's bytes stand for its events.
 */
abstract class Accumulator {
  abstract void clear();

  /** Whether nothing was aggregated: a default stands in its place. */
  abstract boolean isEmpty();

  /** Adds a value that is not null. What is given belongs to the caller, who uses it again. */
  abstract void add(Given given);

  abstract void merge(In in);

  abstract void write(Out out);

  static final class Count extends Accumulator {
    long count;

    @Override
    void clear() {
      count = 0;
    }

    @Override
    boolean isEmpty() {
      return count == 0;
    }

    @Override
    void add(Given given) {
      count++;
    }

    @Override
    void merge(In in) {
      count += in.i64();
    }

    @Override
    void write(Out out) {
      out.i64(count);
    }
  }
}
