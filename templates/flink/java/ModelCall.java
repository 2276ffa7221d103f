package dev.windrow.flink;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.datastream.AsyncDataStream;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.functions.async.ResultFuture;
import org.apache.flink.streaming.api.functions.async.RichAsyncFunction;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.Table;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.table.runtime.typeutils.ExternalTypeInfo;
import org.apache.flink.table.types.logical.utils.LogicalTypeParser;
import org.apache.flink.table.types.utils.TypeConversions;
import org.apache.flink.types.Row;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model call per row: rows come with what is asked (`wr_ask`) and the record they were (`wr_record`), and go on with what the model returned. Without an
 * answer that is null where all of it may be, else the row has a reason (`wr_dead`, `wr_detail`) and is a dead letter.
 *
 * <p>Rows overtake each other, but no watermark overtakes a row. A checkpoint holds the rows that wait, which are asked for again after a restore.
 */
public abstract class ModelCall extends RichAsyncFunction<Row, Row> implements ResultTypeQueryable<Row> {
  private static final long serialVersionUID = 1;
  private static final Logger LOG = LoggerFactory.getLogger(ModelCall.class);
  private static final String REASON = "call";
  /** `wr_ask`, `wr_record`; `wr_dead`, `wr_detail`, `wr_record`. */
  private static final int BEFORE_IN = 2;
  private static final int BEFORE_OUT = 3;
  /** While one row holds up a watermark, those behind it are asked for. */
  private static final int WAITING_PER_CALL = 2;
  private static final long SAY_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final CallSpec spec;
  private TypeInformation<Row> type;
  private int beginsAt;
  private String home;
  private transient JsonFields answers;
  private transient ModelWorker worker;
  private transient Counter answered;
  private transient Counter failed;
  private transient long unsaid;
  private transient long saidAt;

  protected ModelCall(CallSpec spec) {
    this.spec = spec;
  }

  /** Makes a view of rows that are asked for; what the model returns stands behind so many columns. `home`: the bundle's folder, on every machine. */
  public final void attach(StreamTableEnvironment te, Table rows, String view, String uid, int beginsAt, String home) {
    this.beginsAt = beginsAt;
    this.home = home;
    List<DataTypes.Field> fields = SharedRows.fields(rows);
    fields.set(0, DataTypes.FIELD("wr_dead", DataTypes.STRING()));
    fields.add(1, DataTypes.FIELD("wr_detail", DataTypes.STRING()));
    for (int i = 0; i < spec.types.size(); i++) {
      var returned = LogicalTypeParser.parse(spec.types.get(i), Thread.currentThread().getContextClassLoader());
      fields.add(BEFORE_OUT + beginsAt + i, DataTypes.FIELD(spec.answer.fields.get(i).name(), TypeConversions.fromLogicalToDataType(returned)));
    }
    type = ExternalTypeInfo.of(DataTypes.ROW(fields.toArray(DataTypes.Field[]::new)).notNull());
    DataStream<Row> asked = te.toDataStream(rows);
    int capacity = Math.multiplyExact(WAITING_PER_CALL, spec.concurrency);
    // Without a timeout of Flink's: calls have their own, and none is ever without an end.
    DataStream<Row> answered = AsyncDataStream.unorderedWait(asked, this, 0, TimeUnit.MILLISECONDS, capacity).name(spec.stream + ": call").uid(uid);
    SharedRows.register(te, answered, fields, view);
  }

  @Override
  public TypeInformation<Row> getProducedType() {
    return type;
  }

  @Override
  public void open(OpenContext context) throws Exception {
    answers = new JsonFields(spec.answer);
    answered = getRuntimeContext().getMetricGroup().counter("answered");
    failed = getRuntimeContext().getMetricGroup().counter("failed");
    saidAt = System.nanoTime() - SAY_NANOS;
    worker = new ModelWorker(spec, home);
    worker.open();
  }

  @Override
  public void close() throws Exception {
    if (worker != null) worker.close();
  }

  @Override
  public void asyncInvoke(Row in, ResultFuture<Row> out) {
    worker.ask(
        new CallQueue.Ask((String) in.getField(0)) {
          @Override
          void answer(byte[] object, String why) {
            out.complete(List.of(row(in, object, why)));
          }

          @Override
          void fail(Throwable error) {
            out.completeExceptionally(error);
          }
        });
  }

  /** In the worker's thread, one at a time. */
  private Row row(Row in, byte[] object, String why) {
    Object[] returned = new Object[spec.types.size()];
    if (why == null) {
      try {
        returned = answers.read(object);
      } catch (BadRecord bad) {
        why = "its answer: " + bad.getMessage();
      }
    }
    String detail = why == null ? null : "`" + spec.function + "` of `" + spec.stream + "`: " + why;
    if (detail == null) answered.inc();
    else fail(detail);
    boolean isDead = detail != null && !spec.mayBeNull();
    return join(in, returned, isDead ? detail : null);
  }

  private Row join(Row in, Object[] returned, String detail) {
    Row out = new Row(in.getArity() - BEFORE_IN + BEFORE_OUT + returned.length);
    if (detail != null) {
      out.setField(0, REASON);
      out.setField(1, detail);
    }
    int to = 2;
    for (int from = 1; from < in.getArity(); from++) {
      if (from == BEFORE_IN + beginsAt) for (Object value : returned) out.setField(to++, value);
      out.setField(to++, in.getField(from));
    }
    return out;
  }

  /** Said now and then, with the first. */
  private void fail(String detail) {
    failed.inc();
    unsaid++;
    long now = System.nanoTime();
    if (now - saidAt < SAY_NANOS) return;
    LOG.warn("{} model calls failed, the last: {}", unsaid, detail);
    unsaid = 0;
    saidAt = now;
  }
}
