use shop::order::run::{self as outbox, Done};
use shop::{order, schedule, together};

use crate::world::World;

/// Components with a timer, by the application's own description.
fn timers() -> Vec<String> {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../../spin.toml");
    let text = std::fs::read_to_string(manifest).expect("spin.toml");
    let tables = text.split("[[trigger.cron]]").skip(1);
    let component = |table: &str| {
        let line = table.lines().find_map(|line| line.strip_prefix("component = "));
        line.expect("a component").trim_matches('"').to_owned()
    };
    tables.map(component).collect()
}

#[test]
fn every_timer_is_in_the_list_of_jobs() {
    for timer in timers() {
        assert!(schedule::JOBS.iter().any(|(component, _)| *component == timer), "{timer}");
    }
    let world = World::new();
    world.programme(&serde_json::json!({}));
    let listed = schedule::list(&world.sql, world.now).expect("storage");
    assert_eq!(listed.len(), schedule::JOBS.len());
}

#[test]
fn orders_are_due_when_their_steps_are_and_runs_are_noted() {
    let mut world = World::new();
    let of = |world: &World, name: &str| {
        let listed = schedule::list(&world.sql, world.now).expect("storage");
        listed.into_iter().find(|job| job.name == name).expect("listed")
    };
    assert_eq!(of(&world, order::JOB).due_at, None, "nothing to do");
    let quote = world.quote(None, 0);
    world.place(&quote).expect("an order");
    assert_eq!(of(&world, order::JOB).due_at, Some(world.now), "its payment is to be opened");
    let done = Done { steps: 2, failed: 1, failures: vec!["why".to_owned()], more: false };
    outbox::note(&world.sql, &done, world.now).expect("noted");
    let noted = of(&world, order::JOB).job.expect("it ran");
    assert_eq!((noted.last_done, noted.last_error.as_deref()), (2, Some("why")));
    assert_eq!(noted.last_finished_at, Some(world.now));
    together::run(&world.sql, world.now).expect("storage");
    assert!(of(&world, together::JOB).due_at > Some(world.now));
}
