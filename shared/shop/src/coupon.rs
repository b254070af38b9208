//! Coupons and referral codes: making them, checking them, using them once.

use kernel::{CouponBatchId, CouponId, Lang, MemberId, PromotionId, StaffId, Timestamp};
use pricing::coupon::{ENTROPY_LEN, code, normalise};
use pricing::facts::CouponFact;
use store::coupons::{self, Batch, Coupon, Kind};
use store::referrals::{self, Terms};
use store::{Sql, StoreError, promotions};

use club::Moment;

/// Codes that one call makes or takes in.
pub const CODES_PER_CALL_MAX: usize = 1_000;
/// Codes of a batch.
pub const CODES_PER_BATCH_MAX: i64 = 1_000_000;
/// Characters of a batch's name.
pub const LABEL_LEN_MAX: usize = 120;
/// Times that a code, or a guest, may use.
pub const USES_MAX: u32 = 1_000_000;
/// Codes looked at in one cart.
pub const CODES_PER_CART_MAX: usize = 5;

/// Why a code cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No such code, or one that is no code at all.
    #[error("no such code")]
    Unknown,
    #[error("the code does not hold yet")]
    NotYet,
    #[error("the code has expired")]
    Expired,
    /// Its batch was withdrawn.
    #[error("the code was withdrawn")]
    Withdrawn,
    /// Used as often as it may be.
    #[error("the code has been used")]
    Used,
    /// The guest has used codes of its kind as often as they may.
    #[error("the guest has used such a code")]
    UsedByGuest,
    /// It is for members, or counts by guest.
    #[error("the code needs a signed-in guest")]
    NeedsGuest,
    /// Another guest's own.
    #[error("the code is somebody else's")]
    OtherGuest,
    /// One's own referral code is for friends.
    #[error("a referral code is for others")]
    OwnReferral,
    /// Of another promotion than the quote says.
    #[error("the code is of another promotion")]
    OtherPromotion,
}

impl Unusable {
    /// The reason in words, for the guest.
    #[must_use]
    pub fn text(&self, lang: Lang) -> &'static str {
        let [ru, kk, en] = match self {
            Self::Store(_) => {
                ["код не удалось проверить", "кодты тексеру мүмкін болмады", "the code could not be checked"]
            }
            Self::Unknown => ["такого кода нет", "мұндай код жоқ", "there is no such code"],
            Self::NotYet => ["код ещё не действует", "код әлі жарамсыз", "the code does not hold yet"],
            Self::Expired => ["срок кода истёк", "кодтың мерзімі өткен", "the code has expired"],
            Self::Withdrawn => ["код отозван", "код кері алынған", "the code was withdrawn"],
            Self::Used => ["код уже использован", "код қолданылып қойған", "the code has been used"],
            Self::UsedByGuest => [
                "вы уже использовали такой код",
                "сіз мұндай кодты қолдандыңыз",
                "you have used such a code already",
            ],
            Self::NeedsGuest => {
                ["войдите, чтобы использовать код", "кодты қолдану үшін кіріңіз", "sign in to use the code"]
            }
            Self::OtherGuest => {
                ["код выдан другому гостю", "код басқа қонаққа берілген", "the code is another guest's"]
            }
            Self::OwnReferral => [
                "это ваш код для друзей",
                "бұл сіздің достарыңызға арналған код",
                "this is your code for friends",
            ],
            Self::OtherPromotion => {
                ["код от другой акции", "код басқа акциядан", "the code is of another promotion"]
            }
        };
        match lang {
            Lang::Ru => ru,
            Lang::Kk => kk,
            Lang::En => en,
        }
    }
}

/// Codes that may be used, and those that may not, as typed, with the reason.
pub type Checked = (Vec<CouponFact>, Vec<(String, Unusable)>);

/// Sorts the codes that a guest typed into those that may be used, and those that may not with the reason. Reads
/// only; [`crate::promotion::reserve`] counts.
///
/// # Errors
/// A failure of storage.
pub fn check(
    sql: &dyn Sql,
    brand: &str,
    member: Option<MemberId>,
    typed: &[String],
    now: Timestamp,
) -> Result<Checked, StoreError> {
    let (mut good, mut bad): (Vec<CouponFact>, Vec<(String, Unusable)>) = (Vec::new(), Vec::new());
    for text in typed.iter().take(CODES_PER_CART_MAX) {
        match usable(sql, brand, text, member, now) {
            Ok((coupon, batch)) => {
                let fact = CouponFact { code: coupon.code, promotion: batch.promotion };
                if !good.contains(&fact) {
                    good.push(fact);
                }
            }
            Err(Unusable::Store(error)) => return Err(error),
            Err(unusable) => bad.push((text.clone(), unusable)),
        }
    }
    Ok((good, bad))
}

