package dev.windrow.flink;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** The values of a node's features as of an instant: all windows in one pass over the events, from the newest back. */
final class Windows {
  private final Spec spec;
  private final Cells cells;
  private final List<Window> windows;

  Windows(Spec spec, Cells cells) {
    this.spec = spec;
    this.cells = cells;
    windows = spec.windows();
  }

  /** Where the longest window begins as of `q`: no window at `q` or later contains an event before. */
  long horizon(long q) {
    return windows.stream().mapToLong(w -> w.start(q)).min().orElse(q);
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
    Arrays.fill(active, true);
    cells.clear();
    long to = q;
    for (Window window : windows.stream().sorted(Comparator.comparingLong((Window w) -> w.start(q)).reversed()).toList()) {
      long from = window.start(q);
      activate(active, q, from);
      tree.aggregate(from, to, active);
      for (int f = 0; f < values.length; f++) {
        if (spec.features.get(f).window().equals(window)) values[f] = cells.value(spec.features.get(f));
      }
      to = from;
    }
    return values;
  }

  /** The first q as of which no window contains an event at `ts`. */
  long gone(long ts) {
    return windows.stream().mapToLong(w -> w.gone(ts)).max().orElse(ts + 1);
  }

  /** The cells that a window beginning at `from` or earlier needs. */
  private void activate(boolean[] active, long q, long from) {
    Arrays.fill(active, false);
    for (Spec.Feature f : spec.features) active[f.cell()] |= f.window().start(q) <= from;
  }

  /** When the row as of `q` may next change by expiry alone, moved up to the refresh grid. Long.MAX_VALUE if nothing expires. */
  long nextChange(EventTree tree, long q, int phase) throws Exception {
    long next = Long.MAX_VALUE;
    for (Window window : windows) {
      long oldest = tree.oldestFrom(window.start(q));
      if (oldest != Long.MAX_VALUE) next = Math.min(next, window.due(oldest, phase));
    }
    return next;
  }

  /** The row in bytes, to see whether it changed. */
  byte[] encode(Object[] values) {
    Out out = new Out();
    for (int i = 0; i < values.length; i++) {
      Spec.Feature f = spec.features.get(i);
      out.u8(values[i] == null ? 0 : 1);
      if (values[i] != null) f.aggregate().result(spec.type(f.argument())).write(out, values[i]);
    }
    return out.toBytes();
  }

  Object toFlink(int feature, Object value) {
    Spec.Feature f = spec.features.get(feature);
    return f.aggregate().result(spec.type(f.argument())).toFlink(value);
  }
}
