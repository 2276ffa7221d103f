package dev.windrow.flink.kafka;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.streaming.connectors.kafka.table.DynamicKafkaTableFactory;
import org.apache.flink.streaming.connectors.kafka.table.DynamicKafkaTableSource;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.factories.FactoryUtil;

/**
 * `'connector' = 'windrow-clusters'`: Flink's `dynamic-kafka` with the watermarks of windrow's rule S11. Beside that connector's options: `hold-for-ms`, how
 * long a cluster that is down is waited for; `disorder-ms`; `static`, a table whose rows hold at all times.
 */
public final class ClustersTableFactory extends DynamicKafkaTableFactory {
  private static final ConfigOption<Long> HOLD_FOR_MS = ConfigOptions.key("hold-for-ms").longType().noDefaultValue();
  private static final ConfigOption<Long> DISORDER_MS = ConfigOptions.key("disorder-ms").longType().noDefaultValue();
  private static final ConfigOption<Boolean> STATIC = ConfigOptions.key("static").booleanType().defaultValue(false);

  @Override
  public String factoryIdentifier() {
    return "windrow-clusters";
  }

  @Override
  public Set<ConfigOption<?>> requiredOptions() {
    return with(super.requiredOptions(), HOLD_FOR_MS, DISORDER_MS);
  }

  @Override
  public Set<ConfigOption<?>> optionalOptions() {
    return with(super.optionalOptions(), STATIC);
  }

  private static Set<ConfigOption<?>> with(Set<ConfigOption<?>> options, ConfigOption<?>... more) {
    Set<ConfigOption<?>> all = new HashSet<>(options);
    all.addAll(Set.of(more));
    return all;
  }

  @Override
  public DynamicTableSource createDynamicTableSource(Context context) {
    ReadableConfig options = FactoryUtil.createTableFactoryHelper(this, context).getOptions();
    Patience patience = new Patience(options.get(HOLD_FOR_MS), options.get(DISORDER_MS), options.get(STATIC));
    Map<String, String> all = context.getCatalogTable().getOptions();
    ClusterFile file = new ClusterFile(all.get("properties.windrow.clusters"), all.getOrDefault("properties.windrow.client-properties", ""));
    return new ClustersTable((DynamicKafkaTableSource) super.createDynamicTableSource(context), patience, file);
  }
}
