//! Refusals in words, for guests.

use kernel::Lang;

use crate::refusal::{Named, Refusal};

impl Refusal {
    /// One sentence for the guest.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        let name = |named: &Named| named.names.text(lang).to_owned();
        let list = |named: &[Named]| named.iter().map(name).collect::<Vec<_>>().join(", ");
        let sentence = self.sentence(lang, &name);
        let alternatives = self.alternatives();
        if alternatives.is_empty() {
            return sentence;
        }
        let offer = match lang {
            Lang::Ru => "Можно выбрать",
            Lang::Kk => "Таңдауға болады",
            Lang::En => "You can choose",
        };
        format!("{sentence} {offer}: {}.", list(alternatives))
    }

    fn sentence(&self, lang: Lang, name: &dyn Fn(&Named) -> String) -> String {
        match self {
            Self::UnknownItem { code } => match lang {
                Lang::Ru => format!("В меню нет позиции {code}."),
                Lang::Kk => format!("Мәзірде {code} жоқ."),
                Lang::En => format!("There is no {code} on the menu."),
            },
            Self::NotSoldHere { item, .. } => match lang {
                Lang::Ru => format!("«{}» здесь не продаётся.", name(item)),
                Lang::Kk => format!("«{}» мұнда сатылмайды.", name(item)),
                Lang::En => format!("“{}” is not sold here.", name(item)),
            },
            Self::OutOfStock { item, .. } => match lang {
                Lang::Ru => format!("«{}» закончилось.", name(item)),
                Lang::Kk => format!("«{}» таусылды.", name(item)),
                Lang::En => format!("“{}” is out of stock.", name(item)),
            },
            Self::NotServedNow { item, .. } => match lang {
                Lang::Ru => format!("«{}» сейчас не подаётся.", name(item)),
                Lang::Kk => format!("«{}» қазір ұсынылмайды.", name(item)),
                Lang::En => format!("“{}” is not served at this hour.", name(item)),
            },
            Self::SizeNeeded { item, .. } => match lang {
                Lang::Ru => format!("Выберите размер для «{}».", name(item)),
                Lang::Kk => format!("«{}» өлшемін таңдаңыз.", name(item)),
                Lang::En => format!("Choose a size of “{}”.", name(item)),
            },
            Self::UnknownSize { item, size, .. } => match lang {
                Lang::Ru => format!("У «{}» нет размера {size}.", name(item)),
                Lang::Kk => format!("«{}» үшін {size} өлшемі жоқ.", name(item)),
                Lang::En => format!("“{}” has no size {size}.", name(item)),
            },
            Self::SizeUnavailable { item, size, .. } => match lang {
                Lang::Ru => format!("«{}» размера {} сейчас нет.", name(item), name(size)),
                Lang::Kk => format!("«{}» {} өлшемінде қазір жоқ.", name(item), name(size)),
                Lang::En => format!("“{}” is not available in size {}.", name(item), name(size)),
            },
            _ => self.modifier_sentence(lang, name),
        }
    }

    fn modifier_sentence(&self, lang: Lang, name: &dyn Fn(&Named) -> String) -> String {
        match self {
            Self::UnknownModifier { item, modifier, .. } => match lang {
                Lang::Ru => format!("К «{}» нет добавки {modifier}.", name(item)),
                Lang::Kk => format!("«{}» үшін {modifier} қоспасы жоқ.", name(item)),
                Lang::En => format!("“{}” has no addition {modifier}.", name(item)),
            },
            Self::GroupNeeded { modifier, .. } => match lang {
                Lang::Ru => format!("Уточните, к чему относится «{}».", name(modifier)),
                Lang::Kk => format!("«{}» қай топқа жататынын көрсетіңіз.", name(modifier)),
                Lang::En => format!("Say which group “{}” is meant for.", name(modifier)),
            },
            Self::ModifierUnavailable { modifier, .. } => match lang {
                Lang::Ru => format!("«{}» сейчас нет.", name(modifier)),
                Lang::Kk => format!("«{}» қазір жоқ.", name(modifier)),
                Lang::En => format!("“{}” is not available.", name(modifier)),
            },
            Self::TooFewInGroup { item, group, min, chosen, .. } => match lang {
                Lang::Ru => {
                    format!("«{}», «{}»: нужно не меньше {min}, выбрано {chosen}.", name(item), name(group))
                }
                Lang::Kk => {
                    format!("«{}», «{}»: кемінде {min} керек, {chosen} таңдалды.", name(item), name(group))
                }
                Lang::En => format!("“{}”, “{}”: at least {min}, {chosen} chosen.", name(item), name(group)),
            },
            Self::TooManyInGroup { item, group, max, chosen } => match lang {
                Lang::Ru => {
                    format!("«{}», «{}»: можно не больше {max}, выбрано {chosen}.", name(item), name(group))
                }
                Lang::Kk => {
                    format!("«{}», «{}»: {max} артық болмайды, {chosen} таңдалды.", name(item), name(group))
                }
                Lang::En => format!("“{}”, “{}”: at most {max}, {chosen} chosen.", name(item), name(group)),
            },
            Self::TooFewOfModifier { modifier, min, chosen, .. } => match lang {
                Lang::Ru => format!("«{}»: нужно не меньше {min}, выбрано {chosen}.", name(modifier)),
                Lang::Kk => format!("«{}»: кемінде {min} керек, {chosen} таңдалды.", name(modifier)),
                Lang::En => format!("“{}”: at least {min}, {chosen} chosen.", name(modifier)),
            },
            Self::TooManyOfModifier { modifier, max, chosen, .. } => match lang {
                Lang::Ru => format!("«{}»: можно не больше {max}, выбрано {chosen}.", name(modifier)),
                Lang::Kk => format!("«{}»: {max} артық болмайды, {chosen} таңдалды.", name(modifier)),
                Lang::En => format!("“{}”: at most {max}, {chosen} chosen.", name(modifier)),
            },
            Self::TooManyModifiers { item, max } => match lang {
                Lang::Ru => format!("К «{}» слишком много добавок: можно не больше {max}.", name(item)),
                Lang::Kk => format!("«{}» үшін қоспа тым көп: {max} артық болмайды.", name(item)),
                Lang::En => format!("Too many additions to “{}”: at most {max}.", name(item)),
            },
            Self::UnknownItem { .. }
            | Self::NotSoldHere { .. }
            | Self::OutOfStock { .. }
            | Self::NotServedNow { .. }
            | Self::SizeNeeded { .. }
            | Self::UnknownSize { .. }
            | Self::SizeUnavailable { .. } => self.sentence(lang, name),
        }
    }
}
