INSERT INTO `user_spend:out`
SELECT
  `user_id`,
  CAST(`spend_1h` AS STRING),
  CAST(`spend_24h` AS STRING),
  CAST(`spend_7d` AS STRING),
  `txns_1h`,
  `txns_7d`,
  `big_txns_7d`,
  CAST(`avg_amount_7d` AS STRING),
  CAST(`biggest_24h` AS STRING),
  CAST(`smallest_24h` AS STRING),
  `last_merchant_7d`,
  `wr_as_of`,
  `wr_gone`
FROM `user_spend`
