//! A ticket goes to a team and back to a person, and is called compensated when something was given; a home is moved.

use serde_json::{Value, json};

use super::Office;
use crate::suite::{Reply, Suite};

#[test]
fn a_ticket_is_handed_to_a_team_and_ends_as_what_it_was() {
    let mut office = Office::open("a_ticket_is_handed_to_a_team");
    let support = rig::staff::sign_in(&office.suite.dir, 54, "support", &[]).expect("somebody signed in").1;
    office.suite.clock = Some("2026-11-21T09:30:00Z");
    let office = office;
    let suite = &office.suite;
    let outlet = suite.till(1).code;

    // The forbidden side first.
    let path = "/v1/ticket-teams/north/quality";
    let team = json!({"name": "Качество", "desk": "outlet_manager", "roles": ["support"], "active": true});
    let put = |token: &str, path: &str, body: &serde_json::Value| {
        suite.send("PUT", path, Some(token), None, Some(body)).expect("an answer")
    };
    assert_eq!(put(&office.manager, path, &team).problem(), "forbidden", "the chain's");
    assert_eq!(put(&suite.guest(0).token, path, &team).problem(), "forbidden");
    assert_eq!(put(&suite.till(1).key, path, &team).problem(), "forbidden");
    let nobody = json!({"name": "x", "desk": "support", "roles": ["outlet_manager"], "active": true});
    let refused = put(&support, path, &nobody);
    assert_eq!((refused.status, refused.problem()), (422, "invalid-field"));
    assert_eq!(refused.body["errors"][0]["pointer"], "/roles/0");
    let made = put(&support, path, &team).ok();
    let again = put(&office.administrator, path, &team).ok();
    assert_eq!(made["id"], again["id"], "one of a code and an owner");
    let team_id = made["id"].as_str().expect("an id").to_owned();
    let listed = office.get(Some(&office.manager), "/v1/ticket-teams/north").ok();
    assert_eq!((&listed["items"][0]["id"], &listed["items"][0]["staff"]), (&made["id"], &json!(null)));

    // The guest writes unasked; the manager hands it over.
    let words = json!({"outlet": outlet, "text": "Курьер опоздал"});
    let opened = office.post(&suite.guest(0).token, "/v1/member/tickets", None, &words).ok();
    let one = format!("/v1/tickets/{}", opened["id"].as_str().expect("an id"));
    let both = json!({"to": "stf_0000000000000", "team": team_id});
    let refused = office.post(&office.manager, &format!("{one}/assign"), None, &both);
    assert_eq!((refused.problem(), detail(&refused)), ("invalid-field", "either `to` or `team`, not both"));
    let in_russian = russian(suite, &office.manager, &format!("{one}/assign"), &both);
    assert_eq!(in_russian["errors"][0]["detail"], "либо `to`, либо `team`");
    let other = json!({"team": "ttm_0000000000000"});
    let refused = office.post(&office.manager, &format!("{one}/assign"), None, &other);
    assert_eq!((refused.status, refused.problem()), (422, "unfit-team"));
    let to_team = json!({"team": team_id});
    assert_eq!(office.post(&office.other, &format!("{one}/assign"), None, &to_team).status, 404);
    let handed = office.post(&office.manager, &format!("{one}/assign"), None, &to_team).ok();
    let row = &handed["ticket"];
    assert_eq!(
        (&row["team"], &row["team_name"], &row["state"]),
        (&json!(team_id), &json!("Качество"), &json!("open"))
    );
    let theirs = office.get(Some(&support), &format!("/v1/tickets?team={team_id}")).ok();
    assert_eq!(theirs["items"].as_array().map(Vec::len), Some(1));
    let news = office.get(Some(&support), &format!("/v1/ticket-feed?team={team_id}")).ok();
    assert_eq!(news["items"][0]["ticket"]["team"], json!(team_id));
    let taken = office.post(&support, &format!("{one}/assign"), None, &json!({})).ok();
    assert_eq!((&taken["ticket"]["state"], &taken["ticket"]["team"]), (&json!("assigned"), &json!(team_id)));

    // Nothing was given.
    let close = json!({"outcome": "compensated", "changed_process": false});
    let refused = office.post(&support, &format!("{one}/close"), None, &close);
    assert_eq!((refused.status, refused.body["errors"][0]["pointer"].as_str()), (422, Some("/in_kind")));
    let close =
        json!({"outcome": "compensated", "changed_process": false, "in_kind": "Новый заказ за наш счёт"});
    office.post(&support, &format!("{one}/close"), None, &close).ok();
    let sums = office.get(Some(&support), "/v1/feedback-reports/tickets?by=team").ok();
    let row = &sums["items"][0];
    assert_eq!(
        (&row["key"], &row["in_kind"], &row["with_points"]),
        (&json!("north/quality"), &json!(1), &json!(0))
    );
}

fn detail(refused: &Reply) -> &str {
    refused.body["errors"][0]["detail"].as_str().expect("words")
}

/// What is refused to somebody who reads Russian.
fn russian(suite: &Suite, token: &str, path: &str, body: &Value) -> Value {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut answer = agent
        .post(suite.url(path))
        .header("accept-language", "ru")
        .header("crema-test-clock", suite.clock.expect("a set clock"))
        .header("authorization", format!("Bearer {token}"))
        .content_type("application/json")
        .send(body.to_string())
        .expect("an answer");
    serde_json::from_str(&answer.body_mut().read_to_string().expect("text")).expect("JSON")
}

#[test]
fn support_moves_a_home() {
    let mut office = Office::open("support_moves_a_home");
    let support = rig::staff::sign_in(&office.suite.dir, 54, "support", &[]).expect("somebody signed in").1;
    office.suite.clock = Some("2026-11-21T09:30:00Z");
    let office = office;
    let suite = &office.suite;
    suite.sell(suite.till(1), Some(suite.guest(0)), "100.00");
    let code = |till: usize| suite.till(till).code;
    let path = format!("/v1/members/{}/home", suite.guest(0).member);
    let body = json!({"outlet": code(0), "reason": "Переехал"});
    for token in [&office.manager, &suite.guest(0).token, &suite.till(1).key] {
        assert_eq!(office.post(token, &path, None, &body).problem(), "forbidden");
        assert_eq!(office.get(Some(token), &path).problem(), "forbidden");
    }
    let before = office.get(Some(&support), &path).ok();
    assert_eq!(
        (before["outlet"].as_str(), before["moves"].as_array().map(Vec::len)),
        (Some(code(1)), Some(0))
    );
    let why = json!({"outlet": code(0), "reason": "ок"});
    assert_eq!(detail(&office.post(&support, &path, None, &why)), "say why");
    assert_eq!(russian(suite, &support, &path, &why)["errors"][0]["detail"], "назовите причину");
    let nowhere = json!({"outlet": "nowhere", "reason": "Переехал"});
    assert_eq!(office.post(&support, &path, None, &nowhere).problem(), "unknown-outlet");
    let moved = office.post(&support, &path, Some("home-1"), &body).ok();
    assert_eq!((moved["outlet"].as_str(), &moved["moves"][0]["reason"]), (Some(code(0)), &json!("Переехал")));
    let again = office.post(&support, &path, Some("home-2"), &body).ok();
    assert_eq!(again["moves"].as_array().map(Vec::len), Some(1), "the same again moves nothing");
    let back = json!({"outlet": code(1), "reason": "Передумал"});
    let refused = office.post(&support, &path, None, &back);
    assert_eq!((refused.status, refused.problem()), (409, "home-state"));
}
