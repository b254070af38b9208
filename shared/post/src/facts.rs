//! What decides how an intent is told, as the database has it.

use club::personal::Personal;
use club::{member, programme};
use kernel::{ContactId, Timestamp, Zone};
use membership::profile::{Consent, ConsentKind};
use messaging::frequency::{LOOK_BACK_MS, TOLD_MAX, Told};
use messaging::missed::{self, Reasons, SoFar};
use messaging::plan::{Facts, Plan, Way, Why, Wishes, plan, way};
use messaging::quiet::Quiet;
use messaging::topic::Class;
use messaging::{Channel, Kind, Topic};
use store::chats::{self, Sealed};
use store::contacts::{self, Contact, Status, address_place};
use store::guests::MemberStatus;
use store::members::{self, Member};
use store::notifications::Intent;
use store::{Sql, StoreError, consents, deliveries, message_settings, outlets};

use crate::refusal::Refusal;

/// A member as messages need to know them.
pub struct Person {
    pub member: Member,
    pub zone: Zone,
    wishes: Wishes,
    contacts: Vec<Contact>,
    /// With the brand's bot.
    chat: Option<Sealed>,
    told: Vec<Told>,
}

impl Person {
    /// Loads a member, and what matters for an intent of a topic.
    ///
    /// # Errors
    /// A failure of storage, also for a member who is not there.
    pub fn load(sql: &dyn Sql, intent: &Intent, now: Timestamp) -> Result<Self, Refusal> {
        let member = members::load(sql, intent.member)?.ok_or_else(|| StoreError::Unreadable {
            what: "intent",
            problem: format!("for {}, who is not there", intent.member),
        })?;
        let settings = message_settings::load(sql, member.id)?;
        let zone = zone(sql, &member, settings.zone.as_deref(), now)?;
        let mut wishes = Wishes {
            preferred: settings.preferred,
            off: Kind::ALL.map(|kind| settings.off.contains(&kind)),
            quiet: settings.quiet.unwrap_or(Quiet::STANDARD),
            ..Wishes::NONE
        };
        if intent.topic.class() == Class::Advertising {
            let said = consents::list(sql, member.id)?;
            let agreed = |kind| Consent::in_force(&said).iter().any(|each| each.kind == kind && each.granted);
            wishes.advertising_sms = agreed(ConsentKind::MarketingSms);
            wishes.advertising_push = agreed(ConsentKind::MarketingPush);
        }
        let mut contacts = contacts::list(sql, member.id)?;
        contacts.sort_by_key(|contact| std::cmp::Reverse((contact.changed_at, contact.id)));
        let chat = chats::load_chat(sql, member.id)?;
        // A call of the intent itself that came to nothing told nobody anything.
        let since = now.plus_millis(-LOOK_BACK_MS);
        let told = deliveries::list_told(sql, member.id, since, TOLD_MAX, now, intent.id)?;
        Ok(Self { member, zone, wishes, contacts, chat, told })
    }

    /// Counts what is about to be told as well.
    pub fn also_told(&mut self, told: impl Iterator<Item = Told>) {
        self.told.extend(told);
    }

    /// Decides how an intent is told. `carried` says which channels the deployment has; `failed` are the ways that were
    /// given up.
    #[must_use]
    pub fn plan(
        &self,
        intent: &Intent,
        failed: &[Way],
        carried: &dyn Fn(Channel) -> bool,
        now: Timestamp,
    ) -> Plan {
        if !may_be_told(self.member.status, intent.topic) {
            return Plan::Withhold(Why::Member);
        }
        self.with_facts(intent, failed, &|way| carried(way.channel), |facts| plan(facts, now))
    }

    /// Decides whether and when an intent goes the way by which it may have been told already.
    #[must_use]
    pub fn plan_again(&self, intent: &Intent, way: Way, now: Timestamp) -> Plan {
        if !may_be_told(self.member.status, intent.topic) {
            return Plan::Withhold(Why::Member);
        }
        self.with_facts(intent, &[], &|each| *each == way, |facts| plan(facts, now))
    }

