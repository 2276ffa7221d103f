package dev.windrow.flink.kafka;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.SupportsWriterState;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.table.data.RowData;

/** Compute once, distribute everywhere: one sink for all regions, so that a dead or frozen one costs the others nothing. */
final class RegionsSink implements Sink<RowData>, SupportsWriterState<RowData, Backlog> {
  private static final long serialVersionUID = 1;

  private final Publication publication;
  private final RowWriter rows;

  RegionsSink(Publication publication, RowWriter rows) {
    this.publication = publication;
    this.rows = rows;
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
