"""The yookassa SDK against the YooKassa simulator.

Usage: yookassa_client.py API_URL SHOP_ID SECRET ROOT
"""

import json
import sys
import time
import urllib.request
import uuid

from yookassa import Configuration, Payment, Refund
from yookassa.domain.exceptions import ApiError, BadRequestError, NotFoundError, UnauthorizedError
from yookassa.domain.notification import WebhookNotificationFactory

API, SHOP, SECRET, ROOT = sys.argv[1:5]
passed = 0


def ok(condition, said):
    global passed
    assert condition, said
    passed += 1
    print("ok", said)


def control(path, body):
    request = urllib.request.Request(f"{ROOT}/_control/{path}", json.dumps(body).encode())
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def refuses(kind, said, call, *arguments):
    try:
        call(*arguments)
    except kind:
        return ok(True, said)
    except ApiError as other:
        return ok(False, f"{said}: {other}")
    return ok(False, said)


def item(description, price, quantity=1):
    return {
        "description": description,
        "quantity": quantity,
        "amount": {"value": price, "currency": "RUB"},
        "vat_code": 7,
        "payment_mode": "full_payment",
        "payment_subject": "commodity",
        "measure": "piece",
    }


def wanted(value, items):
    return {
        "amount": {"value": value, "currency": "RUB"},
        "capture": True,
        "description": "Заказ APP-1",
        "payment_method_data": {"type": "sbp"},
        "confirmation": {"type": "redirect", "return_url": "https://app.example/o/1"},
        "metadata": {"order_id": "1"},
        "receipt": {"customer": {"phone": "79120000001"}, "internet": True, "items": items},
    }


Configuration.configure(SHOP, SECRET, api_url=API)
control("hook", {"url": f"{ROOT}/_nowhere"})
body = wanted("308.00", [item("Капучино", "109.50", 2), item("Круассан", "89.00")])
key = str(uuid.uuid4())
payment = Payment.create(body, key)
ok(payment.status == "pending" and payment.confirmation.confirmation_url, "a payment waits for the guest")
ok(Payment.create(body, key).id == payment.id, "the same key is the same payment")
refuses(BadRequestError, "the same key with another body", Payment.create, wanted("89.00", [item("Б", "89.00")]), key)
refuses(BadRequestError, "a receipt of another sum", Payment.create, wanted("90.00", [item("Б", "89.00")]), str(uuid.uuid4()))
qr = wanted("89.00", [item("Б", "89.00")])
qr["confirmation"] = {"type": "qr"}
ok(Payment.create(qr, str(uuid.uuid4())).confirmation.confirmation_data, "a text for a QR code")
refuses(NotFoundError, "an unknown payment", Payment.find_one, str(uuid.uuid4()))
urllib.request.urlopen(payment.confirmation.confirmation_url).read()
paid = Payment.find_one(payment.id)
ok(paid.status == "succeeded" and paid.paid and paid.refundable, "the guest paid")
ok(paid.payment_method.sbp_operation_id, "SBP's operation")


def refund(value):
    return {"payment_id": payment.id, "amount": {"value": value, "currency": "RUB"}}


part = Refund.create(refund("89.00"), str(uuid.uuid4()))
ok(part.status == "succeeded", "a part is refunded")
refuses(BadRequestError, "more than is left", Refund.create, refund("220.00"), str(uuid.uuid4()))
ok(Refund.create(refund("219.00"), str(uuid.uuid4())).status == "succeeded", "the rest is refunded")
whole = Payment.find_one(payment.id)
ok(str(whole.refunded_amount.value) in ("308.00", "308.0", "308"), "all of it is refunded")
ok(len(Refund.list({"payment_id": payment.id}).items) == 2, "two refunds are listed")
declined = Payment.create(wanted("89.00", [item("Б", "89.00")]), str(uuid.uuid4()))
control("decline", {"id": declined.id, "reason": "insufficient_funds"})
canceled = Payment.find_one(declined.id)
ok(canceled.cancellation_details.reason == "insufficient_funds", "a declined payment says why")
ok(len(Payment.list({"limit": 2}).items) == 2, "payments are listed in pages")
time.sleep(0.3)
events = set()
for attempt in control("attempts", {})["attempts"]:
    events.add(WebhookNotificationFactory().create(attempt["body"]).event)
ok(events == {"payment.succeeded", "payment.canceled", "refund.succeeded"}, f"notifications read as typed: {events}")
Configuration.configure(SHOP, "wrong", api_url=API)
try:
    Payment.find_one(payment.id)
    ok(False, "a wrong secret")
except UnauthorizedError:
    ok(True, "a wrong secret")
print(f"yookassa: {passed} passed, 0 failed")
