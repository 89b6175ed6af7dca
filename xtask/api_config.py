"""Prints a configuration for schemathesis: who asks, and which things of the demo city exist.

    api_config.py ORIGIN DEMO_JSON ROLE

ROLE is a login of the demo ('clerk', 'deputy' …) or 'resident' for somebody without an account.
Four of five ids are of things that exist, the rest are made up.
"""

import base64
import hashlib
import hmac
import json
import struct
import sys
import time
import urllib.error
import urllib.request

EXISTING = 0.8
ITEMS = 20


def totp(secret):
    """The present code of a second factor (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    mac = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    at = mac[19] & 15
    return f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


class Site:
    """The demo city, asked as one visitor."""

    def __init__(self, origin):
        self.origin, self.token = origin, None

    def ask(self, path, body=None):
        """GET, or POST where there is a body."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.origin}/api/v1{path}", data)
        request.add_header("Content-Type", "application/json")
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            refused.add_note(refused.read().decode(errors="replace"))
            raise

    def sign_in(self, login):
        """Password, then code; a code is good once, so the next one is waited for when it was used."""
        begun = self.ask("/sessions", {"login": login["login"], "password": login["password"]})
        self.token = begun["token"]
        if begun["stage"] == "second_factor":
            self.token = self.pass_code(login["totp_secret"])["token"]

    def pass_code(self, secret):
        try:
            return self.ask("/sessions/current/code", {"code": totp(secret)})
        except urllib.error.HTTPError as refused:
            if refused.code not in (401, 422):
                raise
            time.sleep(30 - time.time() % 30)
            return self.ask("/sessions/current/code", {"code": totp(secret)})


def ids(site, path, key="id"):
    """What the items of a list are called; nothing where there is no such list for this visitor."""
    try:
        return [item[key] for item in site.ask(path)["items"]][:ITEMS]
    except urllib.error.HTTPError:
        return []


def things(site, demo):
    """What exists, by the parameter that names it and the paths it stands in."""
    consultations = ids(site, "/consultations")
    opened = [f"/consultations/{id}" for id in consultations[:3]]
    versions = [id for path in opened for id in ids(site, f"{path}/versions")]
    return {
        "consultations": ("path.id", r"/consultations/\{id\}", consultations),
        "opinions": (
            "path.id",
            r"/opinions/\{id\}",
            [id for path in opened for id in ids(site, f"{path}/opinions?limit={ITEMS}")],
        ),
        "codes": ("path.code", r"/receipts/\{code\}", [r["code"] for r in demo["receipts"]]),
        "old": ("query.old", r"/comparison", versions),
        "new": ("query.new", r"/comparison", versions),
        "accounts": ("path.id", r"/accounts/\{id\}", ids(site, "/accounts")),
        "deputies": ("path.id", r"/deputies/\{id\}", ids(site, "/deputies")),
    }


def main():
    origin, file, role = sys.argv[1:]
    demo = json.load(open(file, encoding="utf-8"))
    site = Site(origin)
    out = ['continue-on-failure = true', "request-timeout = 10.0"]
    if role != "resident":
        site.sign_in(next(login for login in demo["logins"] if login["role"] == role))
        out.append(f'headers = {{ Authorization = "Bearer {site.token}" }}')
    # A form can be valid and still not fit the matter: a window of three days, an article that is not there.
    allowed = [200, 201, 204, 401, 403, 404, 409, 422, 429, 503]
    out.append(f"checks.positive_data_acceptance.expected-statuses = {allowed}")
    found = {name: thing for name, thing in things(site, demo).items() if thing[2]}
    for name, (_, _, values) in found.items():
        out.append(f"[dictionaries.{name}]\nvalues = {json.dumps(values)}")
    # Whoever ends their session, or guesses codes, asks the rest as somebody else.
    sessions = ["DELETE /api/v1/sessions/{id}", "DELETE /api/v1/sessions/current"]
    for own in [*sessions, "POST /api/v1/sessions/current/code"]:
        if site.token:
            out.append(f'[[operations]]\ninclude-name = "{own}"\nenabled = false')
    for pattern in sorted({thing[1] for thing in found.values()}):
        bound = {thing[0]: name for name, thing in found.items() if thing[1] == pattern}
        pairs = ", ".join(
            f'"{parameter}" = {{ dictionary = "{name}", probability = {EXISTING} }}'
            for parameter, name in bound.items()
        )
        out.append(f"[[operations]]\ninclude-path-regex = '{pattern}'\nparameters = {{ {pairs} }}")
    print("\n".join(out))


main()
