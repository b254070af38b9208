//! Orders at iikoCloud: what is sent, and what its answers and events mean.

use iiko::call::Access;
use iiko::orders::answer::{self, Creation};
use iiko::orders::event::{self, EVENTS_MAX, Event};
use iiko::orders::{
    Alive, Combo, ComboPart, CommandState, Created, Discount, Item, Modifier, NewOrder, Payment, Read,
    Refusal, Service, TillStatus, id,
};
use partner::{Answer, Fault};
use serde_json::{Value, json};

const ACCESS: Access<'_> = Access { base_url: "https://iiko.example", token: "token" };

fn order(service: Service, is_compound: bool) -> NewOrder {
    NewOrder {
        organization: "organization".into(),
        terminal_group: "group".into(),
        service,
        id: id::uuid(7, 0),
        external_number: "ord_0000000000007".into(),
        number: "0007".into(),
        phone: "+79120000001".into(),
        guest_name: Some("Guest".into()),
        complete_before: Some("2026-11-21 12:40:00.000".into()),
        comment: Some("no sugar".into()),
        items: vec![Item {
            product_id: "cappuccino".into(),
            size_id: Some("m".into()),
            is_compound,
            quantity: 2,
            price_minor: 19_900,
            position_id: id::uuid(7, 1),
            modifiers: vec![Modifier {
                product_id: "oat".into(),
                group_id: Some("milk".into()),
                amount: 1,
                price_minor: 6_050,
            }],
            combo: None,
        }],
        combos: Vec::new(),
        discounts: vec![Discount {
            type_id: "off".into(),
            sum_minor: 4_001,
            positions: vec![id::uuid(7, 1)],
        }],
        payments: vec![Payment {
            type_id: "app".into(),
            sum_minor: 47_899,
            is_fiscalised: true,
            note: "note".into(),
        }],
    }
}

fn sent(order: &NewOrder) -> (String, Value) {
    let request = ACCESS.create(order);
    let header =
        |name: &str| request.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
    assert_eq!(header("authorization").as_deref(), Some("Bearer token"));
    let wait: u32 = header("timeout").and_then(|text| text.parse().ok()).expect("seconds");
    assert!(wait * 1_000 < request.timeout_ms, "iiko gives up before we do");
    (request.url.clone(), serde_json::from_slice(&request.body).expect("JSON"))
}

#[test]
fn an_order_for_pick_up_names_everything_once() {
    let (url, body) = sent(&order(Service::PickUp { order_type: None }, false));
    assert_eq!(url, "https://iiko.example/api/1/deliveries/create");
    let sent = &body["order"];
    assert_eq!(sent["id"], id::uuid(7, 0));
    assert_eq!(sent["orderServiceType"], "DeliveryByClient");
    assert_eq!(sent.get("orderTypeId"), None, "exactly one of the two");
    assert_eq!(sent["completeBefore"], "2026-11-21 12:40:00.000");
    let item = &sent["items"][0];
    assert_eq!((&item["type"], &item["productSizeId"]), (&json!("Product"), &json!("m")));
    assert_eq!(item["modifiers"][0]["productGroupId"], "milk");
    // What the till adds up to is what was paid: 2 * (199 + 60.50) - 40.01.
    let text = |value: &Value| value.to_string();
    assert_eq!(text(&item["price"]), "199");
    assert_eq!(text(&item["modifiers"][0]["price"]), "60.5");
    assert_eq!(text(&sent["discountsInfo"]["discounts"][0]["sum"]), "40.01");
    assert_eq!(text(&sent["payments"][0]["sum"]), "478.99");
    assert_eq!(sent["payments"][0]["isProcessedExternally"], true);
    assert_eq!(sent["payments"][0]["isFiscalizedExternally"], true);
    assert_eq!(body["createOrderSettings"]["checkStopList"], true);
}

#[test]
fn an_account_may_have_an_order_type_of_its_own() {
    let (_, body) = sent(&order(Service::PickUp { order_type: Some("own".into()) }, false));
    assert_eq!(body["order"]["orderTypeId"], "own");
    assert_eq!(body["order"].get("orderServiceType"), None);
}

#[test]
fn a_product_with_a_scheme_of_modifiers_is_a_component() {
    let (_, body) = sent(&order(Service::PickUp { order_type: None }, true));
    let item = &body["order"]["items"][0];
    assert_eq!((&item["type"], item.get("productId")), (&json!("Compound"), None));
    assert_eq!(item["primaryComponent"]["productId"], "cappuccino");
    assert_eq!(item["amount"], 2);
}

