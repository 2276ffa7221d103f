package dev.windrow.flink;

import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.flink.metrics.Counter;
import org.apache.flink.table.annotation.ArgumentHint;
import org.apache.flink.table.annotation.ArgumentTrait;
import org.apache.flink.table.annotation.StateHint;
import org.apache.flink.table.api.dataview.MapView;
import org.apache.flink.table.functions.FunctionContext;
import org.apache.flink.table.functions.ProcessTableFunction;
import org.apache.flink.types.Row;

/**
 * A group by: per key the events of its longest window, one timer, and a row whenever a value changed. Once nothing is left of a key its empty row is put
 * out, and after that, as its state goes, a row that says so (`wr_gone`): a tombstone. The generated class adds the {@link Spec} and the output type.
 *
 * <p>Rows go out before the checkpoint that knows of them. What a run before this one has put out since its last checkpoint is not known, so in each run the
 * first row of a key that is looked at goes out though it may have not changed.
 *
 * <p>The call must not pass `on_time`: with it Flink 2.2.1 drops rows behind the watermark before they get here, and tells no one. Without it all rows
 * arrive, `currentWatermark()` and `registerOnTime()` work just the same, and the event time is an ordinary BIGINT column.
 */
public abstract class KeyedAggregation extends ProcessTableFunction<Row> {
  private static final long serialVersionUID = 1;
  private static final long HEAD = -1;
  private static final int FORMAT = 3;
  /** It does not say of which run the key's newest row is. */
  private static final int FORMAT_WITHOUT_RUN = 2;
  private static final long NO_RUN = 0;
  private static final long NO_TIMER = Long.MAX_VALUE;
  private static final int FEATURES_AT = 2;

  private final Spec spec;
  private transient Cells cells;
  private transient Windows windows;
  private transient EventReader events;
  private transient byte[] emptyRow;
  private transient Job job;
  /** A number that no other run has. */
  private transient long run;
  private transient Counter applied;
  private transient Counter duplicate;
  private transient Counter expired;
  private transient Counter afterCut;

  protected KeyedAggregation(Spec spec) {
    this.spec = spec;
  }

  @Override
  public void open(FunctionContext context) {
    cells = new Cells(spec);
    windows = new Windows(spec, cells);
    events = new EventReader(spec, cells);
    emptyRow = windows.encode(windows.empty());
    job = Job.of(context);
    run = ThreadLocalRandom.current().nextLong(NO_RUN + 1, Long.MAX_VALUE);
    applied = context.getMetricGroup().counter("applied");
    duplicate = context.getMetricGroup().counter("duplicate");
    expired = context.getMetricGroup().counter("expired");
    afterCut = context.getMetricGroup().counter("after_cut");
  }

  /** What is kept of a key beside its tree. */
  private final class Key {
    final MapView<Long, byte[]> state;
    final boolean isNew;
    long asOf = Long.MIN_VALUE;
    /** When the newest row was put out, and when the next may be, if one waits. */
    long published = Long.MIN_VALUE;
    long due = NO_TIMER;
    long timer = NO_TIMER;
    /** Of its newest row. */
    long runOfRow = run;
    int phase;
    byte[] row = emptyRow;
    EventTree tree;

    Key(MapView<Long, byte[]> state) throws Exception {
      this.state = state;
      byte[] head = state.get(HEAD);
      isNew = head == null;
      if (isNew) {
        tree = tree(0, new Node(0));
        return;
      }
      In in = new In(head);
      int format = in.u8();
      if (format != FORMAT && format != FORMAT_WITHOUT_RUN) throw new IllegalStateException(spec.name + ": state format " + format + ", this build reads " + FORMAT);
      asOf = in.i64();
      published = in.i64();
      due = in.i64();
      timer = in.i64();
      runOfRow = format == FORMAT ? in.i64() : NO_RUN;
      phase = in.i32();
      row = in.bytes();
      tree = tree(in.i64(), Node.read(in));
    }

    private EventTree tree(long nextId, Node root) {
      return new EventTree(new ViewStore(state), cells, nextId, root, EventTree.CHUNK_EVENTS_MAX);
    }

    /** What readers have of it may be of a run before this one, and newer than what is known here. */
    boolean isOfAnotherRun() {
      return runOfRow != run;
    }

    long nextAsOf(long watermark) {
      long newest = tree.isEmpty() ? Long.MIN_VALUE : tree.newestTs() + 1;
      return Math.max(asOf, Math.max(newest, watermark));
    }

