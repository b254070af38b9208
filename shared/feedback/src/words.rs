//! Refusals in words: Russian, Kazakh, English.

use crate::game::NoPlay;
use crate::ticket::{OverLimit, Refused};

fn three(ru: &str, kk: &str, en: &str) -> [String; 3] {
    [ru, kk, en].map(str::to_owned)
}

impl Refused {
    /// The refusal in Russian, Kazakh and English.
    #[must_use]
    pub fn words(self) -> [String; 3] {
        let (ru, kk) = match self {
            Self::Closed => {
                ("обращение закрыто: сначала откройте его снова", "өтініш жабық: алдымен оны қайта ашыңыз")
            }
            Self::NotClosed => ("обращение не закрыто", "өтініш жабылмаған"),
            Self::TooLate => ("обращение уже нельзя открыть снова", "өтінішті енді қайта ашуға болмайды"),
            Self::NothingGiven => (
                "ничего не дано: сначала начислите баллы или напишите, что дано вместо них",
                "ештеңе берілмеген: алдымен ұпай беріңіз немесе оның орнына не берілгенін жазыңыз",
            ),
            Self::NotGiven => {
                ("вместо баллов что-то даёт только компенсация", "ұпай орнына бірдеңені тек өтемақы береді")
            }
            Self::NoLesson => ("напишите, что изменено", "не өзгергенін жазыңыз"),
            Self::ForSupport => (
                "баллы здесь даёт только поддержка: ничего не куплено, всё возвращено или гость — сотрудник",
                "мұнда ұпайды тек қолдау қызметі береді: ештеңе сатып алынбаған, бәрі қайтарылған немесе қонақ — қызметкер",
            ),
            Self::Erased => (
                "гость удалён: больше ничего не пишется ни ему, ни о нём",
                "қонақ жойылған: оған да, ол туралы да енді ештеңе жазылмайды",
            ),
        };
        three(ru, kk, &self.to_string())
    }
}

impl OverLimit {
    /// The limit in Russian, Kazakh and English.
    #[must_use]
    pub fn words(self) -> [String; 3] {
        let (ru, kk) = match self {
            Self::Ticket { max, left } => (
                format!("роль даёт по обращению не больше {max} баллов, осталось {left}"),
                format!("рөл бір өтініш бойынша {max} ұпайдан артық бермейді, қалғаны {left}"),
            ),
            Self::Day { max, left } => (
                format!("роль даёт за день не больше {max} баллов, осталось {left}"),
                format!("рөл күніне {max} ұпайдан артық бермейді, қалғаны {left}"),
            ),
            Self::Outlet { left } => (
                format!("обращениям точки в этом месяце осталось {left} баллов"),
                format!("нүктенің өтініштеріне осы айда {left} ұпай қалды"),
            ),
            Self::Guest { .. } => (
                "гостю дано столько, сколько можно дать за месяц".to_owned(),
                "қонаққа бір айда беруге болатыны берілді".to_owned(),
            ),
        };
        [ru, kk, self.to_string()]
    }
}

impl NoPlay {
    /// Why nobody plays, in Russian, Kazakh and English.
    #[must_use]
    pub fn words(self) -> [String; 3] {
        let (ru, kk) = match self {
            Self::Budget => ("бюджет игры исчерпан", "ойынның бюджеті таусылды"),
            Self::TooOften => ("за дни игры сыграно слишком часто", "ойын күндерінде тым жиі ойналды"),
            Self::Returned => ("покупка возвращена", "сатып алу қайтарылған"),
        };
        three(ru, kk, &self.to_string())
    }
}