#[test]
fn an_order_of_the_house_has_a_tab() {
    let (url, body) = sent(&order(Service::Till { order_type: None }, false));
    assert_eq!(url, "https://iiko.example/api/1/order/create");
    assert_eq!(body["order"]["tabName"], "0007");
    for absent in ["completeBefore", "comment", "orderServiceType", "guests"] {
        assert_eq!(body["order"].get(absent), None, "{absent}");
    }
}

fn answered(status: u16, body: &Value) -> Result<Answer, Fault> {
    Ok(Answer { status, headers: Vec::new(), body: body.to_string().into_bytes() })
}

fn info(creation: &str, error: Value, order: Value) -> Value {
    json!({
        "id": "B7C2A6D0-9f7b-4f5b-8d0e-0a5c1f2e3d40", "posId": null, "externalNumber": "x",
        "organizationId": "5F1A7C1E-0b7d-4d6b-9a53-2f0f7a9f1c01", "timestamp": 1_795_257_460_456_i64,
        "creationStatus": creation, "errorInfo": error, "order": order, "whatComesLater": 1,
    })
}

#[test]
fn sending_is_not_acceptance() {
    let body = |info: Value| json!({ "correlationId": "c", "orderInfo": info });
    let read = answer::created(&answered(200, &body(info("InProgress", Value::Null, Value::Null))));
    assert_eq!(read, Read::Known(Created::InProgress { correlation: "c".into() }));
    let duplicate = json!({ "code": "DuplicatedOrderId", "message": "there is one" });
    let read = answer::created(&answered(200, &body(info("Error", duplicate, Value::Null))));
    assert_eq!(read, Read::Known(Created::Duplicate));
    let refused =
        json!({ "correlationId": "c", "errorDescription": "DuplicatedOrderId: there is one", "error": null });
    assert_eq!(answer::created(&answered(400, &refused)), Read::Known(Created::Duplicate));
}

#[test]
fn what_did_not_answer_may_have_happened() {
    let error = json!({ "correlationId": "c", "errorDescription": "words", "error": null });
    let rows: [(u16, bool, bool); 8] = [
        (400, true, false),
        (401, false, false),
        (408, false, true),
        (410, false, false),
        (429, false, false),
        (500, false, true),
        (502, false, true),
        (200, false, true),
    ];
    for (status, refused, unknown) in rows {
        let read = answer::created(&answered(status, &error));
        assert_eq!(matches!(read, Read::Refused { .. }), refused, "{status}");
        assert_eq!(matches!(read, Read::Unknown { .. }), unknown, "{status}");
    }
    assert_eq!(answer::created(&answered(429, &error)), Read::Throttled);
    assert_eq!(answer::created(&answered(401, &error)), Read::Unauthorised);
    assert_eq!(answer::created(&Err(Fault::NotSent("no address".into()))), Read::NotSent);
    assert!(matches!(answer::created(&Err(Fault::NoAnswer("gone".into()))), Read::Unknown { .. }));
}

#[test]
fn commands_end_in_one_of_three_ways_or_are_forgotten() {
    let error = json!({ "state": "Error", "exception": { "message": "bad" }, "errorReason": null });
    for (status, body, state) in [
        (200, json!({ "state": "InProgress" }), Read::Known(CommandState::InProgress)),
        (200, json!({ "state": "Success" }), Read::Known(CommandState::Success)),
        (200, error, Read::Known(CommandState::Error { message: "bad".into() })),
        (410, json!({}), Read::Gone),
    ] {
        assert_eq!(answer::command(&answered(status, &body)), state);
    }
}

#[test]
fn a_till_that_is_not_in_the_answer_is_offline() {
    let body = json!({ "correlationId": "c", "isAliveStatus": [
        { "isAlive": true, "terminalGroupId": "GROUP", "organizationId": "o" },
    ] });
    assert_eq!(answer::alive(&answered(200, &body), "group"), Read::Known(Alive(true)));
    assert_eq!(answer::alive(&answered(200, &body), "other"), Read::Known(Alive(false)));
}

