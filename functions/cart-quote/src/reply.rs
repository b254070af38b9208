//! A priced cart as the guest reads it.

use api::wire::quotes::{
    AppliedPromotion, CouponRefused, GiftReply, NamedItem, PromotionReason, QuotePoints, QuoteReply,
    QuoteTotals, QuotedDiscount, QuotedLine, QuotedModifier, Suggestion,
};
use api::wire::{MoneyBody, ReasonBody};
use basket::{Line, Totals};
use kernel::{Currency, Lang, Money, Points, Quantity, Timestamp, Zone};
use loyalty::reason::Reason;
use pricing::verdict::Outcome;
use shop::coupon::Unusable;
use shop::quote::load::Answer;
use web::Problem;

/// Promotions that do not apply, with their reasons, in one reply.
const NOT_APPLIED_MAX: usize = 20;
/// Promotions that are nearly there, in one reply.
const NEAR_MISSES_MAX: usize = 3;

/// Words and numbers of one reply.
struct Writer<'a> {
    answer: &'a Answer,
    lang: Lang,
    currency: Currency,
    zone: &'a Zone,
}

/// The reply in the caller's language.
///
/// # Errors
/// When the quote holds what it cannot: a defect of ours.
pub fn reply(answer: &Answer, lang: Lang) -> Result<QuoteReply, Problem> {
    let quote = &answer.offer.quote;
    let writer = Writer { answer, lang, currency: answer.currency, zone: &answer.zone };
    let lines = quote.lines.iter().zip(&answer.offer.line_reasons);
    Ok(QuoteReply {
        id: quote.member.is_some().then(|| quote.id.clone()),
        outlet: quote.outlet_code.clone(),
        menu_revision: quote.menu_revision.clone(),
        priced_at: writer.time(quote.priced_at),
        expires_at: writer.time(quote.expires_at),
        pickup_at: quote.pickup_at.map(|at| writer.time(at)),
        lines: lines.map(|(line, reason)| writer.line(line, reason.as_ref())).collect(),
        totals: writer.totals(quote.totals),
        points: writer.points(),
        applied: writer.applied(),
        not_applied: writer.not_applied(),
        near_misses: writer.near_misses(),
        gifts: writer.gifts(),
        coupons_refused: writer.coupons_refused(),
        suggestions: writer.suggestions(),
    })
}

fn points(hundredths: i64) -> String {
    Points::from_hundredths(hundredths).to_string()
}

/// The stable name of a reason for which a coupon may not be used.
const fn unusable_code(unusable: &Unusable) -> &'static str {
    match unusable {
        Unusable::Store(_) => "unavailable",
        Unusable::Unknown => "unknown",
        Unusable::NotYet => "not_yet",
        Unusable::Expired => "expired",
        Unusable::Withdrawn => "withdrawn",
        Unusable::Used => "used",
        Unusable::UsedByGuest => "used_by_guest",
        Unusable::NeedsGuest => "needs_guest",
        Unusable::OtherGuest => "other_guest",
        Unusable::OwnReferral => "own_referral",
        Unusable::OtherPromotion => "other_promotion",
    }
}

