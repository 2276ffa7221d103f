//! The executor as a process over clusters as processes, with faults that are real. The rows at the end are
//! held against the oracle, which has seen nothing but the records.

mod checkpoints;
mod corruption;
mod figures;
mod freshness;
mod frozen_region;
mod gaps;
mod late;
mod machine;
mod models;
mod much_state;
mod operation;
mod power;
mod readers;
mod refusals;
mod regions;
mod returning_cluster;
mod rights;
mod scenario;
mod secrets;
mod soak;
mod takeover;
mod topology;
mod world;

use world::World;

/// Each scenario over embedded clusters.
macro_rules! embedded {
    ($($name:ident),* $(,)?) => {
        $(#[test]
        fn $name() {
            scenario::$name(World::start());
        })*
    };
}

/// The same over brokers of Apache Kafka.
macro_rules! real {
    ($($name:ident),* $(,)?) => {
        $(#[test]
        fn $name() {
            if let Some(world) = World::start_real(stringify!($name)) {
                scenario::$name(world);
            }
        })*
    };
}

embedded! {
    a_killed_executor_neither_loses_nor_doubles_an_event,
    a_cluster_that_is_dead_at_start_stops_no_other_and_is_merged_when_it_comes,
    a_backfill_that_was_killed_goes_on_and_publishes_nothing_until_run_does,
    a_frozen_region_does_not_stop_the_other_and_converges,
    rows_go_to_another_cluster_of_the_group_and_come_home,
    a_state_directory_in_use_and_a_lost_lease_are_refused,
    a_run_that_slept_while_another_took_over_sends_nothing_more,
    a_join_goes_from_history_to_live_with_one_row_per_left_event,
    a_region_that_is_fed_later_gets_every_key,
    a_state_that_has_published_is_never_history_again,
    a_request_that_was_given_up_on_overtakes_no_newer_row,
    without_idempotence_a_request_that_was_given_up_on_does,
    what_a_home_is_owed_survives_a_kill,
    a_record_that_cannot_be_decoded_is_shown_as_it_came_and_sent_again,
    a_partition_of_garbage_is_stopped_and_the_others_go_on,
    a_lease_that_cannot_be_looked_at_stops_sending_and_nothing_else,
}

mod on_apache_kafka {
    use super::World;
    use super::scenario;

    #[test]
    fn a_frozen_executor_that_another_took_over_from_changes_nothing() {
        let test = "a_frozen_executor_that_another_took_over_from_changes_nothing";
        let Some(world) = World::start_real(test) else { return };
        let mut figures = serde_json::json!({});
        super::takeover::a_frozen_executor_that_another_took_over_from_changes_nothing(world, &mut figures);
    }

    #[test]
    fn a_throttled_region_and_then_a_frozen_one_do_not_stop_the_other_and_converge() {
        let test = "a_throttled_region_and_then_a_frozen_one_do_not_stop_the_other_and_converge";
        let Some(mut world) = World::start_real(test) else { return };
        super::rights::a_throttled_region_is_slow_and_the_other_is_not(&mut world);
        scenario::a_frozen_region_does_not_stop_the_other_and_converges(world);
    }

    real! {
        a_killed_executor_neither_loses_nor_doubles_an_event,
        a_cluster_that_is_dead_at_start_stops_no_other_and_is_merged_when_it_comes,
        rows_go_to_another_cluster_of_the_group_and_come_home,
        a_join_goes_from_history_to_live_with_one_row_per_left_event,
        a_request_that_was_given_up_on_overtakes_no_newer_row,
        what_a_home_is_owed_survives_a_kill,
        an_open_transaction_holds_the_watermark_until_it_is_over,
    }
}
