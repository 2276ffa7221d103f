package dev.windrow.flink;

/**
 * What is kept of a set of values: fed value by value, or from another accumulator's bytes. The outcome depends on the set alone, never on the order of
 * calls, so a chunk's bytes stand for its events. `add` never sees null.
 */
abstract class Accumulator {
  abstract void clear();

  /** `id` is the event id in UTF-8, empty if the source declares none; together with the time it orders `last`. */
  abstract void add(long ts, byte[] id, Object value);

  abstract void merge(In in);

  abstract void write(Out out);

  static final class Count extends Accumulator {
    long count;

    @Override
    void clear() {
      count = 0;
    }

    @Override
    void add(long ts, byte[] id, Object value) {
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
