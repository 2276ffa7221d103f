CREATE TEMPORARY TABLE `user_spend:out` (
  `user_id` STRING,
  `spend_1h` STRING,
  `spend_24h` STRING,
  `spend_7d` STRING,
  `txns_1h` BIGINT,
  `txns_7d` BIGINT,
  `big_txns_7d` BIGINT,
  `avg_amount_7d` STRING,
  `biggest_24h` STRING,
  `smallest_24h` STRING,
  `last_merchant_7d` STRING,
  `wr_as_of` BIGINT,
  `wr_gone` BOOLEAN
) WITH (
  'connector' = 'filesystem',
  'path' = '${path}',
  'format' = 'json'
)