#[test]
fn refusals_say_whose_fault_it_is() {
    let why = |code: &str, message: &str| {
        let body =
            json!({ "orders": [info("Error", json!({ "code": code, "message": message }), Value::Null)] });
        match answer::orders(&answered(200, &body)) {
            Read::Known(orders) => match orders.into_iter().next().map(|order| order.creation) {
                Some(Creation::Error(refusal)) => refusal,
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    };
    let timeout = "Creation timeout expired, order automatically transited to error creation status";
    assert!(matches!(why("Common", timeout), Refusal::TillOffline { .. }));
    assert!(matches!(why("Common", "something else"), Refusal::Other { .. }));
    assert!(matches!(why("ProductNotFound", ""), Refusal::MenuChanged { .. }));
    assert!(matches!(why("RequestProductPriceIsNotEqualToFrontPrice", ""), Refusal::MenuChanged { .. }));
    assert!(matches!(why("TerminalGroupDisabled", ""), Refusal::OutletClosed { .. }));
    assert!(matches!(why("Common", "product is in StopList"), Refusal::OutOfStock { .. }));
    assert!(matches!(why("NewCodeOf2027", ""), Refusal::Other { .. }));
}

#[test]
fn events_are_read_one_by_one() {
    let till = json!({ "status": "CookingCompleted", "number": 58, "sum": 368.0 });
    let event = |kind: &str, info: Value| {
        json!({
            "eventType": kind, "eventTime": "2026-11-21 07:37:41.118",
            "organizationId": "5f1a7c1e-0b7d-4d6b-9a53-2f0f7a9f1c01", "correlationId": "c", "eventInfo": info,
        })
    };
    let body = json!([
        event("DeliveryOrderUpdate", info("Success", Value::Null, till)),
        event("DeliveryOrderUpdate", Value::Null),
        event(
            "StopListUpdate",
            json!({ "terminalGroupsStopListsUpdates": [{ "id": "GROUP", "isFull": false }] })
        ),
        event("PersonalShift", json!({ "id": "e" })),
        event("KitchenOrderUpdate", json!(["of another shape"])),
        json!("not an event"),
        event("NomenclatureUpdate", Value::Null),
    ]);
    let events = event::events(body.to_string().as_bytes()).expect("a list");
    assert_eq!(events.len(), 7);
    let Event::Order(order) = &events[0] else { panic!("{:?}", events[0]) };
    assert_eq!(order.id, "b7c2a6d0-9f7b-4f5b-8d0e-0a5c1f2e3d40");
    let till = order.order.as_ref().expect("it is at the till");
    assert_eq!(
        (till.status, till.number.as_deref(), till.sum_minor),
        (TillStatus::Ready, Some("58"), Some(36_800))
    );
    for (at, ignored) in [(1, true), (2, false), (3, true), (4, true), (5, true), (6, false)] {
        assert_eq!(events[at] == Event::Ignored, ignored, "{at}");
    }
    assert!(matches!(&events[2], Event::StopLists { terminal_groups, .. } if terminal_groups == &["group"]));

    assert!(event::events(b"{}").is_err() && event::events(b"").is_err());
    let many = vec![json!({}); EVENTS_MAX + 1];
    assert!(event::events(json!(many).to_string().as_bytes()).is_err());
}

#[test]
fn a_combo_is_named_beside_its_components() {
    let mut with = order(Service::PickUp { order_type: None }, false);
    with.items[0].combo = Some(ComboPart {
        combo: id::uuid_of(7, id::Part::Combo, 1),
        source: "s".into(),
        group_id: "g".into(),
    });
    with.combos.push(Combo {
        id: id::uuid_of(7, id::Part::Combo, 1),
        source: "s".into(),
        size_id: None,
        name: "Завтрак".into(),
        quantity: 2,
        price_minor: 29_950,
    });
    let access = Access { base_url: "https://iiko.example", token: "t" };
    let sent: serde_json::Value = serde_json::from_slice(&access.create(&with).body).expect("JSON");
    let (item, combo) = (&sent["order"]["items"][0], &sent["order"]["combos"][0]);
    assert_eq!(item["comboInformation"]["comboId"], combo["id"]);
    assert_eq!(
        (&item["comboInformation"]["comboSourceId"], &combo["sourceId"]),
        (&combo["sourceId"], &"s".into())
    );
    assert_eq!((&combo["amount"], combo["price"].to_string()), (&2.into(), "299.5".to_owned()));
    let without = order(Service::PickUp { order_type: None }, false);
    let plain: serde_json::Value = serde_json::from_slice(&access.create(&without).body).expect("JSON");
    assert!(
        plain["order"].get("combos").is_none()
            && plain["order"]["items"][0].get("comboInformation").is_none()
    );
}
