package dev.windrow.flink;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.table.annotation.ArgumentHint;
import org.apache.flink.table.annotation.ArgumentTrait;
import org.apache.flink.table.annotation.StateHint;
import org.apache.flink.table.api.dataview.MapView;
import org.apache.flink.table.functions.ProcessTableFunction;
import org.apache.flink.types.Row;

/**
 * Of the rows of a key only those that are newer than all before: by time, then event id, then the row's own bytes. A join that is published as latest goes
 * through it, for late left rows come after newer ones. Input: key columns, `wr_ts`, `wr_id` (null without an event id), the row's columns.
 */
public abstract class NewestRow extends ProcessTableFunction<Row> {
  private static final long serialVersionUID = 1;
  private static final long NEWEST = 0;

  private final int keys;
  private final long lateMs;
  private final ArrayList<Type> types = new ArrayList<>();
  private transient RowCodec codec;

  /** Rows come at most `lateMs` behind the watermark: a key's newest row is forgotten when none can come before it. */
  protected NewestRow(int keys, long lateMs, String... types) {
    this.keys = keys;
    this.lateMs = lateMs;
    List.of(types).forEach(type -> this.types.add(Type.parse(type)));
  }

  public void eval(Context ctx, @StateHint MapView<Long, byte[]> newest, @ArgumentHint(ArgumentTrait.SET_SEMANTIC_TABLE) Row in) throws Exception {
    if (codec == null) codec = new RowCodec(types);
    long ts = in.<Long>getFieldAs(keys);
    String id = in.getFieldAs(keys + 1);
    byte[] row = codec.write(in, keys + 2);
    byte[] bytes = new Out().i64(ts).bytes(id == null ? new byte[0] : id.getBytes(StandardCharsets.UTF_8)).bytes(row).toBytes();
    byte[] before = newest.get(NEWEST);
    if (before != null && compare(bytes, before) <= 0) return;
    newest.put(NEWEST, bytes);
    ctx.timeContext(Long.class).registerOnTime(ts + lateMs + 1);
    Row out = new Row(1 + codec.size());
    out.setField(0, ts);
    codec.read(row, out, 1);
    collect(out);
  }

  private static int compare(byte[] a, byte[] b) {
    In left = new In(a);
    In right = new In(b);
    int byTime = Long.compare(left.i64(), right.i64());
    if (byTime != 0) return byTime;
    int byId = Arrays.compareUnsigned(left.bytes(), right.bytes());
    return byId != 0 ? byId : Arrays.compareUnsigned(left.bytes(), right.bytes());
  }

  public void onTimer(OnTimerContext ctx, MapView<Long, byte[]> newest) throws Exception {
    byte[] before = newest.get(NEWEST);
    long now = ctx.timeContext(Long.class).time();
    if (before != null && now > new In(before).i64() + lateMs) newest.clear();
  }
}
