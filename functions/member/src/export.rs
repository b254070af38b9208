//! A page of everything kept about the guest.

use api::wire::export::{
    AnswerRecord, ContactRecord, ExportReply, HoldRecord, LineRecord, MessageRecord, MovementRecord,
    PaymentRecord, ReceiptRecord, ReturnLineRecord, ReturnRecord, SessionRecord, TicketRecord,
};
use club::member::export::{self, Content, Cursor, Device, KnownAddress, Record};
use club::member::words;
use club::personal::Personal;
use kernel::id::format_id;
use kernel::{Currency, Money, NotificationId, Timestamp};
use store::exports::{ExportedHold, ExportedLine, ExportedReceipt, ExportedReturn};
use store::history::Movement;
use store::notifications::Told;
use web::problem::lang;
use web::{Call, Problem, Reply, guest, orders};

use crate::run;

/// Answers with the page after the cursor.
///
/// # Errors
/// 422 for a cursor that is none.
pub fn page(call: &Call<'_>) -> Result<Reply, Problem> {
    let cursor = call.query("cursor", Cursor::parse)?.unwrap_or(Cursor::Record);
    let (secrets, random) = (guest::secrets(call.settings)?, call.random);
    let personal = Personal { secrets: &secrets, random: &random };
    let page = export::page(call.sql, call.guest()?.member, cursor, personal)?;
    let mut reply =
        ExportReply { next_cursor: page.next.map(|next| next.to_string()), ..ExportReply::default() };
    match page.content {
        Content::Record(found) => record(&mut reply, *found)?,
        Content::Receipts(items) => reply.receipts = items.into_iter().map(receipt).collect(),
        Content::Returns(items) => reply.returns = items.into_iter().map(returned).collect(),
        Content::Holds(items) => reply.holds = items.into_iter().map(hold).collect(),
        Content::Orders(items) => {
            let shown =
                items.iter().map(|stored| orders::reply(call.sql, stored, lang(call.language), call.now));
            reply.orders = shown.collect::<Result<_, _>>()?;
        }
        Content::Messages(items) => reply.messages = items.into_iter().map(told).collect(),
        Content::Movements(items) => reply.movements = items.into_iter().map(movement).collect(),
        Content::Answers(items) => reply.answers = items.into_iter().map(answer).collect(),
        Content::Tickets(items) => reply.tickets = items.into_iter().map(ticket).collect(),
    }
    Reply::json(200, &reply)
}

fn record(reply: &mut ExportReply, record: Record) -> Result<(), Problem> {
    reply.profile = Some(run::reply(record.profile));
    reply.consents = record.consents.iter().map(run::consent).collect();
    reply.cards = record.cards.into_iter().map(guest::card).collect::<Result<_, _>>()?;
    reply.sessions = record.devices.into_iter().map(session).collect();
    reply.contacts = record.addresses.into_iter().map(contact).collect();
    Ok(())
}

fn contact(known: KnownAddress) -> ContactRecord {
    ContactRecord {
        channel: known.channel.code().to_owned(),
        address: known.address,
        status: known.status.code().to_owned(),
        created_at: known.created_at.to_string(),
    }
}

fn told(told: Told) -> MessageRecord {
    MessageRecord {
        id: NotificationId::from_raw(told.id).to_string(),
        topic: told.topic,
        status: told.status,
        channel: told.channel,
        created_at: told.created_at.to_string(),
        settled_at: told.settled_at.map(text),
    }
}

fn session(device: Device) -> SessionRecord {
    SessionRecord {
        id: device.id.to_string(),
        device: device.label,
        created_at: device.created_at.to_string(),
        refreshed_at: device.refreshed_at.to_string(),
        expires_at: device.expires_at.to_string(),
        ended_at: device.ended_at.map(text),
    }
}

fn receipt(found: ExportedReceipt) -> ReceiptRecord {
    let currency = found.currency;
    let payments = found.payments.into_iter();
    ReceiptRecord {
        id: found.id.to_string(),
        outlet: found.outlet_code,
        outlet_name: found.outlet_name,
        business_date: found.business_date,
        number: found.number,
        sold_at: found.sold_at.to_string(),
        recorded_at: found.recorded_at.to_string(),
        card: found.card_number,
        identified_by: found.identified_by,
        channel: found.channel,
        total: Money::new(found.total_minor, currency).into(),
        points_paid: found.points_paid.to_string(),
        points_earned: found.points_earned.to_string(),
        lines: found.lines.into_iter().map(|found| line(found, currency)).collect(),
        payments: payments
            .map(|(method, minor)| PaymentRecord { method, amount: Money::new(minor, currency).into() })
            .collect(),
    }
}

fn line(found: ExportedLine, currency: Currency) -> LineRecord {
    let money = |minor| Money::new(minor, currency).into();
    LineRecord {
        line_no: found.line_no,
        product: found.product_code,
        name: found.name,
        category: found.category,
        quantity: found.quantity.to_string(),
        unit_price: money(found.unit_price_minor),
        discount: money(found.discount_minor),
        amount: money(found.amount_minor),
        points_paid: found.points_paid.to_string(),
        points_earned: found.points_earned.to_string(),
    }
}

fn returned(found: ExportedReturn) -> ReturnRecord {
    let currency = found.currency;
    let lines = found.lines.into_iter();
    ReturnRecord {
        id: found.id.to_string(),
        receipt: found.receipt.to_string(),
        outlet: found.outlet_code,
        business_date: found.business_date,
        number: found.number,
        returned_at: found.returned_at.to_string(),
        recorded_at: found.recorded_at.to_string(),
        refund: Money::new(found.refund_minor, currency).into(),
        points_back: found.points_back.to_string(),
        points_taken: found.points_clawed.to_string(),
        lines: lines
            .map(|(line_no, quantity, minor)| ReturnLineRecord {
                line_no,
                quantity: quantity.to_string(),
                refund: Money::new(minor, currency).into(),
            })
            .collect(),
    }
}

fn hold(found: ExportedHold) -> HoldRecord {
    HoldRecord {
        id: found.id.to_string(),
        outlet: found.outlet_code,
        points: found.points.to_string(),
        value: Money::new(found.value_minor, found.currency).into(),
        status: found.status.code().to_owned(),
        captured: found.captured.to_string(),
        receipt: found.receipt.map(|receipt| receipt.to_string()),
        created_at: found.created_at.to_string(),
        expires_at: found.expires_at.to_string(),
        ended_at: found.ended_at.map(text),
    }
}

fn movement(found: Movement) -> MovementRecord {
    MovementRecord {
        id: found.id.to_string(),
        kind: found.kind.code().to_owned(),
        effective_at: found.effective_at.to_string(),
        recorded_at: found.recorded_at.to_string(),
        available: found.available.to_string(),
        pending: found.pending.to_string(),
        held: found.held.to_string(),
        receipt: found.receipt.map(|receipt| receipt.id.to_string()),
        note: found.note,
    }
}

fn answer(found: words::Answer) -> AnswerRecord {
    let words::Answer { stored, text, photo } = found;
    AnswerRecord {
        outlet: stored.outlet,
        business_date: stored.business_date,
        stars: stored.stars,
        nps: stored.nps,
        text,
        photo,
        answered_at: stored.answered_at.to_string(),
        prize: stored.prize,
    }
}

fn ticket(line: words::Line) -> TicketRecord {
    TicketRecord {
        ticket: format_id(export::TICKET, line.ticket),
        act: line.act.code().to_owned(),
        at: line.at.to_string(),
        text: line.text,
        points: line.points.map(|points| points.to_string()),
    }
}

fn text(at: Timestamp) -> String {
    at.to_string()
}