fn usable(
    sql: &dyn Sql,
    brand: &str,
    typed: &str,
    member: Option<MemberId>,
    now: Timestamp,
) -> Result<(Coupon, Batch), Unusable> {
    let code = normalise(typed).ok_or(Unusable::Unknown)?;
    let (coupon, batch) = coupons::load(sql, brand, &code)?.ok_or(Unusable::Unknown)?;
    if batch.blocked_at.is_some() {
        return Err(Unusable::Withdrawn);
    }
    if now < batch.valid_from {
        return Err(Unusable::NotYet);
    }
    if batch.valid_until.is_some_and(|until| now >= until) {
        return Err(Unusable::Expired);
    }
    if coupon.uses_max.is_some_and(|most| coupon.uses >= most) {
        return Err(Unusable::Used);
    }
    match (coupon.member, member) {
        (Some(_), None) => return Err(Unusable::NeedsGuest),
        (Some(owner), Some(guest)) if batch.kind == Kind::Referral && owner == guest => {
            return Err(Unusable::OwnReferral);
        }
        (Some(owner), Some(guest)) if batch.kind != Kind::Referral && owner != guest => {
            return Err(Unusable::OtherGuest);
        }
        _ => {}
    }
    if let Some(most) = batch.uses_per_guest {
        let guest = member.ok_or(Unusable::NeedsGuest)?;
        if coupons::load_guest_uses(sql, batch.id, guest)? >= most {
            return Err(Unusable::UsedByGuest);
        }
    }
    Ok((coupon, batch))
}

/// Uses a code once for an order. That the batch's time runs out between quote and order does not matter: the quote
/// is honoured. The counts decide, in the database, so that no two orders get the last use.
pub(crate) fn take(
    tx: &dyn Sql,
    brand: &str,
    code: &str,
    promotion: PromotionId,
    member: Option<MemberId>,
) -> Result<CouponId, Unusable> {
    let (coupon, batch) = coupons::load(tx, brand, code)?.ok_or(Unusable::Unknown)?;
    if batch.promotion != promotion {
        return Err(Unusable::OtherPromotion);
    }
    if batch.blocked_at.is_some() {
        return Err(Unusable::Withdrawn);
    }
    if batch.kind == Kind::Referral && coupon.member == member {
        return Err(Unusable::OwnReferral);
    }
    if !coupons::take(tx, coupon.id)? {
        return Err(Unusable::Used);
    }
    match member {
        Some(guest) if !coupons::take_guest(tx, batch.id, guest, batch.uses_per_guest)? => {
            Err(Unusable::UsedByGuest)
        }
        None if batch.uses_per_guest.is_some() => Err(Unusable::NeedsGuest),
        _ => Ok(coupon.id),
    }
}

/// Why a batch or its codes were not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("no such promotion in this brand")]
    UnknownPromotion,
    #[error("no such batch")]
    UnknownBatch,
    /// Codes of this kind come another way.
    #[error("codes of this batch are not {0}")]
    OtherKind(&'static str),
    /// At this place of the list stands no code, or a mistyped one of ours.
    #[error("no lawful code")]
    BadCode { index: usize },
    #[error("a batch has at most {CODES_PER_BATCH_MAX} codes")]
    TooManyCodes,
    /// Referral codes count by guest.
    #[error("referral codes need a limit for each guest")]
    ReferralLimit,
    /// Only referral codes bring somebody else a reward.
    #[error("a reward belongs to referral codes")]
    RewardWithoutReferral,
    /// No batch of referral codes holds now.
    #[error("no referral programme is running")]
    NoReferral,
}

/// A batch to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBatch {
    pub promotion: PromotionId,
    pub kind: Kind,
    pub label: String,
    pub uses_per_code: Option<u32>,
    pub uses_per_guest: Option<u32>,
    /// From now where absent.
    pub valid_from: Option<Timestamp>,
    pub valid_until: Option<Timestamp>,
    /// What referrers get for a friend; with referral codes only.
    pub reward: Option<Terms>,
}

