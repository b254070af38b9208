//! Tokens, organisations, terminals, stop lists, dictionaries.

use iiko::call::{Access, Failure};
use iiko::menu::{dictionaries, external, organizations, stop_lists};
use iiko::token::{self, Credentials};
use menu::chain::Stop;
use partner::Answer;
use serde_json::{Value, json};

use crate::support::ok;

#[test]
fn both_kinds_of_login_ask_for_a_token() {
    let rows = [
        (
            Credentials::ApiLogin { api_login: "l".to_owned() },
            "https://till.example/api/1/access_token",
            json!({"apiLogin": "l"}),
        ),
        (
            Credentials::App {
                api_key: "k".to_owned(),
                app_id: "a".to_owned(),
                client_secret: "s".to_owned(),
            },
            "https://till.example/api/v2/access_token",
            json!({"apiKey": "k", "appId": "a", "clientSecret": "s"}),
        ),
    ];
    for (credentials, url, expected) in rows {
        let request = token::request("https://till.example", &credentials);
        assert_eq!(request.url, url);
        assert_eq!(serde_json::from_slice::<Value>(&request.body).expect("JSON"), expected);
        assert!(request.headers.iter().all(|(name, _)| *name != "authorization"));
        assert!(!format!("{credentials:?}").contains("\"l\""), "secrets are not printed");
    }
    assert_eq!(token::read(&ok(r#"{"correlationId":"c","token":"t"}"#)), Ok("t".to_owned()));
    let wrong = Answer { status: 401, headers: Vec::new(), body: Vec::new() };
    assert!(matches!(token::read(&wrong), Err(Failure::Unauthorised(_))));
}

#[test]
fn organisations_come_in_two_forms() {
    let body = json!({"correlationId": "c", "organizations": [
        {"responseType": "Simple", "id": "o1", "name": "One", "code": null},
        {"responseType": "Extended", "id": "o2", "name": "Two", "code": "17", "currencyIsoName": "KZT",
         "restaurantAddress": "Abay 1", "inn": "1", "deliveryServiceType": "SelfServiceOnly", "latitude": 56.8,
         "unknown": {"x": 1}}
    ]});
    let found = organizations::read(&ok(body.to_string())).expect("organisations");
    assert_eq!(found[0].currency_iso_name, None);
    assert_eq!(found[1].currency_iso_name.as_deref(), Some("KZT"));
}

#[test]
fn terminals_asleep_are_known_as_such() {
    let group = |id: &str| json!({"organizationId": "o1", "items": [{"id": id, "organizationId": "o1", "name": "Till", "timeZone": "Asia/Almaty"}]});
    let body = json!({"terminalGroups": [group("t1")], "terminalGroupsInSleep": [group("t2")]});
    let found = organizations::read_terminals(&ok(body.to_string())).expect("terminals");
    assert_eq!(
        found.iter().map(|group| (group.id.as_str(), group.asleep)).collect::<Vec<_>>(),
        vec![("t1", false), ("t2", true)]
    );
    assert_eq!(found[0].zone.as_deref(), Some("Asia/Almaty"));
}

#[test]
fn a_balance_below_one_is_none_left() {
    let entry = |balance: Value| json!({"balance": balance, "productId": "p", "sizeId": null, "sku": "1", "dateAdd": null});
    let body = json!({"terminalGroupStopLists": [{"organizationId": "o1", "items": [
        {"terminalGroupId": "t1", "items": [entry(json!(0.0)), entry(json!(-3)), entry(json!(0.9)), entry(json!(2.5))]}
    ]}]});
    let found = stop_lists::read(&ok(body.to_string())).expect("stop lists");
    let stop = |left| Stop { product_id: "p".to_owned(), size_id: None, left };
    assert_eq!(found[0].stops, vec![stop(0), stop(0), stop(0), stop(2)]);
    let access = Access { base_url: "https://till.example", token: "t" };
    let body: Value = serde_json::from_slice(&stop_lists::request(&access, &["o1"]).body).expect("JSON");
    assert_eq!(body, json!({"organizationIds": ["o1"], "returnSize": true}));
}

#[test]
fn dictionaries_leave_out_what_is_deleted() {
    let body = json!({"paymentTypes": [
        {"id": "p1", "code": "APP", "name": "App", "paymentTypeKind": "External", "isDeleted": false},
        {"id": "p2", "code": "OLD", "name": "Old", "paymentTypeKind": "Cash", "isDeleted": true}
    ]});
    let found = dictionaries::read_payment_types(&ok(body.to_string())).expect("payment types");
    assert_eq!(found.iter().map(|kind| kind.id.as_str()).collect::<Vec<_>>(), vec!["p1"]);
    let body = json!({"orderTypes": [{"organizationId": "o1", "items": [
        {"id": "t1", "name": "Pickup", "orderServiceType": "DeliveryPickUp", "isDeleted": false, "isDefault": true},
        {"id": "t2", "name": "Old", "orderServiceType": "Common", "isDeleted": true}
    ]}]});
    let found = dictionaries::read_order_types(&ok(body.to_string())).expect("order types");
    assert_eq!((found.len(), found[0].service.as_str()), (1, "DeliveryPickUp"));
}

#[test]
fn external_menus_have_texts_or_numbers_for_ids() {
    let body = json!({"correlationId": "c", "externalMenus": [{"id": "10234", "name": "App"}, {"id": 42, "name": "Hall"}],
                      "priceCategories": null});
    let found = external::read_list(&ok(body.to_string())).expect("menus");
    let ids: Vec<&str> = found.menus.iter().map(|menu| menu.id.as_str()).collect();
    assert_eq!((ids, found.price_categories.len()), (vec!["10234", "42"], 0));
    let access = Access { base_url: "https://till.example", token: "t" };
    assert_eq!(external::list_request(&access).url, "https://till.example/api/2/menu");
}
