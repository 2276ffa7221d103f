package dev.windrow.flink;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** The values of a node's features as of an instant: all windows in one pass over the events, from the newest back. */
final class Windows {
  private record From(Window window, long start) {}

  /** As in windrow's other engines. */
  private static final long DELETION_KEPT_MS = 86_400_000;

  private final Spec spec;
  private final Cells cells;
  private final List<Window> windows;
  private final boolean hasLifetime;

  Windows(Spec spec, Cells cells) {
    this.spec = spec;
    this.cells = cells;
    windows = spec.windows();
    hasLifetime = windows.stream().anyMatch(Window::isLifetime);
  }

  /** No window at `q` or later contains an event before. A life takes an event however late it comes. */
  long horizon(long q) {
    return hasLifetime ? Long.MIN_VALUE : longest(q);
  }

  private long longest(long q) {
    return windows.stream().filter(w -> !w.isLifetime()).mapToLong(w -> w.start(q)).min().orElse(q);
  }

  /**
   * What is before is of no use as of `q` or later. A life that ended is kept for as long again: an event that is late by no more than its ttl may still
   * join it to a new one.
   */
  long keptFrom(EventTree tree, long q) throws Exception {
    if (spec.isTable()) return isOver(tree, q) ? q : tree.newestBefore(q);
    return hasLifetime && (tree.isEmpty() || q <= afterLife(tree.newestTs())) ? Long.MIN_VALUE : longest(q);
  }

  private long afterLife(long newest) {
    return plus(plus(newest, spec.ttlMs), spec.ttlMs);
  }

  private static long plus(long a, long b) {
    return b > 0 && a > Long.MAX_VALUE - 1 - b ? Long.MAX_VALUE - 1 : a + b;
  }

  /** V of no events. */
  Object[] empty() {
    cells.clear();
    return spec.features.stream().map(cells::value).toArray();
  }

  /** V(key, q), in Type's inner form. */
  Object[] values(EventTree tree, long q) throws Exception {
    Object[] values = new Object[spec.features.size()];
    boolean[] active = new boolean[cells.count()];
    cells.clear();
    long to = q;
    List<From> inOrder = starts(tree, q);
    for (int i = 0; i < inOrder.size(); i++) {
      From from = inOrder.get(i);
      activate(active, inOrder.subList(i, inOrder.size()));
      tree.aggregate(from.start, to, active);
      for (int f = 0; f < values.length; f++) {
        if (spec.features.get(f).window().equals(from.window)) values[f] = cells.value(spec.features.get(f));
      }
      to = from.start;
    }
    return values;
  }

  /** Where each window begins, the shortest first. */
  private List<From> starts(EventTree tree, long q) throws Exception {
    From[] starts = new From[windows.size()];
    for (int i = 0; i < starts.length; i++) {
      Window window = windows.get(i);
      starts[i] = new From(window, window.isLifetime() ? tree.lifeStart(q, spec.ttlMs) : window.start(q));
    }
    Arrays.sort(starts, Comparator.comparingLong(From::start).reversed());
    return List.of(starts);
  }

  /** The cells that the windows need which are not yet whole. */
  private void activate(boolean[] active, List<From> left) {
    Arrays.fill(active, false);
    for (Spec.Feature f : spec.features) active[f.cell()] |= left.stream().anyMatch(from -> from.window.equals(f.window()));
  }

  /** The first q as of which no window contains an event at `ts`. */
  long gone(long ts) {
    return windows.stream().mapToLong(w -> w.isLifetime() ? plus(afterLife(ts), 1) : w.gone(ts)).max().orElse(ts + 1);
  }

  /** When the row as of `q` may next change by expiry alone, moved up to the refresh grid. Long.MAX_VALUE if nothing expires. */
  long nextChange(EventTree tree, long q, int phase) throws Exception {
    long next = Long.MAX_VALUE;
    for (Window window : windows) {
      if (window.isLifetime()) {
        next = Math.min(next, endOfLife(tree, q));
        continue;
      }
      long oldest = tree.oldestFrom(window.start(q));
      if (oldest != Long.MAX_VALUE) next = Math.min(next, window.due(oldest, phase));
    }
    return next;
  }

  /** When a life ends, or what is kept of one that has ended goes. */
  private long endOfLife(EventTree tree, long q) {
    if (spec.ttlMs == Long.MAX_VALUE || tree.isEmpty()) return Long.MAX_VALUE;
    long end = plus(plus(tree.newestTs(), spec.ttlMs), 1);
    if (q < end) return end;
    // What longer windows still hold of it is theirs. A timer that is due already would never fire.
    long gone = plus(afterLife(tree.newestTs()), 1);
    return q < gone ? gone : Long.MAX_VALUE;
  }

  /** Until when the oldest that is kept may be asked for: a table's row until there is a newer one. */
  long gone(EventTree tree) throws Exception {
    if (!spec.isTable()) return gone(tree.root().firstTs());
    long first = tree.root().firstTs();
    long next = tree.oldestFrom(first + 1);
    if (next != Long.MAX_VALUE) return plus(next, 1);
    return isDeletion(tree, first + 1) ? plus(first, DELETION_KEPT_MS + 1) : Long.MAX_VALUE - 1;
  }

  /** Whether a deletion has been kept for long enough: a row that is older than it, and comes late, must not bring the key back. */
  private boolean isOver(EventTree tree, long q) throws Exception {
    long newest = tree.newestBefore(q);
    return newest != Long.MIN_VALUE && plus(newest, DELETION_KEPT_MS) < q && isDeletion(tree, q);
  }

  private boolean isDeletion(EventTree tree, long q) throws Exception {
    Object packed = values(tree, q)[0];
    return packed != null && TableRow.isDeletion(packed);
  }

  /** The row in bytes, to see whether it changed. */
  byte[] encode(Object[] values) {
    Out out = new Out();
    for (int i = 0; i < values.length; i++) {
      out.u8(values[i] == null ? 0 : 1);
      if (values[i] != null) spec.features.get(i).result().write(out, values[i]);
    }
    return out.toBytes();
  }

  Object toFlink(int feature, Object value) {
    return spec.features.get(feature).result().toFlink(value);
  }
}
