"""iikocloudapi (generated from the official specification) against the iiko simulator.

Usage: iikocloudapi_client.py BASE_URL API_LOGIN APP_ID CLIENT_SECRET ROOT
ROOT is where the simulator's control endpoints are.
"""

import asyncio
import json
import sys
import urllib.request
import uuid
import warnings

from iikocloudapi import ApiLoginAuth, AppAuth, CommandFailed, IikoCloud, parse_webhook

BASE, LOGIN, APP, SECRET, ROOT = sys.argv[1:6]
passed = 0
warnings.simplefilter("ignore", DeprecationWarning)


def ok(condition, said):
    global passed
    assert condition, said
    passed += 1
    print("ok", said)


def control(path, body=None):
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{ROOT}/_control/{path}", data)) as answer:
        return json.load(answer)


async def menu(iiko, organization):
    menus = await iiko.menu()
    ok(len(menus.external_menus) == 1, "one external menu")
    whole = await iiko.request(
        "/api/2/menu/by_id",
        {"externalMenuId": menus.external_menus[0].id, "organizationIds": [organization], "version": 2},
    )
    items = [item for category in whole["itemCategories"] for item in category["items"]]
    ok(len(items) > 5, "the external menu has items")
    first = await iiko.nomenclature(organization_id=organization)
    ok(len(first.products) > 5 and len(first.sizes) == 3, "the nomenclature has products and sizes")
    again = await iiko.nomenclature(organization_id=organization, start_revision=first.revision)
    ok(again.products == [] and again.revision == first.revision, "an unchanged nomenclature is empty")
    stops = await iiko.stop_lists(organization_ids=[organization])
    ok(len(stops.terminal_group_stop_lists) == 1, "a stop list for the organization")
    return items


def order(items, payment, sum_of, size=1):
    sized = next(item for item in items if len(item["itemSizes"]) == 3)
    chosen = sized["itemSizes"][size]
    group = chosen["itemModifierGroups"][0]
    modifier = group["items"][0]
    price = chosen["prices"][0]["price"]
    extra = modifier["prices"][0]["price"]
    return {
        "id": str(uuid.uuid4()),
        "externalNumber": "APP-1",
        "phone": "+79120000001",
        "orderServiceType": "DeliveryByClient",
        "items": [
            {
                "type": "Product",
                "productId": sized["itemId"],
                "productSizeId": chosen["sizeId"],
                "amount": 2,
                "price": price,
                "modifiers": [
                    {
                        "productId": modifier["itemId"],
                        "productGroupId": group["itemGroupId"],
                        "amount": 1,
                        "price": extra,
                    }
                ],
            }
        ],
        "payments": [
            {
                "paymentTypeKind": "External",
                "sum": sum_of(price, extra),
                "paymentTypeId": payment,
                "isProcessedExternally": True,
            }
        ],
    }


