package dev.windrow.flink.kafka;

import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.connector.kafka.dynamic.source.DynamicKafkaSource;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.transformations.SourceTransformation;
import org.apache.flink.streaming.connectors.kafka.table.DynamicKafkaTableSource;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.ProviderContext;
import org.apache.flink.table.connector.source.DataStreamScanProvider;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.connector.source.ScanTableSource;
import org.apache.flink.table.connector.source.abilities.SupportsReadingMetadata;
import org.apache.flink.table.connector.source.abilities.SupportsWatermarkPushDown;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.DataType;

/** Flink's dynamic table over Kafka clusters, whose source {@link ClustersSource} wraps. */
final class ClustersTable implements ScanTableSource, SupportsReadingMetadata, SupportsWatermarkPushDown {
  private final DynamicKafkaTableSource table;
  private final Patience patience;
  private final ClusterFile file;
  /** The place of a record's offset in its row. */
  private int offsetAt = -1;

  ClustersTable(DynamicKafkaTableSource table, Patience patience, ClusterFile file) {
    this.table = table;
    this.patience = patience;
    this.file = file;
  }

  @Override
  public ScanRuntimeProvider getScanRuntimeProvider(ScanContext context) {
    DataStreamScanProvider made = (DataStreamScanProvider) table.getScanRuntimeProvider(context);
    return new DataStreamScanProvider() {
      @Override
      public DataStream<RowData> produceDataStream(ProviderContext provider, StreamExecutionEnvironment env) {
        return wrapped((SourceTransformation<?, ?, ?>) made.produceDataStream(provider, env).getTransformation(), env);
      }

      @Override
      public boolean isBounded() {
        return made.isBounded();
      }
    };
  }

  /** What Flink's table has made is no part of the job unless something reads it. */
  @SuppressWarnings("unchecked")
  private DataStream<RowData> wrapped(SourceTransformation<?, ?, ?> made, StreamExecutionEnvironment env) {
    DynamicKafkaSource<RowData> source = (DynamicKafkaSource<RowData>) made.getSource();
    WatermarkStrategy<RowData> watermarks = (WatermarkStrategy<RowData>) made.getWatermarkStrategy();
    if (offsetAt < 0) throw new ValidationException("windrow-clusters: a column of METADATA FROM 'offset' is missing");
    ClustersSource all = new ClustersSource(source, patience, file, offsetAt);
    return env.fromSource(all, new PartitionWatermarks.Strategy(watermarks), made.getName(), source.getProducedType());
  }

  @Override
  public ChangelogMode getChangelogMode() {
    return table.getChangelogMode();
  }

  @Override
  public Map<String, DataType> listReadableMetadata() {
    return table.listReadableMetadata();
  }

  @Override
  public void applyReadableMetadata(List<String> keys, DataType produced) {
    table.applyReadableMetadata(keys, produced);
    int offset = keys.indexOf("offset");
    offsetAt = offset < 0 ? -1 : DataType.getFieldCount(produced) - keys.size() + offset;
  }

  @Override
  public boolean supportsMetadataProjection() {
    return table.supportsMetadataProjection();
  }

  @Override
  public void applyWatermark(WatermarkStrategy<RowData> strategy) {
    table.applyWatermark(strategy);
  }

  @Override
  public DynamicTableSource copy() {
    ClustersTable copy = new ClustersTable((DynamicKafkaTableSource) table.copy(), patience, file);
    copy.offsetAt = offsetAt;
    return copy;
  }

  @Override
  public String asSummaryString() {
    return "windrow-clusters";
  }
}
