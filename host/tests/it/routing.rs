//! Which component gets a request, and what it is told.

use crate::support::App;

const ROUTES: &str = r#"
    [[trigger.http]]
    route = "/probe/..."
    component = "probe"
    [[trigger.http]]
    route = "/members/:member_id/cards/..."
    component = "cards"
    [[trigger.http]]
    route = "/members/me"
    component = "hello"
    [[trigger.http]]
    route = { private = true }
    component = "hidden"
    [[trigger.http]]
    route = "/teapot"
    static_response = { status_code = 418, headers = { x-kind = "pot" }, body = "short" }
    [component.probe]
    source = "{probe}"
    allowed_outbound_hosts = ["http://hidden.spin.internal"]
    [component.cards]
    source = "{probe}"
    [component.hello]
    source = "{hello}"
    [component.hidden]
    source = "{hello}"
"#;

#[test]
fn a_component_is_told_how_it_was_reached() {
    let app = App::new(ROUTES);
    let host = app.start(&[]);
    let reply = host.get("/members/mbr_42/cards/headers?q=1");
    assert_eq!(reply.status, 200);
    let address = &host.address;
    for line in [
        "spin-path-info: /headers",
        "spin-path-match-member_id: mbr_42",
        "spin-matched-route: /members/:member_id/cards/...",
        "spin-raw-component-route: /members/:member_id/cards/...",
        "spin-component-route: /members/:member_id/cards",
        "spin-base-path: /",
        &format!("spin-full-url: http://{address}/members/mbr_42/cards/headers?q=1"),
    ] {
        assert!(reply.body.lines().any(|found| found == line), "{line} not in\n{}", reply.body);
    }
    assert!(reply.body.contains("spin-client-addr: 127.0.0.1:"), "{}", reply.body);
    assert_eq!(host.get("/members/me").pair(), (200, "hello\n"));
}

#[test]
fn private_components_are_reached_only_by_those_who_may() {
    let app = App::new(ROUTES);
    let host = app.start(&[]);
    assert_eq!(host.get("/probe/fetch?http://hidden.spin.internal/").pair(), (200, "200 hello\n"));
    let denied = host.get("/members/1/cards/fetch?http://hidden.spin.internal/");
    assert_eq!(denied.pair(), (502, "ErrorCode::HttpRequestDenied"));
    host.get("/hidden").assert_problem(404, "no-route");
    let smuggled =
        host.raw(b"GET /hidden HTTP/1.1\r\nhost: hidden.spin.internal\r\nconnection: close\r\n\r\n");
    smuggled.assert_problem(404, "no-route");
}

#[test]
fn static_responses_need_no_component() {
    let host = App::new(ROUTES).start(&[]);
    let reply = host.get("/teapot");
    assert_eq!(reply.pair(), (418, "short"));
    assert_eq!(reply.header("x-kind"), Some("pot"));
}

#[test]
fn the_base_path_goes_before_every_route() {
    let app = App::new(
        "[[trigger.http]]\nroute = \"/hello\"\ncomponent = \"hello\"\n[component.hello]\nsource = \"{hello}\"\n",
    );
    let text = std::fs::read_to_string(app.path("spin.toml")).unwrap();
    let based = text.replace("version = \"1.2.3\"", "trigger.http.base = \"/club\"");
    app.write("spin.toml", &based);
    let host = app.start(&[]);
    assert_eq!(host.get("/club/hello").status, 200);
    host.get("/hello").assert_problem(404, "no-route");
}

#[test]
fn health_answers_unless_the_application_does() {
    let host = App::new(ROUTES).start(&[]);
    assert_eq!(host.get("/healthz").pair(), (200, "ok\n"));
    assert_eq!(host.get("/readyz").pair(), (200, "ready\n"));
    assert_eq!(host.get("/.well-known/spin/health").pair(), (200, "OK"));
    assert!(host.get("/.well-known/spin/info").body.contains("\"version\":\"1.2.3\""));

    let own = App::new(
        "[[trigger.http]]\nroute = \"/healthz\"\nstatic_response = { body = \"mine\" }\n[component]\n",
    );
    assert_eq!(own.start(&[]).get("/healthz").body, "mine");
}

#[test]
fn a_reply_to_head_may_announce_a_body_it_does_not_have() {
    let host = App::new(ROUTES).start(&[]);
    let reply = host.request("HEAD", "/probe/bodiless", &[], b"");
    assert_eq!(reply.pair(), (200, ""));
    assert_eq!(reply.header("content-length"), Some("5"));
    // To anything else such a reply is torn, and that shows before it is sent.
    host.get("/probe/bodiless").assert_problem(500, "component-failed");
}

#[test]
fn request_ids_are_kept_when_sane_and_made_otherwise() {
    let host = App::new(ROUTES).start(&[]);
    let reply = host.request("GET", "/probe/headers", &[("x-request-id", "till-7.42")], b"");
    assert_eq!(reply.header("x-request-id"), Some("till-7.42"));
    assert!(reply.body.contains("x-request-id: till-7.42"));
    let reply = host.request("GET", "/probe/headers", &[("x-request-id", "bad id\"")], b"");
    let made = reply.header("x-request-id").unwrap();
    assert_eq!(made.len(), 32);
    assert!(reply.body.contains(&format!("x-request-id: {made}")));
}

#[test]
fn a_component_of_the_older_kind_answers_too() {
    let app = App::new(
        r#"
        [variables]
        greeting = { default = "hi" }
        [[trigger.http]]
        route = "/p2/..."
        component = "p2"
        [[trigger.http]]
        route = "/bare/..."
        component = "bare"
        [component.p2]
        source = "{p2}"
        key_value_stores = ["default"]
        sqlite_databases = ["default"]
        variables = { greeting = "{{ greeting }}" }
        [component.bare]
        source = "{p2}"
        "#,
    );
    let host = app.start(&[]);
    assert_eq!(host.get("/p2/a?b=c").pair(), (200, "p2 /p2/a?b=c"));
    host.get("/p2/trap").assert_problem(500, "component-failed");
    let denied = host.get("/bare/state").body;
    assert!(
        denied.starts_with("Err(Error::AccessDenied) Err(Error::AccessDenied) Err(Error::Undefined"),
        "{denied}"
    );
    assert_eq!(host.get("/p2/state").pair(), (200, "Ok([\"old\"]) Ok(1) Ok(\"hi\")"));
}
