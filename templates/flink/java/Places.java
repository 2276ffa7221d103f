package dev.windrow.flink;

import java.util.TreeMap;
import org.apache.flink.types.Row;

/**
 * Of a key of a static table, how far each partition has been read. A job that does not end reads such a table twice, once to where its end was and once for
 * good, so a row may come again when newer ones are known.
 */
final class Places {
  private final TreeMap<String, Long> offsets = new TreeMap<>();

  /** `bytes` is null where nothing is known yet. */
  static Places read(byte[] bytes) {
    Places places = new Places();
    if (bytes == null) return places;
    In in = new In(bytes);
    while (!in.done()) places.offsets.put(in.text(), in.i64());
    return places;
  }

  byte[] toBytes() {
    Out out = new Out();
    offsets.forEach((place, offset) -> out.text(place).i64(offset));
    return out.toBytes();
  }

  boolean isEmpty() {
    return offsets.isEmpty();
  }

  /** False for a record that has been read; its place stands in `row` from `at` on, and lines of files have none. */
  boolean isNew(Row row, int at) {
    String cluster = row.getFieldAs(at);
    if (cluster == null) return true;
    long offset = row.<Long>getFieldAs(at + 2);
    Long known = offsets.get(place(cluster, row.getFieldAs(at + 1)));
    if (known != null && known >= offset) return false;
    offsets.put(place(cluster, row.getFieldAs(at + 1)), offset);
    return true;
  }

  private static String place(String cluster, Integer partition) {
    return cluster + "/" + partition;
  }
}
