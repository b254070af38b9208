//! A snapshot as guests read it: one language, money with its currency.

use api::wire::MoneyBody;
use api::wire::menus::{MenuCategory, MenuGroup, MenuItem, MenuModifier, MenuReply, MenuSize, ServedBody};
use kernel::{Currency, Lang, Money};
use menu::outlet::{Group, Item, Modifier, OutletMenu, Size};
use menu::schedule::{Span, clock};
use menu::search;
use notation::Names;
use web::Problem;

/// The whole menu.
///
/// # Errors
/// When the snapshot's currency is none of ours: a defect of ours.
pub fn whole(menu: &OutletMenu, lang: Lang) -> Result<MenuReply, Problem> {
    show(menu, menu.items.iter().collect(), lang)
}

/// What is called so, best first, with the groups that it needs at their places.
///
/// # Errors
/// As [`whole`].
pub fn found(menu: &OutletMenu, query: &str, lang: Lang) -> Result<MenuReply, Problem> {
    show(menu, search(menu, query), lang)
}

fn show(menu: &OutletMenu, items: Vec<&Item>, lang: Lang) -> Result<MenuReply, Problem> {
    let currency = Currency::parse(&menu.currency).map_err(|error| Problem::internal(error.0))?;
    let view = View { menu, lang, currency };
    let category = |code: &str| items.iter().any(|item| item.category == code);
    let categories = menu.categories.iter().filter(|known| category(&known.code));
    Ok(MenuReply {
        outlet: menu.outlet_code.clone(),
        revision: menu.revision.clone(),
        language: lang.code().to_owned(),
        categories: categories
            .map(|known| MenuCategory { code: known.code.clone(), name: view.text(&known.names) })
            .collect(),
        items: items.iter().map(|item| view.item(item)).collect(),
        groups: menu.groups.iter().map(|group| view.group(group)).collect(),
    })
}

struct View<'a> {
    menu: &'a OutletMenu,
    lang: Lang,
    currency: Currency,
}

impl View<'_> {
    fn text(&self, names: &Names) -> String {
        names.text(self.lang).to_owned()
    }

    fn price(&self, minor: Option<i64>) -> Option<MoneyBody> {
        minor.map(|minor| Money::new(minor, self.currency).into())
    }

    fn item(&self, item: &Item) -> MenuItem {
        let sizes: Vec<MenuSize> = item.sizes.iter().map(|size| self.size(size)).collect();
        MenuItem {
            code: item.code.clone(),
            name: self.text(&item.names),
            description: item.description.as_ref().map(|names| self.text(names)),
            category: item.category.clone(),
            tags: item.tags.clone(),
            allergens: item.allergens.clone(),
            image: item.image.clone(),
            served: item.schedule.iter().map(served).collect(),
            available: sizes.iter().any(|size| size.available),
            sizes,
        }
    }

    fn size(&self, size: &Size) -> MenuSize {
        MenuSize {
            code: size.code.clone(),
            name: size.names.as_ref().map(|names| self.text(names)),
            default: size.default,
            price: self.price(size.price_minor),
            available: size.is_available() && self.menu.groups_of(size).all(Group::can_be_satisfied),
            left: size.left,
            weight_grams: size.weight_grams,
            nutrition: size.nutrition,
            image: size.image.clone(),
            groups: size.groups.clone(),
        }
    }

    fn group(&self, group: &Group) -> MenuGroup {
        MenuGroup {
            code: group.code.clone(),
            name: self.text(&group.names),
            min: group.min,
            max: group.max,
            free: group.free,
            modifiers: group.modifiers.iter().map(|modifier| self.modifier(group, modifier)).collect(),
        }
    }

    fn modifier(&self, group: &Group, modifier: &Modifier) -> MenuModifier {
        let own = |limit: u32| if group.own_limits { limit } else { 0 };
        MenuModifier {
            code: modifier.code.clone(),
            name: self.text(&modifier.names),
            price: self.price(modifier.price_minor),
            available: modifier.is_available(),
            left: modifier.left,
            min: own(modifier.min),
            max: own(modifier.max),
            free: own(modifier.free),
            by_default: modifier.by_default,
            allergens: modifier.allergens.clone(),
        }
    }
}

fn served(span: &Span) -> ServedBody {
    ServedBody { days: span.days.clone(), from: clock(span.begin), to: clock(span.end) }
}