impl Writer<'_> {
    fn money(&self, minor: i64) -> MoneyBody {
        Money::new(minor, self.currency).into()
    }

    fn time(&self, millis: i64) -> String {
        Timestamp::from_millis(millis).rfc3339_in(self.zone)
    }

    fn line(&self, line: &Line, reason: Option<&Reason>) -> QuotedLine {
        let modifiers = line.modifiers.iter().map(|modifier| QuotedModifier {
            code: modifier.code.clone(),
            name: modifier.name.text(self.lang).to_owned(),
            amount: modifier.amount,
            charged: modifier.charged,
            price: self.money(modifier.unit_price_minor),
        });
        let discounts = line.discounts.iter().map(|discount| QuotedDiscount {
            promotion: discount.promotion.clone(),
            title: discount.title.text(self.lang).to_owned(),
            amount: self.money(discount.amount_minor),
        });
        QuotedLine {
            line_no: line.line_no,
            item: line.item.clone(),
            name: line.name.text(self.lang).to_owned(),
            size: line.size.as_ref().map(|size| size.text(self.lang).to_owned()),
            quantity: line.quantity,
            modifiers: modifiers.collect(),
            unit_price: self.money(line.unit_list_minor),
            list: self.money(line.list_minor),
            discounts: discounts.collect(),
            points_spent: points(line.points_spent),
            total: self.money(line.final_minor),
            // Hundredths of a percent: thousandths with a digit more.
            tax_rate: line
                .tax_rate
                .map(|rate| Quantity::from_thousandths(rate.saturating_mul(10)).to_string()),
            points_earned: points(line.points_earned),
            reason: reason.map(|reason| self.reason(reason)),
        }
    }

    fn reason(&self, reason: &Reason) -> ReasonBody {
        ReasonBody { code: reason.code().to_owned(), text: reason.text(self.lang) }
    }

    fn totals(&self, totals: Totals) -> QuoteTotals {
        QuoteTotals {
            list: self.money(totals.list_minor),
            discount: self.money(totals.discount_minor),
            points_spent: points(totals.points_spent),
            points_value: self.money(totals.points_spent_minor),
            payable: self.money(totals.payable_minor),
            points_earned: points(totals.points_earned),
            points_bonus: points(totals.points_bonus),
        }
    }

    fn points(&self) -> Option<QuotePoints> {
        let allowance = self.answer.offer.spending?;
        Some(QuotePoints {
            spendable: allowance.max.to_string(),
            value: allowance.worth.into(),
            limit: ReasonBody {
                code: allowance.limit.code().to_owned(),
                text: allowance.limit.text(self.lang),
            },
            reasons: self.answer.offer.earning.iter().map(|reason| self.reason(reason)).collect(),
        })
    }

    fn applied(&self) -> Vec<AppliedPromotion> {
        let applied = self.answer.offer.priced.applied.iter();
        applied
            .map(|applied| AppliedPromotion {
                promotion: applied.promotion.to_string(),
                title: applied.title.text(self.lang).to_owned(),
                discount: self.money(applied.discount_minor),
                points: applied.points_bonus.to_string(),
                coupon: applied.coupon.clone(),
            })
            .collect()
    }

    fn not_applied(&self) -> Vec<PromotionReason> {
        let verdicts = self.answer.offer.priced.trace.iter();
        verdicts
            .filter_map(|verdict| match &verdict.outcome {
                Outcome::Failed(failure) if failure.is_for_guests() => Some(PromotionReason {
                    promotion: verdict.promotion.to_string(),
                    title: verdict.title.text(self.lang).to_owned(),
                    text: failure.text(self.lang),
                }),
                Outcome::Failed(_) | Outcome::Applied => None,
            })
            .take(NOT_APPLIED_MAX)
            .collect()
    }

    fn near_misses(&self) -> Vec<PromotionReason> {
        let misses = self.answer.offer.priced.near_misses.iter().take(NEAR_MISSES_MAX);
        misses
            .map(|miss| PromotionReason {
                promotion: miss.promotion.to_string(),
                title: miss.title.text(self.lang).to_owned(),
                text: miss.text(self.lang, self.currency),
            })
            .collect()
    }

    fn gifts(&self) -> Vec<GiftReply> {
        let gifts = self.answer.gifts.iter();
        gifts
            .map(|gift| GiftReply {
                promotion: gift.promotion.to_string(),
                title: gift.title.text(self.lang).to_owned(),
                pieces: gift.pieces,
                items: gift
                    .items
                    .iter()
                    .map(|item| NamedItem {
                        code: item.code.clone(),
                        name: item.names.text(self.lang).to_owned(),
                    })
                    .collect(),
            })
            .collect()
    }

    fn coupons_refused(&self) -> Vec<CouponRefused> {
        let refused = self.answer.coupons_refused.iter();
        refused
            .map(|(code, refusal)| CouponRefused {
                code: code.clone(),
                reason: ReasonBody {
                    code: unusable_code(refusal).to_owned(),
                    text: refusal.text(self.lang).to_owned(),
                },
            })
            .collect()
    }

    fn suggestions(&self) -> Vec<Suggestion> {
        let suggested = self.answer.suggestions.iter();
        suggested
            .map(|suggested| Suggestion {
                item: suggested.item.clone(),
                name: suggested.names.text(self.lang).to_owned(),
                price: self.money(suggested.price_minor),
            })
            .collect()
    }
}
