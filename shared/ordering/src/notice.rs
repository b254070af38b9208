//! What the guest is told.

use kernel::Lang;

use crate::model::{
    CancelReason, DispatchStatus, Order, PaymentStatus, Progress, RefundStatus, Stage, Stuck,
};

/// Where the order stands, in the guest's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// The payment is being prepared.
    PaymentOpening,
    /// Pay now.
    Pay,
    /// The last attempt was declined or ran out; another is possible.
    PaymentFailed,
    /// Paid, and for later: the outlet is told in time.
    Scheduled,
    /// Paid; the outlet is being told.
    Sending,
    /// Paid; the outlet does not answer yet.
    SendingSlow,
    Received,
    Cooking,
    Ready,
    HandedOver,
    /// Being cancelled.
    Cancelling,
    /// Cancelled; nothing was paid.
    Cancelled(CancelReason),
    /// Cancelled; the money is on its way back.
    Refunding(CancelReason),
    /// Cancelled; the money is back.
    Refunded(CancelReason),
}

/// What to tell the guest about the order.
#[must_use]
pub fn notice(order: &Order) -> Notice {
    match order.stage {
        Stage::AwaitingPayment => match order.payments.last().map(|payment| payment.status) {
            Some(PaymentStatus::New) => Notice::PaymentOpening,
            Some(PaymentStatus::Cancelled) => Notice::PaymentFailed,
            _ => Notice::Pay,
        },
        Stage::Dispatching if order.send_at.is_some() && order.dispatch.sends == 0 => Notice::Scheduled,
        Stage::Dispatching if order.dispatch.sends > 1 && order.dispatch.status != DispatchStatus::Sent => {
            Notice::SendingSlow
        }
        Stage::Dispatching => Notice::Sending,
        Stage::Accepted => match order.dispatch.progress {
            Progress::None | Progress::Received => Notice::Received,
            Progress::Cooking => Notice::Cooking,
            Progress::Ready => Notice::Ready,
            Progress::HandedOver => Notice::HandedOver,
        },
        Stage::Completed => Notice::HandedOver,
        Stage::Cancelling => Notice::Cancelling,
        Stage::Cancelled => {
            let why = order.cancel.unwrap_or(CancelReason::Office);
            let mut back =
                order.refunds.iter().filter(|refund| refund.status != RefundStatus::Replaced).peekable();
            if back.peek().is_none() {
                Notice::Cancelled(why)
            } else if back.all(|refund| refund.status == RefundStatus::Succeeded) {
                Notice::Refunded(why)
            } else {
                Notice::Refunding(why)
            }
        }
    }
}

impl Notice {
    /// Stable name on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::PaymentOpening => "payment_opening",
            Self::Pay => "pay",
            Self::PaymentFailed => "payment_failed",
            Self::Scheduled => "scheduled",
            Self::Sending => "sending",
            Self::SendingSlow => "sending_slow",
            Self::Received => "received",
            Self::Cooking => "cooking",
            Self::Ready => "ready",
            Self::HandedOver => "handed_over",
            Self::Cancelling => "cancelling",
            Self::Cancelled(_) => "cancelled",
            Self::Refunding(_) => "refunding",
            Self::Refunded(_) => "refunded",
        }
    }

    /// In words.
    #[must_use]
    pub fn text(self, lang: Lang) -> String {
        let plain = match self {
            Self::PaymentOpening => ["Готовим оплату", "Төлемді дайындап жатырмыз", "Preparing your payment"],
            Self::Pay => ["Оплатите заказ", "Тапсырысты төлеңіз", "Please pay for your order"],
            Self::PaymentFailed => [
                "Оплата не прошла. Деньги не списаны, попробуйте ещё раз",
                "Төлем өтпеді. Ақша алынған жоқ, қайталап көріңіз",
                "The payment did not go through. Nothing was charged; please try again",
            ],
            Self::Scheduled => [
                "Оплачено. Передадим заказ в кофейню ко времени, до этого его можно отменить",
                "Төленді. Тапсырысты кофеханаға уақытында береміз, оған дейін болдырмауға болады",
                "Paid. The coffee shop gets your order in time; until then you may cancel it",
            ],
            Self::Sending => [
                "Оплачено, передаём заказ в кофейню",
                "Төленді, тапсырысты кофеханаға жіберіп жатырмыз",
                "Paid; passing your order to the coffee shop",
            ],
            Self::SendingSlow => [
                "Оплачено, кофейня пока не отвечает. Если связи не будет, вернём деньги",
                "Төленді, кофехана әзірге жауап бермейді. Байланыс болмаса, ақшаны қайтарамыз",
                "Paid; the coffee shop does not answer yet. If it stays so, you get your money back",
            ],
            Self::Received => {
                ["Кофейня приняла заказ", "Кофехана тапсырысты қабылдады", "The coffee shop has your order"]
            }
            Self::Cooking => ["Готовим", "Дайындап жатырмыз", "Being made"],
            Self::Ready => ["Готово, можно забирать", "Дайын, алып кетуге болады", "Ready to be picked up"],
            Self::HandedOver => {
                ["Заказ выдан. Приятного аппетита!", "Тапсырыс берілді. Ас болсын!", "Handed over. Enjoy!"]
            }
            Self::Cancelling => ["Отменяем заказ", "Тапсырысты болдырмай жатырмыз", "Cancelling your order"],
            Self::Cancelled(why) => return joined(why, lang, ["", "", ""]),
            Self::Refunding(why) => {
                let end =
                    [" Деньги возвращаются.", " Ақша қайтарылып жатыр.", " Your money is on its way back."];
                return joined(why, lang, end);
            }
            Self::Refunded(why) => {
                return joined(
                    why,
                    lang,
                    [" Деньги возвращены.", " Ақша қайтарылды.", " Your money is back."],
                );
            }
        };
        choose(plain, lang).to_owned()
    }
}

