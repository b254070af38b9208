//! The simulators as a program: `cargo run -p partners [iiko port] [yookassa port] [tbank port]`.
//!
//! Carriers of messages and the Bot API listen on free ports; the variables with which the product is started to use them
//! are printed, ready for a shell.

use anyhow::{Context as _, Result};
use partners::carriers::Carriers;
use partners::telegram::{Bot, Running};
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
    let carriers = Carriers::start()?;
    let telegram = Running::start(0, Bot::example(), partners.clock.clone())?;
    println!("telegram  {}  (token {})", telegram.url(), Bot::example().token);
    println!("\nfor messages start the product with");
    for (name, value) in carriers.variables().into_iter().chain([("telegram_url".to_owned(), telegram.url())])
    {
        println!("export SPIN_VARIABLE_{}='{value}'", name.to_uppercase());
    }
    println!("\neach keeps a journal at /_control/journal; Ctrl-C ends all of them");
    loop {
        std::thread::park();
    }
}