/// Makes a batch without codes.
///
/// # Errors
/// See [`Refused`].
pub fn create_batch(
    tx: &dyn Sql,
    new: &NewBatch,
    by: Option<StaffId>,
    moment: &mut Moment<'_>,
) -> Result<Batch, Refused> {
    let promotion = promotions::load(tx, new.promotion)?.ok_or(Refused::UnknownPromotion)?;
    if new.kind == Kind::Referral && new.uses_per_guest.is_none() {
        return Err(Refused::ReferralLimit);
    }
    if new.kind != Kind::Referral && new.reward.is_some() {
        return Err(Refused::RewardWithoutReferral);
    }
    let batch = Batch {
        id: CouponBatchId::new(moment.ids, moment.now),
        brand: promotion.brand,
        promotion: new.promotion,
        kind: new.kind,
        label: new.label.clone(),
        uses_per_code: new.uses_per_code,
        uses_per_guest: new.uses_per_guest,
        valid_from: new.valid_from.unwrap_or(moment.now),
        valid_until: new.valid_until,
        blocked_at: None,
        created_at: moment.now,
    };
    coupons::insert_batch(tx, &batch, by)?;
    if let Some(terms) = &new.reward {
        referrals::insert_terms(tx, batch.id, terms)?;
    }
    Ok(batch)
}

/// Makes codes from random bytes, [`ENTROPY_LEN`] for each; returns how many are new. One that exists already, which
/// happens once in billions, is left out.
///
/// # Errors
/// See [`Refused`].
pub fn generate(
    tx: &dyn Sql,
    batch: CouponBatchId,
    random: &[u8],
    moment: &mut Moment<'_>,
) -> Result<i64, Refused> {
    let batch = own(tx, batch, Kind::Generated)?;
    let codes = random.chunks_exact(ENTROPY_LEN).filter_map(|bytes| bytes.try_into().ok().map(code));
    add(tx, &batch, codes.collect(), moment)
}

/// Takes somebody else's codes in; returns how many are new. Codes that the brand has already are left as they are.
///
/// # Errors
/// See [`Refused`].
pub fn import(
    tx: &dyn Sql,
    batch: CouponBatchId,
    typed: &[String],
    moment: &mut Moment<'_>,
) -> Result<i64, Refused> {
    let batch = own(tx, batch, Kind::Imported)?;
    let codes =
        typed.iter().enumerate().map(|(index, text)| normalise(text).ok_or(Refused::BadCode { index }));
    add(tx, &batch, codes.collect::<Result<_, _>>()?, moment)
}

/// The code that a member gives to friends, made when first asked for.
///
/// # Errors
/// [`Refused::NoReferral`] when the brand has no referral codes now.
pub fn referral(
    tx: &dyn Sql,
    brand: &str,
    member: MemberId,
    entropy: [u8; ENTROPY_LEN],
    moment: &mut Moment<'_>,
) -> Result<(Coupon, Batch), Refused> {
    let batch = coupons::load_referral_batch(tx, brand, moment.now)?.ok_or(Refused::NoReferral)?;
    if coupons::load_of_member(tx, batch.id, member)?.is_none() {
        let id = CouponId::new(moment.ids, moment.now);
        coupons::insert(tx, &batch, &[(id, code(entropy), Some(member))], moment.now)?;
    }
    // The code existed with another owner: as good as never. The next call draws another.
    let coupon = coupons::load_of_member(tx, batch.id, member)?.ok_or(Refused::NoReferral)?;
    Ok((coupon, batch))
}

/// Makes a batch's codes worthless; what was reserved with them stays.
///
/// # Errors
/// [`Refused::UnknownBatch`].
pub fn block(tx: &dyn Sql, id: CouponBatchId, moment: &Moment<'_>) -> Result<Batch, Refused> {
    coupons::block_batch(tx, id, moment.now)?;
    coupons::load_batch(tx, id)?.ok_or(Refused::UnknownBatch)
}

fn own(tx: &dyn Sql, id: CouponBatchId, kind: Kind) -> Result<Batch, Refused> {
    let batch = coupons::load_batch(tx, id)?.ok_or(Refused::UnknownBatch)?;
    if batch.kind == kind { Ok(batch) } else { Err(Refused::OtherKind(kind.code())) }
}

fn add(tx: &dyn Sql, batch: &Batch, codes: Vec<String>, moment: &mut Moment<'_>) -> Result<i64, Refused> {
    let before = coupons::count_codes(tx, batch.id)?;
    if before + codes.len() as i64 > CODES_PER_BATCH_MAX {
        return Err(Refused::TooManyCodes);
    }
    let rows: Vec<(CouponId, String, Option<MemberId>)> =
        codes.into_iter().map(|code| (CouponId::new(moment.ids, moment.now), code, None)).collect();
    coupons::insert(tx, batch, &rows, moment.now)?;
    Ok(coupons::count_codes(tx, batch.id)? - before)
}
