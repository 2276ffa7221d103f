SELECT
  `wr_value`, `wr_arrival`,
  CAST(NULL AS STRING) AS `wr_cluster`, CAST(NULL AS INT) AS `wr_partition`, CAST(NULL AS BIGINT) AS `wr_offset`,
  CAST(NULL AS MAP<STRING, BYTES>) AS `wr_headers`
FROM `purchases:file`
