//! The simulators as a program: `cargo run -p partners [iiko port] [yookassa port] [tbank port]`.

use anyhow::{Context as _, Result};
use partners::world::World;
use partners::{Partners, Ports};

fn main() -> Result<()> {
    let mut ports = std::env::args().skip(1).map(|text| text.parse::<u16>().context("a port is a number"));
    let mut next = || ports.next().unwrap_or(Ok(0));
    let ports = Ports { iiko: next()?, yookassa: next()?, tbank: next()? };
    let world = World::demo();
    let accounts = world.accounts.clone();
    let partners = Partners::start(ports, world)?;
    for account in accounts {
        println!("iiko      {}  (api login {})", partners.iiko_url(&account.name), account.api_login);
    }
    println!("yookassa  {}", partners.yookassa_url());
    println!("t-bank    {}", partners.tbank_url());
    println!("each keeps a journal at /_control/journal; Ctrl-C ends all of them");
    loop {
        std::thread::park();
    }
}
