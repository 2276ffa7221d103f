package dev.windrow.flink.kafka;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.SupportsWriterState;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.streaming.api.connector.sink2.SupportsPreWriteTopology;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.types.logical.BigIntType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;

/** Compute once, distribute everywhere: one sink for all regions, so that a dead or frozen one costs the others nothing. */
final class RegionsSink implements Sink<RowData>, SupportsPreWriteTopology<RowData>, SupportsWriterState<RowData, Backlog> {
  private static final long serialVersionUID = 1;

  private final Publication publication;
  private final RowType row;
  private final RowWriter rows;

  RegionsSink(Publication publication, RowType row) {
    this.publication = publication;
    this.row = row;
    rows = RowWriter.of(row, publication.keys());
  }

  /** As many tasks as hand rows on: a key's rows stay in one of them, in their order. */
  @Override
  public DataStream<RowData> addPreWriteTopology(DataStream<RowData> given) {
    List<LogicalType> types = new ArrayList<>(row.getChildren());
    types.add(new BigIntType(false));
    var of = InternalTypeInfo.ofFields(types.toArray(LogicalType[]::new));
    return given.map(new Epochs()).returns(of).name("epochs of " + publication.name()).uid("epochs").setParallelism(given.getParallelism());
  }

  @Override
  public RegionsWriter createWriter(WriterInitContext context) throws IOException {
    return new RegionsWriter(publication, rows, context.metricGroup(), List.of());
  }

  @Override
  public StatefulSinkWriter<RowData, Backlog> restoreWriter(WriterInitContext context, Collection<Backlog> state) throws IOException {
    return new RegionsWriter(publication, rows, context.metricGroup(), state);
  }

  @Override
  public SimpleVersionedSerializer<Backlog> getWriterStateSerializer() {
    return new Backlog.Serializer();
  }
}
