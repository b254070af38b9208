//! Faults in words.

use super::Fault;
use kernel::Lang;

impl Fault {
    /// The fault in words, to stand after the field's name.
    #[must_use]
    pub fn text(self, lang: Lang) -> String {
        match lang {
            Lang::Ru => self.ru(),
            Lang::Kk => self.kk(),
            Lang::En => self.en(),
        }
    }

    fn ru(self) -> String {
        match self {
            Self::Empty => "не может быть пустым".into(),
            Self::TooLong { max } => format!("длиннее допустимых {max} символов"),
            Self::TooMany { max } => format!("больше допустимого числа элементов: {max}"),
            Self::BadCode => "допустимы латинские строчные буквы, цифры, «-» и «_»".into(),
            Self::Duplicate => "повторяется".into(),
            Self::RateOutOfRange => "доля должна быть от 0 до 1".into(),
            Self::NotPositive => "должно быть больше нуля".into(),
            Self::Negative => "не может быть меньше нуля".into(),
            Self::AboveMax { max } => format!("не больше {max}"),
            Self::PointsAboveMax { max } => format!("не больше {max}"),
            Self::MoneyAboveMax { max } => format!("не больше {max}"),
            Self::QuantityAboveMax { max } => format!("не больше {max}"),
            Self::NotAStep { step } => format!("должно быть кратно {step}"),
            Self::NoPointValue { currency } => format!("не задана стоимость балла в валюте {currency}"),
            Self::NoThreshold { currency } => format!("нет порога в валюте {currency}"),
            Self::NotIncreasing { currency } => {
                format!("порог в валюте {currency} должен быть выше, чем у предыдущего уровня")
            }
            Self::EntryTier => "у начального уровня не может быть порога".into(),
            Self::UnknownZone => "неизвестный часовой пояс; укажите имя IANA, например Asia/Almaty".into(),
            Self::WrongCurrency { expected } => format!("валюта точки продаж — {expected}"),
            Self::DiscountAboveList { list } => format!("скидка больше стоимости строки {list}"),
            Self::AmountDiffers { expected } => format!("цена × количество − скидка = {expected}"),
            Self::PaymentsDiffer { due, paid } => format!("к оплате {due}, оплачено {paid}"),
            Self::PointsPaymentDiffers { worth } => format!("списанные баллы стоят {worth}"),
            Self::Fractional => "товар продаётся целыми штуками".into(),
            Self::InFuture => "время в будущем".into(),
            Self::TooOld { days } => format!("прошло больше {days} дн."),
            Self::BusinessDateOff => "отличается от даты продажи больше чем на сутки".into(),
        }
    }

    fn kk(self) -> String {
        match self {
            Self::Empty => "бос болмауы керек".into(),
            Self::TooLong { max } => format!("тым ұзын; таңбалар саны ең көбі {max}"),
            Self::TooMany { max } => format!("элементтер тым көп; ең көбі {max}"),
            Self::BadCode => "тек кіші латын әріптері, цифрлар, «-» және «_» болуы керек".into(),
            Self::Duplicate => "қайталанады".into(),
            Self::RateOutOfRange => "үлес 0 мен 1 аралығында болуы керек".into(),
            Self::NotPositive => "нөлден үлкен болуы керек".into(),
            Self::Negative => "нөлден кіші болмауы керек".into(),
            Self::AboveMax { max } => format!("ең көбі {max}"),
            Self::PointsAboveMax { max } => format!("ең көбі {max}"),
            Self::MoneyAboveMax { max } => format!("ең көбі {max}"),
            Self::QuantityAboveMax { max } => format!("ең көбі {max}"),
            Self::NotAStep { step } => format!("{step} санына еселі болуы керек"),
            Self::NoPointValue { currency } => format!("{currency} валютасында балл құны берілмеген"),
            Self::NoThreshold { currency } => format!("{currency} валютасында шек берілмеген"),
            Self::NotIncreasing { currency } => {
                format!("{currency} валютасындағы шек алдыңғы деңгейдікінен жоғары болуы керек")
            }
            Self::EntryTier => "бастапқы деңгейде шек болмауы керек".into(),
            Self::UnknownZone => "белгісіз уақыт белдеуі; IANA атауын жазыңыз, мысалы Asia/Almaty".into(),
            Self::WrongCurrency { expected } => format!("сату нүктесінің валютасы — {expected}"),
            Self::DiscountAboveList { list } => format!("жеңілдік жол құнынан көп: {list}"),
            Self::AmountDiffers { expected } => format!("баға × саны − жеңілдік = {expected}"),
            Self::PaymentsDiffer { due, paid } => format!("төленуі тиіс {due}, төленгені {paid}"),
            Self::PointsPaymentDiffers { worth } => format!("жұмсалған балдардың құны {worth}"),
            Self::Fractional => "тауар тек бүтін данамен сатылады".into(),
            Self::InFuture => "уақыт болашақта".into(),
            Self::TooOld { days } => format!("тым ескі; күндер саны ең көбі {days}"),
            Self::BusinessDateOff => "сату күнінен бір тәуліктен артық алшақ".into(),
        }
    }

    fn en(self) -> String {
        match self {
            Self::Empty => "must not be empty".into(),
            Self::TooLong { max } => format!("longer than {max} characters"),
            Self::TooMany { max } => format!("more than {max} items"),
            Self::BadCode => "may have lower-case Latin letters, digits, \"-\" and \"_\"".into(),
            Self::Duplicate => "occurs twice".into(),
            Self::RateOutOfRange => "must be between 0 and 1".into(),
            Self::NotPositive => "must be above zero".into(),
            Self::Negative => "must not be below zero".into(),
            Self::AboveMax { max } => format!("at most {max}"),
            Self::PointsAboveMax { max } => format!("at most {max}"),
            Self::MoneyAboveMax { max } => format!("at most {max}"),
            Self::QuantityAboveMax { max } => format!("at most {max}"),
            Self::NotAStep { step } => format!("must be a multiple of {step}"),
            Self::NoPointValue { currency } => format!("a point has no value in {currency}"),
            Self::NoThreshold { currency } => format!("has no threshold in {currency}"),
            Self::NotIncreasing { currency } => {
                format!("the threshold in {currency} must be above that of the tier before")
            }
            Self::EntryTier => "the entry tier has no threshold".into(),
            Self::UnknownZone => "unknown time zone; use an IANA name such as Asia/Almaty".into(),
            Self::WrongCurrency { expected } => format!("the outlet trades in {expected}"),
            Self::DiscountAboveList { list } => format!("the discount is above the line's price of {list}"),
            Self::AmountDiffers { expected } => format!("price × quantity - discount is {expected}"),
            Self::PaymentsDiffer { due, paid } => format!("{due} is due, {paid} was paid"),
            Self::PointsPaymentDiffers { worth } => format!("the points spent are worth {worth}"),
            Self::Fractional => "is sold in whole pieces".into(),
            Self::InFuture => "is in the future".into(),
            Self::TooOld { days } => format!("is more than {days} days ago"),
            Self::BusinessDateOff => "is more than a day away from the sale".into(),
        }
    }
}
