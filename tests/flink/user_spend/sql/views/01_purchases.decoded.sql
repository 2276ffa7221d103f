SELECT
  r.`wr_value`, r.`wr_cluster`, r.`wr_partition`, r.`wr_offset`, r.`wr_headers`, d.*
FROM `purchases:records` AS r, LATERAL TABLE(`wr_decode:purchases`(r.`wr_value`, r.`wr_arrival`)) AS d
