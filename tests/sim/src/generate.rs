//! Random operations, valid and invalid, from a seed.

use kernel::Timestamp;
use kernel::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};

use crate::operation::{
    Act, Ask, By, Fault, GuestRef, Hold, HoldFault, Line, Operation, Pays, Pick, Redeem, Return, Sell, What,
};
use crate::reference::Reference;

/// Who comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Profile {
    /// Everybody, the first members a little more often.
    Even,
    /// Four times in five the same member: a long wallet, many holds at once.
    Hot,
}

/// The member who comes most often where one does: an active one of the first brand.
const HOT_MEMBER: usize = 1;

/// Makes the operations of an episode.
pub struct Generator {
    rng: StdRng,
    profile: Profile,
    next_id: u32,
    at_ms: i64,
    last_member: usize,
}

impl Generator {
    /// A generator whose operations follow from `seed` and from how the reference stands.
    #[must_use]
    pub fn new(seed: u64, profile: Profile) -> Self {
        Self { rng: StdRng::seed_from_u64(seed), profile, next_id: 1, at_ms: 0, last_member: 0 }
    }

    /// The next operation.
    pub fn next(&mut self, reference: &Reference<'_>) -> Operation {
        let member = self.member(reference.world.guests.len());
        let (at_ms, edge) = self.time(reference, member);
        self.at_ms = at_ms;
        let id = self.next_id;
        self.next_id += 1;
        let act = match edge {
            Some(edge) => self.at_edge(reference, member, id, edge),
            None => self.act(reference, member, id),
        };
        if let Act::Batch(acts) = &act {
            // Its lines bear the numbers that follow.
            self.next_id += acts.len() as u32;
        }
        Operation { id, at_ms, act }
    }

    /// What can tell which side of an edge it is on: a capture at the end of a hold, otherwise the sweep or a hold of
    /// all there is.
    fn at_edge(&mut self, reference: &Reference<'_>, member: usize, id: u32, hold: Option<u32>) -> Act {
        match hold {
            Some(near) if self.rng.random_bool(0.7) => {
                let mut sell = self.redeem(reference, member, id);
                let hold = Some(Pick { near, open: true });
                sell.redeem = Some(Redeem { hold, fits: true, filler: 1, pays: Pays::Whole });
                Act::Sell(sell)
            }
            _ if self.rng.random_bool(0.5) => Act::Lifecycle,
            _ => {
                let hold = self.hold(reference, member);
                Act::Hold(Hold { ask: Ask::OfBalance(1_000), ..hold })
            }
        }
    }

    fn act(&mut self, reference: &Reference<'_>, member: usize, id: u32) -> Act {
        match self.rng.random_range(0..100) {
            0..30 => Act::Sell(self.sell(reference, Some(member), None)),
            30..36 => Act::Sell(self.sell(reference, None, None)),
            36..49 => Act::Sell(self.redeem(reference, member, id)),
            49..53 => Act::SellAgain { receipt: self.pick(id, false), changed: self.rng.random_ratio(1, 4) },
            53..66 => Act::Return(self.give_back(reference, id)),
            66..68 => {
                Act::ReturnAgain { return_of: self.pick(id, false), changed: self.rng.random_ratio(1, 4) }
            }
            68..91 => Act::Hold(self.hold(reference, member)),
            91..94 => {
                Act::Release { hold: self.pick_likely_open(id), elsewhere: self.rng.random_ratio(1, 10) }
            }
            94 => Act::Adjust {
                member,
                points: self.adjustment(),
                days: self.rng.random_bool(0.5).then(|| self.rng.random_range(1..30)),
            },
            95 => Act::Batch(self.queue(reference, member, id)),
            96 => Act::History { member, page: self.rng.random_range(1..30) },
            97 if self.rng.random_ratio(1, 3) => Act::Join {
                member: if self.rng.random_bool(0.8) { member - member % 10 + 9 } else { member },
            },
            97 if self.rng.random_ratio(1, 5) => Act::Erase {
                // Every fifth member can be forgotten: the others go on until the end.
                member: member - member % 5 + 4,
                through_support: self.rng.random_bool(0.5),
            },
            _ => Act::Lifecycle,
        }
    }

    /// A till's queue, mostly of one outlet: what is of another is not sent.
    fn queue(&mut self, reference: &Reference<'_>, member: usize, id: u32) -> Vec<Act> {
        let outlet = self.outlet(reference, Some(member));
        let count = self.rng.random_range(1..=6);
        (0..count)
            .map(|_| match self.rng.random_range(0..10) {
                0..5 => Act::Sell(Sell { outlet, ..self.sell(reference, Some(member), None) }),
                5 => Act::Sell(Sell { outlet, ..self.sell(reference, None, None) }),
                6 => Act::Sell(self.redeem(reference, member, id)),
                7 => Act::SellAgain { receipt: self.pick(id, false), changed: self.rng.random_ratio(1, 4) },
                _ => Act::Return(Return { outlet: Some(outlet), ..self.give_back(reference, id) }),
            })
            .collect()
    }

