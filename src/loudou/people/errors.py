"""Refusals of people."""

from django.utils.translation import gettext_lazy as _

from loudou.core.refusals import BusinessRefusal


class TeamCycle(BusinessRefusal):
    """A team cannot be part of one of its own sub-teams."""

    code = "team_cycle"
    message = _("%(team)s cannot be part of %(parent)s, because %(parent)s is part of %(team)s.")
    status = 422


class LastAdministrator(BusinessRefusal):
    """Somebody must be left who can let people in."""

    code = "last_administrator"
    message = _("%(name)s is the last administrator. Make somebody else an administrator first.")


class OwnAccount(BusinessRefusal):
    """Nobody locks themselves out."""

    code = "own_account"
    message = _("You cannot take away your own access. Ask another administrator.")


class ScopesTooWide(BusinessRefusal):
    """A token can do no more than the person it acts for."""

    code = "scopes_too_wide"
    message = _("A token can do no more than you can. You may not give it: %(scopes)s.")
    status = 422


class TokenLifetime(BusinessRefusal):
    """Tokens end, and not too far away."""

    code = "token_lifetime"
    message = _("A token must expire in the future and within %(days)s days.")
    status = 422


class SignInRefused(BusinessRefusal):
    """Wrong name or password, or an account that may not sign in: one answer for all, so that nothing can be learnt."""

    code = "sign_in_refused"
    message = _("This name and password do not match. Check both and try again.")
    status = 401


class TooManyAttempts(BusinessRefusal):
    """Guessing is slowed down; the sentence says for how long."""

    code = "too_many_attempts"
    message = _("Too many attempts. Wait %(minutes)s min, then try again.")
    status = 429


class CodeRefused(BusinessRefusal):
    """A second-factor or recovery code that is wrong, old or already used."""

    code = "code_refused"
    message = _("This code is not valid. Use the newest one from your app, or a recovery code you have not used yet.")
    status = 422


class PasswordRefused(BusinessRefusal):
    """The present password is asked for before a sensitive change."""

    code = "password_refused"
    message = _("This is not your present password.")
    status = 422


class SecondFactorAlreadyOn(BusinessRefusal):
    """One authenticator per account."""

    code = "second_factor_already_on"
    message = _("The second factor is already switched on. Switch it off first to set it up anew.")


class IdentityUnknown(BusinessRefusal):
    """The identity provider vouches for somebody who has no account here, or none that is open."""

    code = "identity_unknown"
    message = _(
        "You are signed in there, but no open account here has your mail address, or the address is not verified "
        "there. Ask an administrator."
    )
    status = 403


class IdentityChanged(BusinessRefusal):
    """A mail address that belongs to somebody else at the provider than before opens no account."""

    code = "identity_changed"
    message = _(
        "The account with your mail address here is linked to somebody else there. If it is yours, ask an "
        "administrator to remove the old link."
    )
    status = 403


class IdentityRefused(BusinessRefusal):
    """The provider said no, or what came back cannot be trusted."""

    code = "identity_refused"
    message = _("Signing in there did not work. Begin again; if it happens twice, tell an administrator.")
    status = 401


class ProviderUnavailable(BusinessRefusal):
    """The identity provider cannot be reached or answers nonsense."""

    code = "provider_unavailable"
    message = _("The sign-in service does not answer at the moment. Try again soon, or sign in with your password.")
    status = 503


class LinkSpent(BusinessRefusal):
    """A link for setting a password works once, and not for ever."""

    code = "link_spent"
    message = _("This link was already used or is too old. Ask for a new one.")
    status = 410
