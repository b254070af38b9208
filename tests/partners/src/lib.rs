//! Simulators of the partners that Crema talks to, over real HTTP and in their real wire formats.
//!
//! - [`iiko`]: iikoCloud: menus, stop lists, orders with their commands, webhooks;
//! - [`yookassa`]: payments by SBP, refunds, receipts, webhooks;
//! - [`tbank`]: the same through the other acquirer;
//! - [`telegram`]: the Bot API, by itself ([`telegram::Running`]).
//!
//! Each holds state, breaks on request ([`fault`], [`hooks`]), keeps a [`journal`] of what it received and checks every
//! request key by key ([`shape`]): what a real partner would refuse or silently ignore is a *violation*, and a test
//! fails on it. Their answers are judged in turn by clients from PyPI: `cargo xtask test partners`.
//!
//! Test doubles: nothing survives the process, no key here opens anything.

pub mod carriers;
pub mod clock;
pub mod fault;
pub mod hooks;
pub mod ids;
pub mod iiko;
pub mod journal;
pub mod serve;
pub mod shape;
pub mod tbank;
pub mod telegram;
pub mod timer;
pub mod world;
pub mod yookassa;

use std::str::FromStr as _;
use std::sync::Arc;

use anyhow::Result;
use rust_decimal::Decimal;
use serde_json::Value;

use crate::clock::Clock;
use crate::iiko::Iiko;
use crate::serve::{Desk, Served};
use crate::tbank::TBank;
use crate::timer::Timer;
use crate::world::World;
use crate::yookassa::YooKassa;

/// Ports to listen on; 0 takes any free port.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ports {
    pub iiko: u16,
    pub yookassa: u16,
    pub tbank: u16,
}

/// All partners, running. They stop when dropped.
pub struct Partners {
    pub iiko: Iiko,
    pub yookassa: YooKassa,
    pub tbank: TBank,
    /// The one clock of all of them.
    pub clock: Clock,
    desks: [Arc<Desk>; 3],
    urls: [String; 3],
    // Last: servers and timers stop after the handles above were the last to be used.
    _served: [Served; 3],
    _timers: [Timer; 2],
}

impl Partners {
    /// Starts all of them with what `world` says.
    ///
    /// # Errors
    /// When a port is taken.
    pub fn start(ports: Ports, world: World) -> Result<Self> {
        // Postings have a thread of their own: a receiver that hangs must not keep orders from being cooked.
        let (clockwork, post_office) = (Timer::start(), Timer::start());
        let clock = Clock::default();
        if let Some(now_ms) = world.now_ms {
            clock.set(now_ms);
        }
        let (tills, postman) = (clockwork.handle(), post_office.handle());
        let iiko = Iiko::new(world.accounts, world.pace, clock.clone(), tills, postman.clone());
        let yookassa = YooKassa::new(world.shop, clock.clone(), postman.clone());
        let tbank = TBank::new(world.terminal, clock.clone(), postman);
        let desks: [Arc<Desk>; 3] = Default::default();
        let served = [
            Served::start(ports.iiko, Arc::new(iiko.clone()), Arc::clone(&desks[0]))?,
            Served::start(ports.yookassa, Arc::new(yookassa.clone()), Arc::clone(&desks[1]))?,
            Served::start(ports.tbank, Arc::new(tbank.clone()), Arc::clone(&desks[2]))?,
        ];
        let urls = [served[0].url(), served[1].url(), served[2].url()];
        yookassa.listens_at(&urls[1]);
        tbank.listens_at(&urls[2]);
        Ok(Self {
            iiko,
            yookassa,
            tbank,
            clock,
            desks,
            urls,
            _served: served,
            _timers: [clockwork, post_office],
        })
    }

    /// Base address of an iiko account: what its integrator enters instead of `https://api-ru.iiko.services`.
    #[must_use]
    pub fn iiko_url(&self, account: &str) -> String {
        format!("{}/{account}", self.urls[0])
    }

    /// Base address of YooKassa, with the version: instead of `https://api.yookassa.ru/v3`.
    #[must_use]
    pub fn yookassa_url(&self) -> String {
        format!("{}/v3", self.urls[1])
    }

    /// Base address of T-Bank, with the version: instead of `https://securepay.tinkoff.ru/v2`.
    #[must_use]
    pub fn tbank_url(&self) -> String {
        format!("{}/v2", self.urls[2])
    }

    /// Root addresses of iiko, YooKassa and T-Bank: where `/_control/` is.
    #[must_use]
    pub const fn roots(&self) -> &[String; 3] {
        &self.urls
    }

    /// Journal and faults of iiko.
    #[must_use]
    pub fn iiko_desk(&self) -> &Desk {
        &self.desks[0]
    }

    /// Journal and faults of YooKassa.
    #[must_use]
    pub fn yookassa_desk(&self) -> &Desk {
        &self.desks[1]
    }

    /// Journal and faults of T-Bank.
    #[must_use]
    pub fn tbank_desk(&self) -> &Desk {
        &self.desks[2]
    }

    /// What was wrong with any request so far.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        self.desks.iter().flat_map(|desk| desk.journal.violations()).collect()
    }
}

/// A JSON number, or a number written as text, as it is written.
pub(crate) fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::Number(number) => {
            let text = number.to_string();
            Decimal::from_str(&text).or_else(|_| Decimal::from_scientific(&text)).ok()
        }
        Value::String(text) => Decimal::from_str(text).ok(),
        _ => None,
    }
}

/// A sum as a JSON number, as iiko writes it.
pub(crate) fn number(value: Decimal) -> Value {
    let text = value.round_dp(2).normalize().to_string();
    let text = if text.contains('.') { text } else { format!("{text}.0") };
    serde_json::from_str(&text).unwrap_or(Value::Null)
}
