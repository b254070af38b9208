//! Orders, as our dispatcher sends them and as tills treat them.

use iiko::call::Access;
use iiko::orders::{
    CommandState, Created, Creation, Item, Modifier, NewOrder, Payment, Read, Refusal, Service, TillStatus,
    answer, event,
};
use partners::Partners;
use partners::fault::Effect;
use partners::hooks::Manner;
use partners::iiko::OrderView;
use serde_json::json;

use crate::support::{partners, send, until};

/// An account with its token, and an outlet of it.
struct Outlet {
    base_url: String,
    token: String,
    organization: String,
    terminal: String,
}

impl Outlet {
    fn of(partners: &Partners, outlet: &str) -> Self {
        let (account, organization, terminal) = partners.iiko.outlet_ids(outlet).expect("an outlet");
        let base_url = partners.iiko_url(&account);
        let credentials = iiko::token::Credentials::ApiLogin { api_login: format!("{account}-login") };
        let answer = send(&iiko::token::request(&base_url, &credentials)).expect("an answer");
        let token = iiko::token::read(&answer).expect("a token");
        Self { base_url, token, organization, terminal }
    }

    fn access(&self) -> Access<'_> {
        Access { base_url: &self.base_url, token: &self.token }
    }

    fn create(&self, order: &NewOrder) -> Read<Created> {
        answer::created(&send(&self.access().create(order)))
    }

    /// The till's last word on an order.
    fn settled(&self, order: &NewOrder) -> Creation {
        until("a verdict", || {
            let request = self.access().by_id(&order.service, &self.organization, &order.id);
            let Read::Known(found) = answer::orders(&send(&request)) else { panic!("no orders") };
            found.into_iter().map(|info| info.creation).find(|creation| *creation != Creation::InProgress)
        })
    }
}

fn id(partners: &Partners, kind: &str, code: &str) -> String {
    partners.iiko.id("north", kind, code).expect("the account")
}

/// Two middle cappuccinos with oat milk, paid in the app: 2 × (209 + 60).
fn order(partners: &Partners, outlet: &Outlet, number: u32) -> NewOrder {
    NewOrder {
        organization: outlet.organization.clone(),
        terminal_group: outlet.terminal.clone(),
        service: Service::PickUp { order_type: None },
        id: iiko::orders::id::uuid(i64::from(number), 0),
        external_number: format!("APP-{number}"),
        number: format!("A{number}"),
        phone: "+79120000001".to_owned(),
        guest_name: Some("Guest".to_owned()),
        complete_before: None,
        comment: None,
        items: vec![Item {
            product_id: id(partners, "product", "00013"),
            size_id: Some(id(partners, "size", "M")),
            is_compound: false,
            quantity: 2,
            price_minor: 20_900,
            position_id: iiko::orders::id::uuid(i64::from(number), 1),
            modifiers: vec![Modifier {
                product_id: id(partners, "product", "M-OAT"),
                group_id: Some(id(partners, "group", "MG-MILK")),
                amount: 1,
                price_minor: 6_000,
            }],
            combo: None,
        }],
        combos: Vec::new(),
        discounts: Vec::new(),
        payments: vec![Payment {
            type_id: id(partners, "payment_type", "APP"),
            sum_minor: 53_800,
            is_fiscalised: true,
            note: "{}".to_owned(),
        }],
    }
}

fn only(partners: &Partners) -> OrderView {
    let orders = partners.iiko.orders();
    assert_eq!(orders.len(), 1, "{orders:?}");
    orders.into_iter().next().expect("one")
}

