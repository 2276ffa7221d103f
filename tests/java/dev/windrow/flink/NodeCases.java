package dev.windrow.flink;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** What a keyed node puts out of a key, by rules S4, S8 and S13: while the watermark moves on without events, and in a run after a failure. Exit code 1 on a difference. */
public final class NodeCases {
  private static final long NOW = 1_700_000_000_000L;
  private static final long SECOND = 1_000;
  private static final long MINUTE = 60_000;
  private static final long HOUR = 3_600_000;
  private static final Checks CHECKS = new Checks();

  private NodeCases() {}

  public static void main(String[] args) throws Exception {
    for (String key : new String[] {"a", "b", "u17", "\u00fc"}) {
      leaves(key, Window.exact(HOUR, MINUTE), MINUTE);
      leaves(key, Window.exact(MINUTE, SECOND), SECOND);
      leaves(key, Window.hop(HOUR, 5 * MINUTE, MINUTE), MINUTE);
    }
    leavesOneByOne();
    waits();
    wasNeverSeen();
    comesBack();
    livesOn();
    isLate();
    endsAtTheCut();
    isSaidAgain();
    isSaidOnce();
    isOfAnOlderBuild();
    CHECKS.end();
  }

  private static Spec count(Window window) {
    return Spec.node("n").keys(1).feature("n", Call.of(Aggregate.COUNT), window);
  }

  private static void is(String what, Object wanted, Object found) {
    CHECKS.is(what, wanted, found);
  }

  /** The watermark moves as that of a quiet source does, by steps and without an event. */
  private static void leaves(String key, Window window, long refresh) throws Exception {
    NodeRig rig = new NodeRig(count(window), "");
    rig.advance(NOW - 10 * SECOND);
    rig.event(key, NOW);
    is("an event of a key", List.of("1@" + (NOW + 1)), List.copyOf(rig.said));
    long gone = window.gone(NOW);
    long watermark = NOW;
    for (; rig.said.size() < 2 && watermark < gone + 10 * refresh; watermark += 250) rig.advance(watermark);
    long shown = watermark - 250;
    is("shown within refresh, " + key + " of " + window + " at " + (shown - gone), true, gone <= shown && shown <= gone + refresh + 250);
    is("the empty row", "0@" + shown, rig.said.get(rig.said.size() - 1));
    rig.advance(watermark);
    is("the tombstone", List.of("1@" + (NOW + 1), "0@" + shown, "gone@" + watermark), List.copyOf(rig.said));
    is("nothing is kept", true, rig.keepsNothing());
  }

  private static void leavesOneByOne() throws Exception {
    NodeRig rig = new NodeRig(count(Window.exact(HOUR, MINUTE)), "");
    for (int n = 0; n < 3; n++) rig.event("a", NOW + 20 * n * MINUTE);
    for (long watermark = NOW; watermark < NOW + 3 * HOUR; watermark += SECOND) rig.advance(watermark);
    List<String> values = rig.said.stream().map(row -> row.split("@")[0]).toList();
    is("each change is shown", List.of("1", "2", "3", "2", "1", "0", "gone"), values);
  }

  /** With `every` the empty row waits for the end of it, though nothing is left of the key. */
  private static void waits() throws Exception {
    NodeRig rig = new NodeRig(count(Window.exact(HOUR, MINUTE)).every(10 * MINUTE), "");
    rig.event("a", NOW);
    rig.advance(NOW + 57 * MINUTE);
    rig.event("a", NOW + 1);
    for (long watermark = NOW + 57 * MINUTE; watermark < NOW + 66 * MINUTE; watermark += SECOND) rig.advance(watermark);
    is("waits", List.of("1@" + (NOW + 1), "2@" + (NOW + 57 * MINUTE)), List.copyOf(rig.said));
    rig.advance(NOW + 68 * MINUTE);
    is("shown at the end of every", "0@" + (NOW + 68 * MINUTE), rig.said.get(2));
    rig.advance(NOW + 69 * MINUTE);
    is("and then the tombstone", List.of("gone@" + (NOW + 69 * MINUTE)), rig.said.subList(3, rig.said.size()));
    is("nothing is kept", true, rig.keepsNothing());
  }

