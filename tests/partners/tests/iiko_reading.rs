//! Menus and dictionaries, as our menu-sync reads them.

use iiko::call::Access;
use iiko::menu::{dictionaries, external, nomenclature, organizations, stop_lists};
use iiko::token::{self, Credentials};
use partners::world::World;

use crate::support::{partners, send};

#[test]
fn every_account_is_read_whole() {
    let partners = partners();
    for account in World::small().accounts {
        let base_url = partners.iiko_url(&account.name);
        let app = Credentials::App {
            api_key: account.api_login.clone(),
            app_id: account.app_id.clone(),
            client_secret: account.client_secret.clone(),
        };
        let token =
            token::read(&send(&token::request(&base_url, &app)).expect("an answer")).expect("a token");
        let access = Access { base_url: &base_url, token: &token };
        let ask = |request| send(&request).expect("an answer");
        let found = organizations::read(&ask(organizations::request(&access))).expect("organizations");
        assert_eq!(found.len(), account.organizations.len());
        let ids: Vec<&str> = found.iter().map(|organization| organization.id.as_str()).collect();
        let terminals = ask(organizations::terminals_request(&access, &ids));
        assert_eq!(organizations::read_terminals(&terminals).expect("terminals").len(), ids.len());
        let kinds = ask(dictionaries::payment_types_request(&access, &ids));
        assert!(
            dictionaries::read_payment_types(&kinds).expect("kinds").iter().any(|kind| kind.code == "APP")
        );
        let kinds = ask(dictionaries::order_types_request(&access, &ids));
        assert_eq!(dictionaries::read_order_types(&kinds).expect("kinds").len(), 2 * ids.len());
        let menus = external::read_list(&ask(external::list_request(&access))).expect("menus");
        let wanted = external::Wanted {
            menu: &menus.menus[0].id,
            organizations: &ids,
            price_category: None,
            format: 2,
            since: 0,
        };
        let menu = external::read(&ask(external::request(&access, &wanted))).expect("a menu");
        let plain =
            nomenclature::read(&ask(nomenclature::request(&access, ids[0], 0)), 0).expect("a nomenclature");
        let modifiers = account.book.groups.iter().map(|group| group.items.len()).sum::<usize>();
        let (goods, combos) = (account.book.items().count(), account.book.combos.len());
        assert_eq!(menu.assortment(ids[0]).products.len(), goods + combos);
        assert_eq!(plain.expect("news").products.len(), goods + modifiers);
    }
    assert_eq!(partners.violations(), Vec::<String>::new());
}

#[test]
fn a_price_that_changes_is_a_new_revision_and_a_stop_is_listed() {
    let partners = partners();
    let (account, organization, terminal) = partners.iiko.outlet_ids("msk-1").expect("an outlet");
    let base_url = partners.iiko_url(&account);
    let login = Credentials::ApiLogin { api_login: format!("{account}-login") };
    let token = token::read(&send(&token::request(&base_url, &login)).expect("an answer")).expect("a token");
    let access = Access { base_url: &base_url, token: &token };
    let read = |since| {
        let answer = send(&nomenclature::request(&access, &organization, since)).expect("an answer");
        nomenclature::read(&answer, since).expect("a nomenclature")
    };
    let first = read(0).expect("news").revision;
    assert!(read(first).is_none(), "nothing has changed");
    partners.iiko.price("msk-1", "00011", "", Some(129));
    assert!(read(first).expect("news").revision > first);
    partners.iiko.stop("msk-1", "00041", 0);
    let answer = send(&stop_lists::request(&access, &[&organization])).expect("an answer");
    let listed = stop_lists::read(&answer).expect("stop lists");
    assert_eq!((listed.len(), &listed[0].terminal_group, listed[0].stops.len()), (1, &terminal, 1));
    let wrong = Credentials::ApiLogin { api_login: "somebody".to_owned() };
    let refused = token::read(&send(&token::request(&base_url, &wrong)).expect("an answer"));
    assert!(matches!(refused, Err(iiko::call::Failure::Unauthorised(_))), "{refused:?}");
}