    fn member(&mut self, members: usize) -> usize {
        if self.rng.random_ratio(1, 4) {
            return self.last_member;
        }
        let (a, b) = (self.rng.random_range(0..members), self.rng.random_range(0..members));
        let even = if self.rng.random_bool(0.5) { a.min(b) } else { a };
        let hot = self.profile == Profile::Hot && self.rng.random_ratio(4, 5);
        self.last_member = if hot { HOT_MEMBER.min(members - 1) } else { even };
        self.last_member
    }

    /// Seconds mostly, sometimes hours; and now and then exactly when something of the member falls due, or one
    /// millisecond beside it: then with the operation behind the hold that ends, if one does.
    fn time(&mut self, reference: &Reference<'_>, member: usize) -> (i64, Option<Option<u32>>) {
        let plain = match self.rng.random_range(0..100) {
            0..20 => self.rng.random_range(1..5 * SECOND_MS),
            20..79 => self.rng.random_range(1..2 * MINUTE_MS),
            79..98 => self.rng.random_range(1..30 * MINUTE_MS),
            _ => self.rng.random_range(1..10 * HOUR_MS),
        };
        let later = self.at_ms + plain;
        if !self.rng.random_ratio(1, 12) {
            return (later, None);
        }
        let now = Timestamp::from_millis(reference.world.start.millis() + self.at_ms);
        let near = now.plus_millis(DAY_MS);
        match reference.next_edge(member, now.plus_millis(1)).filter(|(edge, _)| *edge <= near) {
            Some((edge, hold)) => {
                let beside = self.rng.random_range(-1..=1);
                ((edge.millis() + beside - reference.world.start.millis()).max(self.at_ms + 1), Some(hold))
            }
            None => (later, None),
        }
    }

    fn adjustment(&mut self) -> i64 {
        match self.rng.random_range(0..20) {
            0 => 10_000_001,
            1 => -10_000_001,
            2..12 => self.rng.random_range(1..20_000),
            _ => -self.rng.random_range(1..20_000),
        }
    }

    fn pick(&mut self, id: u32, open: bool) -> Pick {
        let near = if self.rng.random_bool(0.7) {
            id.saturating_sub(self.rng.random_range(0..60))
        } else {
            self.rng.random_range(0..id)
        };
        Pick { near, open }
    }

    fn pick_likely_open(&mut self, id: u32) -> Pick {
        let open = self.rng.random_ratio(7, 8);
        self.pick(id, open)
    }

    fn outlet(&mut self, reference: &Reference<'_>, member: Option<usize>) -> usize {
        let outlets = &reference.world.outlets;
        let any = self.rng.random_range(0..outlets.len());
        let Some(member) = member else { return any };
        let brand = reference.world.guests[member].brand;
        // Mostly one of the guest's brand where the programme runs.
        let likely: Vec<usize> = (0..outlets.len())
            .filter(|&outlet| outlets[outlet].brand == brand && outlets[outlet].code != "usd-1")
            .collect();
        if self.rng.random_ratio(1, 25) { any } else { likely.choose(&mut self.rng).copied().unwrap_or(any) }
    }

    fn guest(&mut self, member: usize) -> GuestRef {
        let by = match self.rng.random_range(0..100) {
            0..55 => By::Card,
            55..70 => By::Phone,
            70..98 => By::Code,
            _ => By::NoSuchCard,
        };
        GuestRef { member, by }
    }

    fn sell(&mut self, reference: &Reference<'_>, member: Option<usize>, redeem: Option<Redeem>) -> Sell {
        let late_ms = match self.rng.random_range(0..100) {
            0..80 => self.rng.random_range(0..MINUTE_MS),
            80..90 => self.rng.random_range(0..12 * HOUR_MS),
            90..96 => self.rng.random_range(0..30 * DAY_MS),
            96..99 => self.rng.random_range(0..95 * DAY_MS),
            _ => -self.rng.random_range(0..20 * MINUTE_MS),
        };
        let count = self.rng.random_range(1..=4);
        Sell {
            outlet: self.outlet(reference, member),
            guest: member.map(|member| self.guest(member)),
            redeem,
            late_ms,
            date_off: self.date_off(),
            lines: (0..count).map(|_| self.line()).collect(),
            rounding: if self.rng.random_ratio(1, 10) { self.rng.random_range(0..100) } else { 0 },
            split: self.rng.random_ratio(1, 8),
            fault: self.rng.random_ratio(1, 16).then(|| self.fault()),
        }
    }

    fn date_off(&mut self) -> i32 {
        match self.rng.random_range(0..100) {
            0..94 => 0,
            94..96 => 1,
            96..98 => -1,
            _ => self.rng.random_range(-3..=3),
        }
    }