  private static void wasNeverSeen() throws Exception {
    Spec spec = Spec.node("n").keys(1).column("c", "bool").feature("n", Call.of(Aggregate.COUNT).where("c"), Window.exact(HOUR, MINUTE));
    NodeRig rig = new NodeRig(spec, "");
    rig.event("a", NOW, false);
    for (int n = 0; n < 5; n++) rig.advance(NOW + n * HOUR);
    is("a key without a row has no tombstone", List.of(), List.copyOf(rig.said));
    is("nothing is kept", true, rig.keepsNothing());
  }

  /** An event between the empty row and the tombstone. */
  private static void comesBack() throws Exception {
    NodeRig rig = new NodeRig(count(Window.exact(HOUR, MINUTE)), "");
    rig.event("a", NOW);
    rig.advance(NOW + 2 * HOUR);
    is("empty", "0@" + (NOW + 2 * HOUR), rig.said.get(1));
    rig.event("a", NOW + 2 * HOUR);
    rig.advance(NOW + 2 * HOUR + 1);
    rig.advance(NOW + 2 * HOUR + 2);
    is("no tombstone", List.of("1@" + (NOW + 2 * HOUR + 1)), rig.said.subList(2, rig.said.size()));
    rig.advance(NOW + 4 * HOUR);
    rig.advance(NOW + 4 * HOUR + 1);
    is("until it leaves anew", List.of("0@" + (NOW + 4 * HOUR), "gone@" + (NOW + 4 * HOUR + 1)), rig.said.subList(3, rig.said.size()));
  }

  /** A life ends to the millisecond; a late event may still join it for as long again, and then the state goes. */
  private static void livesOn() throws Exception {
    NodeRig rig = new NodeRig(count(Window.lifetime()).ttl(HOUR), "");
    rig.event("a", NOW);
    rig.advance(NOW + HOUR);
    is("alive", 1, rig.said.size());
    rig.advance(NOW + HOUR + 1);
    is("over", List.of("0@" + (NOW + HOUR + 1)), rig.said.subList(1, rig.said.size()));
    rig.advance(NOW + 2 * HOUR);
    is("and kept", false, rig.keepsNothing());
    rig.advance(NOW + 2 * HOUR + 1);
    is("until the tombstone", List.of("gone@" + (NOW + 2 * HOUR + 1)), rig.said.subList(2, rig.said.size()));
    is("nothing is kept", true, rig.keepsNothing());
  }

  private static void isLate() throws Exception {
    NodeRig rig = new NodeRig(count(Window.exact(HOUR, MINUTE)), "");
    rig.advance(NOW);
    rig.event("a", NOW - HOUR);
    rig.event("a", NOW - HOUR - 1);
    is("one as of W counts, one before is expired", List.of(1L, 1L), List.of(rig.count("applied"), rig.count("expired")));
    is("and changes nothing", List.of("1@" + NOW), List.copyOf(rig.said));
    rig.event("b", NOW - 2 * HOUR);
    is("every one is counted", 2L, rig.count("expired"));
  }

  private static void endsAtTheCut() throws Exception {
    long cut = NOW + 2 * HOUR;
    NodeRig rig = new NodeRig(count(Window.exact(HOUR, MINUTE)), Long.toString(cut));
    rig.event("a", NOW);
    rig.advance(Long.MAX_VALUE);
    is("the row at the cut, and nothing after it", List.of("1@" + (NOW + 1), "0@" + cut), List.copyOf(rig.said));
    NodeRig empty = new NodeRig(count(Window.exact(HOUR, MINUTE)), Long.toString(cut));
    empty.event("a", NOW);
    empty.advance(NOW + 90 * MINUTE);
    empty.advance(Long.MAX_VALUE);
    is("nor a tombstone: it is the end", List.of("1@" + (NOW + 1), "0@" + (NOW + 90 * MINUTE)), List.copyOf(empty.said));
    NodeRig endless = new NodeRig(count(Window.exact(HOUR, MINUTE)), "");
    endless.event("a", NOW);
    endless.advance(Long.MAX_VALUE);
    is("the end of input is no time", List.of("1@" + (NOW + 1)), List.copyOf(endless.said));
  }

