CREATE TEMPORARY TABLE `purchases:file` (
  `wr_value` BYTES,
  `wr_arrival` AS CAST(NULL AS TIMESTAMP_LTZ(3)),
  `wr_time` AS TO_TIMESTAMP_LTZ(`wr_time:purchases`(`wr_value`, CAST(NULL AS TIMESTAMP_LTZ(3)), ${cut_ms}), 3),
  WATERMARK FOR `wr_time` AS `wr_time` - INTERVAL '0 00:00:10.000' DAY(3) TO SECOND(3)
) WITH (
  'connector' = 'filesystem',
  'path' = '${path}',
  'format' = 'raw'
)
