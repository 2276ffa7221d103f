SELECT
  `wr_value`, `wr_arrival`, 'east-1' AS `wr_cluster`, `wr_partition`, `wr_offset`, `wr_headers`
FROM `purchases:east-1`
UNION ALL
SELECT
  `wr_value`, `wr_arrival`, 'west-1' AS `wr_cluster`, `wr_partition`, `wr_offset`, `wr_headers`
FROM `purchases:west-1`
UNION ALL
SELECT
  `wr_value`, `wr_arrival`, 'west-2' AS `wr_cluster`, `wr_partition`, `wr_offset`, `wr_headers`
FROM `purchases:west-2`
