"""What schemathesis does not know by itself: how a body of several JSON documents is written."""

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def ndjson(ctx, value):
    return value if isinstance(value, bytes) else str(value).encode()
