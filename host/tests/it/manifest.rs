//! What the manifest asks for and crema lacks is refused at start, with the key and its place.

use crate::support::App;

#[test]
fn what_is_not_supported_is_refused_with_its_place() {
    let component = "[component.a]\nsource = \"a.wasm\"\n";
    for (manifest, complaint) in [
        (
            format!("{component}ai_models = [\"llama\"]\n[trigger]\n"),
            "spin.toml:5:13: `component.a.ai_models`",
        ),
        (
            format!("{component}colour = \"red\"\n[trigger]\n"),
            "spin.toml:5:1: `component.a.colour`: this key is not known",
        ),
        (
            "[component.a]\nsource = { url = \"https://x\", digest = \"d\" }\n[trigger]\n".to_owned(),
            "spin.toml:4:10: `component.a.source`: must be a path",
        ),
        (
            format!("{component}dependencies = {{ \"a:b/c\" = \"1\" }}\n[trigger]\n"),
            "`component.a.dependencies`: crema does not compose",
        ),
        (format!("{component}allowed_http_hosts = [\"x\"]\n[trigger]\n"), "use `allowed_outbound_hosts`"),
        (
            "[[trigger.redis]]\nchannel = \"c\"\n".to_owned(),
            "`trigger.redis`: crema has no \"redis\" trigger",
        ),
        (
            "[[trigger.http]]\nroute = \"/\"\ncomponent = \"b\"\n".to_owned(),
            "spin.toml:5:13: `trigger.http[0].component`: there is no `[component.b]`",
        ),
        (
            format!(
                "{component}[[trigger.http]]\nroute = \"/\"\ncomponent = \"a\"\nexecutor = {{ type = \"wagi\" }}\n"
            ),
            "runs only wasi:http",
        ),
        (
            format!("{component}[[trigger.cron]]\ncomponent = \"a\"\ncron_expression = \"often\"\n"),
            "spin.toml:7:19: `trigger.cron[0].cron_expression`: not a cron expression",
        ),
        (
            format!("{component}key_value_stores = [\"Bad label\"]\n[trigger]\n"),
            "`component.a.key_value_stores[0]`: must be kebab-case",
        ),
        (
            format!("{component}allowed_outbound_hosts = [\"example.org\"]\n[trigger]\n"),
            "`component.a.allowed_outbound_hosts[0]`: \"example.org\" has no scheme",
        ),
        (
            format!("{component}variables = {{ a = \"{{{{ nope }}}}\" }}\n[trigger]\n"),
            "there is no `[variables]` entry named \"nope\"",
        ),
        (format!("{component}[trigger]\n"), "`component.a.source`: cannot read"),
        (
            "[variables]\nkey = { required = true, default = \"x\" }\n[trigger]\n".to_owned(),
            "either `required = true` or a `default`",
        ),
    ] {
        // The head stands on two lines.
        let refusal = App::new(&manifest).refusal(&[]);
        assert!(refusal.contains(complaint), "wanted {complaint:?} in {refusal:?}");
    }
}

#[test]
fn required_variables_must_have_values() {
    let app = App::new("[variables]\nkey = { required = true, secret = true }\n[trigger]\n");
    let refusal = app.refusal(&[]);
    assert!(refusal.contains("spin.toml:4:7: `variables.key`: required variable has no value"), "{refusal}");
    assert!(refusal.contains("SPIN_VARIABLE_KEY"), "{refusal}");
}

#[test]
fn labels_need_a_definition() {
    let app = App::probe("sqlite_databases = [\"history\"]");
    let refusal = app.refusal(&[]);
    assert!(refusal.contains("spin.toml:8:21: `component.probe.sqlite_databases[0]`"), "{refusal}");
    assert!(refusal.contains("[sqlite_database.history]"), "{refusal}");

    app.write("runtime.toml", "[sqlite_database.history]\ntype = \"spin\"\npath = \"history.db\"\n");
    let host = app.start(&["--runtime-config-file", "runtime.toml"]);
    assert_eq!(host.post("/probe/sql/history", "SELECT 1").status, 200);
    assert!(app.path("history.db").exists());
}

#[test]
fn a_component_must_fit_its_trigger() {
    let app = App::new(
        "[[trigger.cron]]\ncomponent = \"hello\"\ncron_expression = \"0 0 * * * *\"\n\
         [component.hello]\nsource = \"{hello}\"\n",
    );
    assert!(app.refusal(&[]).contains("does not export fermyon:spin-cron's `handle-cron-event`"));
    let app = App::new("[trigger]\n[component.a]\nsource = \"spin.toml\"\n");
    assert!(app.refusal(&[]).contains("is not a usable component"));
}
