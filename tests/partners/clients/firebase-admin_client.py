"""firebase-admin, Google's own client of Firebase Cloud Messaging, must work against our simulator of it: the exchange of a
service account's key for a token, messages with everything that ours have, and every refusal in its own words.

Usage: firebase-admin_client.py <root> <service account as JSON>
"""

import json
import sys
import warnings
from datetime import timedelta

import firebase_admin
import requests
from firebase_admin import credentials, exceptions, messaging
from google.auth.exceptions import RefreshError

# Apps that know no installations yet have tokens, of which the client would rather hear no more.
warnings.simplefilter("ignore", DeprecationWarning)
# The client knows one address; the simulator is another.
messaging._MessagingService.FCM_URL = sys.argv[1] + "/v1/projects/{0}/messages:send"


def control(path, body):
    response = requests.post(f"{sys.argv[1]}/_control/{path}", json=body, timeout=5)
    assert response.status_code == 200, response.text
    return response.json()


def message(device, tag, body="Ваши баллы на карте", target="token"):
    """One like ours: shown on Android and iOS, replaced by the next with its tag."""
    return messaging.Message(
        **{target: device},
        notification=messaging.Notification(title="Награда", body=body),
        data={"id": tag, "topic": "award.given"},
        android=messaging.AndroidConfig(
            collapse_key=tag,
            priority="high",
            ttl=timedelta(hours=1),
            notification=messaging.AndroidNotification(channel_id="service", tag=tag),
        ),
        apns=messaging.APNSConfig(
            headers={"apns-priority": "10", "apns-collapse-id": tag, "apns-expiration": "1795246900"},
            payload=messaging.APNSPayload(aps=messaging.Aps(sound="default", thread_id="award.given")),
        ),
        fcm_options=messaging.FCMOptions(analytics_label="award.given"),
    )


def refused(kind, sent, app):
    try:
        messaging.send(sent, app=app)
    except exceptions.FirebaseError as error:
        assert isinstance(error, kind), (kind, type(error), error)
        return error
    raise AssertionError(f"not refused with {kind.__name__}")


def main():
    root, account = sys.argv[1], json.loads(sys.argv[2])
    account["token_uri"] = f"{root}/token"
    app = firebase_admin.initialize_app(credentials.Certificate(account))

    name = messaging.send(message("device-1", "ntf_1"), app=app)
    assert name.startswith("projects/brand-app/messages/"), name
    # Once more under the same tag: it is on the screen once, in its newest words.
    messaging.send(message("device-1", "ntf_1", body="Ещё раз"), app=app)
    seen = control("screen", {"device": "device-1"})["seen"]
    assert [each["text"] for each in seen] == ["Ещё раз"], seen

    # Installations are named as well as tokens are.
    messaging.send(message("installation-1", "ntf_1", target="fid"), app=app)
    assert len(control("screen", {"device": "installation-1"})["seen"]) == 1

    control("devices", {"gone": "device-2"})
    refused(messaging.UnregisteredError, message("device-2", "ntf_2"), app)
    refused(exceptions.InvalidArgumentError, messaging.Message(token="device-1", data={"id": "x" * 5000}), app)
    for status, kind in [(429, messaging.QuotaExceededError), (503, exceptions.UnavailableError)]:
        # The client tries again by itself after 503, four times.
        control("faults", {"path": "messages:send", "times": 5, "effect": {"refuse": {"status": status, "retry_after_s": None}}})
        refused(kind, message("device-1", "ntf_3"), app)
        requests.delete(f"{root}/_control/faults", timeout=5)
    batch = messaging.send_each([message("device-1", "ntf_4"), message("device-2", "ntf_5")], app=app)
    assert [each.success for each in batch.responses] == [True, False], batch.responses

    stranger = dict(account, client_email="somebody@else.iam.gserviceaccount.com")
    other = firebase_admin.initialize_app(credentials.Certificate(stranger), name="other")
    try:
        messaging.send(message("device-1", "ntf_6"), app=other)
        raise AssertionError("a key of nobody's was exchanged")
    except RefreshError as error:
        assert "invalid_grant" in str(error), error

    violations = requests.get(f"{root}/_control/violations", timeout=5).json()["violations"]
    # What is wrong above on purpose: one message that has nothing of ours and is too large, and somebody else's key.
    parts = ["/message/notification", "/message/data/id", "/message/android", "/message/apns", "/message/fcm_options"]
    expected = [f"messages:send: {part}" for part in parts] + ["a payload of", "/token: iss"]
    assert len(violations) == len(expected), violations
    assert all(part in each for part, each in zip(expected, violations)), violations
    print("firebase-admin: the exchange of keys, messages, replaced ones and refusals understood")


if __name__ == "__main__":
    main()
