//! How often a guest is written to.

use kernel::Timestamp;
use kernel::time::DAY_MS;

use crate::channel::{Channel, Kind};
use crate::topic::{Class, Topic};

/// So many within a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cap {
    pub max: usize,
    pub window_ms: i64,
}

/// Messages of any kind: nothing that goes wrong on our side may flood a guest.
pub const ANY: Cap = Cap { max: 20, window_ms: DAY_MS };
/// Requests and advertising in a day.
pub const UNASKED_DAY: Cap = Cap { max: 1, window_ms: DAY_MS };
/// Requests and advertising in a week.
pub const UNASKED_WEEK: Cap = Cap { max: 3, window_ms: 7 * DAY_MS };
/// Text messages in a day: they cost.
pub const SMS_DAY: Cap = Cap { max: 3, window_ms: DAY_MS };
/// Text messages in a month.
pub const SMS_MONTH: Cap = Cap { max: 10, window_ms: LOOK_BACK_MS };

/// No cap looks back further.
pub const LOOK_BACK_MS: i64 = 30 * DAY_MS;
/// No cap needs more of the past than this.
pub const TOLD_MAX: i64 = 64;

/// What a guest was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    pub topic: Topic,
    pub channel: Channel,
    pub at: Timestamp,
}

/// From when a message is not too many: now, or later. `told` is the guest's past in any order, at least [`TOLD_MAX`]
/// of it or all within [`LOOK_BACK_MS`].
#[must_use]
pub fn allowed_at(topic: Topic, channel: Channel, told: &[Told], now: Timestamp) -> Timestamp {
    // A code that somebody has just asked for has a limit of its own where it is asked for.
    if topic == Topic::EmailConfirm {
        return now;
    }
    let unasked = |told: &Told| told.topic.class() != Class::Service;
    let by_sms = |told: &Told| told.channel.kind() == Kind::Sms;
    let mut at = until(ANY, told.iter().map(|told| told.at), now);
    if topic.class() != Class::Service {
        for cap in [UNASKED_DAY, UNASKED_WEEK] {
            at = at.max(until(cap, told.iter().filter(|told| unasked(told)).map(|told| told.at), now));
        }
    }
    if channel.kind() == Kind::Sms {
        for cap in [SMS_DAY, SMS_MONTH] {
            at = at.max(until(cap, told.iter().filter(|told| by_sms(told)).map(|told| told.at), now));
        }
    }
    at
}

/// When fewer than `cap.max` lie within the window before.
fn until(cap: Cap, past: impl Iterator<Item = Timestamp>, now: Timestamp) -> Timestamp {
    let mut past: Vec<Timestamp> = past.filter(|at| at.plus_millis(cap.window_ms) > now).collect();
    past.sort_unstable();
    let first_in_the_way = past.len().checked_sub(cap.max).and_then(|index| past.get(index));
    first_in_the_way.map_or(now, |at| at.plus_millis(cap.window_ms).max(now))
}

#[cfg(test)]
mod tests {
    use kernel::time::HOUR_MS;
    use proptest::prelude::*;

    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_millis(hours * HOUR_MS)
    }

    fn told(topic: Topic, channel: Channel, hours: i64) -> Told {
        Told { topic, channel, at: at(hours) }
    }

    #[test]
    fn requests_wait_for_each_other_and_service_does_not_wait_for_them() {
        let past = [told(Topic::FeedbackRequest, Channel::PushFcm, 0)];
        for (topic, hours, allowed) in [
            (Topic::FeedbackRequest, 1, 24),
            (Topic::BirthdayGift, 1, 24),
            (Topic::FeedbackRequest, 24, 24),
            (Topic::TicketAnswer, 1, 1),
        ] {
            assert_eq!(
                allowed_at(topic, Channel::PushFcm, &past, at(hours)),
                at(allowed),
                "{topic:?} {hours}"
            );
        }
        let week: Vec<Told> =
            [0, 30, 60].map(|hours| told(Topic::FeedbackRequest, Channel::PushFcm, hours)).to_vec();
        assert_eq!(allowed_at(Topic::FeedbackRequest, Channel::PushFcm, &week, at(90)), at(7 * 24));
        assert_eq!(allowed_at(Topic::FeedbackRequest, Channel::PushFcm, &week, at(7 * 24)), at(7 * 24));
    }

    #[test]
    fn text_messages_have_caps_of_their_own() {
        let past: Vec<Told> = (0..3).map(|hours| told(Topic::TicketAnswer, Channel::Sms, hours)).collect();
        assert_eq!(allowed_at(Topic::TicketAnswer, Channel::Sms, &past, at(3)), at(24));
        assert_eq!(allowed_at(Topic::TicketAnswer, Channel::PushFcm, &past, at(3)), at(3));
        let month: Vec<Told> = (0..10).map(|day| told(Topic::TicketAnswer, Channel::Sms, day * 30)).collect();
        assert_eq!(allowed_at(Topic::TicketAnswer, Channel::Sms, &month, at(300)), at(30 * 24));
    }

    #[test]
    fn nothing_floods_a_guest_but_a_code_that_was_asked_for_comes() {
        let past: Vec<Told> = (0..20).map(|_| told(Topic::TicketAnswer, Channel::PushFcm, 0)).collect();
        assert_eq!(allowed_at(Topic::AccountHeld, Channel::PushFcm, &past, at(1)), at(24));
        assert_eq!(allowed_at(Topic::EmailConfirm, Channel::Email, &past, at(1)), at(1));
    }

    proptest! {
        /// However intents crowd: who waits as told never gets more than a cap within its window.
        #[test]
        fn no_window_holds_more_than_its_cap(
            wishes in prop::collection::vec((0usize..3, 0i64..200), 1..120),
        ) {
            let topics = [Topic::FeedbackRequest, Topic::TicketAnswer, Topic::BirthdayGift];
            let mut past: Vec<Told> = Vec::new();
            let mut now = 0;
            for (topic, hours) in wishes {
                now += hours;
                let allowed = allowed_at(topics[topic], Channel::Sms, &past, at(now));
                prop_assert!(allowed >= at(now));
                past.push(Told { topic: topics[topic], channel: Channel::Sms, at: allowed });
                let most = |cap: Cap, pick: fn(&Told) -> bool| {
                    let picked = || past.iter().filter(|told| pick(told)).map(|told| told.at);
                    picked().map(|end| picked().filter(|at| *at <= end && at.plus_millis(cap.window_ms) > end).count()).max()
                };
                prop_assert!(most(SMS_DAY, |_| true) <= Some(SMS_DAY.max));
                prop_assert!(most(UNASKED_DAY, |told| told.topic.class() != Class::Service) <= Some(UNASKED_DAY.max));
            }
        }
    }
}