fn joined(why: CancelReason, lang: Lang, end: [&str; 3]) -> String {
    format!("{}{}", why.text(lang), choose(end, lang))
}

fn choose([ru, kk, en]: [&str; 3], lang: Lang) -> &str {
    match lang {
        Lang::Ru => ru,
        Lang::Kk => kk,
        Lang::En => en,
    }
}

impl CancelReason {
    /// In words, as a sentence.
    #[must_use]
    pub fn text(self, lang: Lang) -> &'static str {
        let words = match self {
            Self::Guest => [
                "Заказ отменён по вашей просьбе.",
                "Тапсырыс сіздің өтінішіңізбен тоқтатылды.",
                "Cancelled at your request.",
            ],
            Self::Office => {
                ["Заказ отменён кофейней.", "Тапсырысты кофехана тоқтатты.", "Cancelled by the coffee shop."]
            }
            Self::NotPaid => [
                "Время на оплату вышло, заказ отменён.",
                "Төлем уақыты бітті, тапсырыс тоқтатылды.",
                "The time to pay ran out; the order was cancelled.",
            ],
            Self::MenuChanged => [
                "Меню кофейни изменилось, пока оформлялся заказ.",
                "Тапсырыс рәсімделгенше кофехананың мәзірі өзгерді.",
                "The coffee shop's menu changed while you were ordering.",
            ],
            Self::OutOfStock => [
                "Что-то из заказа закончилось.",
                "Тапсырыстағы бір тағам таусылып қалды.",
                "Something in your order is sold out.",
            ],
            Self::OutletClosed => [
                "Кофейня сейчас не принимает заказы.",
                "Кофехана қазір тапсырыс қабылдамайды.",
                "The coffee shop takes no orders now.",
            ],
            Self::TillOffline => [
                "Касса кофейни не на связи, заказ не передан.",
                "Кофехананың кассасы байланыста емес, тапсырыс жіберілмеді.",
                "The coffee shop's till is offline; your order did not reach it.",
            ],
            Self::TillSystemDown => [
                "Система кофейни временно недоступна, заказ не передан.",
                "Кофехананың жүйесі уақытша қолжетімсіз, тапсырыс жіберілмеді.",
                "The coffee shop's system is temporarily down; your order did not reach it.",
            ],
            Self::TillRefused => [
                "Кофейня не смогла принять заказ.",
                "Кофехана тапсырысты қабылдай алмады.",
                "The coffee shop could not take your order.",
            ],
            Self::AtTill => [
                "Кофейня отменила заказ.",
                "Кофехана тапсырысты болдырмады.",
                "The coffee shop cancelled your order.",
            ],
        };
        choose(words, lang)
    }
}

impl Stuck {
    /// For the office: what happened, and what to do.
    #[must_use]
    pub fn text(self, lang: Lang) -> &'static str {
        let words = match self {
            Self::TillSilent => [
                "Неизвестно, принял ли заказ касса. Проверьте в iiko и отметьте",
                "Касса тапсырысты қабылдады ма, белгісіз. iiko-да тексеріп, белгілеңіз",
                "Nobody says whether the till has the order. Look in iiko and say so here",
            ],
            Self::TillKeepsOrder => [
                "Заказ отменён, а на кассе остался. Отмените его на кассе",
                "Тапсырыс тоқтатылды, бірақ кассада қалды. Оны кассада тоқтатыңыз",
                "The order is to be cancelled and the till keeps it. Cancel it at the till",
            ],
            Self::NeverClosed => [
                "Заказ принят давно и не закрыт. Выдан ли он?",
                "Тапсырыс бұрын қабылданған, бірақ жабылмаған. Ол берілді ме?",
                "Accepted long ago and never closed. Was it handed over?",
            ],
            Self::RefundRefused => [
                "Банк не вернул деньги. Повторите или верните иначе",
                "Банк ақшаны қайтармады. Қайталаңыз немесе басқаша қайтарыңыз",
                "The acquirer refused to give the money back. Try again, or pay it back otherwise",
            ],
            Self::AcquirerSilent => [
                "Банк не отвечает о платеже. Проверьте в его кабинете",
                "Банк төлем туралы жауап бермейді. Оның кабинетінде тексеріңіз",
                "The acquirer will not say what became of a payment. Look in its cabinet",
            ],
            Self::SaleRefused => [
                "Заказ выдан, но чек не записан. Причина в журнале; повторите",
                "Тапсырыс берілді, бірақ чек жазылмады. Себебі журналда; қайталаңыз",
                "Handed over, but the sale was not recorded. The log says why; try again",
            ],
            Self::SumDiffers => [
                "Сумма чека кассы отличается от оплаченной. Сверьте",
                "Касса чегінің сомасы төленгеннен өзгеше. Салыстырыңыз",
                "The till's receipt comes to another sum than was paid. Compare them",
            ],
            Self::CancelledAfterSale => [
                "Касса отменила заказ после выдачи. Нужен ли возврат?",
                "Касса тапсырысты берілгеннен кейін тоқтатты. Қайтару керек пе?",
                "The till undid the order after it was handed over. Is a refund due?",
            ],
        };
        choose(words, lang)
    }
}
