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
 * One part of a point-in-time join: each left row with V(key, q) of one group by, strictly before the row's own time q, put out once the watermark of both
 * inputs has reached q - 1. Parts are chained; as a part puts rows out before it hands its watermark on, no row is later for the next part than for this one.
 *
 * <p>A fresh join puts each row out at once, with what is known then.
 *
 * <p>Left rows up to `left_late` behind the watermark are put out at once from what is kept; later ones are counted `expired`. An event that comes after a
 * row it belonged to is counted `missed`: the row stays. One that no row can ask for any more is counted `right_expired`. As in {@link KeyedAggregation}, the call must not pass `on_time`.
 */
public abstract class PointInTimeJoin extends ProcessTableFunction<Row> {
  private static final long serialVersionUID = 1;
  private static final long HEAD = -1;
  /** Of a static table, how far it has been read. */
  private static final long PLACES = -2;
  private static final int FORMAT = 1;
  private static final long NEVER = Long.MAX_VALUE;
  private static final long TRIM_GRID_MIN_MS = 1_000;
  private static final long TRIM_GRID_MAX_MS = 86_400_000;
  private static final int TRIMS_PER_REACH = 32;

  private final JoinSpec spec;
  private transient Cells cells;
  private transient Windows windows;
  private transient EventReader events;
  private transient RowCodec codec;
  private transient TableRow table;
  private transient long trimGridMs;
  private transient Job job;
  private transient Counter applied;
  private transient Counter duplicate;
  private transient Counter expired;
  private transient Counter rightExpired;
  private transient Counter missed;

  protected PointInTimeJoin(JoinSpec spec) {
    this.spec = spec;
  }

  @Override
  public void open(FunctionContext context) {
    cells = new Cells(spec.right);
    windows = new Windows(spec.right, cells);
    events = new EventReader(spec.right, cells);
    codec = new RowCodec(spec.columns());
    trimGridMs = Math.max(TRIM_GRID_MIN_MS, Math.min(windows.gone(0), TRIM_GRID_MAX_MS * TRIMS_PER_REACH) / TRIMS_PER_REACH);
    table = spec.right.isTable() ? new TableRow(spec.right) : null;
    job = Job.of(context);
    applied = context.getMetricGroup().counter("applied");
    duplicate = context.getMetricGroup().counter("duplicate");
    expired = context.getMetricGroup().counter("expired");
    rightExpired = context.getMetricGroup().counter("right_expired");
    missed = context.getMetricGroup().counter("missed");
  }

  /** The right side of a key: its events, and as of when its newest final row was made. */
  private final class Key {
    final MapView<Long, byte[]> state;
    long trimAt = NEVER;
    long newestFinal = Long.MIN_VALUE;
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
      trimAt = in.i64();
      newestFinal = in.i64();
      tree = tree(in.i64(), Node.read(in));
    }

    private EventTree tree(long nextId, Node root) {
      return new EventTree(new ViewStore(state), cells, nextId, root, EventTree.CHUNK_EVENTS_MAX);
    }

    void save() throws Exception {
      tree.flush();
      state.put(HEAD, new Out().u8(FORMAT).i64(trimAt).i64(newestFinal).i64(tree.nextId()).raw(tree.root().toBytes()).toBytes());
    }

    /** Forgets the right side. */
    void empty() throws Exception {
      state.clear();
      tree = tree(0, new Node(0));
    }

