"""pyiikocloudapi against the iiko simulator: a second opinion.

Usage: pyiikocloudapi_client.py BASE_URL API_LOGIN
"""

import sys
import time
import uuid

from pyiikocloudapi import IikoTransport

BASE, LOGIN = sys.argv[1:3]
passed = 0


def ok(condition, said):
    global passed
    assert condition, said
    passed += 1
    print("ok", said)


# Its token request is a JSON string that contains JSON.
iiko = IikoTransport(LOGIN, base_url=BASE)
ok(iiko.token, "a token")
organizations = iiko.organizations(return_additional_info=True)
organization = next(found.id for found in organizations.organizations if found.currencyIsoName == "RUB")
groups = iiko.terminal_groups(organization_ids=[organization])
terminal = groups.terminalGroups[0].items[0].id
ok(iiko.terminal_groups_is_alive([organization], [terminal]).isAliveStatus[0].isAlive, "the till is alive")
payments = iiko.payment_types(organization_ids=[organization])
payment = next(kind.id for kind in payments.paymentTypes if kind.code == "APP")
nomenclature = iiko.nomenclature(organization)
ok(len(nomenclature.products) > 5, "the nomenclature")
menus = iiko.menu()
ok(menus.externalMenus, "external menus")
whole = iiko.menu_by_id(menus.externalMenus[0].id, [organization])
ok(whole.itemCategories, "an external menu")
ok(iiko.stop_lists(organization_ids=[organization]).terminalGroupStopLists is not None, "stop lists")

dish = next(product for product in nomenclature.products if product.type == "Dish" and not product.groupModifiers)
price = dish.sizePrices[0].price.currentPrice
wanted = {
    "id": str(uuid.uuid4()),
    "phone": "+79120000001",
    "orderServiceType": "DeliveryByClient",
    "items": [{"type": "Product", "productId": dish.id, "amount": 1, "price": price}],
    "payments": [
        {"paymentTypeKind": "External", "sum": price, "paymentTypeId": payment, "isProcessedExternally": True}
    ],
}
made = iiko.delivery_create(organization, wanted, terminal_group_id=terminal)
ok(made.orderInfo.creationStatus == "InProgress", "an order begins in progress")
for _ in range(50):
    found = iiko.by_id(organization, order_ids=[wanted["id"]])
    if found.orders[0].creationStatus == "Success":
        break
    time.sleep(0.05)
ok(found.orders[0].order.status == "WaitCooking", "the till took the order")
print(f"pyiikocloudapi: {passed} passed, 0 failed")
