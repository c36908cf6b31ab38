"""Two ready ways to try a webhook, in a shell and in Python, with nothing to install."""

import json
from dataclasses import dataclass
from string import Template

from runs.webhooks.inputs import declared_inputs
from runs.webhooks.models import Webhook

SHELL = Template("""\
SECRET='$secret'
URL='$url'
BODY='$body'
ID=msg_$$(openssl rand -hex 12) NOW=$$(date +%s)
KEY=$$(printf %s "$${SECRET#whsec_}" | openssl base64 -d -A | od -An -vtx1 | tr -d ' \\n')
SIGNATURE=$$(printf %s "$$ID.$$NOW.$$BODY" |
  openssl dgst -sha256 -mac HMAC -macopt "hexkey:$$KEY" -binary | openssl base64 -A)
curl -sS "$$URL" -H 'Content-Type: application/json' -H "webhook-id: $$ID" \\
  -H "webhook-timestamp: $$NOW" -H "webhook-signature: v1,$$SIGNATURE" --data-binary "$$BODY"
""")
PYTHON = Template("""\
import base64, hmac, time, urllib.request, uuid

secret = "$secret"
url = "$url"
body = '$body'.encode()
message, now = f"msg_{uuid.uuid4().hex}", int(time.time())
key = base64.b64decode(secret.removeprefix("whsec_"))
signed = f"{message}.{now}.".encode() + body
signature = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
headers = {
    "Content-Type": "application/json",
    "webhook-id": message,
    "webhook-timestamp": str(now),
    "webhook-signature": f"v1,{signature}",
}
with urllib.request.urlopen(urllib.request.Request(url, body, headers)) as answer:
    print(answer.status, answer.read().decode())
""")
PLACE_OF_SECRET = "whsec_…"  # noqa: S105 - where it goes


@dataclass(frozen=True)
class Snippet:
    """A piece of code, and what it is for."""

    label: str
    code: str


def snippets(webhook: Webhook, *, url: str, secret: str = PLACE_OF_SECRET) -> list[Snippet]:
    """Code that signs and sends a delivery in the form that the webhook takes."""
    words = {"secret": secret, "url": url, "body": example_body(webhook)}
    return [
        Snippet("In a shell, with openssl and curl", SHELL.substitute(words)),
        Snippet("In Python", PYTHON.substitute(words)),
    ]


def example_body(webhook: Webhook) -> str:
    """A body of the right form, on one line."""
    if webhook.into:
        return '{"hello": "world"}'
    declared = declared_inputs(webhook.workflow, webhook.environment) or ()
    return json.dumps({found.name: f"An example of {found.name}" for found in declared})
