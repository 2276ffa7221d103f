SELECT *
FROM `wr_node:user_spend`(`in` => TABLE `user_spend:input` PARTITION BY `user_id`, `uid` => 'user_spend')