    /** When the oldest thing that is kept is of no use any more, late left rows included; the least time if nothing is kept. */
    long idleAt() throws Exception {
      if (!tree.isEmpty()) return plus(windows.gone(tree), spec.leftLateMs);
      return newestFinal == Long.MIN_VALUE ? newestFinal : lastUse(newestFinal - 1);
    }
  }

  private long lastUse(long ts) {
    return plus(windows.gone(ts), spec.leftLateMs);
  }

  private static long plus(long a, long b) {
    return a > Long.MAX_VALUE - 1 - b ? Long.MAX_VALUE - 1 : a + b;
  }

  private static long minus(long a, long b) {
    return a < Long.MIN_VALUE + b ? Long.MIN_VALUE : a - b;
  }

  public void eval(
      Context ctx,
      @StateHint MapView<Long, byte[]> state,
      @StateHint MapView<Long, byte[]> waiting,
      @ArgumentHint(ArgumentTrait.SET_SEMANTIC_TABLE) Row lefts,
      @ArgumentHint(ArgumentTrait.SET_SEMANTIC_TABLE) Row rights)
      throws Exception {
    TimeContext<Long> time = ctx.timeContext(Long.class);
    long watermark = job.watermark(time.currentWatermark());
    if (lefts != null) left(time, watermark, state, waiting, lefts);
    else if (spec.right.isStatic) replace(state, rights);
    else right(time, watermark, state, rights);
  }

  private void left(TimeContext<Long> time, long watermark, MapView<Long, byte[]> state, MapView<Long, byte[]> waiting, Row row) throws Exception {
    long ts = row.<Long>getFieldAs(spec.right.keys);
    if (spec.first && ts < minus(watermark, spec.leftLateMs)) {
      expired.inc();
      return;
    }
    Lefts at = Lefts.read(waiting.get(ts));
    if (spec.copies && !at.remember(row.getFieldAs(spec.right.keys + 1))) {
      duplicate.inc();
      return;
    }
    if (spec.first) applied.inc();
    byte[] columns = codec.write(row, spec.columnsAt());
    if (hasNullKey(row)) {
      put(columns, ts, table != null ? table.unpack(null) : new Object[spec.right.features.size()]);
    } else if (spec.fresh || ts <= watermark + 1) {
      Key key = new Key(state);
      enrich(key, columns, ts);
      settle(key, time, watermark);
    } else {
      at.hold(columns);
      time.registerOnTime(ts - 1);
    }
    if (spec.copies) time.registerOnTime(plus(ts, spec.leftLateMs + 1));
    if (!at.isEmpty()) waiting.put(ts, at.toBytes());
  }

  /** Nulls all over, counts too: there is no key whose events could be asked for. */
  private boolean hasNullKey(Row row) {
    for (int i = 0; i < spec.right.keys; i++) if (row.getField(i) == null) return true;
    return false;
  }

  private void right(TimeContext<Long> time, long watermark, MapView<Long, byte[]> state, Row event) throws Exception {
    long ts = events.ts(event);
    if (!job.isBeforeCut(ts)) return;
    if (ts < windows.horizon(minus(watermark, spec.leftLateMs))) {
      rightExpired.inc();
      return;
    }
    Key key = new Key(state);
    if (!events.insert(key.tree, ts, event)) return;
    if (ts < key.newestFinal) missed.inc();
    settle(key, time, watermark);
  }

  /** The last row that was read of a static table holds at all times; in the tree it stands before all of them. */
  private void replace(MapView<Long, byte[]> state, Row row) throws Exception {
    Key key = new Key(state);
    Places places = Places.read(state.get(PLACES));
    int record = spec.right.recordAt();
    if (!places.isNew(row, record + 1 + spec.right.rows.size())) return;
    key.empty();
    if (!places.isEmpty()) state.put(PLACES, places.toBytes());
    if (key.newestFinal != Long.MIN_VALUE) missed.inc();
    if (row.getField(record) != null) events.insert(key.tree, Long.MIN_VALUE, row);
    if (!key.tree.isEmpty()) key.save();
  }

  public void onTimer(OnTimerContext ctx, MapView<Long, byte[]> state, MapView<Long, byte[]> waiting) throws Exception {
    TimeContext<Long> time = ctx.timeContext(Long.class);
    // The end of input is no time, see KeyedAggregation.
    if (time.currentWatermark() == Long.MAX_VALUE && !job.hasCut()) return;
    long now = time.time();
    Key key = new Key(state);
    boolean released = release(key, waiting, now + 1);
    if (spec.copies) forget(waiting, now - spec.leftLateMs - 1);
    // Of the timer's own time, not of the watermark: that may be far ahead, and rows whose timers are still to fire would find nothing.
    boolean trims = now >= key.trimAt;
    if (trims) {
      key.trimAt = NEVER;
      key.tree.trim(windows.keptFrom(key.tree, minus(now, spec.leftLateMs)));
    }
    if (trims && key.tree.isEmpty() && key.idleAt() <= now) state.clear();
    else if (trims || released) settle(key, time, now);
  }

  private boolean release(Key key, MapView<Long, byte[]> waiting, long ts) throws Exception {
    byte[] bytes = waiting.get(ts);
    if (bytes == null) return false;
    Lefts at = Lefts.read(bytes);
    var rows = at.release();
    for (byte[] row : rows) enrich(key, row, ts);
    if (at.isEmpty()) waiting.remove(ts);
    else waiting.put(ts, at.toBytes());
    return !rows.isEmpty();
  }

  private void forget(MapView<Long, byte[]> waiting, long ts) throws Exception {
    byte[] bytes = waiting.get(ts);
    if (bytes == null) return;
    Lefts at = Lefts.read(bytes);
    at.forget();
    if (at.isEmpty()) waiting.remove(ts);
    else waiting.put(ts, at.toBytes());
  }

  private void enrich(Key key, byte[] left, long q) throws Exception {
    key.newestFinal = Math.max(key.newestFinal, q);
    Object[] values = windows.values(key.tree, q);
    put(left, q, table != null ? table.unpack(values[0]) : outside(values));
  }

  private Object[] outside(Object[] values) {
    for (int i = 0; i < values.length; i++) values[i] = windows.toFlink(i, values[i]);
    return values;
  }

  private void put(byte[] left, long q, Object[] features) {
    Row out = new Row(1 + codec.size() + features.length);
    out.setField(0, q);
    codec.read(left, out, 1);
    for (int i = 0; i < features.length; i++) out.setField(1 + codec.size() + i, features[i]);
    collect(out);
  }

  /** Saves the key, and sees to it that what is kept of it goes when it is of no use any more. */
  private void settle(Key key, TimeContext<Long> time, long now) throws Exception {
    if (spec.right.isStatic) {
      // Its rows stay, and of a key that has none there is nothing to keep.
      if (!key.tree.isEmpty()) key.save();
      return;
    }
    if (key.trimAt == NEVER) {
      // On a grid: a trim for each event that leaves would rewrite the tree each time. What is due stays a while, for chunks go as a whole.
      long due = Math.max(key.idleAt(), plus(now, 1));
      due = plus(due, Math.floorMod(-due, trimGridMs));
      // What is kept for good needs no timer, and at the end of input one would be set again and again.
      if (due < Long.MAX_VALUE - 1) {
        key.trimAt = due;
        time.registerOnTime(due);
      }
    }
    key.save();
  }
}
