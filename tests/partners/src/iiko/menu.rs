//! The menu, as iiko's two generations write it: external menus of version 2, and the nomenclature.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::state::Account;
use super::{Call, refused, texts};
use crate::number;
use crate::serve::Reply;
use crate::world::{Group, Item, Modifier, OrganizationSpec};

/// Only this shape of external menus is spoken.
const FORMAT_VERSION: i64 = 2;

pub fn list(call: &mut Call<'_>, _: &Value) -> Reply {
    let book = &call.account.spec.book;
    call.reply(json!({
        "externalMenus": [{ "id": book.menu_id.to_string(), "name": book.menu_name }],
        "priceCategories": [{ "id": "00000000-0000-0000-0000-000000000000", "name": "Базовая категория" }],
    }))
}

pub fn by_id(call: &mut Call<'_>, body: &Value) -> Reply {
    let account = &*call.account;
    let book = &account.spec.book;
    if body["externalMenuId"].as_str() != Some(&book.menu_id.to_string()) {
        return refused(400, "External menu is not found", None);
    }
    if body["version"].as_i64().is_some_and(|version| version != FORMAT_VERSION) {
        return refused(400, "Version of the menu is not supported", None);
    }
    let is_known = body["startRevision"].as_i64().is_some_and(|since| since >= account.menu_revision);
    let asked: Vec<&OrganizationSpec> =
        texts(body, "organizationIds").iter().filter_map(|id| account.organization(id)).collect();
    let categories: Vec<Value> = book
        .categories
        .iter()
        .map(|category| {
            let items: Vec<Value> =
                category.items.iter().map(|item| external_item(account, &asked, item)).collect();
            json!({
                "id": account.id("category", &category.code), "name": category.name, "description": "",
                "buttonImageUrl": null, "headerImageUrl": null, "iikoGroupId": null, "scheduleId": null,
                "scheduleName": null, "schedules": [], "isHidden": false, "tags": [], "labels": [],
                "items": items,
            })
        })
        .collect();
    // Not wrapped, and without a correlation id.
    Reply::json(
        200,
        json!({
            "productCategories": [], "customerTagGroups": [], "revision": account.menu_revision,
            "formatVersion": FORMAT_VERSION, "id": book.menu_id, "name": book.menu_name, "description": "",
            "buttonImageUrl": null, "intervals": [],
            "comboCategories": if is_known { Vec::new() } else { combo_categories(account, &asked) },
            "itemCategories": if is_known { Vec::new() } else { categories },
        }),
    )
}

fn combo_categories(account: &Account, asked: &[&OrganizationSpec]) -> Vec<Value> {
    let combos: Vec<Value> = account
        .spec
        .book
        .combos
        .iter()
        .map(|combo| {
            let currency = asked.first().map_or("RUB", |organization| organization.currency.as_str());
            let groups = combo.groups.iter().map(|group| {
                let parts = group.parts.iter().map(|part| {
                    let size = (!part.size.is_empty()).then(|| account.id("size", &part.size));
                    json!({
                        "itemId": account.id("product", &part.sku), "sizeId": size,
                        "priceModificationAmount": part.more, "forbiddenModifiers": [], "sizes": [],
                    })
                });
                json!({
                    "id": account.id("combo_group", &group.code), "name": group.name, "isMainGroup": group.main,
                    "skipStep": false, "items": parts.collect::<Vec<_>>(),
                })
            });
            json!({
                "id": account.id("combo", &combo.code), "sku": combo.code, "name": combo.name, "description": "",
                "price": combo.prices.get(currency).and_then(|prices| prices.first()), "priceStrategy": "FIXED",
                "startDate": null, "expirationDate": null, "sizes": [], "groups": groups.collect::<Vec<_>>(),
            })
        })
        .collect();
    if combos.is_empty() {
        return Vec::new();
    }
    vec![
        json!({ "id": account.id("category", "COMBOS"), "name": "Комбо", "isHidden": false, "combos": combos }),
    ]
}

fn external_item(account: &Account, asked: &[&OrganizationSpec], item: &Item) -> Value {
    let sizes: Vec<Value> = if item.sizes.is_empty() {
        vec![external_size(account, asked, item, "")]
    } else {
        item.sizes.iter().map(|size| external_size(account, asked, item, size)).collect()
    };
    json!({
        "sku": item.sku, "name": item.name, "description": item.description, "allergens": [], "tags": [],
        "labels": [], "itemId": account.id("product", &item.sku), "modifierSchemaId": null,
        "taxCategory": {
            "id": account.id("tax", &item.vat.to_string()), "name": format!("НДС {}%", item.vat),
            "percentage": f64::from(item.vat),
        },
        "modifierSchemaName": "", "type": "DISH", "canBeDivided": false, "canSetOpenPrice": false,
        "useBalanceForSell": false, "measureUnit": "порц", "productCategoryId": null, "customerTagGroups": [],
        "paymentSubject": "Товар", "paymentSubjectCode": "1", "outerEanCode": null, "isMarked": false,
        "isHidden": false, "barcodes": null, "orderItemType": "Product", "itemSizes": sizes,
    })
}

