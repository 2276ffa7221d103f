package dev.windrow.flink.kafka;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.sink.DynamicTableSink;
import org.apache.flink.table.connector.sink.SinkV2Provider;
import org.apache.flink.table.factories.DynamicTableSinkFactory;
import org.apache.flink.table.factories.FactoryUtil;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.RowType;

/** `'connector' = 'windrow-regions'`: a publication of windrow, to a group of clusters in every region. */
public final class RegionsTableFactory implements DynamicTableSinkFactory {
  private static final ConfigOption<String> NAME = ConfigOptions.key("name").stringType().noDefaultValue();
  private static final ConfigOption<String> TOPIC = ConfigOptions.key("topic").stringType().noDefaultValue();
  private static final ConfigOption<String> MODE = ConfigOptions.key("mode").stringType().noDefaultValue();
  private static final ConfigOption<String> KEYS = ConfigOptions.key("keys").stringType().noDefaultValue();
  private static final ConfigOption<String> PLAN = ConfigOptions.key("plan").stringType().noDefaultValue();
  private static final ConfigOption<String> LEASE = ConfigOptions.key("lease").stringType().noDefaultValue();
  private static final ConfigOption<String> CLUSTERS = ConfigOptions.key("clusters").stringType().noDefaultValue();
  private static final ConfigOption<String> CLIENT_PROPERTIES = ConfigOptions.key("client-properties").stringType().defaultValue("");

  @Override
  public String factoryIdentifier() {
    return "windrow-regions";
  }

  @Override
  public Set<ConfigOption<?>> requiredOptions() {
    return Set.of(NAME, TOPIC, MODE, KEYS, PLAN, LEASE, CLUSTERS);
  }

  @Override
  public Set<ConfigOption<?>> optionalOptions() {
    return Set.of(CLIENT_PROPERTIES);
  }

  @Override
  public DynamicTableSink createDynamicTableSink(Context context) {
    FactoryUtil.TableFactoryHelper helper = FactoryUtil.createTableFactoryHelper(this, context);
    helper.validate();
    DataType row = context.getPhysicalRowDataType();
    return new TableSink(config(helper.getOptions()), (RowType) row.getLogicalType());
  }

  private static Publication config(ReadableConfig options) {
    String mode = options.get(MODE);
    if (!mode.equals("latest") && !mode.equals("events")) throw new ValidationException("mode: expected latest or events, found " + mode);
    List<Integer> keys = new ArrayList<>();
    for (String key : options.get(KEYS).split(",")) if (!key.isEmpty()) keys.add(Integer.parseInt(key));
    return new Publication(
        options.get(NAME),
        options.get(TOPIC),
        mode.equals("latest"),
        keys,
        options.get(PLAN),
        Long.parseLong(options.get(LEASE)),
        Cluster.parse(options.get(CLUSTERS)),
        options.get(CLIENT_PROPERTIES));
  }

  private record TableSink(Publication publication, RowType row) implements DynamicTableSink {
    @Override
    public ChangelogMode getChangelogMode(ChangelogMode requested) {
      return ChangelogMode.insertOnly();
    }

    @Override
    public SinkRuntimeProvider getSinkRuntimeProvider(Context context) {
      return SinkV2Provider.of(new RegionsSink(publication, row));
    }

    @Override
    public DynamicTableSink copy() {
      return this;
    }

    @Override
    public String asSummaryString() {
      return "windrow-regions " + publication.name();
    }
  }
}
