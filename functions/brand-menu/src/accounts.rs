//! Accounts at iiko, and outlets' tills.

use api::problem as p;
use api::wire::iiko_accounts::{
    AccountBody, AccountDetailReply, AccountReply, AccountsReply, CredentialsBody, OrderModeBody,
    OrderTypeReply, OrganizationReply, PaymentTypeReply, SourceBody, TerminalReply, TillBody,
};
use club::Moment;
use club::personal::Personal;
use iiko::token::Credentials;
use kernel::{IikoAccountId, OutletId};
use shop::iiko_account::{self, NAME_LEN_MAX, NewAccount, URL_LEN_MAX};
use shop::menu_brand;
use store::menus::accounts::{self as stored, Account, Source};
use store::menus::directory::{self as held, Organization};
use store::menus::tills::{LEAD_MINUTES_MAX, OrderMode, OutletTill};
use store::transaction::transaction;
use store::{Sql, brands};
use web::fields::Fields;
use web::{Call, Problem, Reply, body, guest, idempotency};

use crate::run::{account, brand, code};

/// Most characters of a secret, of an id at iiko.
const SECRET_LEN_MAX: usize = 200;
const ID_LEN_MAX: usize = 64;
/// Fewest characters of a webhook token: it must not be guessed.
const WEBHOOK_LEN_MIN: usize = 16;

/// A brand's accounts.
pub fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let brand = brand(call)?;
    brands::load(call.sql, &brand)?.ok_or_else(not_found)?;
    let items = stored::list(call.sql, &brand)?.into_iter().map(account_reply).collect();
    Reply::json(200, &AccountsReply { items })
}

/// A new account.
pub fn create(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let (brand, new) = (brand(call)?, read_body(call)?);
    idempotency::once(call, |call, tx| {
        let id = write(call, tx, &brand, None, &new)?;
        shown(tx, &brand, id, 201)
    })
}

/// Replaces what is said of an account.
pub fn change(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let (brand, id, new) = (brand(call)?, account(call)?, read_body(call)?);
    idempotency::in_transaction(call, |call, tx| {
        write(call, tx, &brand, Some(id), &new)?;
        shown(tx, &brand, id, 200)
    })
}

fn write(
    call: &mut Call<'_>,
    tx: &dyn Sql,
    brand: &str,
    id: Option<IikoAccountId>,
    new: &NewAccount,
) -> Result<IikoAccountId, Problem> {
    let secrets = guest::secrets(call.settings)?;
    let personal = Personal { secrets: &secrets, random: &call.random };
    let mut moment = Moment { now: call.now, ids: &mut call.ids };
    Ok(iiko_account::write(tx, brand, id, new, personal, &mut moment)?)
}

fn shown(tx: &dyn Sql, brand: &str, id: IikoAccountId, status: u16) -> Result<Reply, Problem> {
    Reply::json(status, &account_reply(menu_brand::own_account(tx, brand, id)?))
}

/// An account with what it holds.
pub fn read(call: &Call<'_>) -> Result<Reply, Problem> {
    let (brand, id) = (brand(call)?, account(call)?);
    let known = menu_brand::own_account(call.sql, &brand, id)?;
    let terminals = held::list_terminals(call.sql, id)?.into_iter().map(|terminal| TerminalReply {
        id: terminal.id,
        organization: terminal.organization,
        name: terminal.name,
        zone: terminal.zone,
        asleep: terminal.asleep,
    });
    let payments = held::list_payment_types(call.sql, id)?.into_iter().map(|kind| PaymentTypeReply {
        id: kind.id,
        code: kind.code,
        name: kind.name,
        kind: kind.kind,
    });
    let orders = held::list_order_types(call.sql, id)?.into_iter().map(|kind| OrderTypeReply {
        id: kind.id,
        organization: kind.organization,
        name: kind.name,
        service: kind.service,
    });
    Reply::json(
        200,
        &AccountDetailReply {
            account: account_reply(known),
            organizations: held::list_organizations(call.sql, id)?
                .into_iter()
                .map(organization_reply)
                .collect(),
            terminal_groups: terminals.collect(),
            payment_types: payments.collect(),
            order_types: orders.collect(),
        },
    )
}

