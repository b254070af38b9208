//! The search against looking at every set.

use kernel::{Currency, Date, MemberId, Money, Points, PromotionId, Rate, Timestamp};
use notation::Names;
use proptest::prelude::*;

use super::{Score, play, search};
use crate::amounts::{Amounts, TimeOfDay};
use crate::apply::State;
use crate::cart::{Cart, CartLine, CartModifier};
use crate::condition::Selector;
use crate::effect::{Base, BonusPer, BundlePart, Effect, Per};
use crate::facts::{Earning, Facts, Guest, Place, Visits};
use crate::funding::{Funder, Part};
use crate::goods::Goods;
use crate::index::{Index, Live};
use crate::limit::Limits;
use crate::prepare::Candidate;
use crate::promotion::{Promotion, Stacking, WithOthers};

fn amounts(minor: i64) -> Amounts {
    Amounts(vec![Money::new(minor, Currency::Rub)])
}

fn selector() -> impl Strategy<Value = Selector> {
    let product = |code: &str| Selector { products: vec![code.to_owned()], ..Selector::default() };
    let category = |code: &str| Selector { categories: vec![code.to_owned()], ..Selector::default() };
    prop::sample::select(vec![Selector::default(), product("a"), product("b"), category("x"), category("y")])
}

fn percent() -> impl Strategy<Value = Rate> {
    prop::sample::select(vec![100_000, 333_333, 500_000, 1_000_000]).prop_map(Rate::from_millionths)
}

fn effect() -> BoxedStrategy<Effect> {
    let base = prop::sample::select(vec![Base::Initial, Base::Reduced]);
    let times = prop::option::of(1..3_u32);
    prop_oneof![
        (selector(), percent(), base).prop_map(|(on, percent, base)| Effect::PercentOff {
            on,
            percent,
            base
        }),
        (selector(), 1..400_i64, any::<bool>()).prop_map(|(on, minor, each)| Effect::AmountOff {
            on,
            amount: amounts(minor),
            per: if each { Per::Piece } else { Per::Cart },
        }),
        (selector(), 0..300_i64).prop_map(|(on, price)| Effect::FixedPrice { on, price: amounts(price) }),
        (selector(), 1..4_u32, percent(), times.clone())
            .prop_map(|(on, nth, percent, times_max)| Effect::NthItem { on, nth, percent, times_max }),
        (selector(), 1..3_u32, selector(), 1..3_u32, percent(), times.clone()).prop_map(
            |(buy, buy_pieces, get, get_pieces, percent, times_max)| Effect::BuyGet {
                buy,
                buy_pieces,
                get,
                get_pieces,
                percent,
                times_max,
            }
        ),
        (selector(), selector(), 1..3_u32, 50..600_i64, times).prop_map(
            |(a, b, pieces, price, times_max)| {
                let parts = vec![BundlePart { of: a, pieces: 1 }, BundlePart { of: b, pieces }];
                Effect::Bundle { parts, price: amounts(price), times_max }
            }
        ),
        (selector(), 1..3_u32).prop_map(|(of, pieces)| Effect::Gift { of, pieces }),
        (selector(), 1..3_u32).prop_map(|(on, amount)| Effect::FreeModifier {
            on,
            modifiers: vec!["syrup".into()],
            amount,
        }),
        (selector(), 1..500_i64).prop_map(|(on, points)| Effect::PointsPrice {
            on,
            points: Points::from_hundredths(points),
            pieces_max: None,
        }),
        (selector(), 1_000_000..3_000_000_i64)
            .prop_map(|(on, factor)| Effect::PointsMultiplier { on, factor: Rate::from_millionths(factor) }),
        (1..500_i64, prop::option::of(selector())).prop_map(|(points, of)| Effect::PointsBonus {
            points: Points::from_hundredths(points),
            per: of.map_or(BonusPer::Cart, |of| BonusPer::Piece { of }),
        }),
    ]
    .boxed()
}

fn rules() -> impl Strategy<Value = Promotion> {
    let with_others = prop::sample::select(vec![
        WithOthers::Freely,
        WithOthers::Freely,
        WithOthers::Freely,
        WithOthers::NotOnSamePieces,
        WithOthers::Never,
    ]);
    let groups = prop::sample::subsequence(vec!["g".to_owned(), "h".to_owned()], 0..=2);
    let floor = prop::sample::select(vec![0, 0, 0, 250_000]);
    let cap = prop::option::weighted(0.3, 1..400_i64);
    (prop::collection::vec(effect(), 1..3), with_others, groups, floor, cap, -1..2_i32).prop_map(
        |(effects, with_others, groups, floor, cap, priority)| Promotion {
            brand: "bean".into(),
            title: Names { ru: "а".into(), kk: "а".into(), en: "a".into() },
            condition: None,
            effects,
            excluded: Selector::default(),
            price_floor: Rate::from_millionths(floor),
            limits: Limits { discount_per_cart: cap.map(amounts), ..Limits::default() },
            priority,
            stacking: Stacking { with_others, groups },
            funding: vec![Part { funder: Funder::Brand {}, weight: 1 }],
            holdout_percent: 0,
            hinted: false,
        },
    )
}

