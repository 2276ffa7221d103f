package dev.windrow.flink;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.Schema;
import org.apache.flink.table.api.Table;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.table.catalog.Column;
import org.apache.flink.types.Row;

/**
 * A view whose rows are made once, however many read them. Flink plans a query anew for each stream that is made of it: a source that a model call reads
 * beside others would be read twice.
 */
public final class SharedRows {
  /** What `main.py` calls; `uid` and the rest are for who has state. */
  public void attach(StreamTableEnvironment te, Table rows, String view, String uid, int beginsAt, String home) {
    register(te, te.toDataStream(rows), fields(rows), view);
  }

  /** A table's columns; any of them may be null in what is made of it. */
  static List<DataTypes.Field> fields(Table rows) {
    List<DataTypes.Field> fields = new ArrayList<>();
    for (Column column : rows.getResolvedSchema().getColumns()) fields.add(DataTypes.FIELD(column.getName(), column.getDataType().nullable()));
    return fields;
  }

  /** Makes a view of a stream. Its time column is nobody's: with it Flink lets the stream's own watermarks through. */
  static void register(StreamTableEnvironment te, DataStream<Row> rows, List<DataTypes.Field> fields, String view) {
    Schema.Builder schema = Schema.newBuilder();
    for (DataTypes.Field field : fields) schema.column(field.getName(), field.getDataType());
    schema.columnByExpression("wr_time", "TO_TIMESTAMP_LTZ(CAST(0 AS BIGINT), 3)").watermark("wr_time", "SOURCE_WATERMARK()");
    te.createTemporaryView(view, rows, schema.build());
  }
}
