//! What YooKassa's requests may look like.

use crate::shape::Shape::{Amount, Flag, Integer, List, Number, Object, One, Quantity, Tagged, Text, Texts};
use crate::shape::{Shape, may, must};

pub const MONEY: Shape = Object(&[must("value", Amount), must("currency", One(&["RUB"]))]);
const METADATA: Shape = Texts { entries: 16, key: 32, value: 512 };

const RECEIPT_ITEM: Shape = Object(&[
    must("description", Text(1, 128)),
    must("amount", MONEY),
    must("quantity", Quantity),
    must("vat_code", Number(1, 12)),
    may(
        "measure",
        One(&["piece", "gram", "kilogram", "ton", "centimeter", "meter", "milliliter", "liter", "another"]),
    ),
    may(
        "payment_subject",
        One(&["commodity", "excise", "job", "service", "payment", "composite", "another"]),
    ),
    may(
        "payment_mode",
        One(&[
            "full_prepayment",
            "partial_prepayment",
            "advance",
            "full_payment",
            "partial_payment",
            "credit",
            "credit_payment",
        ]),
    ),
    may("mark_mode", Text(1, 1)),
    may("mark_code_info", Shape::Any),
    may("mark_quantity", Shape::Any),
]);
pub const RECEIPT: Shape = Object(&[
    must(
        "customer",
        Object(&[
            may("full_name", Text(1, 256)),
            may("inn", Text(10, 12)),
            may("email", Text(3, 256)),
            may("phone", Text(4, 15)),
        ]),
    ),
    must("items", List(&RECEIPT_ITEM)),
    may("internet", Flag),
    may("tax_system_code", Number(1, 6)),
    may("timezone", Integer),
]);

pub const PAYMENT: Shape = Object(&[
    must("amount", MONEY),
    may("description", Text(0, 128)),
    may("receipt", RECEIPT),
    may("payment_method_data", Tagged("type", &[("sbp", &[])])),
    must(
        "confirmation",
        Tagged(
            "type",
            &[
                (
                    "redirect",
                    &[must("return_url", Text(1, 2_048)), may("enforce", Flag), may("locale", Text(5, 5))],
                ),
                ("qr", &[may("return_url", Text(1, 2_048)), may("locale", Text(5, 5))]),
            ],
        ),
    ),
    may("capture", Flag),
    may("client_ip", Text(7, 45)),
    may("metadata", METADATA),
    may("merchant_customer_id", Text(1, 200)),
    may("save_payment_method", Flag),
    // Split payments, and who is told of them: the official client always names them.
    may("transfers", List(&Shape::Any)),
    may("statements", List(&Shape::Any)),
]);

pub const REFUND: Shape = Object(&[
    must("payment_id", Text(36, 36)),
    must("amount", MONEY),
    may("description", Text(0, 250)),
    may("receipt", RECEIPT),
    may("metadata", METADATA),
    may("sources", List(&Shape::Any)),
]);

pub const NOTHING: Shape = Shape::Any;
