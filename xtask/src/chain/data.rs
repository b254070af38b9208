//! The demo chain: invented brands, companies and addresses; people are named by their role.

/// A brand: code, name, country of phone numbers without a code, first two digits of its cards.
pub const BRANDS: &[Brand] = &[
    Brand {
        code: "daily",
        name: "Crema Daily",
        region: "KZ",
        card_prefix: "21",
        rules: include_str!("../../demo/daily.json"),
    },
    Brand {
        code: "roastery",
        name: "Crema Roastery",
        region: "RU",
        card_prefix: "22",
        rules: include_str!("../../demo/roastery.json"),
    },
];

pub struct Brand {
    pub code: &'static str,
    pub name: &'static str,
    pub region: &'static str,
    pub card_prefix: &'static str,
    /// The programme, as the administrator's function takes it.
    pub rules: &'static str,
}

/// Franchisees: code and legal name.
pub const FRANCHISEES: &[(&str, &str)] = &[
    ("F-KZ-1", "ТОО «Демо Алматы»"),
    ("F-KZ-2", "ТОО «Демо Астана»"),
    ("F-RU-1", "ООО «Демо Волга»"),
    ("F-RU-2", "ООО «Демо Урал»"),
];

pub struct Outlet {
    pub code: &'static str,
    pub brand: &'static str,
    pub franchisee: &'static str,
    pub name: &'static str,
    pub country: &'static str,
    pub currency: &'static str,
    pub zone: &'static str,
    pub city: &'static str,
    pub address: &'static str,
    /// Millionths of a degree.
    pub latitude_e6: i64,
    pub longitude_e6: i64,
    pub languages: &'static str,
}

pub const OUTLETS: &[Outlet] = &[
    Outlet {
        code: "ALA-1",
        brand: "daily",
        franchisee: "F-KZ-1",
        name: "Daily на Абая",
        country: "KZ",
        currency: "KZT",
        zone: "Asia/Almaty",
        city: "Алматы",
        address: "пр. Абая, 52",
        latitude_e6: 43_240_100,
        longitude_e6: 76_915_200,
        languages: "kk,ru",
    },
    Outlet {
        code: "AST-1",
        brand: "daily",
        franchisee: "F-KZ-2",
        name: "Daily на Мангилик Ел",
        country: "KZ",
        currency: "KZT",
        zone: "Asia/Almaty",
        city: "Астана",
        address: "пр. Мангилик Ел, 37",
        latitude_e6: 51_110_300,
        longitude_e6: 71_428_700,
        languages: "kk,ru",
    },
    Outlet {
        code: "KZN-1",
        brand: "daily",
        franchisee: "F-RU-1",
        name: "Daily на Баумана",
        country: "RU",
        currency: "RUB",
        zone: "Europe/Moscow",
        city: "Казань",
        address: "ул. Баумана, 64",
        latitude_e6: 55_789_200,
        longitude_e6: 49_119_400,
        languages: "ru",
    },
    Outlet {
        code: "ALA-2",
        brand: "roastery",
        franchisee: "F-KZ-1",
        name: "Roastery на Кабанбай батыра",
        country: "KZ",
        currency: "KZT",
        zone: "Asia/Almaty",
        city: "Алматы",
        address: "ул. Кабанбай батыра, 85",
        latitude_e6: 43_247_600,
        longitude_e6: 76_938_900,
        languages: "kk,ru",
    },
    Outlet {
        code: "EKB-1",
        brand: "roastery",
        franchisee: "F-RU-2",
        name: "Roastery на Малышева",
        country: "RU",
        currency: "RUB",
        zone: "Asia/Yekaterinburg",
        city: "Екатеринбург",
        address: "ул. Малышева, 71",
        latitude_e6: 56_836_200,
        longitude_e6: 60_613_500,
        languages: "ru",
    },
    Outlet {
        code: "SAM-1",
        brand: "roastery",
        franchisee: "F-RU-1",
        name: "Roastery на Куйбышева",
        country: "RU",
        currency: "RUB",
        zone: "Europe/Samara",
        city: "Самара",
        address: "ул. Куйбышева, 103",
        latitude_e6: 53_188_400,
        longitude_e6: 50_091_700,
        languages: "ru",
    },
];

/// Opening hours of every outlet: seven days from Monday.
pub const HOURS: &str = concat!(
    r#"[[["07:30","22:00"]],[["07:30","22:00"]],[["07:30","22:00"]],[["07:30","22:00"]],[["07:30","23:00"]],"#,
    r#"[["09:00","23:00"]],[["09:00","22:00"]]]"#
);

/// Products of both brands: code, name, category, sold by weight.
pub const PRODUCTS: &[(&str, &str, &str, bool)] = &[
    ("espresso", "Эспрессо", "coffee", false),
    ("americano", "Американо", "coffee", false),
    ("cappuccino", "Капучино", "coffee", false),
    ("latte", "Латте", "coffee", false),
    ("flat-white", "Флэт уайт", "coffee", false),
    ("raf", "Раф", "coffee", false),
    ("tea", "Чай", "tea", false),
    ("croissant", "Круассан", "bakery", false),
    ("cheesecake", "Чизкейк", "bakery", false),
    ("nuts", "Орехи на вес", "snacks", true),
    ("beans-250", "Зерно, 250 г", "beans", false),
    ("gift-card", "Подарочная карта", "gift_card", false),
];

pub struct Staff {
    pub code: &'static str,
    pub name: &'static str,
    pub role: &'static str,
    /// Where they usually work.
    pub outlet: Option<&'static str>,
    /// With what they sign in, if they do.
    pub login: Option<&'static str>,
}

pub const STAFF: &[Staff] = &[
    Staff {
        code: "S-1",
        name: "Administrator",
        role: "administrator",
        outlet: None,
        login: Some("administrator"),
    },
    Staff { code: "S-2", name: "Marketer", role: "marketer", outlet: None, login: Some("marketer") },
    Staff { code: "S-3", name: "Finance", role: "finance", outlet: None, login: Some("finance") },
    Staff { code: "S-4", name: "Support", role: "support", outlet: None, login: Some("support") },
    Staff {
        code: "S-5",
        name: "Manager of ALA-1",
        role: "outlet_manager",
        outlet: Some("ALA-1"),
        login: Some("manager"),
    },
    Staff { code: "B-1", name: "Barista 1", role: "barista", outlet: Some("ALA-1"), login: Some("barista") },
    Staff { code: "B-2", name: "Barista 2", role: "barista", outlet: Some("KZN-1"), login: None },
    Staff { code: "B-3", name: "Barista 3", role: "barista", outlet: Some("EKB-1"), login: None },
];
