//! Which operation it is, and what all of them read.

use kernel::{IikoAccountId, ParseError, StaffId};
use menu::brand;
use web::auth::Principal;
use web::{Call, Problem, Reply};

use crate::{accounts, items, matches};

/// Longest code of a brand, an item, an outlet.
const CODE_LEN_MAX: usize = 4 * shop::menu_brand::CODE_LEN_MAX;

/// Serves the brand's menu.
///
/// # Errors
/// What the operation is refused for.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    match call.operation.id {
        "list_menu_categories" => items::categories(call),
        "write_menu_category" => items::write_category(call),
        "delete_menu_category" => items::delete_category(call),
        "list_menu_items" => items::list(call),
        "read_menu_item" => items::read(call),
        "write_menu_item" => items::write(call),
        "delete_menu_item" => items::delete(call),
        "list_assortment_gaps" => items::gaps(call),
        "list_iiko_accounts" => accounts::list(call),
        "create_iiko_account" => accounts::create(call),
        "read_iiko_account" => accounts::read(call),
        "change_iiko_account" => accounts::change(call),
        "read_outlet_till" => accounts::read_till(call),
        "write_outlet_till" => accounts::write_till(call),
        "adopt_chain_menu" => matches::adopt(call),
        "list_matches" => matches::list(call),
        "confirm_matches" => matches::confirm_all(call),
        "confirm_match" => matches::confirm(call),
        "reopen_match" => matches::reopen(call),
        "reject_match" => matches::reject(call),
        other => Err(Problem::internal(format!("operation {other} is not served here"))),
    }
}

/// The brand in the path.
///
/// # Errors
/// 404.
pub fn brand(call: &Call<'_>) -> Result<String, Problem> {
    call.parameter("brand", code)
}

/// The account in the path.
///
/// # Errors
/// 404.
pub fn account(call: &Call<'_>) -> Result<IikoAccountId, Problem> {
    call.parameter("id", IikoAccountId::parse)
}

/// A code in the path; what is not plain ASCII there is percent-encoded.
///
/// # Errors
/// When it cannot be one.
pub fn code(text: &str) -> Result<String, ParseError> {
    const NONE: ParseError = ParseError("no such code");
    if text.is_empty() || text.len() > CODE_LEN_MAX {
        return Err(NONE);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|byte| char::from(byte).to_digit(16));
        let (Some(high), Some(low)) = (digit(), digit()) else { return Err(NONE) };
        bytes.push(u8::try_from(high * 16 + low).map_err(|_| NONE)?);
    }
    String::from_utf8(bytes).map_err(|_| NONE)
}

/// Who decides.
pub fn by(call: &Call<'_>) -> Option<StaffId> {
    match &call.principal {
        Principal::Staff(staff) => Some(staff.id),
        _ => None,
    }
}

/// The categories in the order of the menu.
pub fn in_order(categories: &mut [brand::BrandCategory]) {
    categories.sort_by(|one, other| (one.position, &one.code).cmp(&(other.position, &other.code)));
}

#[cfg(test)]
mod tests {
    use super::code;

    #[test]
    fn codes_may_be_encoded() {
        assert_eq!(code("flat-white"), Ok("flat-white".to_owned()));
        assert_eq!(code("%D1%80%D0%B0%D1%84"), Ok("раф".to_owned()));
        for text in ["", "%", "%d", "%zz", "%ff"] {
            assert!(code(text).is_err(), "{text}");
        }
    }
}
