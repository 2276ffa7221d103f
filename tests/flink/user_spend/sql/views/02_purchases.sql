SELECT `purchase_id`, `user_id`, `merchant`, `amount`, `currency`, `status`, `ts`, `wr_ts`, `wr_copy`
FROM `purchases:decoded`
WHERE `wr_dead` IS NULL
