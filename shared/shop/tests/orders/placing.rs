use shop::opening::Closed;
use shop::order::Refusal;

use crate::world::{World, at};

#[test]
fn an_order_is_refused_when_the_outlet_is_closed_as_it_is_wanted() {
    let mut world = World::new();
    let rows = [
        // Now; wanted at; opens at.
        ("2026-11-23T07:59:00+05:00", None, Some("2026-11-23T08:00:00+05:00")),
        ("2026-11-23T22:00:00+05:00", None, Some("2026-11-24T08:00:00+05:00")),
        ("2026-11-23T12:00:00+05:00", Some("2026-11-23T23:30:00+05:00"), Some("2026-11-24T08:00:00+05:00")),
        // A wish for a time that has come is a wish for now.
        ("2026-11-23T22:01:00+05:00", Some("2026-11-23T21:59:00+05:00"), Some("2026-11-24T08:00:00+05:00")),
    ];
    for (now, pickup_at, opens_at) in rows {
        world.now = at(now);
        let quote = world.quote(pickup_at.map(at), 0);
        match world.place(&quote) {
            Err(Refusal::Closed(Closed { opens_at: found, .. })) => assert_eq!(found.as_deref(), opens_at),
            other => panic!("{now} {pickup_at:?}: {other:?}"),
        }
        assert_eq!(world.count("select count(*) from orders"), 0, "nothing remains");
    }
    world.now = at("2026-11-23T07:00:00+05:00");
    let quote = world.quote(Some(at("2026-11-23T08:00:00+05:00")), 0);
    assert_eq!(world.place(&quote).map(|_| ()), Ok(()), "ordered before the doors open, fetched after");
    let quote = world.quote(Some(at("2026-11-23T09:00:00+05:00")), 0);
    world.execute("update outlets set status = 'paused'");
    assert_eq!(world.place(&quote).map(|_| ()), Err(Refusal::OutletUnavailable));
}
