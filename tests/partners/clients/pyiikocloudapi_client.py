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
organization = next(found.id for found in organizations.organizations if found.currency_iso_name == "RUB")
groups = iiko.terminal_groups(organization_ids=[organization])
terminal = groups.terminal_groups[0].items[0].id
ok(iiko.is_alive([organization], [terminal]).is_alive_status[0].isAlive, "the till is alive")
payments = iiko.payment_types(organization_ids=[organization])
payment = next(kind.id for kind in payments.payment_types if kind.code == "APP")
nomenclature = iiko.nomenclature(organization)
ok(len(nomenclature.products) > 5, "the nomenclature")
menus = iiko.menu()
ok(menus.external_menus, "external menus")
whole = iiko.menu_by_id(menus.external_menus[0].id, [organization])
ok(whole.item_categories, "an external menu")
ok(len(iiko.stop_lists(organization_ids=[organization]).terminal_group_stop_lists) == 1, "stop lists")

dish = next(found for found in nomenclature.products if found.type == "Dish" and not found.group_modifiers)
price = dish.size_prices[0].price.current_price
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
ok(made.order_info.id == wanted["id"], "an order is taken in")
# Its model of a table order wants an order already in the first answer, where the specification has null.
plain = IikoTransport(LOGIN, base_url=BASE, return_dict=True)
table = {key: value for key, value in wanted.items() if key != "orderServiceType"} | {"id": str(uuid.uuid4())}
ok(plain.order_create(organization, terminal, table)["orderInfo"]["creationStatus"] == "InProgress", "one of the till")
for _ in range(50):
    found = plain.order_by_id([organization], order_ids=[table["id"]])["orders"][0]
    if found["creationStatus"] == "Success":
        break
    time.sleep(0.05)
ok(found["order"]["status"] == "New", "the till took it")
print(f"pyiikocloudapi: {passed} passed, 0 failed")
