//! Intents, ticks, and what became of them.

use kernel::MemberId;
use kernel::time::DAY_MS;
use messaging::{Channel, Topic};
use post::carry::Carriers;
use post::outbox::{self, Bounds, Done, Ground};
use store::StoreError;
use store::deliveries::{self, Delivery, Status};
use store::notifications::{self, NewIntent, body_place};

use crate::carriers::{self, Desk};
use crate::world::World;

pub const FEEDBACK: &str = r#"{"outlet":"o1","url":"https://x.kz/f/1"}"#;

/// Records an intent; its cause is its data and number.
pub fn intend(world: &mut World, member: MemberId, topic: Topic, data: &str, lives_ms: i64) -> i64 {
    world
        .tx(|tx, personal, moment| {
            let id = moment.ids.next(moment.now);
            let body = topic.has_body().then(|| personal.seal(body_place(id), "Мы разобрались."));
            let intent = NewIntent {
                id,
                member,
                topic,
                dedupe: &format!("{}:{id}", topic.code()),
                data,
                body_sealed: body.as_deref(),
                created_at: moment.now,
                expires_at: moment.now.plus_millis(lives_ms),
            };
            notifications::insert(tx, &intent)?;
            Ok::<_, StoreError>(id)
        })
        .unwrap()
}

pub fn answer(world: &mut World, member: MemberId) -> i64 {
    intend(world, member, Topic::TicketAnswer, r#"{"ticket":"T-1"}"#, DAY_MS)
}

/// One tick of both outboxes.
pub fn tick(world: &mut World, desk: &Desk) -> Done {
    tick_with(world, desk, &carriers::all())
}

/// One tick of both outboxes of a deployment with these carriers.
pub fn tick_with(world: &mut World, desk: &Desk, carriers: &Carriers) -> Done {
    let world_now = world.now;
    let mut done = Done::default();
    let personal = club::personal::Personal { secrets: &world.secrets, random: &crate::world::random };
    let ground = Ground { sql: &world.sql, partners: desk, personal, carriers, clock: &|| world_now };
    let mut moment = club::Moment { now: world.now, ids: &mut world.ids };
    outbox::plan(&ground, &mut moment, Bounds::STANDARD, &mut done).unwrap();
    for lane in [messaging::channel::Lane::Direct, messaging::channel::Lane::Telegram] {
        outbox::dispatch(&ground, &mut moment, lane, Bounds::STANDARD, &mut done).unwrap();
    }
    done
}

pub fn delivery(world: &World, id: i64) -> Delivery {
    deliveries::load(&world.sql, id).unwrap().unwrap()
}

pub fn status(world: &World, id: i64) -> (Status, Option<Channel>) {
    let delivery = delivery(world, id);
    (delivery.status, delivery.channel)
}
