//! Those who carry messages: FCM with Google's exchange of keys, RuStore, the gateways of text messages and e-mail.
//!
//! Each remembers what its readers would see: a notification with a known tag replaces the earlier one, a mail or text
//! message with a known id is none.

pub mod email;
pub mod fcm;
pub mod rustore;
pub mod sms;

use std::sync::Arc;

use anyhow::Result;

use crate::clock::Clock;
use crate::serve::{Desk, Served};

pub use email::Email;
pub use fcm::Fcm;
pub use rustore::Rustore;
pub use sms::Sms;

/// The key of the service account that the simulated exchange knows: made for tests, opens nothing.
pub const SERVICE_ACCOUNT_KEY: &str = include_str!("service_account.pem");
/// Its address.
pub const SERVICE_ACCOUNT_EMAIL: &str = "messages@brand-app.iam.gserviceaccount.com";
/// The project at Firebase.
pub const FCM_PROJECT: &str = "brand-app";
/// The project at RuStore.
pub const RUSTORE_PROJECT: &str = "rustore-project";
/// Its service token.
pub const RUSTORE_TOKEN: &str = "rustore-service-token";
/// The e-mail gateway's key.
pub const EMAIL_TOKEN: &str = "email-gateway-token";
/// From whom mails are.
pub const EMAIL_SENDER: &str = "Coffee <club@example.com>";

/// What a reader sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Device, phone or mailbox.
    pub address: String,
    /// Ours.
    pub id: String,
    pub title: String,
    pub text: String,
}

/// All carriers, running. They stop when dropped.
pub struct Carriers {
    pub fcm: Fcm,
    pub rustore: Rustore,
    pub sms: Sms,
    pub email: Email,
    pub clock: Clock,
    desks: [Arc<Desk>; 4],
    urls: [String; 4],
    _served: [Served; 4],
}

impl Carriers {
    /// Starts all of them on free ports.
    ///
    /// # Errors
    /// When no port is free.
    pub fn start() -> Result<Self> {
        let clock = Clock::default();
        let (fcm, rustore) = (Fcm::new(clock.clone()), Rustore::default());
        let (sms, email) = (Sms::default(), Email::default());
        let desks: [Arc<Desk>; 4] = Default::default();
        let served = [
            Served::start(0, Arc::new(fcm.clone()), Arc::clone(&desks[0]))?,
            Served::start(0, Arc::new(rustore.clone()), Arc::clone(&desks[1]))?,
            Served::start(0, Arc::new(sms.clone()), Arc::clone(&desks[2]))?,
            Served::start(0, Arc::new(email.clone()), Arc::clone(&desks[3]))?,
        ];
        let urls = [served[0].url(), served[1].url(), served[2].url(), served[3].url()];
        fcm.listens_at(&urls[0]);
        Ok(Self { fcm, rustore, sms, email, clock, desks, urls, _served: served })
    }

    /// Journal and faults of FCM and the exchange.
    #[must_use]
    pub fn fcm_desk(&self) -> &Desk {
        &self.desks[0]
    }

    /// Journal and faults of RuStore.
    #[must_use]
    pub fn rustore_desk(&self) -> &Desk {
        &self.desks[1]
    }

    /// Journal and faults of the text message gateway.
    #[must_use]
    pub fn sms_desk(&self) -> &Desk {
        &self.desks[2]
    }

    /// Journal and faults of the e-mail gateway.
    #[must_use]
    pub fn email_desk(&self) -> &Desk {
        &self.desks[3]
    }

    /// The JSON file of the service account.
    #[must_use]
    pub fn service_account() -> String {
        serde_json::json!({
            "type": "service_account",
            "project_id": FCM_PROJECT,
            "private_key_id": "test",
            "private_key": SERVICE_ACCOUNT_KEY,
            "client_email": SERVICE_ACCOUNT_EMAIL,
            "token_uri": "https://oauth2.googleapis.com/token",
        })
        .to_string()
    }

    /// What the product is started with, to have its messages carried here.
    #[must_use]
    pub fn variables(&self) -> Vec<(String, String)> {
        let [fcm, rustore, sms, email] = self.urls.clone();
        [
            ("fcm_service_account", Self::service_account()),
            ("fcm_url", fcm.clone()),
            ("fcm_token_url", fcm),
            ("rustore_url", rustore),
            ("rustore_project", RUSTORE_PROJECT.to_owned()),
            ("rustore_token", RUSTORE_TOKEN.to_owned()),
            ("sms_gateway_url", sms),
            ("email_gateway_url", email),
            ("email_gateway_token", EMAIL_TOKEN.to_owned()),
            ("email_sender", EMAIL_SENDER.to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// What was wrong with any request so far.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        self.desks.iter().flat_map(|desk| desk.journal.violations()).collect()
    }
}

/// Texts of an object of the body.
pub(crate) fn text(value: &serde_json::Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
}