#[test]
fn an_order_is_taken_cooked_and_cancelled() {
    let partners = partners();
    let outlet = Outlet::of(&partners, "msk-1");
    let alive = answer::alive(
        &send(&outlet.access().is_alive(&outlet.organization, &outlet.terminal)),
        &outlet.terminal,
    );
    assert_eq!(alive, Read::Known(iiko::orders::Alive(true)));
    for (service, number) in
        [(Service::PickUp { order_type: None }, 1), (Service::Till { order_type: None }, 2)]
    {
        let mut wanted = order(&partners, &outlet, number);
        wanted.service = service.clone();
        let created = outlet.create(&wanted);
        let Read::Known(Created::InProgress { correlation }) = created else { panic!("{created:?}") };
        let state = until("the command", || {
            let request = outlet.access().command_status(&outlet.organization, &correlation);
            match answer::command(&send(&request)) {
                Read::Known(CommandState::InProgress) => None,
                other => Some(other),
            }
        });
        assert_eq!(state, Read::Known(CommandState::Success));
        assert_eq!(outlet.settled(&wanted), Creation::Success);
        assert_eq!(outlet.create(&wanted), Read::Known(Created::Duplicate));
        let cancel = outlet.access().cancel(&service, &outlet.organization, &wanted.id, "the guest left");
        assert_eq!(answer::accepted(&send(&cancel)), Read::Known(()));
        until("the cancellation", || {
            let request = outlet.access().by_id(&service, &outlet.organization, &wanted.id);
            let Read::Known(found) = answer::orders(&send(&request)) else { panic!("no orders") };
            let order = found.into_iter().next().and_then(|info| info.order).expect("an order");
            assert_eq!(order.sum_minor, Some(53_800));
            (order.status == TillStatus::Cancelled).then_some(())
        });
    }
    assert_eq!(partners.violations(), Vec::<String>::new());
}

#[test]
fn a_till_says_what_it_does_not_like() {
    let partners = partners();
    let outlet = Outlet::of(&partners, "msk-1");
    type Spoil = fn(&Partners, &mut NewOrder);
    let spoilt: [(&str, Spoil); 6] = [
        ("ProductSizeNotFound", |_, order| order.items[0].size_id = None),
        ("ProductGroupNotFound", |_, order| order.items[0].modifiers[0].group_id = None),
        ("RequestProductPriceIsNotEqualToFrontPrice", |_, order| {
            order.items[0].price_minor -= 100;
            order.payments[0].sum_minor -= 200;
        }),
        ("Common", |_, order| {
            order.items[0].modifiers[0].amount = 2;
            order.payments[0].sum_minor += 12_000;
        }),
        ("ProductNotFound", |partners, order| {
            order.items[0].product_id = partners.iiko.id("south", "product", "12").expect("the account");
        }),
        ("PaymentTypeNotFound", |partners, order| {
            order.payments[0].type_id =
                partners.iiko.id("south", "payment_type", "APP").expect("the account");
        }),
    ];
    for (number, (code, spoil)) in (10..).zip(spoilt) {
        let mut wanted = order(&partners, &outlet, number);
        spoil(&partners, &mut wanted);
        assert!(matches!(outlet.create(&wanted), Read::Known(Created::InProgress { .. })), "{code}");
        let Creation::Error(refusal) = outlet.settled(&wanted) else { panic!("{code}: taken") };
        assert_eq!(refusal.code(), code);
    }
    partners.iiko.stop("msk-1", "00013", 0);
    let wanted = order(&partners, &outlet, 20);
    outlet.create(&wanted);
    assert!(matches!(outlet.settled(&wanted), Creation::Error(Refusal::OutOfStock { .. })));
    assert_eq!(partners.violations(), Vec::<String>::new());
}

#[test]
fn a_till_that_sleeps_times_out_and_one_that_wakes_takes_the_order() {
    let partners = partners();
    let outlet = Outlet::of(&partners, "msk-1");
    partners.iiko.till("msk-1", false);
    let asleep = answer::alive(
        &send(&outlet.access().is_alive(&outlet.organization, &outlet.terminal)),
        &outlet.terminal,
    );
    assert_eq!(asleep, Read::Known(iiko::orders::Alive(false)));
    let lost = order(&partners, &outlet, 1);
    outlet.create(&lost);
    assert!(matches!(outlet.settled(&lost), Creation::Error(Refusal::TillOffline { .. })));
    let taken = order(&partners, &outlet, 2);
    outlet.create(&taken);
    partners.iiko.till("msk-1", true);
    assert_eq!(outlet.settled(&taken), Creation::Success);
}

