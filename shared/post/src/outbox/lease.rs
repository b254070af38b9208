//! The first transaction: what is due is looked at anew, and what can be told now is taken.

use club::Moment;
use kernel::time::SECOND_MS;
use kernel::{NotificationId, Timestamp};
use messaging::Channel;
use messaging::channel::Lane;
use messaging::frequency::Told;
use messaging::missed::{Reasons, SoFar};
use messaging::outcome::{self, Next, Outcome};
use messaging::plan::{Plan, Way, Why};
use store::chats::{self, Sealed};
use store::deliveries::{self, Delivery, Status, tries};
use store::notifications::{self, Intent};
use store::transaction::{nested, transaction};
use store::{Sql, StoreError};
use zeroize::Zeroizing;

use super::{Batch, BrandNames, CALLS_PER_BATCH, Done, Ground, LEASE_MS, UNREADABLE, ended, forget, record};
use crate::carry::{Call, Speaker};
use crate::chat::Ask;
use crate::facts::Person;
use crate::refusal::Refusal;
use crate::standing::{Asks, Carrier, Standing, Turn};
use crate::words::{self, Reader, Unsayable};

/// Between two messages one way: Telegram's limit for a chat, and a kindness elsewhere.
const APART_MS: i64 = SECOND_MS;
/// Why a delivery waits whose carrier is left alone, or asked enough for now.
pub(super) const CARRIER_WAITS: &str = "carrier_waits";
/// Why a delivery is dead whose intent cannot be put into words.
const UNSAYABLE: &str = "unsayable";
/// Why nobody knows what became of a call.
const LOST: &str = "the run that made the call ended before it was recorded";

/// Takes what can be told now. What cannot, is put back or ended.
pub(super) fn take(
    ground: &Ground<'_>,
    moment: &mut Moment<'_>,
    lane: Lane,
    done: &mut Done,
) -> Result<Batch, Refusal> {
    let lease = moment.ids.next(moment.now);
    transaction(ground.sql, |tx| {
        let due = deliveries::list_due(tx, lane, moment.now, CALLS_PER_BATCH)?;
        let batch = Batch { lease, met: due.len(), calls: Vec::with_capacity(due.len()) };
        let mut taking = Taking {
            tx,
            ground,
            moment,
            batch,
            standing: Standing::default(),
            brands: BrandNames::default(),
            bots: Vec::new(),
            done,
        };
        for delivery in due {
            let id = delivery.id;
            match nested(tx, || taking.one(delivery)) {
                Err(Refusal::Store(error)) if error.is_unavailable() => return Err(error.into()),
                Err(error) => taking.give_up(id, &error)?,
                Ok(()) => {}
            }
        }
        taking.standing.save(tx)?;
        Ok(taking.batch)
    })
}

struct Taking<'a, 'm> {
    tx: &'a dyn Sql,
    ground: &'a Ground<'a>,
    moment: &'a mut Moment<'m>,
    batch: Batch,
    standing: Standing,
    brands: BrandNames,
    bots: Vec<(String, Option<Sealed>)>,
    done: &'a mut Done,
}

impl Taking<'_, '_> {
    fn one(&mut self, delivery: Delivery) -> Result<(), Refusal> {
        let (tx, now) = (self.tx, self.moment.now);
        let intent = notifications::load(tx, delivery.id)?
            .ok_or_else(|| StoreError::Unreadable { what: "delivery", problem: "of no intent".to_owned() })?;
        // The window of the lost call is over, whatever came of it.
        let delivery = if delivery.lease == 0 {
            delivery
        } else {
            match self.lost(&intent, delivery)? {
                Some(delivery) => delivery,
                None => return Ok(()),
            }
        };
        if let Some(place) = self.queues(&delivery)? {
            return Ok(deliveries::put_back(tx, delivery.id, place, delivery.tries, Some(CARRIER_WAITS))?);
        }
        let past = tries::load_past(tx, delivery.id, delivery.tries_from)?;
        let mut person = Person::load(tx, &intent, now)?;
        let taken = self.batch.calls.iter().filter(|call| call.member == delivery.member);
        person.also_told(taken.map(|call| Told { topic: call.topic, channel: call.way.channel, at: now }));
        let plan = match past.unknown {
            Some(way) => person.plan_again(&intent, way, now),
            None => self.plan(&intent, &person, &past.given_up)?,
        };
        let (way, at) = match plan {
            Plan::Tell { way, at } => (way, at),
            Plan::Withhold(why) => return self.withhold(&intent, &delivery, &person, &past, why),
        };
        if Some(way) != delivery.way() {
            deliveries::reroute(tx, delivery.id, way, at, "rerouted")?;
            // Another outbox may have to send it.
            return Ok(());
        }
        if at > now {
            deliveries::put_back(tx, delivery.id, at, delivery.tries, Some("waits"))?;
            return Ok(());
        }
        if self.batch.calls.iter().any(|call| call.way == way && call.member == delivery.member) {
            deliveries::put_back(tx, delivery.id, now.plus_millis(APART_MS), delivery.tries, Some("waits"))?;
            return Ok(());
        }
        let (asks, carrier) = (asks(&delivery), self.carrier(way.channel, &person.member.brand)?);
        if let Err(place) = self.standing.admit(tx, carrier, asks, now)? {
            deliveries::put_back(tx, delivery.id, place, delivery.tries, Some(CARRIER_WAITS))?;
            return Ok(());
        }
        self.call(&delivery, &intent, &person, way)
    }

