//! Payments and refunds, as our payment function asks for them, at either acquirer.

use acquiring::tbank::Terminal;
use acquiring::yookassa::Shop;
use acquiring::{
    Acquirer, Confirmation, Item, NewPayment, NewRefund, PaymentMode, PaymentState, Reading, Receipt, State,
};
use kernel::{Currency, Money};
use partners::Partners;
use partners::fault::Effect;
use partners::world::World;

use crate::support::{partners, send, until};

fn yookassa(partners: &Partners) -> Acquirer {
    let shop = World::small().shop;
    let [_, base_url, _] = partners.roots().clone();
    Acquirer::YooKassa(Shop { base_url, shop_id: shop.id, secret_key: shop.secret })
}

fn tbank(partners: &Partners) -> Acquirer {
    let terminal = World::small().terminal;
    let [.., base_url] = partners.roots().clone();
    Acquirer::TBank(Terminal { base_url, terminal_key: terminal.key, password: terminal.password })
}

fn receipt(unit_minor: i64) -> Receipt {
    Receipt {
        phone: "+79120000001".to_owned(),
        items: vec![Item {
            description: "Капучино M".to_owned(),
            quantity: 1,
            unit_minor,
            tax_rate: Some(500),
        }],
        mode: PaymentMode::Full,
        tax_system: Some(2),
    }
}

const fn roubles(minor: i64) -> Money {
    Money::new(minor, Currency::Rub)
}

fn open(acquirer: &Acquirer, key: &str, minor: i64) -> Reading<PaymentState> {
    let receipt = receipt(minor);
    let request = acquirer.open(&NewPayment {
        key,
        order: "ord_1",
        amount: roubles(minor),
        description: "Заказ A1",
        return_url: "https://app.example/o/1",
        pay_until: None,
        notification_url: None,
        receipt: Some(&receipt),
    });
    acquirer.payment(&send(&request.expect("a request")))
}

fn refund(acquirer: &Acquirer, key: &str, payment: &str, minor: i64) -> Reading<acquiring::RefundState> {
    let receipt = receipt(minor);
    let request = acquirer.refund(&NewRefund {
        key,
        payment,
        amount: roubles(minor),
        description: "Нет в наличии",
        receipt: Some(&receipt),
    });
    acquirer.read_refund(&send(&request.expect("a request")))
}

fn opened(reading: Reading<PaymentState>) -> PaymentState {
    match reading {
        Reading::Known(payment) => payment,
        other => panic!("{other:?}"),
    }
}

fn state(acquirer: &Acquirer, payment: &str) -> State {
    opened(acquirer.payment(&send(&acquirer.get(payment)))).state
}

#[test]
fn a_payment_is_paid_and_given_back_in_parts() {
    let partners = partners();
    for acquirer in [yookassa(&partners), tbank(&partners)] {
        let payment = opened(open(&acquirer, "pay_1", 30_800));
        assert_eq!((&payment.state, payment.amount), (&State::Pending, roubles(30_800)));
        let Some(Confirmation::Redirect(link)) = &payment.confirmation else { panic!("{payment:?}") };
        assert_eq!(ureq::get(link).call().expect("a page").status(), 200);
        assert_eq!(state(&acquirer, &payment.id), State::Succeeded);
        for (key, minor) in [("ref_1", 8_900), ("ref_1", 8_900), ("ref_2", 21_900)] {
            let given = refund(&acquirer, key, &payment.id, minor);
            assert!(
                matches!(&given, Reading::Known(known) if known.state == State::Succeeded),
                "{key}: {given:?}"
            );
        }
        let more = refund(&acquirer, "ref_3", &payment.id, 100);
        assert!(matches!(more, Reading::Refused { .. }), "{more:?}");
    }
    assert_eq!(partners.yookassa.payments()[0].refunded, 308.into());
    assert_eq!(partners.tbank.payments()[0].returned, 30_800);
    assert_eq!(partners.violations(), Vec::<String>::new());
}

