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
    """What exists: for each parameter, the path it stands in (None for every path) and the values.

    Of all the parts of a configuration that fit an operation, only the first with parameters counts: the paths
    here must not fit the same operation twice.
    """
    consultations = ids(site, "/consultations")
    opened = [f"/consultations/{id}" for id in consultations[:3]]
    inside = lambda what: [id for path in opened for id in ids(site, f"{path}/{what}")]
    versions, people = inside("versions"), ids(site, "/people")
    return [
        ("path.id", r"/consultations/\{id\}", consultations),
        ("path.id", r"/opinions/\{id\}", inside(f"opinions?limit={ITEMS}")),
        ("path.id", r"/accounts/\{id\}", ids(site, "/accounts")),
        ("path.id", r"/people/\{id\}", people),
        ("path.id", r"/deputies/\{id\}", ids(site, "/deputies")),
        ("path.id", r"/imports/\{id\}", ids(site, "/imports")),
        ("path.code", None, [receipt["code"] for receipt in demo["receipts"]]),
        ("path.version", None, versions),
        ("query.old", None, versions),
        ("query.new", None, versions),
        ("query.visit", None, inside("visits")),
        ("body.person", None, people),
    ]


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
    # Whoever ends their session, or guesses codes, asks the rest as somebody else.
    sessions = ["DELETE /api/v1/sessions/{id}", "DELETE /api/v1/sessions/current"]
    for own in [*sessions, "POST /api/v1/sessions/current/code"]:
        if site.token:
            out.append(f'[[operations]]\ninclude-name = "{own}"\nenabled = false')
    found = [thing for thing in things(site, demo) if thing[2]]
    bindings = [
        f'"{parameter}" = {{ dictionary = "things_{n}", probability = {EXISTING} }}'
        for n, (parameter, _, _) in enumerate(found)
    ]
    for (_, pattern, _), binding in zip(found, bindings):
        if pattern:
            out.append(f"[[operations]]\ninclude-path-regex = '{pattern}'\nparameters = {{ {binding} }}")
    everywhere = [binding for (_, pattern, _), binding in zip(found, bindings) if not pattern]
    out.append("[parameters]\n" + "\n".join(everywhere))
    for n, (_, _, values) in enumerate(found):
        out.append(f"[dictionaries.things_{n}]\nvalues = {json.dumps(values)}")
    print("\n".join(out))


main()
