"""A client that keeps its connection and its session, like a browser without the drawing."""

from __future__ import annotations

import http.client
import json
import re
import time
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Unexpected(Exception):  # noqa: N818
    """The server answered something that must not be measured."""


@dataclass
class Browser:
    """One person at one connection."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""
    connection: http.client.HTTPConnection | None = None

    def sign_in(self, username: str, password: str) -> Browser:
        """Sign in on the page, as people do."""
        page = self.request("GET", "/sign-in/").decode()
        found = _TOKEN.search(page)
        if found is None:
            raise Unexpected("the sign-in page has no form")
        form = {"csrfmiddlewaretoken": found[1], "username": username, "password": password}
        self.request("POST", "/sign-in/", urlencode(form), "application/x-www-form-urlencoded", expect=302)
        if "sessionid" not in self.cookies:
            raise Unexpected(f"{username} was not let in")
        return self

    def twin(self) -> Browser:
        """Return the same person at a connection of its own."""
        return Browser(self.port, dict(self.cookies), self.token)

    def get(self, path: str) -> float:
        """Fetch a page and return the seconds it took."""
        began = time.perf_counter()
        self.request("GET", path)
        return time.perf_counter() - began

    def create(self, path: str, body: dict[str, object]) -> float:
        """Send JSON to the API and return the seconds it took."""
        began = time.perf_counter()
        self.request("POST", path, json.dumps(body), "application/json", expect=201)
        return time.perf_counter() - began

    def request(self, method: str, path: str, body: str = "", kind: str = "", *, expect: int = 200) -> bytes:
        """Send a request and return the body of the answer. Raises Unexpected."""
        headers = {"Accept": "text/html", "Accept-Encoding": "gzip", "Accept-Language": "zh-Hans"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if self.token:
            headers |= {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        if kind:
            headers["Content-Type"] = kind
        if method != "GET" and not self.token:
            headers |= {"Referer": f"http://127.0.0.1:{self.port}/"}
        answer = self._exchange(method, path, body, headers)
        content = answer.read()
        for header, value in answer.getheaders():
            if header.lower() == "set-cookie":
                self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(value).items()}
        if answer.status != expect:
            raise Unexpected(f"{method} {path} answered {answer.status}: {content[:300]!r}")
        return content

    def _exchange(self, method: str, path: str, body: str, headers: dict[str, str]) -> http.client.HTTPResponse:
        """Send on the kept connection; the server may have closed it after five idle seconds."""
        if self.connection is not None:
            try:
                self.connection.request(method, path, body.encode() or None, headers)
                return self.connection.getresponse()
            except (http.client.RemoteDisconnected, ConnectionError):
                self.connection.close()
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        self.connection.request(method, path, body.encode() or None, headers)
        return self.connection.getresponse()