  /** Readers have a row that the checkpoint knows nothing of: the same value as in the checkpoint must be said again. */
  private static void isSaidAgain() throws Exception {
    Spec spec = count(Window.exact(HOUR, MINUTE));
    NodeRig rig = new NodeRig(spec, "");
    rig.event("a", NOW);
    NodeRig.Checkpoint checkpoint = rig.checkpoint();
    rig.advance(NOW + 2 * HOUR);
    is("before the failure", "0@" + (NOW + 2 * HOUR), rig.said.get(1));
    NodeRig next = NodeRig.restored(spec, checkpoint);
    next.event("a", NOW + 2 * HOUR);
    is("after it", List.of("1@" + (NOW + 2 * HOUR + 1)), List.copyOf(next.said));
    NodeRig silent = NodeRig.restored(spec, checkpoint);
    silent.advance(NOW + HOUR / 2);
    is("what nobody looked at is as it was", List.of(), List.copyOf(silent.said));
    silent.advance(NOW + 2 * HOUR);
    silent.advance(NOW + 2 * HOUR + 1);
    is("what only leaves", List.of("0@" + (NOW + 2 * HOUR), "gone@" + (NOW + 2 * HOUR + 1)), List.copyOf(silent.said));
  }

  private static void isSaidOnce() throws Exception {
    Spec spec = Spec.node("n").keys(1).copies().feature("n", Call.of(Aggregate.COUNT), Window.exact(HOUR, MINUTE));
    byte[] copy = new byte[16];
    NodeRig rig = new NodeRig(spec, "");
    rig.event("a", NOW, "id", copy);
    rig.event("a", NOW, "id", copy);
    is("a copy says nothing", List.of("1@" + (NOW + 1)), List.copyOf(rig.said));
    NodeRig next = NodeRig.restored(spec, rig.checkpoint());
    for (int n = 0; n < 2; n++) next.event("a", NOW, "id", copy);
    is("but of a row of another run that it holds", List.of("1@" + (NOW + 1)), List.copyOf(next.said));
    NodeRig late = NodeRig.restored(spec, rig.checkpoint());
    late.advance(NOW);
    for (int n = 0; n < 2; n++) late.event("a", NOW - 2 * HOUR, "old", copy);
    is("and so does one that is expired", List.of("1@" + (NOW + 1)), List.copyOf(late.said));
    is("both are counted", 2L, late.count("expired"));
  }

  /** A head of format 2 is one of format 3 without its run. */
  private static void isOfAnOlderBuild() throws Exception {
    Spec spec = count(Window.exact(HOUR, MINUTE));
    NodeRig rig = new NodeRig(spec, "");
    rig.event("a", NOW);
    NodeRig.Checkpoint checkpoint = rig.checkpoint();
    byte[] head = checkpoint.state().get(-1L);
    byte[] rest = java.util.Arrays.copyOfRange(head, 41, head.length);
    Map<Long, byte[]> older = new HashMap<>(checkpoint.state());
    older.put(-1L, new Out().u8(2).raw(java.util.Arrays.copyOfRange(head, 1, 33)).raw(rest).toBytes());
    NodeRig next = NodeRig.restored(spec, new NodeRig.Checkpoint(older, new TreeSet<>(checkpoint.timers())));
    next.event("a", NOW + 1);
    is("it is read", List.of("2@" + (NOW + 2)), List.copyOf(next.said));
  }
}
