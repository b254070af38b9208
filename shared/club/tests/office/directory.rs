//! Outlets: nearest first, page by page; what may change and what may not.

use club::directory::geo::Position;
use club::directory::{self, Description, Refused, Search, Status, Written};
use club::till_key::{self, NewKey};
use kernel::{Currency, FranchiseeId};
use membership::profile::Language;
use membership::staff_auth::{Grant, Role, Scope};
use store::tills;

use crate::fixture::{ADMINISTRATOR, Chain, OUTLET, described, everything, start};

/// Outlets 201 to 212, one about 1.1 km north of the other; every third is closed.
fn chain() -> Chain {
    let mut chain = Chain::new();
    chain.write(start(), |tx, moment| {
        for number in 1..=12 {
            let position = Position::from_e6(43_238_949 + number * 10_000, 76_889_709);
            let status = if number % 3 == 0 { Status::Closed } else { Status::Open };
            let languages =
                if number % 2 == 0 { vec![Language::En] } else { vec![Language::Ru, Language::Kk] };
            let described = Description { position, status, languages, ..described() };
            directory::write_outlet(tx, &format!("2{number:02}"), &described, &everything(), moment)
                .expect("an outlet");
        }
    });
    chain
}

fn codes(found: &[directory::Found]) -> Vec<&str> {
    found.iter().map(|found| found.entry.code.as_str()).collect()
}

#[test]
fn the_nearest_come_first_and_pages_do_not_overlap() {
    let chain = chain();
    let home = Position::from_e6(43_238_949, 76_889_709).expect("a place");
    let search = Search { limit: 3, ..Search::default() };
    let mut seen = Vec::new();
    let mut after: Option<(i64, String)> = None;
    loop {
        let place = after.as_ref().map(|(metres, code)| (*metres, code.as_str()));
        let page = directory::nearest(&chain.sql, &search, home, 10, place, start()).expect("found");
        let Some(last) = page.last() else { break };
        after = Some((last.metres.expect("a distance"), last.entry.code.clone()));
        seen.extend(page);
    }
    // 209 and beyond are more than 10 km away, 203 and 206 are closed.
    assert_eq!(codes(&seen), ["101", "201", "202", "204", "205", "207", "208"]);
    assert!(seen.is_sorted_by_key(|found| found.metres));
    assert_eq!(seen[0].metres, Some(0));
    let english = Search { limit: 10, language: Some(Language::En), ..Search::default() };
    let found = directory::nearest(&chain.sql, &english, home, 10, None, start()).expect("found");
    assert_eq!(codes(&found), ["202", "204", "208"]);
}

#[test]
fn the_directory_goes_by_code() {
    let chain = chain();
    let search = Search { limit: 4, ..Search::default() };
    let page = directory::list(&chain.sql, &search, "", start()).expect("a page");
    assert_eq!(codes(&page), ["101", "201", "202", "204"]);
    let page = directory::list(&chain.sql, &search, "204", start()).expect("a page");
    assert_eq!(codes(&page), ["205", "207", "208", "210"]);
    assert!(page.iter().all(|found| found.is_open), "09:00 in Almaty");
    let night = start().plus_millis(-3 * kernel::time::HOUR_MS);
    let page = directory::list(&chain.sql, &search, "", night).expect("a page");
    assert!(page.iter().all(|found| !found.is_open), "06:00 in Almaty");
    let other = Search { brand: Some("other"), ..search };
    assert!(directory::list(&chain.sql, &other, "", start()).expect("a page").is_empty());
}

#[test]
fn an_outlet_keeps_what_its_receipts_stand_on() {
    let mut chain = Chain::new();
    let mut write = |described: &Description, grant: &Grant| {
        let described = described.clone();
        chain.write(start(), |tx, moment| {
            directory::write_outlet(tx, OUTLET, &described, grant, moment).map(|(_, written)| written)
        })
    };
    let all = everything();
    assert_eq!(write(&described(), &all), Ok(Written::Unchanged));
    let renamed = Description { name: "Abay".into(), ..described() };
    assert_eq!(write(&renamed, &all), Ok(Written::Changed));
    let elsewhere = Description { currency: Currency::Rub, ..renamed.clone() };
    assert_eq!(write(&elsewhere, &all), Err(Refused::Fixed("currency")));
    let sold = Description { franchisee: "f9".into(), ..renamed.clone() };
    assert_eq!(write(&sold, &all), Err(Refused::UnknownFranchisee("f9".into())));
    let foreign =
        Grant::new(Role::Franchisee, Scope::Franchisee(FranchiseeId::from_raw(99))).expect("lawful");
    assert_eq!(write(&renamed, &foreign), Err(Refused::UnknownOutlet));
}

#[test]
fn a_revoked_key_opens_nothing() {
    let mut chain = Chain::new();
    let all = everything();
    let new = NewKey { outlet: OUTLET, label: "till 1", hash: b"hash", by: ADMINISTRATOR };
    let key = chain.write(start(), |tx, moment| till_key::create(tx, &new, &all, moment).expect("a key"));
    assert_eq!(tills::load_by_key(&chain.sql, b"hash").expect("read").map(|till| till.key), Some(key.id));
    for _ in 0..2 {
        chain.write(start(), |tx, moment| till_key::revoke(tx, key.id, &all, moment).expect("revoked"));
        assert_eq!(tills::load_by_key(&chain.sql, b"hash"), Ok(None));
    }
    let listed = tills::list(&chain.sql, Some(OUTLET), kernel::TillKeyId::from_raw(0), 10).expect("a list");
    assert_eq!(listed.len(), 1);
    assert!(listed[0].revoked_at.is_some());
    let nowhere = NewKey { outlet: "999", ..new };
    let refused = chain.write(start(), |tx, moment| till_key::create(tx, &nowhere, &all, moment));
    assert_eq!(refused, Err(till_key::Refused::UnknownOutlet));
}
