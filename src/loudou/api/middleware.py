"""What the library answers by itself, put into the form of all other errors."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from loudou.api.errors import MethodNotAllowed
from loudou.api.problems import answer

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class ProblemMiddleware:
    """A method that an address of the API does not know is answered as a problem, in the caller's language."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        response = self.get_response(request)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or not request.path.startswith("/api/"):
            return response
        allowed = ", ".join(sorted(response.headers.get("Allow", "").split(", ")))
        problem = answer(request, MethodNotAllowed(method=request.method, allowed=allowed))
        problem["Allow"] = allowed
        return problem
