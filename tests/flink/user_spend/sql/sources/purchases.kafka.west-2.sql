CREATE TEMPORARY TABLE `purchases:west-2` (
  `wr_value` BYTES,
  `wr_arrival` TIMESTAMP_LTZ(3) METADATA FROM 'timestamp' VIRTUAL,
  `wr_partition` INT METADATA FROM 'partition' VIRTUAL,
  `wr_offset` BIGINT METADATA FROM 'offset' VIRTUAL,
  `wr_headers` MAP<STRING, BYTES> METADATA FROM 'headers' VIRTUAL,
  `wr_time` AS TO_TIMESTAMP_LTZ(`wr_time:purchases`(`wr_value`, `wr_arrival`, ${cut_ms}), 3),
  WATERMARK FOR `wr_time` AS `wr_time` - INTERVAL '0 00:00:10.000' DAY(3) TO SECOND(3)
) WITH (
  'connector' = 'kafka',
  'topic' = 'shop.purchases',
  'properties.bootstrap.servers' = 'west-2.example:9092',
  'properties.group.id' = '${group_id}',
  'properties.auto.offset.reset' = 'none',
  'properties.default.api.timeout.ms' = '60000',
  'scan.startup.mode' = 'timestamp',
  'scan.startup.timestamp-millis' = '${start_ms}',
  'scan.topic-partition-discovery.interval' = '0',
  'format' = 'raw'
)
