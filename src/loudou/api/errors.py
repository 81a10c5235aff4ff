"""Refusals of the API itself."""

from django.utils.translation import gettext_lazy as _

from loudou.core.refusals import BusinessRefusal


class NotSignedIn(BusinessRefusal):
    """Neither a valid token nor a session came with the request."""

    code = "not_signed_in"
    message = _("Send a valid API token, or sign in.")
    status = 401


class ForgedRequest(BusinessRefusal):
    """A session cookie without the token that proves that the request comes from our own page."""

    code = "csrf_failed"
    message = _("The request came without a valid CSRF token. Programs use an API token instead of a session.")
    status = 403


class MalformedBody(BusinessRefusal):
    """The body is not what its content type says."""

    code = "malformed_body"
    message = _("The body of the request cannot be read as JSON.")
    status = 400


class MalformedRequest(BusinessRefusal):
    """Too many fields, or something else that no honest program sends."""

    code = "malformed_request"
    message = _("The request is not well-formed, or has too many fields.")
    status = 400


class BodyTooLarge(BusinessRefusal):
    """More was announced than is ever read."""

    code = "body_too_large"
    message = _("The request is too large: at most %(limit)s MB are accepted here.")
    status = 413


class UnstorableText(BusinessRefusal):
    """A text holds characters that no database column can keep."""

    code = "unstorable_text"
    message = _("A text holds a zero byte or half of a surrogate pair. Remove it.")
    status = 422


class VersionRequired(BusinessRefusal):
    """A change must say which version of the record it is based on, so that nobody's work is overwritten."""

    code = "version_required"
    message = _("Say which version your change is based on: `version` in the body or an If-Match header.")
    status = 428


class BadCursor(BusinessRefusal):
    """The cursor is not one that this list handed out with this sort order."""

    code = "bad_cursor"
    message = _("This cursor does not belong to this list. Start again without a cursor.")
    status = 422


class UnknownParameter(BusinessRefusal):
    """A query parameter that the operation does not have; ignoring it would answer another question than was asked."""

    code = "unknown_parameter"
    message = _("There is no parameter %(name)s here. Known ones: %(known)s.")
    status = 422


class UnknownAddress(BusinessRefusal):
    """Nothing answers at this address of the API."""

    code = "unknown_address"
    message = _("There is nothing at this address of the API. See /api/v1/openapi.json.")
    status = 404


class MethodNotAllowed(BusinessRefusal):
    """The address exists, and cannot be asked in this way."""

    code = "method_not_allowed"
    message = _("This address does not take %(method)s, only %(allowed)s.")
    status = 405


class BadIdempotencyKey(BusinessRefusal):
    """The key is empty or too long."""

    code = "bad_idempotency_key"
    message = _("An idempotency key has 1 to 200 characters.")
    status = 422
