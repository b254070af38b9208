//! Read or write, reply.

use api::problem as p;
use api::wire::orders::{AcquirerBody, AcquirerKindBody, AcquirerReply};
use club::personal::Personal;
use kernel::FranchiseeId;
use membership::staff_auth::Permission;
use shop::order::money::secret_place;
use store::acquirers::{self, Account};
use store::directory;
use store::transaction::transaction;
use web::fields::Fields;
use web::{Call, Problem, Reply, body, guest};

/// Characters of an account's name, and of its key.
const ACCOUNT_LEN_MAX: usize = 64;
const SECRET_LEN_MAX: usize = 256;

/// Reads or writes a franchisee's account.
///
/// # Errors
/// What the operation is refused for.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    call.staff(Permission::ManageAcquirers)?;
    let franchisee = franchisee(call)?;
    match call.operation.id {
        "read_acquirer" => {
            let account = acquirers::load_active(call.sql, franchisee)?;
            reply(&account.ok_or_else(|| Problem::of(&p::NOT_FOUND))?)
        }
        "set_acquirer" => set(call, franchisee),
        other => Err(Problem::internal(format!("operation {other} is not served here"))),
    }
}

fn franchisee(call: &Call<'_>) -> Result<FranchiseeId, Problem> {
    let code = call.parameter("code", |text| Ok(text.to_owned()))?;
    let found = directory::load_franchisee(call.sql, &code)?;
    found.map(|(id, _)| id).ok_or_else(|| Problem::of(&p::NOT_FOUND))
}

fn set(call: &mut Call<'_>, franchisee: FranchiseeId) -> Result<Reply, Problem> {
    let body: AcquirerBody = body::json(&call.request)?;
    let mut fields = Fields::new();
    fields.length("/account", &body.account, ACCOUNT_LEN_MAX);
    fields.length("/secret", &body.secret, SECRET_LEN_MAX);
    if body.tax_system.is_some_and(|number| !(1..=6).contains(&number)) {
        fields.fault(&p::INVALID_FIELD, "/tax_system", "1 to 6");
    }
    fields.finish()?;
    let kind = match body.kind {
        AcquirerKindBody::Yookassa => "yookassa",
        AcquirerKindBody::Tbank => "tbank",
    };
    let known = acquirers::load_named(call.sql, kind, &body.account)?;
    if known.as_ref().is_some_and(|known| known.franchisee != franchisee) {
        return Err(Problem::of(&p::ACQUIRER_TAKEN));
    }
    let id = known.map_or_else(|| call.ids.next(call.now), |known| known.id);
    let secrets = guest::secrets(call.settings)?;
    let random = call.random;
    let random = move |count| random(count);
    let secret_sealed = Personal { secrets: &secrets, random: &random }.seal(secret_place(id), &body.secret);
    let account = Account {
        id,
        franchisee,
        kind: kind.to_owned(),
        account: body.account,
        secret_sealed,
        tax_system: body.tax_system,
        prepaid: body.prepaid,
        receipts: body.receipts,
    };
    transaction(call.sql, |tx| acquirers::save(tx, &account, call.now))?;
    reply(&account)
}

fn reply(account: &Account) -> Result<Reply, Problem> {
    Reply::json(
        200,
        &AcquirerReply {
            kind: account.kind.clone(),
            account: account.account.clone(),
            tax_system: account.tax_system,
            prepaid: account.prepaid,
            receipts: account.receipts,
        },
    )
}
