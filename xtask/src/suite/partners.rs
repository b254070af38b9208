//! The simulators of partners, judged by clients that others wrote: what PyPI has for iikoCloud, YooKassa, T-Bank,
//! Telegram and Firebase must work against them. Simulators that only we understand would prove nothing.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use partners::carriers::Carriers;
use partners::telegram::{Bot, Running};
use partners::world::World;
use partners::{Partners, Ports};

use crate::progress::Step;
use crate::{process, workspace};

/// A client: its name at PyPI, the version that is known to work, and what it is told on its command line.
struct Client {
    name: &'static str,
    version: &'static str,
    arguments: fn(&Partners, &World) -> Vec<String>,
}

/// Every client and the script of its name in `tests/partners/clients`.
const CLIENTS: [Client; 4] = [
    Client {
        name: "iikocloudapi",
        version: "1.0.0",
        arguments: |partners, world| {
            let account = &world.accounts[0];
            let [iiko, ..] = partners.roots();
            [
                &partners.iiko_url(&account.name),
                &account.api_login,
                &account.app_id,
                &account.client_secret,
                iiko,
            ]
            .map(Clone::clone)
            .into()
        },
    },
    Client {
        name: "pyiikocloudapi",
        version: "0.0.32",
        arguments: |partners, world| {
            let account = &world.accounts[1];
            vec![partners.iiko_url(&account.name), account.api_login.clone()]
        },
    },
    Client {
        name: "yookassa",
        version: "3.13.0",
        arguments: |partners, world| {
            let [_, yookassa, _] = partners.roots();
            [&partners.yookassa_url(), &world.shop.id, &world.shop.secret, yookassa].map(Clone::clone).into()
        },
    },
    Client {
        name: "tbank",
        version: "1.14.0",
        arguments: |partners, world| {
            let [.., tbank] = partners.roots();
            [&partners.tbank_url(), &world.terminal.key, &world.terminal.password, tbank]
                .map(Clone::clone)
                .into()
        },
    },
];

/// Judges the simulator of Telegram, which stands by itself, and builds the updates of the bot's stories.
const AIOGRAM: Client = Client { name: "aiogram", version: "3.31.0", arguments: |_, _| Vec::new() };

/// Judges the simulator of Firebase Cloud Messaging.
const FIREBASE: Client = Client { name: "firebase-admin", version: "7.7.0", arguments: |_, _| Vec::new() };

/// Where it is, and the account whose key it takes.
fn pushed(carriers: &Carriers) -> Result<Vec<String>> {
    let found = carriers.variables().into_iter().find(|(name, _)| name == "fcm_url");
    let (_, url) = found.context("the simulator of FCM has an address")?;
    Ok(vec![url, Carriers::service_account()])
}

fn told(telegram: &Running) -> Vec<String> {
    let updates = workspace::root().join("tests/partners/clients/aiogram_updates.json");
    vec![telegram.url(), Bot::example().token, updates.display().to_string()]
}

/// Lets every client do what its script says.
///
/// # Errors
/// When one of them fails, or cannot be installed.
pub fn run(step: &Step) -> Result<String> {
    let world = World::small();
    let partners = Partners::start(Ports::default(), world.clone())?;
    let mut said = String::new();
    let mut failed = Vec::new();
    let telegram = Running::start(0, Bot::example(), partners.clock.clone())?;
    let carriers = Carriers::start()?;
    let clients = CLIENTS.iter().map(|client| (client, (client.arguments)(&partners, &world)));
    for (client, arguments) in clients.chain([(&AIOGRAM, told(&telegram)), (&FIREBASE, pushed(&carriers)?)]) {
        let mut command = Command::new(install(client, step)?);
        let script = format!("tests/partners/clients/{}_client.py", client.name);
        command.arg(workspace::root().join(script)).args(arguments);
        let (success, output) = process::capture(command, step)?;
        said.push_str(&output);
        if !success {
            failed.push(client.name);
        }
    }
    ensure!(failed.is_empty(), "{said}\nnot understood by {}", failed.join(", "));
    Ok(said)
}

/// A Python with the client, in an environment of its own below the target folder: their dependencies differ.
fn install(client: &Client, step: &Step) -> Result<PathBuf> {
    let folder = workspace::target().join("python-clients").join(client.name);
    let (python, marker) = (folder.join("bin/python"), folder.join(client.version));
    if marker.exists() {
        return Ok(python);
    }
    let mut create = Command::new("python3");
    create.args(["-m", "venv", "--clear"]).arg(&folder);
    process::watch(create, step, "install Python 3.11 or later with its module venv")?;
    let mut pip = Command::new(folder.join("bin/pip"));
    pip.args(["install", "--quiet", &format!("{}=={}", client.name, client.version)]);
    process::watch(pip, step, "pip needs to reach a package index; then run the command again")?;
    // Written last: an environment that was left half made is made again.
    std::fs::write(&marker, "").with_context(|| format!("write {}", marker.display()))?;
    Ok(python)
}