async def orders(iiko, organization, terminal, items, payment):
    wanted = order(items, payment, lambda price, extra: 2 * (price + extra))
    made = await iiko.deliveries.create(
        organization_id=organization, terminal_group_id=terminal, order=wanted
    )
    ok(str(made.order_info.creation_status.value) == "InProgress", "an order begins in progress")
    await iiko.wait(made, organization_id=organization, poll_interval=0.05)
    found = await iiko.deliveries.by_id(organization_id=organization, order_ids=[wanted["id"]])
    shown = found.orders[0].order
    ok(shown.sum == wanted["payments"][0]["sum"], "the till adds up as we do")
    ok(shown.status.value == "WaitCooking", "the order waits to be cooked")
    again = await iiko.deliveries.create(
        organization_id=organization, terminal_group_id=terminal, order=wanted
    )
    ok(again.order_info.error_info.code.value == "DuplicatedOrderId", "the same id twice is refused")

    wrong = order(items, payment, lambda price, extra: 2 * (price + extra))
    del wrong["items"][0]["productSizeId"]
    made = await iiko.deliveries.create(
        organization_id=organization, terminal_group_id=terminal, order=wrong
    )
    try:
        await iiko.wait(made, organization_id=organization, poll_interval=0.05)
        ok(False, "a missing size is refused")
    except CommandFailed as refusal:
        ok("Size" in str(refusal.exception), "a missing size is refused")

    cancelled = await iiko.deliveries.cancel(organization_id=organization, order_id=wanted["id"])
    await iiko.wait(cancelled, organization_id=organization, poll_interval=0.05)
    found = await iiko.deliveries.by_id(organization_id=organization, order_ids=[wanted["id"]])
    ok(found.orders[0].order.status.value == "Cancelled", "a cancelled order says so")
    changed = await iiko.deliveries.by_revision(start_revision=0, organization_ids=[organization])
    ok(len(changed.orders_by_organizations[0].orders) == 2, "by revision finds both orders")

    tables = order(items, payment, lambda price, extra: 2 * (price + extra))
    del tables["orderServiceType"]
    made = await iiko.order.create(
        organization_id=organization, terminal_group_id=terminal, order=tables
    )
    await iiko.wait(made, organization_id=organization, poll_interval=0.05)
    found = await iiko.order.by_id(organization_ids=[organization], order_ids=[tables["id"]])
    ok(found.orders[0].order.status.value == "New", "an order of the till")


async def main():
    async with IikoCloud(auth=AppAuth(api_key=LOGIN, app_id=APP, client_secret=SECRET), base_url=BASE) as iiko:
        organizations = await iiko.organizations(return_additional_info=True)
        ok(len(organizations.organizations) >= 1, "organizations by an app's token")
        organization = next(
            found.id for found in organizations.organizations if found.currency_iso_name == "RUB"
        )
    async with IikoCloud(auth=ApiLoginAuth(LOGIN), base_url=BASE) as iiko:
        groups = await iiko.terminal_groups(organization_ids=[organization])
        terminal = groups.terminal_groups[0].items[0].id
        alive = await iiko.terminal_groups.is_alive(
            organization_ids=[organization], terminal_group_ids=[terminal]
        )
        ok(alive.is_alive_status[0].is_alive, "the till is alive")
        payments = await iiko.payment_types(organization_ids=[organization])
        payment = next(kind.id for kind in payments.payment_types if kind.code == "APP")
        kinds = await iiko.deliveries.order_types(organization_ids=[organization])
        ok(len(kinds.order_types[0].items) == 2, "order types")
        ok((await iiko.discounts(organization_ids=[organization])).discounts, "discounts")
        ok((await iiko.cancel_causes(organization_ids=[organization])).cancel_causes, "causes to cancel")
        items = await menu(iiko, organization)
        control("expire_tokens")
        ok((await iiko.organizations()).organizations, "an ended token is asked for again")
        await iiko.webhooks.update_settings(
            organization_id=organization,
            web_hooks_uri=f"{ROOT}/_nowhere",
            auth_token="secret",
            web_hooks_filter={
                "deliveryOrderFilter": {"orderStatuses": ["WaitCooking", "Cancelled"], "errors": True},
                "tableOrderFilter": {"orderStatuses": ["New"], "errors": True},
                "stopListUpdateFilter": {"updates": True},
            },
        )
        settings = await iiko.webhooks.settings(organization_id=organization)
        ok(settings.auth_token == "secret", "webhook settings are kept")
        await orders(iiko, organization, terminal, items, payment)
    await asyncio.sleep(0.3)
    kinds = set()
    for attempt in control("attempts")["attempts"]:
        for event in parse_webhook(json.dumps(attempt["body"]).encode()):
            kinds.add(str(getattr(event.event_type, "value", event.event_type)))
    ok({"DeliveryOrderUpdate", "DeliveryOrderError", "TableOrderUpdate"} <= kinds, f"webhooks read as typed: {kinds}")


asyncio.run(main())
print(f"iikocloudapi: {passed} passed, 0 failed")