    /// Ends a delivery that is not told, or of which nobody will know whether it was.
    fn withhold(
        &mut self,
        intent: &Intent,
        delivery: &Delivery,
        person: &Person,
        past: &tries::Past,
        why: Why,
    ) -> Result<(), Refusal> {
        let (tx, now) = (self.tx, self.moment.now);
        self.done.ended += 1;
        if past.unknown.is_some() && why != Why::Member {
            let status = Status::Unconfirmed;
            deliveries::settle(tx, delivery.id, status, Some(why.code()), None, now)?;
            return Ok(forget(tx, delivery.id, delivery.topic, status)?);
        }
        let carrier_waits = delivery.code.as_deref() == Some(CARRIER_WAITS);
        let is_tried = delivery.tries > 0;
        let status = ended(why, is_tried || carrier_waits || !past.given_up.is_empty(), intent.topic);
        let mut around = Vec::new();
        for channel in Channel::ALL {
            let carrier = self.carrier(channel, &person.member.brand)?;
            if self.standing.is_given_up(tx, carrier, now)? {
                around.push(channel);
            }
        }
        let so_far = SoFar { way: delivery.way(), is_tried, carrier_waits, around };
        let have = |channel| self.ground.carriers.have(channel);
        let (_, reasons) = person.missed(intent, &past.given_up, &have, &so_far, now);
        end(tx, delivery, status, why, &reasons, now)
    }

    /// A place in its carrier's queue for a message that would be refused, before anything else is read for it. Bots are
    /// the brands', and whose member it is would have to be read first.
    fn queues(&mut self, delivery: &Delivery) -> Result<Option<Timestamp>, StoreError> {
        let (tx, now) = (self.tx, self.moment.now);
        let Some(channel) = delivery.channel.filter(|channel| channel.lane() == Lane::Direct) else {
            return Ok(None);
        };
        let carrier = Carrier::of(channel);
        if delivery.expires_at <= now || self.standing.is_given_up(tx, carrier, now)? {
            return Ok(None);
        }
        self.standing.refused(tx, carrier, asks(delivery), now)
    }

    /// Decides how an intent is told: not by carriers that have been in trouble for long, as long as there is another way.
    fn plan(&mut self, intent: &Intent, person: &Person, failed: &[Way]) -> Result<Plan, StoreError> {
        let (tx, now, carriers) = (self.tx, self.moment.now, self.ground.carriers);
        let mut given_up: Vec<Channel> = Vec::new();
        let first = person.plan(intent, failed, &|channel| carriers.have(channel), now);
        let mut found = first;
        while let Plan::Tell { way, .. } = found {
            let carrier = self.carrier(way.channel, &person.member.brand)?;
            if !self.standing.is_given_up(tx, carrier, now)? {
                return Ok(found);
            }
            given_up.push(way.channel);
            let carried = |channel| carriers.have(channel) && !given_up.contains(&channel);
            found = person.plan(intent, failed, &carried, now);
        }
        Ok(first)
    }

    /// One that cannot be read must not keep the others from being told.
    fn give_up(&mut self, id: i64, error: &Refusal) -> Result<(), StoreError> {
        self.done.complain(format!("message {}: {error}", NotificationId::from_raw(id)));
        self.done.ended += 1;
        deliveries::end(self.tx, id, Status::Dead, UNREADABLE, &Reasons::default(), self.moment.now)
    }

    /// Records that nobody knows what became of a call. None when that ends the delivery for now.
    fn lost(&mut self, intent: &Intent, delivery: Delivery) -> Result<Option<Delivery>, Refusal> {
        let (tx, now) = (self.tx, self.moment.now);
        let Some(way) = delivery.way() else { return Ok(Some(delivery)) };
        let outcome = Outcome::Unknown(LOST.to_owned());
        let next = outcome::next(
            &outcome,
            way.channel,
            delivery.tries,
            now,
            self.moment.ids.next(now).cast_unsigned(),
        );
        record::note_try(tx, self.moment, delivery.id, way, &outcome, false)?;
        self.done.failed += 1;
        match next {
            Next::Unconfirmed => {
                let id = NotificationId::from_raw(intent.id);
                self.done.complain(format!("{}: a call was lost, {id} is unconfirmed", way.channel.code()));
                deliveries::settle(tx, delivery.id, Status::Unconfirmed, Some("lost"), None, now)?;
                forget(tx, delivery.id, delivery.topic, Status::Unconfirmed)?;
                Ok(None)
            }
            // The wait is over: the lease was longer than any first wait.
            _ => Ok(Some(Delivery { lease: 0, ..delivery })),
        }
    }

