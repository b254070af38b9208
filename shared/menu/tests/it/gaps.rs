//! Gaps of an assortment.

use menu::gaps::find;

#[test]
fn one_outlet_lacks_what_28_like_it_sell() {
    let all: Vec<String> = (0..20).map(|at| format!("item{at}")).collect();
    let mut sold: Vec<Vec<String>> = vec![all.clone(); 29];
    sold[7].retain(|item| item != "item3");
    let found = find(&sold);
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].outlet, found[0].item.as_str(), found[0].peers, found[0].selling),
        (7, "item3", 28, 28)
    );
}

#[test]
fn outlets_of_another_kind_are_no_peers() {
    let coffee: Vec<String> = (0..20).map(|at| format!("coffee{at}")).collect();
    let food: Vec<String> = (0..20).map(|at| format!("food{at}")).collect();
    let mut sold = vec![coffee.clone(); 5];
    sold.extend(vec![food; 5]);
    assert!(find(&sold).is_empty());
    // Two like it are too few to say anything.
    let mut few = vec![coffee.clone(), coffee.clone(), coffee];
    few[0].pop();
    assert!(find(&few).is_empty());
}
