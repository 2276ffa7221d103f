package dev.windrow.flink;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.table.annotation.ArgumentHint;
import org.apache.flink.table.annotation.ArgumentTrait;
import org.apache.flink.table.annotation.StateHint;
import org.apache.flink.table.api.dataview.MapView;
import org.apache.flink.table.functions.FunctionContext;
import org.apache.flink.table.functions.ProcessTableFunction;
import org.apache.flink.types.Row;

/**
 * Of the rows of a key only those that are newer than all before: by time, then event id, then the row's own bytes. A join that is published as latest goes
 * through it, for late left rows come after newer ones. With `every` a key has rows as of instants that are at least so far apart: a row within it waits, and
 * if none that is newer has come, it is put out at its end, as of then. Input: key columns, `wr_ts`, `wr_id` (null without an event id), the row's columns.
 */
public abstract class NewestRow extends ProcessTableFunction<Row> {
  private static final long serialVersionUID = 1;
  private static final long NEWEST = 0;
  /** As of when the key's last row was put out, and whether the newest still waits; only with `every`. */
  private static final long SHOWN = 1;

  private final int keys;
  private final long lateMs;
  private final long everyMs;
  private final ArrayList<Type> types = new ArrayList<>();
  private transient RowCodec codec;
  private transient Job job;

  /** Rows come at most `lateMs` behind the watermark: a key's newest row is forgotten when none can come before it. `everyMs` is 0 for each row. */
  protected NewestRow(int keys, long lateMs, long everyMs, String... types) {
    this.keys = keys;
    this.lateMs = lateMs;
    this.everyMs = everyMs;
    List.of(types).forEach(type -> this.types.add(Type.parse(type)));
  }

  @Override
  public void open(FunctionContext context) {
    codec = new RowCodec(types);
    job = Job.of(context);
  }

  public void eval(Context ctx, @StateHint MapView<Long, byte[]> state, @ArgumentHint(ArgumentTrait.SET_SEMANTIC_TABLE) Row in) throws Exception {
    TimeContext<Long> time = ctx.timeContext(Long.class);
    long ts = in.<Long>getFieldAs(keys);
    String id = in.getFieldAs(keys + 1);
    byte[] row = codec.write(in, keys + 2);
    byte[] bytes = new Out().i64(ts).bytes(id == null ? new byte[0] : id.getBytes(StandardCharsets.UTF_8)).bytes(row).toBytes();
    byte[] before = state.get(NEWEST);
    if (before != null && compare(bytes, before) <= 0) return;
    state.put(NEWEST, bytes);
    long next = next(state);
    if (ts < next && job.watermark(time.currentWatermark()) < next) {
      show(state, next - everyMs, true);
      time.registerOnTime(next);
      return;
    }
    putOut(state, time, bytes, Math.max(ts, next));
  }

  private static int compare(byte[] a, byte[] b) {
    In left = new In(a);
    In right = new In(b);
    int byTime = Long.compare(left.i64(), right.i64());
    if (byTime != 0) return byTime;
    int byId = Arrays.compareUnsigned(left.bytes(), right.bytes());
    return byId != 0 ? byId : Arrays.compareUnsigned(left.bytes(), right.bytes());
  }

  /** As of when the key's next row may be put out at the earliest. */
  private long next(MapView<Long, byte[]> state) throws Exception {
    byte[] shown = everyMs == 0 ? null : state.get(SHOWN);
    return shown == null ? Long.MIN_VALUE : new In(shown).i64() + everyMs;
  }

  private boolean isWaiting(MapView<Long, byte[]> state) throws Exception {
    byte[] shown = everyMs == 0 ? null : state.get(SHOWN);
    if (shown == null) return false;
    In in = new In(shown);
    in.i64();
    return in.u8() == 1;
  }

  private void show(MapView<Long, byte[]> state, long asOf, boolean waits) throws Exception {
    state.put(SHOWN, new Out().i64(asOf).u8(waits ? 1 : 0).toBytes());
  }

  private void putOut(MapView<Long, byte[]> state, TimeContext<Long> time, byte[] newest, long asOf) throws Exception {
    if (everyMs > 0) show(state, asOf, false);
    In in = new In(newest);
    long ts = in.i64();
    in.bytes();
    time.registerOnTime(Math.max(ts, asOf + everyMs) + lateMs + 1);
    Row out = new Row(1 + codec.size());
    out.setField(0, asOf);
    codec.read(in.bytes(), out, 1);
    collect(out);
  }

  public void onTimer(OnTimerContext ctx, MapView<Long, byte[]> state) throws Exception {
    TimeContext<Long> time = ctx.timeContext(Long.class);
    byte[] newest = state.get(NEWEST);
    if (newest == null) return;
    // At the end of bounded input every timer fires, however far ahead: what waits is put out, but not as of later than the cut.
    if (isWaiting(state) && time.time() >= next(state)) {
      putOut(state, time, newest, Math.min(next(state), job.cut()));
      return;
    }
    // A row that may still come is not before W - lateMs: none must be able to be as of less than `every` after the last.
    if (!isWaiting(state) && time.time() > Math.max(new In(newest).i64(), next(state)) + lateMs) state.clear();
  }
}
