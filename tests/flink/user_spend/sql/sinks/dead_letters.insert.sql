INSERT INTO `dead:out`
SELECT 'purchases', `wr_dead`, `wr_detail`, `wr_value`, `wr_cluster`, `wr_partition`, `wr_offset`, `wr_headers`
FROM `purchases:decoded`
WHERE `wr_dead` IS NOT NULL
