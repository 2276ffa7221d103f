package dev.windrow.flink;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A key's left rows of one instant: those that wait, and the hashes of all that came, for copies count once. */
final class Lefts {
  private final List<byte[]> seen = new ArrayList<>();
  private final List<byte[]> waiting = new ArrayList<>();

  /** `bytes` is null where there are none yet. */
  static Lefts read(byte[] bytes) {
    Lefts lefts = new Lefts();
    if (bytes == null) return lefts;
    In in = new In(bytes);
    for (int n = in.size(); n > 0; n--) lefts.seen.add(in.bytes());
    for (int n = in.size(); n > 0; n--) lefts.waiting.add(in.bytes());
    return lefts;
  }

  byte[] toBytes() {
    Out out = new Out().size(seen.size());
    seen.forEach(out::bytes);
    out.size(waiting.size());
    waiting.forEach(out::bytes);
    return out.toBytes();
  }

  boolean isEmpty() {
    return seen.isEmpty() && waiting.isEmpty();
  }

  /** False for a copy. */
  boolean remember(byte[] copy) {
    if (seen.stream().anyMatch(one -> Arrays.equals(one, copy))) return false;
    return seen.add(copy);
  }

  void hold(byte[] row) {
    waiting.add(row);
  }

  List<byte[]> release() {
    List<byte[]> rows = List.copyOf(waiting);
    waiting.clear();
    return rows;
  }

  void forget() {
    seen.clear();
  }
}
