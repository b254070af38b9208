//! Verdicts and hints in words, for guests and cashiers.

use kernel::{Currency, Lang, Money};

use crate::limit::Scope;
use crate::priced::{Missing, NearMiss};
use crate::verdict::{Failure, Holds, Outcome, Verdict};

impl Verdict {
    /// What became of the promotion, with its title.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        let title = self.title.text(lang);
        match &self.outcome {
            Outcome::Applied => match lang {
                Lang::Ru => format!("«{title}»: применена"),
                Lang::Kk => format!("«{title}»: қолданылды"),
                Lang::En => format!("“{title}”: applied"),
            },
            Outcome::Failed(failure) => match lang {
                Lang::Ru | Lang::Kk => format!("«{title}»: {}", failure.text(lang)),
                Lang::En => format!("“{title}”: {}", failure.text(lang)),
            },
        }
    }
}

impl NearMiss {
    /// What to add for the promotion to apply.
    #[must_use]
    pub fn text(&self, lang: Lang, currency: Currency) -> String {
        let title = self.title.text(lang);
        match &self.missing {
            Missing::Amount { minor, .. } => {
                let money = Money::new(*minor, currency);
                match lang {
                    Lang::Ru => format!("ещё {money} — и сработает «{title}»"),
                    Lang::Kk => format!("тағы {money} — «{title}» іске қосылады"),
                    Lang::En => format!("{money} more and “{title}” applies"),
                }
            }
            Missing::Pieces { count, .. } => match lang {
                Lang::Ru => format!("ещё {count} шт. — и сработает «{title}»"),
                Lang::Kk => format!("тағы {count} дана — «{title}» іске қосылады"),
                Lang::En => format!("{count} more and “{title}” applies"),
            },
        }
    }
}

impl Failure {
    /// Whether a guest may be told: who is in a control group must not learn of it.
    #[must_use]
    pub fn is_for_guests(&self) -> bool {
        match self {
            Self::Holdout => false,
            Self::NoneOf(failures) => failures.iter().all(Self::is_for_guests),
            _ => true,
        }
    }

