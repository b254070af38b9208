//! What a component was not granted is denied; each grant is tested from the forbidden side first.

use crate::support::App;

#[test]
fn nothing_is_granted_by_default() {
    let app = App::probe("");
    app.write("secret.txt", "secret");
    let host = app.start(&["--key-value", "a=b", "--sqlite", "CREATE TABLE t (a)"]);
    assert_eq!(host.get("/probe/kv/default/get/a").pair(), (403, "Error::AccessDenied"));
    assert_eq!(host.post("/probe/sql/default", "SELECT 1").pair(), (403, "Error::AccessDenied"));
    assert_eq!(host.post("/probe/sql-sync/default", "SELECT 1").pair(), (403, "Error::AccessDenied"));
    let url = format!("/probe/fetch?http://{}/healthz", host.address);
    assert_eq!(host.get(&url).pair(), (502, "ErrorCode::HttpRequestDenied"));
    assert_eq!(host.get("/probe/file/secret.txt").status, 422);
    assert!(host.get("/probe/var/anything").body.starts_with("Error::Undefined"));
    assert_eq!(host.get("/probe/env").body, "");
}

#[test]
fn a_grant_covers_only_its_label() {
    let app = App::probe("key_value_stores = [\"default\"]\nsqlite_databases = [\"default\"]");
    let host = app.start(&[]);
    assert_eq!(host.get("/probe/kv/other/get/a").pair(), (403, "Error::AccessDenied"));
    assert_eq!(host.post("/probe/sql/other", "SELECT 1").pair(), (403, "Error::AccessDenied"));
    assert_eq!(host.get("/probe/kv/default/get/a").pair(), (404, "none"));
    assert_eq!(host.post("/probe/sql/default", "SELECT 1").status, 200);
}

#[test]
fn outbound_calls_go_only_where_allowed() {
    let target =
        App::new("[[trigger.http]]\nroute = \"/\"\nstatic_response = { body = \"there\" }\n").start(&[]);
    let port = target.address.rsplit(':').next().unwrap().to_owned();
    let app = App::probe("allowed_outbound_hosts = [\"http://127.0.0.1:{{ port }}\"]");
    let text = std::fs::read_to_string(app.path("spin.toml")).unwrap();
    app.write("spin.toml", &(text + "[variables]\nport = { required = true }\n"));
    let host = app.start(&["--variable", &format!("port={port}")]);
    assert_eq!(host.get(&format!("/probe/fetch?http://127.0.0.1:{port}/")).pair(), (200, "200 there"));
    for url in [format!("http://localhost:{port}/"), format!("http://{}/healthz", host.address)] {
        let reply = host.get(&format!("/probe/fetch?{url}"));
        assert_eq!(reply.pair(), (502, "ErrorCode::HttpRequestDenied"), "{url}");
    }
}

#[test]
fn files_are_shown_read_only() {
    let app = App::probe(
        "files = [\"data/*.txt\", { source = \"more\", destination = \"/placed\" }]\nexclude_files = [\"data/no.txt\"]",
    );
    std::fs::create_dir_all(app.path("data")).unwrap();
    std::fs::create_dir_all(app.path("more")).unwrap();
    app.write("data/yes.txt", "yes");
    app.write("data/no.txt", "no");
    app.write("more/deep.txt", "deep");
    let host = app.start(&[]);
    assert_eq!(host.get("/probe/file/data/yes.txt").pair(), (200, "yes"));
    assert_eq!(host.get("/probe/file/placed/deep.txt").pair(), (200, "deep"));
    assert_eq!(host.get("/probe/file/data/no.txt").status, 422);
    assert_eq!(host.get("/probe/file/spin.toml").status, 422);
    assert_eq!(host.get("/probe/write/placed/new.txt").status, 422);
    assert!(!app.path("more/new.txt").exists());
}

#[test]
fn variables_and_environment_arrive() {
    let app = App::probe(
        "variables = { url = \"http://{{ name }}/\" }\nenvironment = { A = \"manifest\", B = \"b\" }",
    );
    let text = std::fs::read_to_string(app.path("spin.toml")).unwrap();
    app.write("spin.toml", &(text + "[variables]\nname = { default = \"default\" }\n"));

    let get = |args: &[&str], env: Option<&str>| {
        let mut command = app.command(args);
        if let Some(value) = env {
            command.env("SPIN_VARIABLE_NAME", value);
        }
        crate::support::Host::start(command).get("/probe/var/url").body
    };
    assert_eq!(get(&[], None), "http://default/");
    app.write(".env", "SPIN_VARIABLE_NAME=dotenv\n");
    assert_eq!(get(&[], None), "http://dotenv/");
    assert_eq!(get(&[], Some("environment")), "http://environment/");
    app.write("value.txt", "file");
    assert_eq!(get(&["--variable", "name=@value.txt"], Some("environment")), "http://file/");
    app.write("runtime.toml", "[[variables_provider]]\ntype = \"static\"\nvalues = { name = \"config\" }\n");
    assert_eq!(get(&["--runtime-config-file", "runtime.toml"], Some("environment")), "http://config/");

    let host = app.start(&["--env", "A=flag"]);
    assert_eq!(host.get("/probe/var/name").status, 422, "application variables are not the component's");
    assert!(host.get("/probe/var/BAD").body.starts_with("Error::InvalidName"));
    let environment = host.get("/probe/env").body;
    assert!(environment.contains("A=flag") && environment.contains("B=b"), "{environment}");
}