    fn line(&mut self) -> Line {
        let price = match self.rng.random_range(0..10) {
            0 => self.rng.random_range(0..10),
            1..7 => self.rng.random_range(10..20_000),
            _ => self.rng.random_range(10_000..200_000),
        };
        Line {
            good: self.rng.random_range(0..100),
            quantity: match self.rng.random_range(0..10) {
                0..5 => 1_000,
                5..8 => self.rng.random_range(1_000..8_000),
                _ => self.rng.random_range(1..1_000),
            },
            price,
            markdown: match self.rng.random_range(0..10) {
                0..7 => 0,
                7 => 1_000,
                _ => self.rng.random_range(0..600),
            },
            off: match self.rng.random_range(0..100) {
                0..94 => 0,
                94..97 => 1,
                97..99 => -1,
                _ => 2,
            },
            promo: self.rng.random_ratio(1, 6),
            told: self.rng.random_ratio(1, 3),
        }
    }

    fn fault(&mut self) -> Fault {
        const ALL: [Fault; 12] = [
            Fault::OtherOutlet,
            Fault::WrongCurrency,
            Fault::PaymentShort,
            Fault::DiscountAboveList,
            Fault::NegativePrice,
            Fault::ZeroQuantity,
            Fault::HalfPiece,
            Fault::NoLines,
            Fault::TwinLines,
            Fault::RoundingAboveMax,
            Fault::PointsWithoutHold,
            Fault::HoldWithoutPoints,
        ];
        *ALL.choose(&mut self.rng).unwrap_or(&Fault::NoLines)
    }

    /// A sale that pays with points: mostly one that fits its hold.
    fn redeem(&mut self, reference: &Reference<'_>, member: usize, id: u32) -> Sell {
        let hold = if self.rng.random_ratio(1, 60) { None } else { Some(self.pick_likely_open(id)) };
        let pays = match self.rng.random_range(0..10) {
            0..6 => Pays::Whole,
            6..9 => Pays::Thousandths(self.rng.random_range(0..1_000)),
            _ => Pays::Over(self.rng.random_range(1..500)),
        };
        // Mostly a cup of something; sometimes what points may not pay for.
        let filler = if self.rng.random_ratio(4, 5) { 1 } else { self.rng.random_range(0..100) };
        let redeem = Redeem { hold, fits: self.rng.random_ratio(14, 15), filler, pays };
        let anonymous = self.rng.random_ratio(1, 50);
        let mut sell = self.sell(reference, Some(member), Some(redeem));
        if anonymous {
            (sell.guest, sell.redeem) = (None, Some(Redeem { fits: false, ..redeem }));
        }
        if self.rng.random_bool(0.6) {
            sell.lines.truncate(1);
        }
        if self.rng.random_bool(0.8) {
            sell.late_ms = self.rng.random_range(0..MINUTE_MS);
        }
        sell
    }

    fn give_back(&mut self, reference: &Reference<'_>, id: u32) -> Return {
        let what = match self.rng.random_range(0..100) {
            0..25 => What::Everything,
            25..88 => {
                let count = self.rng.random_range(1..=3);
                let part = |rng: &mut StdRng| (rng.random_range(0..6), rng.random_range(1..=1_000));
                What::Parts((0..count).map(|_| part(&mut self.rng)).collect())
            }
            88..90 => What::TooMuch,
            90..92 => What::UnknownLine,
            92..94 => What::TwinLines,
            94..96 => What::NoLines,
            96..98 => What::Nothing,
            _ => What::HalfPiece,
        };
        Return {
            receipt: (!self.rng.random_ratio(1, 60)).then(|| self.pick_likely_open(id)),
            outlet: self
                .rng
                .random_ratio(1, 6)
                .then(|| self.rng.random_range(0..reference.world.outlets.len())),
            late_ms: match self.rng.random_range(0..100) {
                0..85 => 0,
                85..96 => self.rng.random_range(0..HOUR_MS),
                96..98 => self.rng.random_range(0..40 * DAY_MS),
                _ => -self.rng.random_range(0..20 * MINUTE_MS),
            },
            date_off: self.date_off(),
            what,
        }
    }

    fn hold(&mut self, reference: &Reference<'_>, member: usize) -> Hold {
        let ask = match self.rng.random_range(0..100) {
            0..45 => Ask::Most,
            45..80 => {
                Ask::OfBalance(self.rng.random_range(1..=550) * 2 - i64::from(self.rng.random_ratio(1, 6)))
            }
            80..82 => Ask::Points(0),
            _ => Ask::Points(self.rng.random_range(1..200) * 50),
        };
        let faults = [HoldFault::OtherOutlet, HoldFault::WrongCurrency, HoldFault::NegativeTotal];
        Hold {
            outlet: self.outlet(reference, Some(member)),
            guest: self.guest(member),
            ask,
            total: if self.rng.random_ratio(1, 8) {
                self.rng.random_range(0..2_000)
            } else {
                self.rng.random_range(0..400_000)
            },
            fault: self.rng.random_ratio(1, 40).then(|| *faults.choose(&mut self.rng).unwrap_or(&faults[0])),
        }
    }
}