fn external_size(account: &Account, asked: &[&OrganizationSpec], item: &Item, code: &str) -> Value {
    let size = account.spec.book.size(code);
    let organizations: Vec<String> =
        asked.iter().map(|organization| account.id("organization", &organization.code)).collect();
    let groups: Vec<Value> = item
        .groups
        .iter()
        .filter_map(|group| account.spec.book.group(group))
        .map(|group| external_group(account, asked, group))
        .collect();
    let first = item.sizes.first().is_none_or(|first| first == code);
    let default = size.is_none_or(|size| size.default)
        || (first
            && !item.sizes.iter().any(|code| account.spec.book.size(code).is_some_and(|size| size.default)));
    json!({
        "sku": size.map_or_else(|| item.sku.clone(), |size| format!("{}-{}", item.sku, size.code)),
        "sizeCode": size.map(|size| &size.code), "sizeName": size.map_or("", |size| &size.name),
        "isDefault": default, "portionWeightGrams": f64::from(size.map_or(item.grams, |size| size.grams)),
        "sizeId": size.map(|size| account.id("size", &size.code)),
        "nutritionPerHundredGrams": {
            "fats": 0.0, "proteins": 0.0, "carbs": 0.0, "energy": f64::from(item.kcal),
            "organizations": organizations, "saturatedFattyAcid": null, "salt": null, "sugar": null,
        },
        "prices": prices(account, asked, |organization| account.price(organization, item, code)),
        "nutritions": [], "isHidden": false, "measureUnitType": "GRAM", "buttonImageUrl": null,
        "itemModifierGroups": groups,
    })
}

fn prices(
    account: &Account,
    asked: &[&OrganizationSpec],
    price: impl Fn(&OrganizationSpec) -> Option<Decimal>,
) -> Vec<Value> {
    let of = |organization: &&OrganizationSpec| {
        let id = account.id("organization", &organization.code);
        json!({
            "organizations": [id], "organizationId": id, "price": price(organization).map(number),
            "taxCategoryId": null,
        })
    };
    asked.iter().map(of).collect()
}

fn external_group(account: &Account, asked: &[&OrganizationSpec], group: &Group) -> Value {
    let items: Vec<Value> = group
        .items
        .iter()
        .enumerate()
        .map(|(position, modifier)| external_modifier(account, asked, group, modifier, position))
        .collect();
    json!({
        "name": group.name, "description": "", "restrictions": restrictions(group.min, group.max, group.free),
        "canBeDivided": false, "itemGroupId": account.id("group", &group.code), "isHidden": false,
        "childModifiersHaveMinMaxRestrictions": false, "sku": group.code, "items": items,
    })
}

fn restrictions(min: u32, max: u32, free: u32) -> Value {
    json!({
        "minQuantity": min, "maxQuantity": max, "freeQuantity": free, "byDefault": 0,
        "hideIfDefaultQuantity": false,
    })
}

fn external_modifier(
    account: &Account,
    asked: &[&OrganizationSpec],
    group: &Group,
    modifier: &Modifier,
    position: usize,
) -> Value {
    json!({
        "sku": modifier.sku, "name": modifier.name, "description": "",
        "restrictions": restrictions(0, group.max, 0), "allergenGroups": [],
        "nutritionPerHundredGrams": null, "portionWeightGrams": 20.0, "tags": [], "labels": [],
        "itemId": account.id("product", &modifier.sku), "isHidden": false,
        "prices": prices(account, asked, |organization| account.modifier_price(organization, modifier)),
        "position": position + 1, "independentQuantity": false, "productCategoryId": null,
        "customerTagGroups": [], "paymentSubject": null, "outerEanCode": null, "isMarked": false,
        "measureUnitType": "GRAM", "paymentSubjectCode": null, "barcodes": null, "buttonImageUrl": null,
    })
}

