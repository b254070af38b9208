//! `up` and `demo`: everything built, a demo chain served, and the story printed or performed.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use console::style;

use partners::world::World;
use partners::{Partners, Ports};

use crate::build::{self, Profile};
use crate::chain::{self, Credentials};
use crate::progress;
use crate::server::{self, Server, Start};
use crate::sms::Inbox;
use crate::story::script::Script;
use crate::story::{self, Places, script};

/// How often `up` looks whether the host still runs.
const WATCH: Duration = Duration::from_millis(500);

/// Where the simulators' notifications come from.
const SIMULATORS: &str = "127.0.0.1/32";

/// What `up` is told.
#[derive(Debug, Clone)]
pub struct Up {
    pub listen: SocketAddr,
    pub inbox_port: u16,
    pub state_dir: PathBuf,
    /// Whether to start over.
    pub fresh: bool,
    pub profile: Profile,
    pub metrics: Option<SocketAddr>,
}

/// A demo chain being served.
pub struct Served {
    pub server: Server,
    pub inbox: Inbox,
    pub partners: Partners,
    pub credentials: Credentials,
}

impl Served {
    /// Where its servers are.
    #[must_use]
    pub fn places(&self) -> Places {
        let [iiko, yookassa, _] = self.partners.roots().clone();
        Places { api: self.server.url(), inbox: self.inbox.url(), iiko, yookassa }
    }
}

/// Builds, prepares and serves a demo chain until Ctrl-C.
///
/// # Errors
/// With what to do about it.
pub fn up(up: &Up) -> Result<()> {
    // Before anything is built: a taken port should cost no minutes.
    server::check_free(up.listen, "--listen")?;
    let ports = ports(up.inbox_port);
    for port in [up.inbox_port, ports.iiko, ports.yookassa, ports.tbank] {
        server::check_free((Ipv4Addr::LOCALHOST, port).into(), "--inbox-port")?;
    }
    let interrupted = interrupts()?;
    build::all(up.profile)?;
    let mut served = serve(
        &Start {
            listen: up.listen,
            state_dir: up.state_dir.clone(),
            variables: Vec::new(),
            metrics: up.metrics,
        },
        up.inbox_port,
        up.fresh,
    )?;
    print_guide(&served)?;
    loop {
        if interrupted.recv_timeout(WATCH).is_ok() {
            eprintln!("stopping: requests in flight are finished");
            return Ok(());
        }
        if served.server.ended_within(Duration::ZERO)? {
            bail!(
                "the host has stopped:\n{}\n  its log: {}",
                served.server.log_tail(),
                served.server.log().display()
            );
        }
    }
}

/// Where the simulators of partners listen: right after the inbox, or anywhere.
const fn ports(inbox_port: u16) -> Ports {
    match inbox_port {
        0 => Ports { iiko: 0, yookassa: 0, tbank: 0 },
        port => Ports { iiko: port + 1, yookassa: port + 2, tbank: port + 3 },
    }
}

/// Performs the story: against a running `up`, or against a server of its own on free ports in a temporary state
/// directory.
///
/// # Errors
/// At the first step that does not come out as it should.
pub fn demo(listen: SocketAddr, inbox_port: u16, state_dir: &Path) -> Result<()> {
    if answers(listen) {
        println!("using the server at http://{listen}");
        let credentials = chain::read(state_dir)?;
        let inbox = format!("http://{}", SocketAddr::from((Ipv4Addr::LOCALHOST, inbox_port)));
        let places = Places { api: format!("http://{listen}"), inbox, ..Places::default() };
        return tell(&script::script(&credentials, chain::now()?)?, &places);
    }
    build::all(Profile::Function)?;
    let state = tempfile::tempdir().context("no temporary directory")?;
    let served = serve_temporarily(state.path(), &[])?;
    tell(&script::script(&served.credentials, chain::now()?)?, &served.places())
}

/// Performs the story of orders, always against a server and simulators of its own: what the tills do is part of it.
///
/// # Errors
/// At the first step that does not come out as it should.
pub fn demo_orders() -> Result<()> {
    build::all(Profile::Function)?;
    let state = tempfile::tempdir().context("no temporary directory")?;
    let served = serve_temporarily(state.path(), &[])?;
    tell(&orders(&served)?, &served.places())
}

