package dev.windrow.flink;

import java.nio.charset.StandardCharsets;
import org.apache.flink.types.Row;

/** Reads a keyed node's input rows, laid out as {@link Spec} says, into a key's tree of events. */
final class EventReader {
  private final Spec spec;
  private final Cells cells;
  private final TableRow row;

  EventReader(Spec spec, Cells cells) {
    this.spec = spec;
    this.cells = cells;
    row = spec.isTable() ? new TableRow(spec) : null;
  }

  long ts(Row in) {
    return in.<Long>getFieldAs(spec.keys);
  }

  /** False if the tree holds a copy of the event. */
  boolean insert(EventTree tree, long ts, Row in) throws Exception {
    int at = spec.keys + 1;
    byte[] id = null;
    byte[] copy = null;
    if (row != null) return insertRow(tree, ts, in);
    if (spec.copies) {
      id = in.<String>getFieldAs(at).getBytes(StandardCharsets.UTF_8);
      copy = in.getFieldAs(at + 1);
      if (tree.holds(ts, copy)) return false;
      at += 2;
    }
    long origin = spec.origins ? in.<Long>getFieldAs(at++) : 0;
    Object[] values = new Object[spec.columns.size()];
    for (int i = 0; i < values.length; i++) values[i] = spec.type(i).fromFlink(in.getField(at + i));
    tree.insert(ts, cells.event(copy, id, origin, values));
    return true;
  }

  /** Copies of a table's row are harmless: the same row is the newest. */
  private boolean insertRow(EventTree tree, long ts, Row in) throws Exception {
    int at = spec.keys + 1;
    // A deletion has neither: it comes before any row of its instant.
    String id = spec.copies ? in.getFieldAs(at) : null;
    byte[] copy = spec.copies ? in.getFieldAs(at + 1) : null;
    byte[] text = id == null ? Cells.NO_ID : id.getBytes(StandardCharsets.UTF_8);
    tree.insert(ts, cells.event(copy == null ? Cells.NO_COPY : copy, text, 0, new Object[] {row.pack(in, spec.recordAt())}));
    return true;
  }
}