    /// The reason in words.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        match lang {
            Lang::Ru => self.ru(),
            Lang::Kk => self.kk(),
            Lang::En => self.en(),
        }
    }

    fn ru(&self) -> String {
        match self {
            Self::NotNow => "акция сейчас не идёт".into(),
            Self::Amount { needed, have } => format!("нужно товаров на {needed}, в корзине на {have}"),
            Self::Currency => "акция не действует в этой валюте".into(),
            Self::TooFewPieces { needed, have } => format!("нужно {needed} шт., в корзине {have}"),
            Self::TooManyPieces { most, have } => format!("не больше {most} шт., в корзине {have}"),
            Self::NotSignedIn => "только для участников программы".into(),
            Self::Tier { any_of, have } => format!("для уровня {}, у гостя {have}", list(any_of)),
            Self::Segment { any_of } => format!("для гостей из сегмента {}", list(any_of)),
            Self::Tag { any_of } => format!("для гостей с меткой {}", list(any_of)),
            Self::Birthday => "действует около дня рождения".into(),
            Self::NotFirstPurchase => "только на первую покупку".into(),
            Self::TooFewVisits { needed, have } => format!("нужно покупок раньше: {needed}, было {have}"),
            Self::TooManyVisits { most, have } => format!("покупок раньше не больше {most}, было {have}"),
            Self::VisitsToGo { left } => format!("до неё ещё покупок: {left}"),
            Self::Outlet => "в этой кофейне не действует".into(),
            Self::City { any_of, have } => format!("действует в городах: {}; здесь {have}", list(any_of)),
            Self::Franchisee => "у этого партнёра не действует".into(),
            Self::Country { any_of, have } => format!("действует в странах: {}; здесь {have}", list(any_of)),
            Self::Channel { any_of, have } => {
                format!("для заказов через {}; этот через {have}", list(any_of))
            }
            Self::TimeOfDay { from, until } => format!("действует с {from} до {until}"),
            Self::Weekday { any_of } => format!("действует в дни: {}", days(any_of, Lang::Ru)),
            Self::Days { from, through } => span(from, through, "действует с ", "действует по ", " по "),
            Self::NoCoupon => "нужен купон или промокод".into(),
            Self::Payment { any_of } => format!("при оплате: {}", list(any_of)),
            Self::NoneOf(failures) => several(failures, Lang::Ru, " или "),
            Self::Unless(holds) => format!("не сочетается с условием «{}»", holds.text(Lang::Ru)),
            Self::NoGoods => "в корзине нет подходящих товаров".into(),
            Self::IncompleteSet { missing } => format!("не хватает товаров для набора: {missing}"),
            Self::NothingLeft => "скидывать больше нечего".into(),
            Self::BudgetSpent { scope } => match scope {
                Scope::Promotion => "бюджет акции исчерпан".into(),
                Scope::Outlet => "бюджет акции в этой кофейне исчерпан".into(),
                Scope::Guest => "гость уже использовал акцию".into(),
            },
            Self::Holdout => "гость в контрольной группе".into(),
            Self::Outdone { .. } => "вместе нельзя, а другие акции выгоднее".into(),
        }
    }

    fn kk(&self) -> String {
        match self {
            Self::NotNow => "акция қазір жүріп жатқан жоқ".into(),
            Self::Amount { needed, have } => format!("{needed} тауар керек, себетте {have}"),
            Self::Currency => "акция бұл валютада жүрмейді".into(),
            Self::TooFewPieces { needed, have } => format!("{needed} дана керек, себетте {have}"),
            Self::TooManyPieces { most, have } => format!("{most} данадан аспауы керек, себетте {have}"),
            Self::NotSignedIn => "тек бағдарлама қатысушыларына".into(),
            Self::Tier { any_of, have } => format!("{} деңгейіне, қонақта {have}", list(any_of)),
            Self::Segment { any_of } => format!("{} сегментіндегі қонақтарға", list(any_of)),
            Self::Tag { any_of } => format!("{} белгісі бар қонақтарға", list(any_of)),
            Self::Birthday => "туған күн маңында жүреді".into(),
            Self::NotFirstPurchase => "тек алғашқы сатып алуға".into(),
            Self::TooFewVisits { needed, have } => format!("бұрын {needed} сатып алу керек, болғаны {have}"),
            Self::TooManyVisits { most, have } => {
                format!("бұрынғы сатып алулар {most}-ден аспауы керек, болғаны {have}")
            }
            Self::VisitsToGo { left } => format!("оған дейін тағы сатып алулар: {left}"),
            Self::Outlet => "бұл кофеханада жүрмейді".into(),
            Self::City { any_of, have } => format!("қалаларда жүреді: {}; мұнда {have}", list(any_of)),
            Self::Franchisee => "бұл серіктесте жүрмейді".into(),
            Self::Country { any_of, have } => format!("елдерде жүреді: {}; мұнда {have}", list(any_of)),
            Self::Channel { any_of, have } => {
                format!("{} арқылы берілген тапсырыстарға; бұл {have} арқылы", list(any_of))
            }
            Self::TimeOfDay { from, until } => format!("{from}–{until} аралығында жүреді"),
            Self::Weekday { any_of } => format!("мына күндері жүреді: {}", days(any_of, Lang::Kk)),
            Self::Days { from, through } => span(from, through, "басталуы: ", "соңғы күні: ", " – "),
            Self::NoCoupon => "купон немесе промокод керек".into(),
            Self::Payment { any_of } => format!("төлем түрі: {}", list(any_of)),
            Self::NoneOf(failures) => several(failures, Lang::Kk, " немесе "),
            Self::Unless(holds) => format!("«{}» шартымен үйлеспейді", holds.text(Lang::Kk)),
            Self::NoGoods => "себетте сәйкес тауар жоқ".into(),
            Self::IncompleteSet { missing } => format!("жиынтыққа тауар жетпейді: {missing}"),
            Self::NothingLeft => "шегеретін ештеңе қалмады".into(),
            Self::BudgetSpent { scope } => match scope {
                Scope::Promotion => "акция бюджеті таусылды".into(),
                Scope::Outlet => "бұл кофехананың акция бюджеті таусылды".into(),
                Scope::Guest => "қонақ акцияны пайдаланып қойған".into(),
            },
            Self::Holdout => "қонақ бақылау тобында".into(),
            Self::Outdone { .. } => "бірге болмайды, ал басқа акциялар тиімдірек".into(),
        }
    }

    fn en(&self) -> String {
        match self {
            Self::NotNow => "the promotion is not running now".into(),
            Self::Amount { needed, have } => format!("needs goods for {needed}, the cart has {have}"),
            Self::Currency => "does not run in this currency".into(),
            Self::TooFewPieces { needed, have } => format!("needs {needed} pieces, the cart has {have}"),
            Self::TooManyPieces { most, have } => format!("at most {most} pieces, the cart has {have}"),
            Self::NotSignedIn => "for members only".into(),
            Self::Tier { any_of, have } => format!("for tier {}, the guest has {have}", list(any_of)),
            Self::Segment { any_of } => format!("for guests of segment {}", list(any_of)),
            Self::Tag { any_of } => format!("for guests with tag {}", list(any_of)),
            Self::Birthday => "runs around the birthday".into(),
            Self::NotFirstPurchase => "for the first purchase only".into(),
            Self::TooFewVisits { needed, have } => {
                format!("needs {needed} earlier purchases, there were {have}")
            }
            Self::TooManyVisits { most, have } => {
                format!("at most {most} earlier purchases, there were {have}")
            }
            Self::VisitsToGo { left } => format!("{left} more purchases before it"),
            Self::Outlet => "does not run at this outlet".into(),
            Self::City { any_of, have } => format!("runs in {}; this is {have}", list(any_of)),
            Self::Franchisee => "does not run at this partner".into(),
            Self::Country { any_of, have } => format!("runs in countries {}; this is {have}", list(any_of)),
            Self::Channel { any_of, have } => format!("for orders by {}; this is by {have}", list(any_of)),
            Self::TimeOfDay { from, until } => format!("runs from {from} to {until}"),
            Self::Weekday { any_of } => format!("runs on {}", days(any_of, Lang::En)),
            Self::Days { from, through } => span(from, through, "runs from ", "runs through ", " through "),
            Self::NoCoupon => "needs a coupon or promo code".into(),
            Self::Payment { any_of } => format!("when paid by {}", list(any_of)),
            Self::NoneOf(failures) => several(failures, Lang::En, ", or "),
            Self::Unless(holds) => format!("does not go with the condition “{}”", holds.text(Lang::En)),
            Self::NoGoods => "nothing in the cart is covered".into(),
            Self::IncompleteSet { missing } => format!("the set lacks {missing} more"),
            Self::NothingLeft => "nothing is left to take off".into(),
            Self::BudgetSpent { scope } => match scope {
                Scope::Promotion => "the promotion's budget is spent".into(),
                Scope::Outlet => "the promotion's budget at this outlet is spent".into(),
                Scope::Guest => "the guest has used it already".into(),
            },
            Self::Holdout => "the guest is in the control group".into(),
            Self::Outdone { .. } => "not together, and the other promotions are better".into(),
        }
    }
}