/// The story of orders at what is served.
///
/// # Errors
/// See [`story::orders::script`].
pub fn orders(served: &Served) -> Result<Script> {
    story::orders::script(&served.credentials, &served.partners, &served.server.url(), chain::now()?)
}

/// Serves a demo chain on free ports, for tests and the demo.
///
/// # Errors
/// When the host does not start.
pub fn serve_temporarily(state_dir: &Path, variables: &[(String, String)]) -> Result<Served> {
    let listen = server::free_address()?;
    serve(
        &Start { listen, state_dir: state_dir.to_owned(), variables: variables.to_vec(), metrics: None },
        0,
        false,
    )
}

fn serve(start: &Start, inbox_port: u16, fresh: bool) -> Result<Served> {
    let credentials = progress::step("Create the database and load the demo chain", |_| {
        if fresh {
            chain::forget(&start.state_dir)?;
        }
        let credentials = chain::prepare(&start.state_dir)?;
        let told = start.state_dir.display().to_string();
        Ok((credentials, told))
    })?;
    let inbox = Inbox::start(inbox_port)?;
    let partners = Partners::start(ports(inbox_port), World::demo())?;
    let mut start = start.clone();
    let [iiko, yookassa, tbank] = partners.roots().clone();
    let listening = start.listen;
    start.variables.extend(
        [
            ("iiko_url", iiko),
            ("yookassa_url", yookassa),
            ("yookassa_nets", SIMULATORS.to_owned()),
            ("tbank_url", tbank),
            ("tbank_notification_url", format!("http://{listening}/v1/hooks/tbank")),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    );
    start.variables.push(("master_secret".to_owned(), credentials.master_secret.clone()));
    start.variables.push(("sms_gateway_url".to_owned(), inbox.url()));
    let server = progress::step("Start the host", |step| {
        let server = Server::start(&start, step)?;
        let url = server.url();
        Ok((server, url))
    })?;
    Ok(Served { server, inbox, partners, credentials })
}

fn tell(script: &Script, places: &Places) -> Result<()> {
    story::perform(&script.steps, places, &script.known, &mut |line| println!("{line}"))?;
    println!(
        "\n{}",
        style(format!("all {} steps came out as they should", script.steps.len())).green().bold()
    );
    Ok(())
}

/// Says where things are, and prints the story as commands.
fn print_guide(served: &Served) -> Result<()> {
    let script = script::script(&served.credentials, chain::now()?)?;
    let heading = |text: &str| style(text.to_owned()).bold().underlined();
    println!("\n{}", heading("Serving"));
    println!(
        "  API         {}   (description: {}{})",
        served.server.url(),
        served.server.url(),
        script::DESCRIPTION
    );
    println!("  messages    {}/messages", served.inbox.url());
    let [iiko, yookassa, tbank] = served.partners.roots();
    println!("  iiko        {iiko}   (a simulator, like the next two; journals at /_control/journal)");
    println!("  YooKassa    {yookassa}");
    println!("  T-Bank      {tbank}");
    println!("  host's log  {}", served.server.log().display());
    println!("\n{}", heading("Till keys"));
    for till in &served.credentials.tills {
        println!("  {:<7} {} {}", till.outlet, till.key, till.place);
    }
    println!(
        "\n{}",
        heading(
            "Staff: login, password, second factor (codes: `cargo xtask code LOGIN`, or an authenticator app)"
        )
    );
    for login in &served.credentials.staff {
        println!("  {:<14} {:<17} {}", login.login, login.password, login.totp_secret);
    }
    println!("\n{}\n", heading("Try it: copy these commands into another terminal"));
    println!("{}", story::print(&script.steps, &served.places(), &script.known));
    println!("The story of an order, from iiko's menu to the refund: `cargo xtask demo order`\n");
    println!("{}", heading("Ctrl-C stops everything"));
    Ok(())
}

fn answers(listen: SocketAddr) -> bool {
    ureq::get(format!("http://{listen}/readyz")).call().is_ok()
}

fn interrupts() -> Result<mpsc::Receiver<()>> {
    let (sender, receiver) = mpsc::channel();
    ctrlc::set_handler(move || {
        // Nobody listens any more: `up` is ending already.
        sender.send(()).ok();
    })
    .context("Ctrl-C cannot be watched")?;
    Ok(receiver)
}