#[test]
fn a_lost_answer_leaves_one_order() {
    let partners = partners();
    let outlet = Outlet::of(&partners, "msk-1");
    let wanted = order(&partners, &outlet, 1);
    let faults = &partners.iiko_desk().faults;
    faults.next("/deliveries/create", 1, Effect::LoseAnswer);
    assert!(matches!(outlet.create(&wanted), Read::Unknown { .. }));
    assert_eq!(outlet.create(&wanted), Read::Known(Created::Duplicate));
    assert_eq!(outlet.settled(&wanted), Creation::Success);
    assert_eq!(only(&partners).sum, 538.into());
    let sent = partners.iiko_desk().journal.about("/deliveries/create");
    assert_eq!(sent.iter().map(|entry| entry.status).collect::<Vec<_>>(), [None, Some(200)]);
    faults.next("/deliveries/create", 1, Effect::Refuse { status: 429, retry_after_s: Some(3) });
    assert_eq!(outlet.create(&wanted), Read::Throttled);
    faults.next("/deliveries/create", 1, Effect::Refuse { status: 503, retry_after_s: None });
    assert!(matches!(outlet.create(&wanted), Read::Unknown { .. }));
    partners.iiko.expire_tokens();
    assert_eq!(outlet.create(&wanted), Read::Unauthorised);
}

#[test]
fn an_old_command_is_gone() {
    let partners = partners();
    let outlet = Outlet::of(&partners, "msk-1");
    let wanted = order(&partners, &outlet, 1);
    let Read::Known(Created::InProgress { correlation }) = outlet.create(&wanted) else { panic!("refused") };
    partners.iiko.forget_commands();
    let request = outlet.access().command_status(&outlet.organization, &correlation);
    assert_eq!(answer::command(&send(&request)), Read::Gone);
    let revisions = outlet.access().by_revision(std::slice::from_ref(&outlet.organization), 0);
    let Read::Known((newest, changed)) = answer::changes(&send(&revisions)) else { panic!("no changes") };
    assert!(newest > 0 && changed.len() == 1);
}

#[test]
fn events_come_twice_late_and_out_of_order() {
    let partners = partners();
    let outlet = Outlet::of(&partners, "msk-1");
    // Nobody listens there; what was posted is read from the postman's book.
    let subscribe = outlet.access().subscribe(&outlet.organization, "http://127.0.0.1:9/", "secret");
    assert_eq!(answer::accepted(&send(&subscribe)), Read::Known(()));
    partners.iiko.hooks.manner(Manner { copies: 2, attempts: 1, ..Manner::default() });
    partners.iiko.hooks.hold();
    let wanted = order(&partners, &outlet, 1);
    outlet.create(&wanted);
    assert_eq!(outlet.settled(&wanted), Creation::Success);
    assert!(partners.iiko.advance(&wanted.id, "CookingStarted"));
    assert!(partners.iiko.advance(&wanted.id, "CookingCompleted"));
    partners.iiko.hooks.release(true);
    let attempts =
        until("six postings", || Some(partners.iiko.hooks.attempts()).filter(|attempts| attempts.len() == 6));
    let statuses: Vec<TillStatus> = attempts
        .iter()
        .flat_map(|attempt| event::events(attempt.body.to_string().as_bytes()).expect("events"))
        .map(|event| match event {
            event::Event::Order(info) => info.order.expect("an order").status,
            other => panic!("{other:?}"),
        })
        .collect();
    let (ready, cooking, received) = (TillStatus::Ready, TillStatus::Cooking, TillStatus::Received);
    assert_eq!(statuses, [ready, ready, cooking, cooking, received, received]);
}

#[test]
fn what_a_partner_would_ignore_is_a_violation() {
    let partners = partners();
    let outlet = Outlet::of(&partners, "msk-1");
    let body = json!({ "organizationIds": [outlet.organization], "terminalGroupIds": [], "waekUp": true });
    let request = outlet.access().post("/api/1/terminal_groups/is_alive", &body);
    assert_eq!(send(&request).expect("an answer").status, 200);
    let mut cheaper = order(&partners, &outlet, 1);
    cheaper.payments[0].sum_minor -= 1;
    outlet.create(&cheaper);
    let violations = partners.violations();
    assert_eq!(violations.len(), 2, "{violations:?}");
    assert!(
        violations[0].ends_with("/waekUp: unknown") && violations[1].contains("/order/payments"),
        "{violations:?}"
    );
}
