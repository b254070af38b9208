//! Search: languages, beginnings, slips.

use menu::search;
use notation::Names;

use crate::samples::{item, menu, size};

#[test]
fn names_are_found_in_every_language_and_with_a_slip() {
    let mut sold = menu();
    let mut raf = item("raf", vec![size("", Some(1), &[])]);
    raf.names =
        Names {
            ru: "Раф ванильный".to_owned(), kk: "Ванильді раф".to_owned(), en: "Vanilla raf".to_owned()
        };
    let mut coffee = item("qahwa", vec![size("", Some(1), &[])]);
    coffee.names =
        Names {
            ru: "Чёрный кофе".to_owned(), kk: "Қара кофе".to_owned(), en: "Black coffee".to_owned()
        };
    sold.items.extend([raf, coffee]);
    let codes =
        |query: &str| -> Vec<String> { search(&sold, query).iter().map(|item| item.code.clone()).collect() };
    let rows = [
        ("РАФ", vec!["raf"]),
        ("ванильн раф", vec!["raf"]),
        ("vanil", vec!["raf"]),
        ("ваниьный", vec!["raf"]),
        ("черный", vec!["qahwa"]),
        ("кара", vec!["qahwa"]),
        ("қара", vec!["qahwa"]),
        ("lat", vec!["latte"]),
        ("борщ", vec![]),
        ("  ", vec![]),
    ];
    for (query, expected) in rows {
        assert_eq!(codes(query), expected, "{query}");
    }
}
