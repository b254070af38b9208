"""The tbank SDK against the T-Bank simulator.

Usage: tbank_client.py BASE_URL TERMINAL PASSWORD ROOT
"""

import json
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

from tbank.acquiring.models import InitRequest, Receipt, ReceiptItem
from tbank.acquiring.sync import AcquiringClient
from tbank.acquiring.webhooks import parse_notification, verify_notification
from tbank.core.errors import TBankError

BASE, TERMINAL, PASSWORD, ROOT = sys.argv[1:5]
passed = 0
notifications = []


def ok(condition, said):
    global passed
    assert condition, said
    passed += 1
    print("ok", said)


class Shop(BaseHTTPRequestHandler):
    """Takes notifications; refuses the first of each to see it again."""

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        known = body in notifications
        notifications.append(body)
        answer = b"OK" if known else b"later"
        self.send_response(200)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


shop = HTTPServer(("127.0.0.1", 0), Shop)
threading.Thread(target=shop.serve_forever, daemon=True).start()
client = AcquiringClient(TERMINAL, PASSWORD, base_url=BASE)


def wanted(order, amount, items):
    lines = [
        ReceiptItem(
            name=name, price=price, quantity=1, amount=price, tax="vat5",
            payment_method="full_payment", payment_object="commodity", measurement_unit="шт",
        )
        for name, price in items
    ]
    return InitRequest(
        amount=amount,
        order_id=order,
        description="Заказ",
        notification_url=f"http://127.0.0.1:{shop.server_port}/",
        receipt=Receipt(taxation="usn_income", phone="+79120000001", ffd_version="1.2", items=lines),
    )


made = client.init(wanted("APP-1", 30800, [("Капучино", 21900), ("Круассан", 8900)]))
ok(made.success and made.payment_url, "a payment is made")
link = client.get_qr(made.payment_id).data
ok(link, "a link for the guest")
ok(client.get_state(made.payment_id).status.value == "FORM_SHOWED", "it waits for the guest")
urllib.request.urlopen(f"{ROOT}/_pay/{made.payment_id}").read()
ok(client.get_state(made.payment_id).status.value == "CONFIRMED", "the guest paid")
part = client.cancel(made.payment_id, 8900)
ok(part.status.value == "PARTIAL_REFUNDED" and part.new_amount == 21900, "a part is refunded")
ok(client.cancel(made.payment_id).status.value == "REFUNDED", "the rest is refunded")
for said, order in [
    ("an order's number twice", wanted("APP-1", 8900, [("Б", 8900)])),
    ("a receipt of another sum", wanted("APP-2", 8900, [("Б", 8800)])),
]:
    try:
        client.init(order)
        ok(False, said)
    except TBankError:
        ok(True, said)
try:
    AcquiringClient(TERMINAL, "wrong", base_url=BASE).get_state(made.payment_id)
    ok(False, "a wrong password")
except TBankError:
    ok(True, "a wrong password")
for _ in range(40):
    if len(notifications) >= 6:
        break
    time.sleep(0.1)
ok(all(verify_notification(body, PASSWORD) for body in notifications), "notifications are signed")
statuses = [parse_notification(body).status.value for body in notifications]
ok(statuses.count("CONFIRMED") == 2, f"what was not taken comes again: {statuses}")
ok({"CONFIRMED", "PARTIAL_REFUNDED", "REFUNDED"} <= set(statuses), "notifications read as typed")
print(f"tbank: {passed} passed, 0 failed")
