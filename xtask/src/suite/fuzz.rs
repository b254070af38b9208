//! The API description against the running service: schemathesis makes requests from it, good and bad, and judges
//! every reply. No 5xx, no status or shape that the description does not have.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};

use crate::chain;
use crate::progress::Step;
use crate::story::script::Script;
use crate::story::{self, Known, script};
use crate::up::{self, Served};
use crate::{process, totp, workspace};

/// The version that is known to work with this suite.
const SCHEMATHESIS: &str = "schemathesis==4.32.5";
/// What is judged. Whether every bad value is refused is left to our own tests: the description is wider than the rules.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance";
/// Requests made for each operation.
const EXAMPLES: &str = "40";
/// Teaches it what it does not know.
const HOOKS: &str = "xtask/schemathesis_hooks.py";
/// Operations that end the caller's own session or account: left for the end.
const ENDING: [&str; 4] = ["end_session", "end_sessions", "erase_member", "sign_out_staff"];
/// Who calls, by the tags of the description; who ends what comes last.
const PASSES: [Pass; 6] = [
    Pass { caller: Caller::Nobody, chosen: Chosen::Tag("Public") },
    Pass { caller: Caller::Guest, chosen: Chosen::Tag("Guest") },
    Pass { caller: Caller::Till, chosen: Chosen::Tag("Till") },
    Pass { caller: Caller::Staff("administrator"), chosen: Chosen::Tag("Staff") },
    Pass {
        caller: Caller::Guest,
        chosen: Chosen::Operations(&["end_session", "end_sessions", "erase_member"]),
    },
    Pass { caller: Caller::Staff("support"), chosen: Chosen::Operations(&["sign_out_staff"]) },
];

/// One run of schemathesis.
struct Pass {
    caller: Caller,
    chosen: Chosen,
}

/// What a run is about.
enum Chosen {
    /// Every operation with the tag, but those that end something.
    Tag(&'static str),
    /// These.
    Operations(&'static [&'static str]),
}

#[derive(Clone, Copy)]
enum Caller {
    Nobody,
    Guest,
    Till,
    Staff(&'static str),
}

/// Fuzzes a service of its own.
///
/// # Errors
/// When a reply is not as described, or a tool is missing.
pub fn run(step: &Step) -> Result<String> {
    let tool = install(step)?;
    let state = tempfile::tempdir().context("no temporary directory")?;
    let served = up::serve_temporarily(state.path(), &[])?;
    let guest = guest_token(&served)?;
    // Everybody signs in before the first pass: a later one may change staff, their passwords too.
    let token = |pass: &Pass| -> Result<Option<String>> {
        Ok(match pass.caller {
            Caller::Nobody => None,
            Caller::Guest => Some(guest.clone()),
            Caller::Till => Some(served.credentials.till(script::OUTLET)?.key.clone()),
            Caller::Staff(login) => Some(staff_token(&served, login)?),
        })
    };
    let tokens = PASSES.iter().map(token).collect::<Result<Vec<_>>>()?;
    let mut said = String::new();
    let mut failed = Vec::new();
    for (pass, token) in PASSES.iter().zip(tokens) {
        let (success, output) = process::capture(command(&tool, &served, pass, token.as_deref()), step)?;
        said.push_str(&output);
        if !success {
            failed.push(match pass.chosen {
                Chosen::Tag(tag) => tag.to_owned(),
                Chosen::Operations(operations) => operations.join(", "),
            });
        }
    }
    ensure!(failed.is_empty(), "{said}\nreplies to {} are not as described", failed.join(", "));
    Ok(format!("{said}\n{} passed, 0 failed\n", PASSES.len()))
}

fn command(tool: &Path, served: &Served, pass: &Pass, token: Option<&str>) -> Command {
    let mut command = Command::new(tool);
    command
        .arg("run")
        .arg(workspace::root().join("docs/openapi.json"))
        .args(["--url", &served.server.url(), "--checks", CHECKS])
        .args(["--max-examples", EXAMPLES, "--phases", "examples,coverage,fuzzing", "--no-color"])
        .args(["--suppress-health-check", "all", "--request-timeout", "30", "--generation-database", "none"])
        .env("SCHEMATHESIS_HOOKS", workspace::root().join(HOOKS))
        .current_dir(workspace::target());
    match pass.chosen {
        Chosen::Tag(tag) => {
            command.args(["--include-tag", tag]);
            for operation in ENDING {
                command.args(["--exclude-operation-id", operation]);
            }
        }
        Chosen::Operations(operations) => {
            for operation in operations {
                command.args(["--include-operation-id", operation]);
            }
        }
    }
    if let Some(token) = token {
        command.args(["--header", &format!("Authorization:Bearer {token}")]);
    }
    command
}

/// Schemathesis in a Python environment below the target folder.
fn install(step: &Step) -> Result<PathBuf> {
    let folder = workspace::target().join("python");
    let tool = folder.join("bin/st");
    if tool.exists() {
        return Ok(tool);
    }
    let mut create = Command::new("python3");
    create.args(["-m", "venv"]).arg(&folder);
    process::watch(create, step, "install Python 3.10 or later with its module venv")?;
    let mut pip = Command::new(folder.join("bin/pip"));
    pip.args(["install", "--quiet", SCHEMATHESIS]);
    process::watch(pip, step, "pip needs to reach a package index; then run the command again")?;
    Ok(tool)
}

/// A guest who has signed up and has some history.
fn guest_token(served: &Served) -> Result<String> {
    let script = script::script(&served.credentials, chain::now()?)?;
    let values = story::perform(&script.steps, &served.places(), &script.known, &mut |_| {})?;
    values.get("GUEST").cloned().context("the story captures no GUEST")
}

fn staff_token(served: &Served, login: &str) -> Result<String> {
    let person = served.credentials.login(login)?;
    let code = totp::code(&person.totp_secret, chain::now()?)?;
    let body = json!({ "login": login, "password": person.password, "totp_code": code });
    let url = format!("{}/v1/staff/session", served.server.url());
    let mut reply = ureq::post(&url).send_json(body).with_context(|| format!("{login} does not sign in"))?;
    let reply: Value = reply.body_mut().read_json()?;
    match reply["access_token"].as_str() {
        Some(token) => Ok(token.to_owned()),
        None => bail!("{login} was not signed in: {reply}"),
    }
}

/// The story as a step of the suite.
///
/// # Errors
/// When a step of the story does not come out as it should.
pub fn demo(_: &Step) -> Result<String> {
    let state = tempfile::tempdir().context("no temporary directory")?;
    let served = up::serve_temporarily(state.path(), &[])?;
    told(&script::script(&served.credentials, chain::now()?)?, &served)
}

/// The story of orders as a step of the suite.
///
/// # Errors
/// When a step of the story does not come out as it should.
pub fn demo_orders(_: &Step) -> Result<String> {
    let state = tempfile::tempdir().context("no temporary directory")?;
    let served = up::serve_temporarily(state.path(), &[])?;
    told(&up::orders(&served)?, &served)
}

fn told(script: &Script, served: &Served) -> Result<String> {
    let mut said = String::new();
    let known: &[Known] = &script.known;
    story::perform(&script.steps, &served.places(), known, &mut |line| said.push_str(&(line + "\n")))
        .with_context(|| said.clone())?;
    Ok(format!("{said}\n{} passed, 0 failed\n", script.steps.len()))
}
