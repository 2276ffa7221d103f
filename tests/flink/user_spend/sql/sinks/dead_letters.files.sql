CREATE TEMPORARY TABLE `dead:out` (
  `source` STRING,
  `reason` STRING,
  `detail` STRING,
  `value` BYTES,
  `cluster` STRING,
  `partition` INT,
  `offset` BIGINT,
  `headers` MAP<STRING, BYTES>
) WITH (
  'connector' = 'filesystem',
  'path' = '${path}',
  'format' = 'json'
)