pub fn nomenclature(call: &mut Call<'_>, body: &Value) -> Reply {
    let account = &*call.account;
    let Some(organization) = body["organizationId"].as_str().and_then(|id| account.organization(id)) else {
        return refused(400, "Organization is not found", None);
    };
    let revision = account.menu_revision;
    if body["startRevision"].as_i64().is_some_and(|known| known >= revision) {
        return call.reply(json!({
            "groups": [], "productCategories": [], "products": [], "sizes": [], "revision": revision,
        }));
    }
    let book = &account.spec.book;
    let mut groups: Vec<Value> = book
        .categories
        .iter()
        .map(|category| rms_group(account, &category.code, &category.name, false))
        .collect();
    groups.extend(book.groups.iter().map(|group| rms_group(account, &group.code, &group.name, true)));
    let mut products: Vec<Value> = Vec::new();
    for category in &book.categories {
        products.extend(category.items.iter().map(|item| dish(account, organization, &category.code, item)));
    }
    for group in &book.groups {
        products
            .extend(group.items.iter().map(|modifier| rms_modifier(account, organization, group, modifier)));
    }
    let sizes: Vec<Value> = book
        .sizes
        .iter()
        .enumerate()
        .map(|(priority, size)| {
            json!({
                "id": account.id("size", &size.code), "name": size.name, "priority": priority,
                "isDefault": size.default,
            })
        })
        .collect();
    call.reply(json!({
        "groups": groups, "productCategories": [], "products": products, "sizes": sizes, "revision": revision,
    }))
}

fn rms_group(account: &Account, code: &str, name: &str, modifiers: bool) -> Value {
    let kind = if modifiers { "group" } else { "category" };
    json!({
        "imageLinks": [], "parentGroup": null, "order": 0, "isIncludedInMenu": !modifiers,
        "isGroupModifier": modifiers, "id": account.id(kind, code), "code": code, "name": name,
        "description": null, "additionalInfo": null, "tags": [], "isDeleted": false, "seoDescription": null,
        "seoText": null, "seoKeywords": null, "seoTitle": null,
    })
}

fn size_price(size: Option<String>, price: Option<Decimal>) -> Value {
    json!({
        "sizeId": size,
        "price": {
            "currentPrice": number(price.unwrap_or_default()), "isIncludedInMenu": price.is_some(),
            "nextPrice": null, "nextIncludedInMenu": price.is_some(), "nextDatePrice": null,
        },
    })
}

fn dish(account: &Account, organization: &OrganizationSpec, category: &str, item: &Item) -> Value {
    let prices: Vec<Value> = if item.sizes.is_empty() {
        vec![size_price(None, account.price(organization, item, ""))]
    } else {
        let of = |code: &String| {
            size_price(Some(account.id("size", code)), account.price(organization, item, code))
        };
        item.sizes.iter().map(of).collect()
    };
    let groups = item.groups.iter().filter_map(|code| account.spec.book.group(code)).map(|group| {
        let children = group.items.iter().map(|modifier| {
            json!({
                "id": account.id("product", &modifier.sku), "defaultAmount": 0, "minAmount": 0,
                "maxAmount": group.max, "required": false, "hideIfDefaultAmount": false, "splittable": false,
                "freeOfChargeAmount": 0,
            })
        });
        json!({
            "id": account.id("group", &group.code), "minAmount": group.min, "maxAmount": group.max,
            "required": group.min > 0, "childModifiersHaveMinMaxRestrictions": false,
            "childModifiers": children.collect::<Vec<_>>(), "hideIfDefaultAmount": false, "defaultAmount": 0,
            "splittable": false, "freeOfChargeAmount": group.free,
        })
    });
    let groups: Vec<Value> = groups.collect();
    product(account, &item.sku, &item.name, "Dish", Some(account.id("category", category)), prices, groups)
}

fn rms_modifier(
    account: &Account,
    organization: &OrganizationSpec,
    group: &Group,
    modifier: &Modifier,
) -> Value {
    let price = vec![size_price(None, account.modifier_price(organization, modifier))];
    let group = account.id("group", &group.code);
    product(account, &modifier.sku, &modifier.name, "Modifier", Some(group), price, Vec::new())
}

fn product(
    account: &Account,
    sku: &str,
    name: &str,
    kind: &str,
    group: Option<String>,
    prices: Vec<Value>,
    groups: Vec<Value>,
) -> Value {
    json!({
        "fatAmount": 0.0, "proteinsAmount": 0.0, "carbohydratesAmount": 0.0, "energyAmount": 0.0,
        "fatFullAmount": 0.0, "proteinsFullAmount": 0.0, "carbohydratesFullAmount": 0.0,
        "energyFullAmount": 0.0, "weight": 0.3, "groupId": group, "productCategoryId": null, "type": kind,
        "orderItemType": "Product", "modifierSchemaId": null, "modifierSchemaName": null, "splittable": false,
        "measureUnit": "порц", "sizePrices": prices, "modifiers": [], "groupModifiers": groups,
        "imageLinks": [], "doNotPrintInCheque": false, "parentGroup": group, "order": 0,
        "fullNameEnglish": "", "useBalanceForSell": false, "canSetOpenPrice": false,
        "paymentSubject": "Commodity", "id": account.id("product", sku), "code": sku, "name": name,
        "description": "", "additionalInfo": null, "tags": [], "isDeleted": false, "seoDescription": null,
        "seoText": null, "seoKeywords": null, "seoTitle": null,
    })
}
