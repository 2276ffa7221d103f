//! Models that a run calls, and the end of a run that waits for one.

use std::time::Instant;

use super::world::World;
use crate::support::cluster::until;

/// It answers, but sleeps for longer than any test while a file says so.
const MODEL: &str = r#"
import os, time
HERE = os.path.dirname(os.path.abspath(__file__))
def score(amount):
    if os.path.exists(os.path.join(HERE, "asleep")):
        open(os.path.join(HERE, "sleeps"), "w").close()
        time.sleep(3600)
    return {"score": 1}
"#;

const CALL: &str = r#"
stream scored {
  from purchases
  call "model:score" (amount) returns { score int } timeout 10m retry 3
}

group_by user_spend {
  from  scored
"#;

#[test]
fn sigterm_gives_up_a_step_whose_model_sleeps_and_the_next_run_asks_again() {
    let mut world = World::start();
    let project = world.path("project");
    let definitions = std::fs::read_to_string(project.join("purchases.wr")).unwrap();
    let called = definitions.replace("\ngroup_by user_spend {\n  from  purchases\n", CALL);
    assert_ne!(called, definitions, "the model is called for what is grouped");
    std::fs::write(project.join("purchases.wr"), called).unwrap();
    std::fs::write(project.join("model.py"), MODEL).unwrap();
    let mut executor = world.run(&[]);
    world.feed(50);
    world.await_consumed(&executor);
    std::fs::write(project.join("asleep"), "").unwrap();
    world.feed(50);
    until("a model sleeps", || project.join("sleeps").exists().then_some(()));
    // Four tries of ten minutes each would be waited for, and nobody waits so long for a test either.
    let asked = Instant::now();
    assert!(executor.stop(), "{}", executor.log());
    println!("it ended {:?} after SIGTERM", asked.elapsed());
    assert!(executor.log().contains("a step was given up"), "{}", executor.log());
    assert!(world.consumed() < world.fed(), "the models of some records slept");
    let before = world.status()["models"].clone();
    std::fs::remove_file(project.join("asleep")).unwrap();
    std::fs::write(project.join("model.py"), format!("{MODEL}\n# Wide awake.\n")).unwrap();
    let mut executor = world.run(&[]);
    world.await_consumed(&executor);
    let calls = world.status()["ledger"]["calls"]["scored"].clone();
    assert_eq!((&calls["answered"], &calls["failed"]), (&world.fed().into(), &0.into()), "each once");
    assert!(before["model:score"].is_string() && world.status()["models"] != before, "{before}");
    assert!(executor.log().contains("the model's code has changed"), "{}", executor.log());
    world.settle(&mut executor);
}
