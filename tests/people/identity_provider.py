"""A small but real OpenID Connect provider on loopback: discovery, keys, authorization, token; code flow with PKCE."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT_ID, CLIENT_SECRET = "loudou", "a-secret-of-the-provider"


class Provider(ThreadingHTTPServer):
    """Whoever `person` describes is signed in there; `claims` overrides what the ID token says, None removes."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.issuer = f"http://127.0.0.1:{self.server_port}"
        self.key = RSAKey.generate_key(2048, {"kid": "one"})
        self.signing_key: Any = self.key
        self.algorithm = "RS256"
        self.person: dict[str, Any] = {}
        self.claims: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {}
        self.refuses = ""
        self.codes: dict[str, dict[str, str]] = {}
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    @property
    def discovery_url(self) -> str:
        """Where its discovery document is."""
        return f"{self.issuer}/.well-known/openid-configuration"

    def stop(self) -> None:
        """Go away."""
        self.shutdown()
        self.server_close()
        self.thread.join()

    def sign_with_the_client_secret(self) -> None:
        """Sign tokens in a way everybody who knows the client's secret could."""
        self.algorithm, self.signing_key = "HS256", OctKey.import_key(CLIENT_SECRET + "-made-long-enough-for-sha-256")

    def id_token(self, asked: dict[str, str], access_token: str) -> str:
        """Make the signed word about the person."""
        now = int(time.time())
        half = hashlib.sha256(access_token.encode()).digest()[:16]
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
            **self.person,
            **self.claims,
        }
        if "max_age" in asked:
            claims.setdefault("auth_time", now)
        kept = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode({"alg": self.algorithm, "kid": "one"}, kept, self.signing_key, algorithms=[self.algorithm])


class _Answer(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        given = {name: values[0] for name, values in parse_qs(parts.query).items()}
        provider = self.server
        if parts.path == "/.well-known/openid-configuration":
            offered = {
                "issuer": provider.issuer,
                "authorization_endpoint": f"{provider.issuer}/authorize",
                "token_endpoint": f"{provider.issuer}/token",
                "jwks_uri": f"{provider.issuer}/keys",
            }
            self._json(200, offered | provider.metadata)
        elif parts.path == "/keys":
            self._json(200, {"keys": [provider.key.as_dict(private=False) | {"use": "sig", "alg": "RS256"}]})
        elif parts.path == "/authorize":
            self._authorize(given)
        else:
            self._json(404, {})

    def _authorize(self, given: dict[str, str]) -> None:
        provider = self.server
        right = (
            given.get("client_id") == CLIENT_ID
            and given.get("response_type") == "code"
            and given.get("code_challenge_method") == "S256"
            and "openid" in given.get("scope", "").split()
        )
        answer = {"state": given["state"]}
        if provider.refuses or not right:
            answer["error"] = provider.refuses or "invalid_request"
        else:
            answer["code"] = secrets.token_urlsafe(16)
            provider.codes[answer["code"]] = given
        self.send_response(302)
        self.send_header("Location", f"{given['redirect_uri']}?{urlencode(answer)}")
        self.end_headers()

    def do_POST(self) -> None:
        given = {
            name: values[0]
            for name, values in parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()).items()
        }
        asked = self.server.codes.pop(given.get("code", ""), None)  # a code works once
        expected = "Basic " + base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if self.headers.get("Authorization") != expected:
            self._json(401, {"error": "invalid_client"})
        elif asked is None or asked["code_challenge"] != challenge or asked["redirect_uri"] != given["redirect_uri"]:
            self._json(400, {"error": "invalid_grant"})
        else:
            access = secrets.token_urlsafe(16)
            token = self.server.id_token(asked, access)
            self._json(200, {"access_token": access, "token_type": "Bearer", "expires_in": 300, "id_token": token})

    def _json(self, status: int, value: Any) -> None:
        content = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Keep quiet."""