    /// The way that an intent goes or would have gone, and why each channel does not carry it at `now`.
    #[must_use]
    pub fn missed(
        &self,
        intent: &Intent,
        failed: &[Way],
        carried: &dyn Fn(Channel) -> bool,
        so_far: &SoFar,
        now: Timestamp,
    ) -> (Option<Way>, Reasons) {
        self.with_facts(intent, failed, &|way| carried(way.channel), |facts| {
            (way(facts).ok(), missed::reasons(facts, carried, so_far, now))
        })
    }

    fn with_facts<T>(
        &self,
        intent: &Intent,
        failed: &[Way],
        is_open: &dyn Fn(&Way) -> bool,
        decide: impl FnOnce(&Facts<'_>) -> T,
    ) -> T {
        let only = intent.topic.is_for_one_contact().then(|| named_contact(&intent.data));
        let is_usable =
            |contact: &&Contact| contact.status == Status::Active || only == Some(Some(contact.id));
        let mut ways: Vec<Way> = self
            .contacts
            .iter()
            .filter(is_usable)
            .map(|contact| Way { channel: contact.channel, contact: Some(contact.id) })
            .collect();
        // The dialogue keeps the chat among the contacts as well; one linked before it did has its link alone.
        if self.chat.is_some() && !ways.iter().any(|way| way.channel == Channel::Telegram) {
            ways.push(Way { channel: Channel::Telegram, contact: None });
        }
        if self.member.phone_sealed.is_some() {
            ways.push(Way { channel: Channel::Sms, contact: None });
        }
        ways.retain(is_open);
        decide(&Facts {
            topic: intent.topic,
            // A contact that is not named is none that there is.
            only: only.map(|only| only.unwrap_or(0)),
            ways: &ways,
            wishes: &self.wishes,
            failed,
            told: &self.told,
            zone: &self.zone,
            expires_at: intent.expires_at,
        })
    }

    /// The address that a way leads to, in clear. `None` when it was forgotten since the way was chosen.
    ///
    /// # Errors
    /// When the stored bytes are damaged.
    pub fn address(&self, way: Way, personal: Personal<'_>) -> Result<Option<String>, StoreError> {
        match way.contact {
            None if way.channel == Channel::Telegram => match &self.chat {
                Some(chat) => personal.open(chat.place, Some(&chat.bytes)),
                None => Ok(None),
            },
            None => {
                let place = member::place(self.member.id, member::Field::Phone);
                personal.open(place, self.member.phone_sealed.as_deref())
            }
            Some(id) => {
                let found = self.contacts.iter().find(|contact| contact.id == id);
                let sealed = found.and_then(|contact| contact.address_sealed.as_deref());
                personal.open(address_place(id), sealed)
            }
        }
    }

    /// What the address of a way is.
    #[must_use]
    pub fn form(&self, way: Way) -> Option<contacts::Form> {
        self.contacts.iter().find(|contact| Some(contact.id) == way.contact).map(|contact| contact.form)
    }
}

/// A blocked member hears about the block, about what they ask and what they paid for; an erased one nothing.
const fn may_be_told(status: MemberStatus, topic: Topic) -> bool {
    match status {
        MemberStatus::Active => true,
        MemberStatus::Blocked => matches!(
            topic,
            Topic::AccountHeld
                | Topic::AppealDecided
                | Topic::TicketAnswer
                | Topic::TicketClosed
                | Topic::OrderCancelled
        ),
        MemberStatus::Erased => false,
    }
}

/// The contact that an intent's data names.
fn named_contact(data: &str) -> Option<i64> {
    let data: serde_json::Value = serde_json::from_str(data).ok()?;
    let text = data.get("contact")?.as_str()?;
    ContactId::parse(text).ok().map(ContactId::raw)
}

/// The zone on the guest's wall: as their device tells, else the home outlet's, else the programme's.
fn zone(sql: &dyn Sql, member: &Member, told: Option<&str>, now: Timestamp) -> Result<Zone, Refusal> {
    if let Some(zone) = told.and_then(|name| Zone::parse(name).ok()) {
        return Ok(zone);
    }
    if let Some(home) = member.home_outlet
        && let Some(outlet) = outlets::load(sql, home)?
    {
        return Ok(outlet.zone);
    }
    match programme::in_force(sql, &member.brand, now) {
        Ok(found) => Ok(Zone::parse(&found.rules.zone).unwrap_or(Zone::UTC)),
        Err(club::Refusal::NoProgramme) => Ok(Zone::UTC),
        Err(error) => Err(error.into()),
    }
}
