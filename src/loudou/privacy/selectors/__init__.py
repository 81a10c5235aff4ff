"""Questions about personal data."""

from loudou.privacy.selectors.persons import person_of
from loudou.privacy.selectors.places import places_of, shown
from loudou.privacy.selectors.requests import open_request, requests_of, requests_register

__all__ = ["open_request", "person_of", "places_of", "requests_of", "requests_register", "shown"]