fn read_body(call: &Call<'_>) -> Result<NewAccount, Problem> {
    let body: AccountBody = body::json(&call.request)?;
    let mut fields = Fields::new();
    fields.length("/name", &body.name, NAME_LEN_MAX);
    fields.length("/base_url", &body.base_url, URL_LEN_MAX);
    if let Some(token) = &body.webhook_token {
        fields.length("/webhook_token", token, SECRET_LEN_MAX);
        if token.chars().count() < WEBHOOK_LEN_MIN {
            fields.fault(&p::INVALID_FIELD, "/webhook_token", "must have at least 16 characters");
        }
    }
    let secrets = match &body.credentials {
        None => Vec::new(),
        Some(CredentialsBody::ApiLogin { api_login }) => vec![("api_login", api_login)],
        Some(CredentialsBody::App { api_key, app_id, client_secret }) => {
            vec![("api_key", api_key), ("app_id", app_id), ("client_secret", client_secret)]
        }
    };
    for (name, secret) in secrets {
        fields.length(&format!("/credentials/{name}"), secret, SECRET_LEN_MAX);
    }
    if let SourceBody::External { menu, price_category, .. } | SourceBody::Plain { menu, price_category } =
        &body.source
    {
        fields.length("/source/menu", menu, ID_LEN_MAX);
        if let Some(category) = price_category {
            fields.length("/source/price_category", category, ID_LEN_MAX);
        }
    }
    if let SourceBody::External { format, .. } = &body.source
        && !iiko::menu::external::FORMATS.contains(format)
    {
        fields.fault(&p::INVALID_FIELD, "/source/format", "must be 2, 3 or 4");
    }
    fields.finish()?;
    Ok(NewAccount {
        name: body.name,
        base_url: body.base_url,
        credentials: body.credentials.map(|credentials| match credentials {
            CredentialsBody::ApiLogin { api_login } => Credentials::ApiLogin { api_login },
            CredentialsBody::App { api_key, app_id, client_secret } => {
                Credentials::App { api_key, app_id, client_secret }
            }
        }),
        source: match body.source {
            SourceBody::External { menu, price_category, format } => {
                Source::External { menu, price_category, format }
            }
            SourceBody::Plain { menu, price_category } => Source::Plain { menu, price_category },
            SourceBody::Nomenclature => Source::Nomenclature,
        },
        is_active: body.active,
        webhook_token: body.webhook_token,
    })
}

fn account_reply(account: Account) -> AccountReply {
    let said = account.description;
    AccountReply {
        id: account.id.to_string(),
        brand: account.brand,
        name: said.name,
        base_url: said.base_url,
        source: match said.source {
            Source::External { menu, price_category, format } => {
                SourceBody::External { menu, price_category, format }
            }
            Source::Plain { menu, price_category } => SourceBody::Plain { menu, price_category },
            Source::Nomenclature => SourceBody::Nomenclature,
        },
        active: said.is_active,
        webhook: said.webhook_hash.is_some(),
        breaker: account.breaker.state.as_str().to_owned(),
        last_synced_at: account.last_synced_at.map(|at| at.to_string()),
        last_error: account.last_error,
    }
}

fn organization_reply(organization: Organization) -> OrganizationReply {
    OrganizationReply {
        id: organization.id,
        name: organization.name,
        code: organization.code,
        currency: organization.currency,
        address: organization.address,
        tax_number: organization.tax_number,
        outlets: organization.outlets,
        menu_synced_at: organization.menu_synced_at.map(|at| at.to_string()),
        menu_error: organization.menu_error,
        seen_at: organization.seen_at.to_string(),
    }
}

/// Where an outlet's orders go.
pub fn read_till(call: &Call<'_>) -> Result<Reply, Problem> {
    let outlet = outlet(call)?;
    let till = menu_brand::till(call.sql, outlet)?.ok_or_else(not_found)?;
    Reply::json(200, &till_reply(till))
}

/// Says where an outlet's orders go.
pub fn write_till(call: &Call<'_>) -> Result<Reply, Problem> {
    let outlet = outlet(call)?;
    let body: TillBody = body::json(&call.request)?;
    let mut fields = Fields::new();
    let account = fields.read("/account", IikoAccountId::parse(&body.account));
    fields.length("/organization", &body.organization, ID_LEN_MAX);
    fields.length("/terminal_group", &body.terminal_group, ID_LEN_MAX);
    let optional = [
        ("/payment_type", &body.payment_type),
        ("/order_type", &body.order_type),
        ("/discount_type", &body.discount_type),
        ("/points_payment_type", &body.points_payment_type),
    ];
    for (pointer, id) in optional {
        if let Some(id) = id {
            fields.length(pointer, id, ID_LEN_MAX);
        }
    }
    if body.lead_minutes > LEAD_MINUTES_MAX {
        fields.fault(&p::INVALID_FIELD, "/lead_minutes", "at most 1440 minutes");
    }
    fields.finish()?;
    let Some(account) = account else { return Err(not_found()) };
    let till = OutletTill {
        outlet,
        account,
        organization: body.organization,
        terminal_group: body.terminal_group,
        mode: match body.mode {
            OrderModeBody::Delivery => OrderMode::Delivery,
            OrderModeBody::Table => OrderMode::Table,
        },
        payment_type: body.payment_type,
        order_type: body.order_type,
        discount_type: body.discount_type,
        points_payment_type: body.points_payment_type,
        lead_minutes: body.lead_minutes,
    };
    transaction(call.sql, |tx| menu_brand::put_till(tx, &till, call.now))?;
    Reply::json(200, &till_reply(till))
}

fn till_reply(till: OutletTill) -> TillBody {
    TillBody {
        account: till.account.to_string(),
        organization: till.organization,
        terminal_group: till.terminal_group,
        mode: match till.mode {
            OrderMode::Delivery => OrderModeBody::Delivery,
            OrderMode::Table => OrderModeBody::Table,
        },
        payment_type: till.payment_type,
        order_type: till.order_type,
        discount_type: till.discount_type,
        points_payment_type: till.points_payment_type,
        lead_minutes: till.lead_minutes,
    }
}

fn outlet(call: &Call<'_>) -> Result<OutletId, Problem> {
    let code = call.parameter("code", code)?;
    Ok(store::directory::load(call.sql, &code)?.ok_or_else(not_found)?.id)
}

fn not_found() -> Problem {
    Problem::of(&p::NOT_FOUND)
}
