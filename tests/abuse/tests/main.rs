//! The standard rules, judged on a small town of another seed than they were chosen on.

mod database;

use abuse::attacks::{self, Kind};
use abuse::report::{Report, upper_bound};
use abuse::town::Town;
use abuse::{honest, play};

fn report(seed: u64) -> Report {
    println!("seed {seed}");
    let mut town = Town::new(seed, 30);
    honest::people(&mut town, 6_000);
    attacks::attack(&mut town, 30);
    honest::share(&mut town, 6_000);
    let outcome = play::play(&mut town, &fraud::standard::rules());
    Report::new(&town, &outcome)
}

#[test]
fn abuse_is_noticed_and_honest_guests_are_not_stopped() {
    let report = report(7);
    println!("{report}");
    assert_eq!(report.stopped, 0, "honest guests who could not spend");
    // The openings are a large part of so small a town.
    assert!(report.delayed * 1_000 <= report.honest * 5, "more than five in a thousand had to wait");
    for row in &report.rows {
        let least = match row.kind {
            // The careful third attaches two or three receipts a shift: nobody tells it from a good customer.
            Kind::StaffCard => 18,
            _ => 21,
        };
        assert!(row.noticed >= least, "{row:?}");
    }
}

#[test]
fn everything_follows_from_the_seed() {
    assert_eq!(report(8), report(8));
    assert_ne!(report(8), report(9));
}

#[test]
fn the_bound_is_clopper_and_pearsons() {
    // None of n: 1 - 0.05^(1/n).
    assert!((upper_bound(0, 100) - (1.0 - 0.05f64.powf(0.01))).abs() < 1e-9);
    // 5 of 100: solved with exact binomial coefficients.
    assert!((upper_bound(5, 100) - 0.102_253_377_6).abs() < 1e-9);
}