#[test]
fn a_lost_answer_leaves_one_payment_and_one_refund() {
    let partners = partners();
    let acquirer = yookassa(&partners);
    let faults = &partners.yookassa_desk().faults;
    for effect in [
        Effect::LoseAnswer,
        Effect::ApplyAndRefuse { status: 500 },
        Effect::ApplyAndRefuse { status: 202 },
        Effect::Garble,
    ] {
        faults.next("/payments", 1, effect);
        let lost = open(&acquirer, "pay_1", 10_000);
        assert!(matches!(lost, Reading::Again { .. }), "{lost:?}");
    }
    let payment = opened(open(&acquirer, "pay_1", 10_000));
    assert_eq!(partners.yookassa.payments().len(), 1);
    assert!(partners.yookassa.pay(&payment.id));
    faults.next("/refunds", 1, Effect::LoseAnswer);
    assert!(matches!(refund(&acquirer, "ref_1", &payment.id, 10_000), Reading::Again { .. }));
    assert!(matches!(refund(&acquirer, "ref_1", &payment.id, 10_000), Reading::Known(_)));
    assert_eq!(partners.yookassa.payments()[0].refunded, 100.into());
    faults.next("/payments", 1, Effect::Refuse { status: 429, retry_after_s: None });
    assert!(matches!(open(&acquirer, "pay_2", 10_000), Reading::Again { .. }));
    assert_eq!(partners.violations(), Vec::<String>::new());
}

#[test]
fn a_key_with_another_body_is_refused_and_noted() {
    let partners = partners();
    let acquirer = yookassa(&partners);
    opened(open(&acquirer, "pay_1", 10_000));
    let other = open(&acquirer, "pay_1", 10_100);
    assert!(matches!(other, Reading::Misconfigured { .. }), "{other:?}");
    assert_eq!(partners.violations().len(), 1);
}

#[test]
fn an_unpaid_payment_ends() {
    let partners = partners();
    let acquirer = yookassa(&partners);
    let declined = opened(open(&acquirer, "pay_1", 10_000)).id;
    assert!(partners.yookassa.decline(&declined, "insufficient_funds"));
    assert!(!partners.yookassa.pay(&declined), "a canceled payment stays canceled");
    assert_eq!(state(&acquirer, &declined), State::Cancelled { reason: "insufficient_funds".to_owned() });
    let waiting = opened(open(&acquirer, "pay_2", 10_000)).id;
    assert_eq!(state(&acquirer, &waiting), State::Pending);
    partners.clock.advance(61 * 60 * 1_000);
    assert_eq!(state(&acquirer, &waiting), State::Cancelled { reason: "expired_on_confirmation".to_owned() });
}

#[test]
fn notifications_are_repeated_until_they_are_taken() {
    let partners = partners();
    partners.yookassa.hook_to("http://127.0.0.1:9/hook");
    let acquirer = yookassa(&partners);
    let payment = opened(open(&acquirer, "pay_1", 10_000)).id;
    partners.yookassa.hooks.hold();
    assert!(partners.yookassa.pay(&payment));
    assert!(partners.yookassa.hooks.attempts().is_empty());
    partners.yookassa.hooks.release(false);
    let attempts = until("a repetition", || {
        Some(partners.yookassa.hooks.attempts()).filter(|attempts| attempts.len() > 1)
    });
    let told = acquiring::yookassa::notification(attempts[0].body.to_string().as_bytes());
    assert!(told.is_some() && !attempts[0].taken, "{attempts:?}");
}

/// An `Init` whose answer is lost is found under its key; another under the same key is refused.
#[test]
fn a_lost_init_is_found_by_its_order() {
    let partners = partners();
    let acquirer = tbank(&partners);
    let look = |key: &str| acquirer.read_lookup(&send(&acquirer.lookup(key).expect("a request")));
    assert_eq!(look("pay_1"), Reading::Known(None));
    let faults = &partners.tbank_desk().faults;
    faults.next("/v2/Init", 1, Effect::LoseAnswer);
    assert!(matches!(open(&acquirer, "pay_1", 10_000), Reading::Again { .. }));
    let Reading::Known(Some(found)) = look("pay_1") else { panic!("it is there") };
    assert_eq!((&found.state, found.amount), (&State::Pending, roubles(10_000)));
    assert!(matches!(open(&acquirer, "pay_1", 10_000), Reading::Refused { .. }));
    let code = acquirer.code(&found).expect("it can be paid by a code");
    assert!(matches!(acquirer.read_code(&send(&code)), Some(Confirmation::Qr(_))));
    assert_eq!(partners.tbank.payments().len(), 1);
    assert_eq!(partners.violations(), Vec::<String>::new());
}
