"""The WSGI entry for gunicorn."""

from django.core.wsgi import get_wsgi_application

from loudou.config.env import choose_settings

choose_settings()
application = get_wsgi_application()

from loudou.config import pages  # noqa: E402 - needs the settings, as everything it reads does

pages.load()
