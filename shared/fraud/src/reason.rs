//! Reasons in words, for people who review and for guests who appeal.

use kernel::Lang;

use crate::feature::Feature;
use crate::judge::{Measured, Reason};

impl Reason {
    /// The reason in words: what was measured, and from where on it counts.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        self.facts.iter().map(|fact| fact.text(lang)).collect::<Vec<_>>().join("; ")
    }
}

impl Measured {
    /// What was measured, in words.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        let words = self.feature.words(lang);
        let from = match lang {
            Lang::Ru => "порог",
            Lang::Kk => "шегі",
            Lang::En => "limit",
        };
        match (self.at_least, self.at_most) {
            // Yes or no: there is nothing to compare.
            (Some(1), None) if self.feature.is_yes() => words.to_owned(),
            (Some(least), _) => format!("{words}: {} ({from} {least})", self.value),
            (None, Some(most)) => format!("{words}: {} ({from} {most})", self.value),
            (None, None) => format!("{words}: {}", self.value),
        }
    }
}

impl Feature {
    const fn is_yes(self) -> bool {
        matches!(self, Self::SelfReferral | Self::SpendsPoints)
    }

    /// What the number is, in words.
    #[must_use]
    pub const fn words(self, lang: Lang) -> &'static str {
        let [ru, kk, en] = self.texts();
        match lang {
            Lang::Ru => ru,
            Lang::Kk => kk,
            Lang::En => en,
        }
    }

    #[rustfmt::skip]
    const fn texts(self) -> [&'static str; 3] {
        match self {
            Self::MemberReceiptsHour => ["чеков по карте за час", "бір сағатта карта бойынша чек саны", "receipts with the card within an hour"],
            Self::MemberReceiptsDay => ["чеков по карте за сутки", "тәулікте карта бойынша чек саны", "receipts with the card within 24 hours"],
            Self::PairReceiptsHour => ["чеков с этой картой у одного сотрудника за час", "бір қызметкердегі осы карта чектері, бір сағатта", "receipts with the card by one member of staff within an hour"],
            Self::PairReceiptsDay => ["чеков с этой картой у одного сотрудника за сутки", "бір қызметкердегі осы карта чектері, тәулікте", "receipts with the card by one member of staff within 24 hours"],
            Self::PairReceiptsMonth => ["чеков с этой картой у одного сотрудника за 30 дней", "бір қызметкердегі осы карта чектері, 30 күнде", "receipts with the card by one member of staff within 30 days"],
            Self::PairShare => ["доля этой карты в чеках сотрудника, ‰", "қызметкер чектеріндегі осы картаның үлесі, ‰", "share of the card in the receipts of the member of staff, ‰"],
            Self::MemberPaymentsDay => ["разных способов оплаты с картой за сутки", "тәулікте картамен түрлі төлем құралдары", "different means of payment with the card within 24 hours"],
            Self::PaymentMembers => ["счетов с одним средством оплаты за 30 дней", "бір төлем құралындағы шоттар, 30 күнде", "accounts with one means of payment within 30 days"],
            Self::DeviceMembers => ["счетов на одном устройстве за 30 дней", "бір құрылғыдағы шоттар, 30 күнде", "accounts on one device within 30 days"],
            Self::DeviceSignUpsDay => ["регистраций на одном устройстве за сутки", "бір құрылғыдағы тіркелулер, тәулікте", "sign-ups on one device within 24 hours"],
            Self::PrefixSignUpsHour => ["регистраций с номерами одного блока за час", "бір блоктағы нөмірлермен тіркелулер, бір сағатта", "sign-ups with phones of one block within an hour"],
            Self::TravelKmh => ["скорость от прошлой точки, км/ч", "алдыңғы нүктеден жылдамдық, км/сағ", "speed from the outlet before, km/h"],
            Self::JourneysMonth => ["слишком быстрых поездок карты за 30 дней", "картаның тым жылдам сапарлары, 30 күнде", "journeys of the card faster than by road or rail within 30 days"],
            Self::SpendsDay => ["списаний за сутки", "тәуліктегі ұпай жұмсау саны", "times points were spent within 24 hours"],
            Self::MemberRefundsMonth => ["возвратов после оплаты баллами за 30 дней", "ұпаймен төлегеннен кейінгі қайтарымдар, 30 күнде", "returns after paying with points within 30 days"],
            Self::StaffRefundsMonth => ["возвратов после оплаты баллами у сотрудника за 30 дней", "қызметкердегі ұпаймен төлегеннен кейінгі қайтарымдар, 30 күнде", "returns after paying with points by the member of staff within 30 days"],
            Self::MemberWrongCodesDay => ["неверных кодов карты за сутки", "тәуліктегі картаның қате кодтары", "wrong codes of the card within 24 hours"],
            Self::MemberReplaysDay => ["повторов использованного кода за сутки", "қолданылған кодты қайталау, тәулікте", "used codes sent again within 24 hours"],
            Self::OutletWrongCodesHour => ["неверных кодов в точке за час", "нүктедегі қате кодтар, бір сағатта", "wrong codes at the outlet within an hour"],
            Self::PrefixWrongCodesHour => ["неверных кодов входа для номеров одного блока за час", "бір блоктағы нөмірлерге қате кіру кодтары, бір сағатта", "wrong sign-in codes for phones of one block within an hour"],
            Self::AccountAgeHours => ["возраст счёта, часов", "шоттың жасы, сағат", "age of the account in hours"],
            Self::OutletFreshSpendsDay => ["списаний новых счетов в точке за сутки", "нүктеде жаңа шоттардың ұпай жұмсауы, тәулікте", "times new accounts spent points at the outlet within 24 hours"],
            Self::RingMembers => ["связанных счетов (общие устройства и средства оплаты)", "байланысты шоттар (ортақ құрылғылар мен төлем құралдары)", "linked accounts (shared devices and means of payment)"],
            Self::RingReferrals => ["приглашений между связанными счетами", "байланысты шоттар арасындағы шақырулар", "referrals among linked accounts"],
            Self::SelfReferral => ["пригласивший и приглашённый делят устройство или средство оплаты", "шақырушы мен шақырылған құрылғыны не төлем құралын бөліседі", "referrer and friend share a device or a means of payment"],
            Self::ReferralsDay => ["друзей по коду за сутки", "код бойынша достар, тәулікте", "friends with the code within 24 hours"],
            Self::OutletReceiptsHour => ["чеков с картой в точке за час", "нүктедегі картамен чектер, бір сағатта", "receipts with a card at the outlet within an hour"],
            Self::StaffReceiptsHour => ["чеков с картой у сотрудника за час", "қызметкердегі картамен чектер, бір сағатта", "receipts with a card by the member of staff within an hour"],
            Self::DeviceReceiptsDay => ["чеков с устройства за сутки", "құрылғыдағы чектер, тәулікте", "receipts with the device within 24 hours"],
            Self::DeviceWrongCodesHour => ["неверных кодов входа с устройства за час", "құрылғыдан қате кіру кодтары, бір сағатта", "wrong sign-in codes from the device within an hour"],
            Self::PhoneWrongCodesDay => ["неверных кодов входа для одного номера за сутки", "бір нөмірге қате кіру кодтары, тәулікте", "wrong sign-in codes for one phone within 24 hours"],
            Self::NetworkWrongCodesHour => ["неверных кодов входа из одной сети за час", "бір желіден қате кіру кодтары, бір сағатта", "wrong sign-in codes from one network within an hour"],
            Self::SpendsPoints => ["списываются баллы", "ұпай жұмсалады", "points are spent"],
        }
    }
}