impl Holds {
    fn text(&self, lang: Lang) -> &'static str {
        let [ru, kk, en] = match self.0 {
            "all" | "any" | "not" => ["исключение", "ерекшелік", "exception"],
            "amount" => ["сумма корзины", "себет сомасы", "cart amount"],
            "pieces" => ["товары в корзине", "себеттегі тауарлар", "goods in the cart"],
            "member" => ["участник программы", "бағдарлама қатысушысы", "member"],
            "tier" => ["уровень гостя", "қонақ деңгейі", "guest's tier"],
            "segment" => ["сегмент гостя", "қонақ сегменті", "guest's segment"],
            "tag" => ["метка гостя", "қонақ белгісі", "guest's tag"],
            "birthday" => ["день рождения", "туған күн", "birthday"],
            "first_purchase" => ["первая покупка", "алғашқы сатып алу", "first purchase"],
            "visits" | "every_visit" => ["число покупок", "сатып алу саны", "number of purchases"],
            "outlet" => ["кофейня", "кофехана", "outlet"],
            "city" => ["город", "қала", "city"],
            "franchisee" => ["партнёр", "серіктес", "partner"],
            "country" => ["страна", "ел", "country"],
            "channel" => ["способ заказа", "тапсырыс тәсілі", "channel"],
            "time_of_day" => ["время", "уақыт", "time of day"],
            "weekday" => ["день недели", "апта күні", "weekday"],
            "days" => ["даты", "күндер", "dates"],
            "coupon" => ["купон", "купон", "coupon"],
            _ => ["способ оплаты", "төлем түрі", "payment"],
        };
        match lang {
            Lang::Ru => ru,
            Lang::Kk => kk,
            Lang::En => en,
        }
    }
}

/// Items named in a text; the rest are a dot-dot-dot.
const NAMED_MAX: usize = 5;

fn list(items: &[String]) -> String {
    let mut text = items.iter().take(NAMED_MAX).map(String::as_str).collect::<Vec<_>>().join(", ");
    if items.len() > NAMED_MAX {
        text.push('…');
    }
    text
}

fn several(failures: &[Failure], lang: Lang, or: &str) -> String {
    failures.iter().take(NAMED_MAX).map(|failure| failure.text(lang)).collect::<Vec<_>>().join(or)
}

fn days(any_of: &[u8], lang: Lang) -> String {
    let names = match lang {
        Lang::Ru => ["пн", "вт", "ср", "чт", "пт", "сб", "вс"],
        Lang::Kk => ["дс", "сс", "ср", "бс", "жм", "сб", "жс"],
        Lang::En => ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    };
    let named = any_of.iter().filter_map(|day| names.get(usize::from(*day).checked_sub(1)?).copied());
    named.collect::<Vec<_>>().join(", ")
}

fn span(from: &Option<String>, through: &Option<String>, begins: &str, ends: &str, between: &str) -> String {
    match (from, through) {
        (Some(from), Some(through)) => format!("{begins}{from}{between}{through}"),
        (Some(from), None) => format!("{begins}{from}"),
        (None, Some(through)) => format!("{ends}{through}"),
        (None, None) => String::new(),
    }
}
