//! Devices and payment tokens at the edge: hashed under the deployment's secret, and gone.

use api::problem as p;
use api::wire::receipts::ReceiptBody;
use club::Refusal;
use fraud::facts::Trace;
use membership::secrets::{Indexed, Secrets};
use watch::inline::Traces;

use crate::call::{Request, Settings};
use crate::fields::Fields;
use crate::problem::Problem;
use crate::till;

/// Characters of a token or of a device's name. Shorter ones would be everybody's.
const LEN_MIN: usize = 8;
const LEN_MAX: usize = 128;
/// The header in which an app says what it calls its device.
const DEVICE_HEADER: &str = "crema-device";

/// What a receipt says of payment and device. Takes it out of the body, so that neither the body's digest nor anything
/// stored has it.
///
/// # Errors
/// 422 for a text that is too short, too long, or not printable; an internal error without a master secret.
pub fn of_receipt(
    body: &mut ReceiptBody,
    secrets: &dyn Fn() -> Result<Secrets, Refusal>,
) -> Result<Traces, Problem> {
    let (payment, device) = (body.payment_token.take(), body.device.take());
    if payment.is_none() && device.is_none() {
        return Ok(Traces::default());
    }
    let mut fields = Fields::new();
    for (pointer, text) in [("/payment_token", &payment), ("/device", &device)] {
        check(&mut fields, pointer, text.as_deref());
    }
    fields.finish()?;
    let indexer = secrets()?.blind_indexer();
    let trace =
        |kind, text: Option<String>| text.map(|text| Trace::from_hash(indexer.index(kind, &text).bytes()));
    Ok(Traces { payment: trace(Indexed::Payment, payment), device: trace(Indexed::Device, device) })
}

/// The device that an app says it runs on.
///
/// # Errors
/// As [`of_receipt`].
pub fn of_device(request: &Request, settings: &dyn Settings) -> Result<Option<Trace>, Problem> {
    let Some(text) = request.header(DEVICE_HEADER) else { return Ok(None) };
    let mut fields = Fields::new();
    check(&mut fields, "Crema-Device", Some(text));
    fields.finish()?;
    let indexer = till::secrets(settings)()?.blind_indexer();
    Ok(Some(Trace::from_hash(indexer.index(Indexed::Device, text).bytes())))
}

fn check(fields: &mut Fields, pointer: &str, text: Option<&str>) {
    let Some(text) = text else { return };
    let lawful =
        (LEN_MIN..=LEN_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if !lawful {
        let words = format!("must have {LEN_MIN} to {LEN_MAX} printable ASCII characters without blanks");
        fields.fault(&p::INVALID_FIELD, pointer, words);
    }
}