    void save() throws Exception {
      tree.flush();
      Out out = new Out().u8(FORMAT).i64(asOf).i64(published).i64(due).i64(timer).i64(runOfRow).i32(phase).bytes(row).i64(tree.nextId());
      state.put(HEAD, out.raw(tree.root().toBytes()).toBytes());
    }
  }

  public void eval(Context ctx, @StateHint MapView<Long, byte[]> state, @ArgumentHint(ArgumentTrait.SET_SEMANTIC_TABLE) Row in) throws Exception {
    TimeContext<Long> time = ctx.timeContext(Long.class);
    long watermark = job.watermark(time.currentWatermark());
    if (!job.isBeforeCut(events.ts(in))) {
      afterCut.inc();
      return;
    }
    Key key = new Key(state);
    if (!take(key, in, watermark) && !key.isOfAnotherRun()) return;
    publish(key, watermark);
    schedule(key, time, watermark);
    key.save();
  }

  /** Whether the event counts. None is dropped without being counted as what it is. */
  private boolean take(Key key, Row in, long watermark) throws Exception {
    long ts = events.ts(in);
    if (ts < windows.horizon(watermark)) {
      expired.inc();
      return false;
    }
    if (!events.insert(key.tree, ts, in)) {
      duplicate.inc();
      return false;
    }
    applied.inc();
    if (key.isNew) key.phase = phase(in);
    return true;
  }

  public void onTimer(OnTimerContext ctx, MapView<Long, byte[]> state) throws Exception {
    TimeContext<Long> time = ctx.timeContext(Long.class);
    // Flink fires every timer, however far ahead, with the watermark Long.MAX_VALUE when bounded input ends. The end of input is no time: without a
    // cut there is nothing to publish, with one it is the cut.
    if (time.currentWatermark() == Long.MAX_VALUE && !job.hasCut()) return;
    long watermark = job.watermark(Math.max(time.time(), time.currentWatermark()));
    Key key = new Key(state);
    if (key.isNew) return;
    key.timer = NO_TIMER;
    boolean isSaid = publish(key, watermark);
    key.tree.trim(windows.keptFrom(key.tree, watermark));
    if (isOver(key, watermark) && !isSaid) {
      drop(key);
      return;
    }
    schedule(key, time, watermark);
    key.save();
  }

  private int phase(Row in) {
    int hash = 0;
    for (int i = 0; i < spec.keys; i++) hash = 31 * hash + in.getField(i).hashCode();
    return hash * 0x9e3779b9;
  }

  /** Nothing is left of the key, and its empty row does not wait. At the cut nothing goes: it is the end. */
  private boolean isOver(Key key, long watermark) {
    return key.tree.isEmpty() && key.due == NO_TIMER && !job.isCut(watermark);
  }

  private void drop(Key key) {
    key.state.clear();
    if (key.published != Long.MIN_VALUE) collect(row(key.asOf, true, new Object[spec.features.size()]));
  }

  /** Whether a row was put out. */
  private boolean publish(Key key, long watermark) throws Exception {
    key.asOf = job.isCut(watermark) ? job.cut() : key.nextAsOf(watermark);
    Object[] values = windows.values(key.tree, key.asOf);
    byte[] row = windows.encode(values);
    if (Arrays.equals(row, key.row) && !key.isOfAnotherRun()) {
      key.due = NO_TIMER;
      return false;
    }
    if (key.published != Long.MIN_VALUE && key.asOf < key.published + spec.everyMs && !job.isCut(watermark)) {
      key.due = key.published + spec.everyMs;
      return false;
    }
    key.published = key.asOf;
    key.due = NO_TIMER;
    key.runOfRow = run;
    key.row = row;
    for (int i = 0; i < values.length; i++) values[i] = windows.toFlink(i, values[i]);
    collect(row(key.asOf, false, values));
    return true;
  }

  private static Row row(long asOf, boolean isGone, Object[] features) {
    Row out = new Row(FEATURES_AT + features.length);
    out.setField(0, asOf);
    out.setField(1, isGone);
    for (int i = 0; i < features.length; i++) out.setField(FEATURES_AT + i, features[i]);
    return out;
  }

  /** Keeps one timer per key. An earlier one that is no longer right fires, finds nothing changed, and sets the next. */
  private void schedule(Key key, TimeContext<Long> time, long watermark) throws Exception {
    if (job.isCut(watermark)) return;
    // Its empty row is out: the tombstone is the next thing to say.
    long next = isOver(key, watermark) ? watermark + 1 : Math.min(key.due, windows.nextChange(key.tree, key.asOf, key.phase));
    if (next >= key.timer) return;
    if (key.timer != NO_TIMER) time.clearTimer(key.timer);
    time.registerOnTime(next);
    key.timer = next;
  }
}