    fn call(
        &mut self,
        delivery: &Delivery,
        intent: &Intent,
        person: &Person,
        way: Way,
    ) -> Result<(), Refusal> {
        let (tx, now, personal) = (self.tx, self.moment.now, self.ground.personal);
        let member = &person.member;
        let brand_name = self.brands.of(tx, &member.brand)?;
        let reader = Reader {
            brand: &member.brand,
            brand_name: &brand_name,
            language: member.language,
            zone: &person.zone,
        };
        let words = match words::compose(tx, intent, reader, personal, now) {
            Ok(words) => words,
            Err(Unsayable::Refusal(refusal)) => return Err(refusal),
            Err(unsayable) => {
                self.done.complain(format!("{}: {unsayable}", intent.topic.code()));
                self.done.ended += 1;
                let (status, none) = (Status::Dead, Reasons::default());
                deliveries::end(tx, delivery.id, status, UNSAYABLE, &none, now)?;
                return Ok(forget(tx, delivery.id, delivery.topic, status)?);
            }
        };
        let Some(address) = person.address(way, personal)? else {
            // Forgotten between the plan and now cannot be: both are in this transaction.
            return Err(StoreError::Unreadable {
                what: "contact",
                problem: "in use without an address".to_owned(),
            }
            .into());
        };
        let (bot, ask) = match way.channel {
            Channel::Telegram => {
                let ask = Ask::of(intent.topic, &intent.data, words.link.as_deref(), personal);
                (self.speaker(&member.brand)?, ask)
            }
            Channel::PushFcm | Channel::PushRustore | Channel::Email | Channel::Sms => (None, None),
        };
        deliveries::hold(tx, delivery.id, self.batch.lease, now.plus_millis(LEASE_MS))?;
        self.batch.calls.push(Call {
            id: delivery.id,
            member: member.id,
            topic: intent.topic,
            brand: member.brand.clone(),
            way,
            form: person.form(way),
            address,
            words,
            lang: words::lang(member.language),
            created_at: intent.created_at,
            expires_at: intent.expires_at,
            round: delivery.tries_from,
            ask,
            bot,
        });
        Ok(())
    }

    fn speaker(&mut self, brand: &str) -> Result<Option<Speaker>, StoreError> {
        let Some(sealed) = self.bot(brand)? else { return Ok(None) };
        let token = self.ground.personal.open(sealed.place, Some(&sealed.bytes))?;
        Ok(token.map(|token| Speaker { id: sealed.place.row, token: Zeroizing::new(token) }))
    }

    /// The bot of a brand with its token, asked for once in a batch.
    fn bot(&mut self, brand: &str) -> Result<Option<Sealed>, StoreError> {
        if let Some((_, bot)) = self.bots.iter().find(|(known, _)| known == brand) {
            return Ok(bot.clone());
        }
        let bot = chats::load_bot_token(self.tx, brand)?;
        self.bots.push((brand.to_owned(), bot.clone()));
        Ok(bot)
    }

    fn carrier(&mut self, channel: Channel, brand: &str) -> Result<Carrier, StoreError> {
        let bot = match channel {
            Channel::Telegram => self.bot(brand)?.map(|sealed| sealed.place.row),
            Channel::PushFcm | Channel::PushRustore | Channel::Email | Channel::Sms => None,
        };
        Ok(Carrier { channel, bot })
    }
}

/// In which turn a delivery asks its carrier.
fn asks(delivery: &Delivery) -> Asks {
    let turn = if delivery.topic.is_told_at_any_hour() {
        Turn::Urgent
    } else if delivery.tries > 0 || delivery.code.as_deref() == Some(CARRIER_WAITS) {
        Turn::Kept
    } else {
        Turn::New
    };
    Asks { turn, expires_at: delivery.expires_at }
}

/// Ends a delivery that is not told.
pub(super) fn end(
    tx: &dyn Sql,
    delivery: &Delivery,
    status: Status,
    why: Why,
    reasons: &Reasons,
    now: Timestamp,
) -> Result<(), Refusal> {
    // Nobody looks at what was withheld on purpose.
    let none = Reasons::default();
    let reasons = if status == Status::Withheld { &none } else { reasons };
    deliveries::end(tx, delivery.id, status, why.code(), reasons, now)?;
    Ok(forget(tx, delivery.id, delivery.topic, status)?)
}
