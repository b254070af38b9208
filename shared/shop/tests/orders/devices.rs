//! Fraud control sees the device that an order was made on: where points are held for it, and in the sale it becomes.

use fraud::Subject;
use fraud::facts::Trace;
use fraud::feature::Feature;
use kernel::Points;
use kernel::time::HOUR_MS;
use ledger::grant::{self, Grant};
use ledger::model::{LotSource, Occasion};
use shop::order::{self, quote_of, sale};
use store::ledger::{self as books, Due};

use crate::world::{GUEST, World};

const DEVICE: Trace = Trace::from_raw(41);
const HELD: i64 = 1_000;

/// A quote that pays a part with points, which the guest has.
fn with_points(world: &mut World) -> basket::Quote {
    let mut quote = world.quote(None, 0);
    quote.totals.points_spent = HELD;
    quote.totals.points_spent_minor = HELD;
    quote.totals.payable_minor -= HELD;
    quote.lines[0].points_spent = HELD;
    quote.lines[0].points_spent_minor = HELD;
    quote.lines[0].final_minor -= HELD;
    quote.lines[0].fiscal[0].unit_minor -= HELD;
    quote
}

fn give_points(world: &mut World) {
    let grant = Grant {
        points: Points::from_hundredths(HELD),
        source: LotSource::Opening,
        activates_at: None,
        expires_at: None,
    };
    let (at, event) = (world.now, "test:points".to_owned());
    let occasion = Occasion { event, receipt: None, outlet: None, effective_at: at, recorded_at: at };
    let given = world.write(|tx, moment| {
        let mut wallet = books::load_account(tx, GUEST)?.wallet(GUEST, Vec::new());
        let entry = grant::accrue(&mut wallet, grant, occasion, moment.ids).expect("granted");
        books::insert_entries(tx, GUEST, &[entry.expect("an entry")], "points:bean", None, Due::By(None))
    });
    given.expect("recorded");
}

fn state(world: &World, subject: &Subject) -> fraud::State {
    let rows = store::fraud::inline::load(&world.sql, &[subject.to_string()], None).expect("reads").0;
    rows.first().map(|(_, text)| serde_json::from_str(text).expect("a state")).unwrap_or_default()
}

#[test]
fn an_order_is_counted_for_the_device_it_was_made_on_unless_that_is_everybodys() {
    for (device, channel, known) in
        [(None, "app", 0), (Some(DEVICE), "app", 1), (Some(DEVICE), "bot", 1), (Some(DEVICE), "kiosk", 0)]
    {
        let mut world = World::new();
        world.programme(&serde_json::json!({}));
        give_points(&mut world);
        let mut quote = with_points(&mut world);
        channel.clone_into(&mut quote.channel);
        let placed = world.place_on(device, &quote).expect("an order");
        // Held: the member is seen with the device.
        assert_eq!(state(&world, &Subject::Device(DEVICE)).seen_in_month(world.now), known);
        assert_eq!(
            world.count("select count(*) from fraud_links where kind = 'device' and value = 41"),
            known
        );
        world.now = world.now.plus_millis(HOUR_MS);
        let stored = order::load(&world.sql, placed.order.id).expect("the order");
        let quote = quote_of(&stored).expect("the quote");
        world.write(|tx, moment| sale::record(tx, &stored, &quote, moment)).expect("recorded");
        let receipts = state(&world, &Subject::Device(DEVICE)).sum(
            fraud::state::Measure::Receipts,
            fraud::window::Span::Day,
            world.now,
        );
        assert_eq!(receipts, known, "{:?} is what rules ask for", Feature::DeviceReceiptsDay);
        let traced = "select count(*) from fraud_traces where device = 41";
        assert_eq!(world.count(traced), known, "and trials over the past");
        let noted = "select count(*) from orders where device is not null";
        assert_eq!(world.count(noted), known);
        // Whoever leaves takes it along.
        world.write(|tx, _| store::fraud::links::forget(tx, GUEST)).expect("forgotten");
        assert_eq!((world.count(noted), world.count(traced)), (0, 0));
    }
}
