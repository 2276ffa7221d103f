SELECT
  `user_id`,
  `wr_ts`,
  `purchase_id` AS `wr_id`,
  `wr_copy`,
  `amount` AS `a0`,
  `usd` > 500 AS `a1`,
  `merchant` AS `a2`
FROM (
  SELECT *, CAST(`amount` * 1.1 AS DECIMAL(18, 2)) AS `usd`
  FROM `purchases`
  WHERE `status` = 'settled'
)
WHERE `user_id` IS NOT NULL
