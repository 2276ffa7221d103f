package dev.windrow.flink;

import org.apache.flink.metrics.Counter;
import org.apache.flink.table.annotation.ArgumentHint;
import org.apache.flink.table.annotation.ArgumentTrait;
import org.apache.flink.table.annotation.StateHint;
import org.apache.flink.table.api.dataview.MapView;
import org.apache.flink.table.functions.FunctionContext;
import org.apache.flink.table.functions.ProcessTableFunction;
import org.apache.flink.types.Row;

/**
 * A group by: per key the events of its longest window, one timer, and a row whenever a value changed. The generated class adds the {@link Spec} and the
 * output type.
 *
 * <p>The call must not pass `on_time`: with it Flink 2.2.1 drops rows behind the watermark before they get here, and tells no one. Without it all rows
 * arrive, `currentWatermark()` and `registerOnTime()` work just the same, and the event time is an ordinary BIGINT column.
 */
public abstract class KeyedAggregation extends ProcessTableFunction<Row> {
  private static final long serialVersionUID = 1;
  private static final long HEAD = -1;
  private static final int FORMAT = 2;
  private static final long NO_TIMER = Long.MAX_VALUE;

  private final Spec spec;
  private transient Cells cells;
  private transient Windows windows;
  private transient EventReader events;
  private transient byte[] emptyRow;
  private transient Job job;
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
    applied = context.getMetricGroup().counter("applied");
    duplicate = context.getMetricGroup().counter("duplicate");
    expired = context.getMetricGroup().counter("expired");
    afterCut = context.getMetricGroup().counter("after_cut");
  }

  /** What is kept of a key beside its tree. */
  private final class Key {
    final MapView<Long, byte[]> state;
    long asOf = Long.MIN_VALUE;
    /** When the newest row was put out, and when the next may be, if one waits. */
    long published = Long.MIN_VALUE;
    long due = NO_TIMER;
    long timer = NO_TIMER;
    int phase;
    byte[] row = emptyRow;
    EventTree tree;

    Key(MapView<Long, byte[]> state) throws Exception {
      this.state = state;
      byte[] head = state.get(HEAD);
      if (head == null) {
        tree = tree(0, new Node(0));
        return;
      }
      In in = new In(head);
      int format = in.u8();
      if (format != FORMAT) throw new IllegalStateException(spec.name + ": state format " + format + ", this build reads " + FORMAT);
      asOf = in.i64();
      published = in.i64();
      due = in.i64();
      timer = in.i64();
      phase = in.i32();
      row = in.bytes();
      tree = tree(in.i64(), Node.read(in));
    }

    private EventTree tree(long nextId, Node root) {
      return new EventTree(new ViewStore(state), cells, nextId, root, EventTree.CHUNK_EVENTS_MAX);
    }

    void save() throws Exception {
      if (tree.isEmpty()) {
        state.clear();
        return;
      }
      tree.flush();
      Out out = new Out().u8(FORMAT).i64(asOf).i64(published).i64(due).i64(timer).i32(phase).bytes(row).i64(tree.nextId());
      state.put(HEAD, out.raw(tree.root().toBytes()).toBytes());
    }
  }

  public void eval(Context ctx, @StateHint MapView<Long, byte[]> state, @ArgumentHint(ArgumentTrait.SET_SEMANTIC_TABLE) Row in) throws Exception {
    TimeContext<Long> time = ctx.timeContext(Long.class);
    long watermark = job.watermark(time.currentWatermark());
    long ts = events.ts(in);
    if (!job.isBeforeCut(ts)) {
      afterCut.inc();
      return;
    }
    if (ts < windows.horizon(watermark)) {
      expired.inc();
      return;
    }
    Key key = new Key(state);
    if (!events.insert(key.tree, ts, in)) {
      duplicate.inc();
      return;
    }
    applied.inc();
    if (key.asOf == Long.MIN_VALUE) key.phase = phase(in);
    publish(key, watermark);
    schedule(key, time, watermark);
    key.save();
  }

  public void onTimer(OnTimerContext ctx, MapView<Long, byte[]> state) throws Exception {
    TimeContext<Long> time = ctx.timeContext(Long.class);
    // Flink fires every timer, however far ahead, with the watermark Long.MAX_VALUE when bounded input ends. The end of input is no time: without a
    // cut there is nothing to publish, with one it is the cut.
    if (time.currentWatermark() == Long.MAX_VALUE && !job.hasCut()) return;
    long watermark = job.watermark(Math.max(time.time(), time.currentWatermark()));
    Key key = new Key(state);
    if (key.tree.isEmpty()) return;
    key.timer = NO_TIMER;
    publish(key, watermark);
    key.tree.trim(windows.keptFrom(key.tree, watermark));
    schedule(key, time, watermark);
    key.save();
  }

  private int phase(Row in) {
    int hash = 0;
    for (int i = 0; i < spec.keys; i++) hash = 31 * hash + in.getField(i).hashCode();
    return hash * 0x9e3779b9;
  }

  private void publish(Key key, long watermark) throws Exception {
    key.asOf = job.isCut(watermark) ? job.cut() : Math.max(key.asOf, Math.max(key.tree.newestTs() + 1, watermark));
    Object[] values = windows.values(key.tree, key.asOf);
    byte[] row = windows.encode(values);
    if (java.util.Arrays.equals(row, key.row)) {
      key.due = NO_TIMER;
      return;
    }
    if (key.published != Long.MIN_VALUE && key.asOf < key.published + spec.everyMs && !job.isCut(watermark)) {
      key.due = key.published + spec.everyMs;
      return;
    }
    key.published = key.asOf;
    key.due = NO_TIMER;
    key.row = row;
    Row out = new Row(values.length + 1);
    out.setField(0, key.asOf);
    for (int i = 0; i < values.length; i++) out.setField(i + 1, windows.toFlink(i, values[i]));
    collect(out);
  }

  /** Keeps one timer per key. An earlier one that is no longer right fires, finds nothing changed, and sets the next. */
  private void schedule(Key key, TimeContext<Long> time, long watermark) throws Exception {
    if (job.isCut(watermark)) return;
    long next = Math.min(key.due, windows.nextChange(key.tree, key.asOf, key.phase));
    if (next >= key.timer) return;
    if (key.timer != NO_TIMER) time.clearTimer(key.timer);
    time.registerOnTime(next);
    key.timer = next;
  }
}
