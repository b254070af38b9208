//! iikoCloud in memory: answers in its wire format, and fails as told.

use std::cell::{Cell, RefCell};

use partner::{Answer, Exchange, Fault, Request};
use serde_json::{Value, json};

/// How a chain's till behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Well,
    /// Answers 500 to everything.
    Broken,
    /// Does not answer.
    Silent,
    /// Too many calls.
    Busy,
}

/// One account at its own address, with two organisations.
pub struct Till {
    pub host: &'static str,
    pub login: &'static str,
    pub mood: Cell<Mood>,
    /// Tokens given out; only the last opens anything.
    pub tokens: Cell<u32>,
    /// Rubles of the small latte.
    pub price: Cell<i64>,
    /// Names of the latte and of the tea.
    pub names: RefCell<[&'static str; 2]>,
    /// The second organisation sells tea.
    pub has_tea: Cell<bool>,
    /// It leaves a menu out that is as it was at revision three.
    pub keeps_revisions: Cell<bool>,
    /// Balances of the latte at the first organisation's till.
    pub stops: RefCell<Vec<i64>>,
    pub calls: RefCell<Vec<String>>,
}

impl Till {
    pub fn new(host: &'static str, login: &'static str) -> Self {
        Self {
            host,
            login,
            mood: Cell::new(Mood::Well),
            tokens: Cell::new(0),
            price: Cell::new(200),
            names: RefCell::new(["Латте", "Чай"]),
            has_tea: Cell::new(true),
            keeps_revisions: Cell::new(false),
            stops: RefCell::default(),
            calls: RefCell::default(),
        }
    }

    pub fn id(&self, what: &str) -> String {
        format!("{}-{what}", self.login)
    }

    /// How often a path was called.
    pub fn count(&self, path: &str) -> usize {
        self.calls.borrow().iter().filter(|known| *known == path).count()
    }

    fn token(&self) -> String {
        format!("{}-{}", self.login, self.tokens.get())
    }

    fn answer(&self, path: &str, request: &Request) -> (u16, Value) {
        self.calls.borrow_mut().push(path.to_owned());
        let body: Value = serde_json::from_slice(&request.body).expect("a JSON body");
        let refused =
            |status| (status, json!({"correlationId": "c", "errorDescription": "no", "error": null}));
        if path == "/api/1/access_token" {
            if body["apiLogin"] != self.login {
                return refused(401);
            }
            self.tokens.set(self.tokens.get() + 1);
            return (200, json!({"correlationId": "c", "token": self.token()}));
        }
        let bearer = request
            .headers
            .iter()
            .find(|(name, _)| *name == "authorization")
            .map(|(_, value)| value.as_str());
        if bearer != Some(&format!("Bearer {}", self.token())) {
            return refused(401);
        }
        let (one, two) = (self.id("org1"), self.id("org2"));
        let answer = match path {
            "/api/1/organizations" => json!({"correlationId": "c", "organizations": [
                {"responseType": "Extended", "id": one, "name": "One", "code": "1", "currencyIsoName": "RUB", "inn": "1"},
                {"responseType": "Simple", "id": two, "name": "Two", "code": null}
            ]}),
            "/api/1/terminal_groups" => {
                let terminal = |organization: &str, id: String| {
                    json!({"organizationId": organization, "items": [
                    {"id": id, "organizationId": organization, "name": "Till", "timeZone": "Europe/Moscow"}]})
                };
                json!({"terminalGroups": [terminal(&one, self.id("t1")), terminal(&two, self.id("t2"))],
                       "terminalGroupsInSleep": []})
            }
            "/api/1/payment_types" => json!({"paymentTypes": [{"id": "pay", "code": "APP", "name": "App",
                "paymentTypeKind": "External", "isDeleted": false}]}),
            "/api/1/deliveries/order_types" => json!({"orderTypes": []}),
            "/api/1/stop_lists" => {
                let stops: Vec<Value> = self.stops.borrow().iter().map(|balance| {
                    json!({"balance": balance, "productId": self.id("latte"), "sizeId": null, "sku": "1", "dateAdd": null})
                }).collect();
                json!({"terminalGroupStopLists": [{"organizationId": one, "items": [
                    {"terminalGroupId": self.id("t1"), "items": stops}]}]})
            }
            "/api/2/menu/by_id" if self.keeps_revisions.get() && body["startRevision"] == 3 => {
                json!({"id": 1, "name": "App", "formatVersion": 2, "revision": 3, "itemCategories": []})
            }
            "/api/2/menu/by_id" => self.menu(&body["organizationIds"]),
            "/api/1/nomenclature" => {
                let unchanged = body["startRevision"] == 9;
                let products = if unchanged {
                    json!([])
                } else {
                    json!([{"id": self.id("latte"), "code": "1", "name": self.names.borrow()[0], "type": "Dish",
                        "sizePrices": [{"sizeId": null, "price": {"currentPrice": self.price.get(), "isIncludedInMenu": true}}]}])
                };
                json!({"groups": [], "productCategories": [], "products": products, "sizes": [], "revision": 9})
            }
            _ => return refused(404),
        };
        (200, answer)
    }

    fn menu(&self, organizations: &Value) -> Value {
        let ids: Vec<&str> =
            organizations.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let prices = |price: &dyn Fn(&str) -> Value| -> Vec<Value> {
            ids.iter().map(|id| json!({"organizationId": id, "price": price(id)})).collect()
        };
        let two = self.id("org2");
        let rubles = self.price.get();
        let tea = |id: &str| if id == two && !self.has_tea.get() { Value::Null } else { json!(100.0) };
        let item = |what: &str, sku: &str, name: &str, prices: Vec<Value>| {
            json!({"itemId": self.id(what), "sku": sku, "name": name, "type": "DISH",
                "orderItemType": "Product", "taxCategory": null, "isHidden": false, "itemSizes": [
                    {"sizeId": null, "sizeName": "", "sizeCode": "", "sku": sku, "isDefault": true, "prices": prices,
                     "itemModifierGroups": []}]})
        };
        let names = self.names.borrow();
        json!({"id": 1, "name": "App", "formatVersion": 2, "revision": 3, "itemCategories": [
            {"id": "c", "name": "Напитки", "items": [
                item("latte", &format!("{}1", self.login), names[0], prices(&|_| json!(rubles))),
                item("tea", &format!("{}2", self.login), names[1], prices(&tea)),
            ], "schedules": [], "isHidden": false}
        ]})
    }
}

/// The tills of several chains.
pub struct Iiko {
    pub tills: Vec<Till>,
}

impl Exchange for Iiko {
    fn exchange(&self, request: &Request) -> Result<Answer, Fault> {
        let rest = request.url.strip_prefix("https://").expect("https");
        let (host, path) = rest.split_at(rest.find('/').expect("a path"));
        let till = self.tills.iter().find(|till| till.host == host).expect("a known host");
        let (status, body) = match till.mood.get() {
            Mood::Well => till.answer(path, request),
            Mood::Broken => {
                till.calls.borrow_mut().push(path.to_owned());
                (500, json!({"errorDescription": "broken"}))
            }
            Mood::Busy => (429, json!({"message": "slow down"})),
            Mood::Silent => {
                till.calls.borrow_mut().push(path.to_owned());
                return Err(Fault::NoAnswer("deadline".to_owned()));
            }
        };
        Ok(Answer { status, headers: Vec::new(), body: body.to_string().into_bytes() })
    }
}
