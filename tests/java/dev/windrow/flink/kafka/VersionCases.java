package dev.windrow.flink.kafka;

import dev.windrow.flink.Checks;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;

/** Versions of rows over restarts (rule R2), and what a writer keeps of rows that a region has not taken. Exit code 1 on a difference. */
public final class VersionCases {
  private static final long NOW = 1_700_000_000_000L;
  private static final Checks CHECKS = new Checks();

  private VersionCases() {}

  public static void main(String[] args) throws IOException {
    is("a job without a state goes by the clock", NOW, Epochs.after(List.of(), NOW));
    is("so does one that stood still", NOW, Epochs.after(List.of(NOW - 9, NOW - 5), NOW));
    is("a clock that was set back leads nowhere", NOW + 10, Epochs.after(List.of(NOW + 9, NOW + 5), NOW));
    is("nor does one that has not moved", NOW + 1, Epochs.after(List.of(NOW), NOW));
    String[] inOrder = {"1.9.500", "1.10.1", "1.10.2", "1.10.10", "2.1.1", "10.0.1"};
    for (int a = 0; a < inOrder.length; a++) {
      for (int b = 0; b < inOrder.length; b++) is(inOrder[a] + " above " + inOrder[b], a > b, row(inOrder[a], true).isAbove(row(inOrder[b], true)));
    }
    keeps(new Backlog.Serializer());
    CHECKS.end();
  }

  private static Outgoing row(String version, boolean isThere) {
    return new Outgoing("k".getBytes(), isThere ? "{}".getBytes() : null, version, NOW);
  }

  private static void keeps(Backlog.Serializer serializer) throws IOException {
    Outgoing[] rows = {row("1.2.3", true), row("1.2.4", false), new Outgoing(null, "{}".getBytes(), "1.2.5", -1)};
    Backlog kept = serializer.deserialize(serializer.getVersion(), serializer.serialize(new Backlog("west", List.of(rows))));
    is("the region", "west", kept.region());
    is("the rows", text(List.of(rows)), text(kept.rows()));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeLong(NOW);
    out.writeUTF("east");
    out.writeInt(1);
    rows[0].write(out);
    Backlog older = serializer.deserialize(1, bytes.toByteArray());
    is("of an older build", "east " + text(List.of(rows[0])), older.region() + " " + text(older.rows()));
  }

  private static String text(List<Outgoing> rows) {
    return rows.stream().map(row -> text(row.key()) + "=" + text(row.value()) + " " + row.version() + " " + row.asOf()).toList().toString();
  }

  private static String text(byte[] bytes) {
    return bytes == null ? "none" : new String(bytes);
  }

  private static void is(String what, Object wanted, Object found) {
    CHECKS.is(what, wanted, found);
  }
}