fn cart() -> impl Strategy<Value = Cart> {
    let line =
        (0..4_usize, 1..4_u32, prop::sample::select(vec![100_i64, 150, 199, 300]), any::<bool>(), 0..2_u32);
    prop::collection::vec(line, 1..4).prop_map(|lines| Cart {
        currency: Currency::Rub,
        lines: (1..)
            .zip(lines)
            .map(|(line_no, (product, quantity, price, earns, for_points))| CartLine {
                line_no,
                product: ["a", "b", "c", "d"][product].into(),
                size: None,
                category: ["x", "x", "y", "z"][product].into(),
                tags: Vec::new(),
                modifiers: vec![CartModifier { code: "syrup".into(), charged: 1, unit_price_minor: 40 }],
                quantity,
                unit_list_minor: price,
                floor_minor: if product == 3 { price } else { 0 },
                tax_rate: None,
                earns,
                pieces_for_points: for_points.min(quantity),
            })
            .collect(),
    })
}

fn facts() -> Facts {
    Facts {
        now: Timestamp::from_millis(0),
        day: Date::new(2026, 11, 21).expect("a date"),
        time: TimeOfDay::parse("10:00").expect("a time"),
        place: Place {
            brand: "bean".into(),
            outlet: "001".into(),
            city: "Алматы".into(),
            franchisee: "f".into(),
            country: "KZ".into(),
        },
        channel: "app".into(),
        guest: Some(Guest {
            member: MemberId::from_raw(1),
            tier: "base".into(),
            segments: Vec::new(),
            tags: Vec::new(),
            birthday: None,
            visits: Visits::default(),
            points_available: Points::from_hundredths(600),
        }),
        coupons: Vec::new(),
        payment: None,
        earning: Some(Earning { rate: Rate::from_millionths(50_000), point_value_minor: 3 }),
        allowances: Vec::new(),
    }
}

fn live(rules: Vec<Promotion>) -> Index {
    let live = (1..).zip(rules).map(|(id, rules)| Live {
        promotion: PromotionId::from_raw(id),
        version: 1,
        starts_at: Timestamp::from_millis(0),
        ends_at: None,
        rules,
    });
    Index::new(live.collect())
}

/// The best of all lawful sets, by looking at each.
fn exhaustive(
    candidates: &[Candidate<'_>],
    goods: &Goods<'_>,
    start: &State,
    facts: &Facts,
) -> (Score, Vec<usize>) {
    let mut best: Option<(Score, Vec<usize>)> = None;
    for bits in 0..1_u32 << candidates.len() {
        let set: Vec<usize> = (0..candidates.len()).filter(|index| bits >> index & 1 == 1).collect();
        let exclusive = set.iter().any(|&index| candidates[index].exclusive()) && set.len() > 1;
        let groups: Vec<&String> =
            set.iter().flat_map(|&index| &candidates[index].live.rules.stacking.groups).collect();
        let clash = groups.iter().enumerate().any(|(index, group)| groups[..index].contains(group));
        if exclusive || clash {
            continue;
        }
        let played = play(&set, candidates, goods, start, facts.earning).expect("in range");
        let score = Score {
            money: played.state.pieces.iter().map(|piece| piece.now).sum(),
            points_price: played.steps.iter().map(|(_, done, _)| done.points_price).sum(),
            points_given: -played.given.iter().map(|given| given.points).sum::<i64>(),
            gifts: -played.steps.iter().map(|(_, done, _)| i64::from(done.offered())).sum::<i64>(),
            count: set.len(),
        };
        let better = best.as_ref().is_none_or(|(known, known_set)| (score, &set) < (*known, known_set));
        if better {
            best = Some((score, set));
        }
    }
    best.expect("the empty set is lawful")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_search_finds_what_looking_at_every_set_finds(rules in prop::collection::vec(rules(), 1..8), cart in cart()) {
        let (facts, index) = (facts(), live(rules));
        let goods = Goods::new(&cart).expect("a cart");
        let candidates: Vec<Candidate<'_>> =
            index.live().iter().map(|live| Candidate::new(live, &goods, &facts)).collect();
        let start = State { pieces: goods.pieces.clone(), points_left: 600 };
        let found = search(&candidates, &goods, &start, facts.earning).expect("in range");
        let (score, best) = exhaustive(&candidates, &goods, &start, &facts);
        prop_assert!(found.exact);
        prop_assert_eq!(&found.taken, &best, "best by every set: {:?}", score);
    }
}
