"""Django settings. Values that differ between machines come from `loudou.config.env`."""

from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from loudou.config import database, logs, secrets
from loudou.config.env import environment, is_https_due

env = environment()
PACKAGE = Path(__file__).resolve().parent.parent

DEBUG = env.debug
SECRET_KEY = secrets.secret_key(env)
ALLOWED_HOSTS = [host.strip() for host in env.allowed_hosts.split(",") if host.strip()]

INSTALLED_APPS = [
    "loudou.web",
    "loudou.api",
    "loudou.demo",
    "loudou.handover",
    "loudou.privacy",
    "loudou.exchange",
    "loudou.insights",
    "loudou.contracts",
    "loudou.playbook",
    "loudou.pipeline",
    "loudou.customers",
    "loudou.catalog",
    "loudou.people",
    "loudou.core",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.forms",
    "django_htmx",
    "django_filters",
    "pgtrigger",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "loudou.config.health.HealthMiddleware",
    "loudou.config.transport.ProxyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "loudou.web.frame.middleware.RequestContextMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "loudou.web.people.middleware.SignInWatchMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "loudou.web.frame.middleware.ReaderMiddleware",
    "loudou.config.transport.HttpsMiddleware",
    "loudou.web.frame.middleware.RefusalMiddleware",
    "loudou.api.middleware.ProblemMiddleware",
]

ROOT_URLCONF = "loudou.config.urls"
WSGI_APPLICATION = "loudou.config.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": sorted((PACKAGE / "web").glob("*/templates")),
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
            ],
        },
    }
]

DATABASES = {"default": database.settings(env)}
EMBEDDED_DATABASE = database.embedded_folder(env)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "people.User"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600
LOGIN_URL = "people:sign_in"
# Where the company is the demo (Company.is_demo), the sign-in page offers its accounts.
DEMO_PASSWORD = "loudou-demo"  # noqa: S105 - public on purpose; nobody else has accounts of this password
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

PASSWORD_MAIL_HOURS = env.password_mail_hours
SENDS_MAIL = bool(env.smtp_host)

PUBLIC_URL = str(env.public_url or "").rstrip("/")
IDENTITY_PROVIDER = {
    "discovery_url": str(env.oidc_discovery_url or ""),  # empty: people sign in with a password only
    "client_id": env.oidc_client_id,
    "client_secret": env.oidc_client_secret.get_secret_value() if env.oidc_client_secret else "",
    "name": env.oidc_name,
}

EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if env.smtp_host else 'dummy'}.EmailBackend"
EMAIL_HOST, EMAIL_PORT = env.smtp_host, env.smtp_port
EMAIL_HOST_USER = env.smtp_user
EMAIL_HOST_PASSWORD = env.smtp_password.get_secret_value() if env.smtp_password else ""
EMAIL_USE_TLS, EMAIL_USE_SSL = env.smtp_security == "starttls", env.smtp_security == "tls"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.mail_from

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [
    PACKAGE / "analyze" / "locale",
    PACKAGE / "api" / "locale",
    PACKAGE / "config" / "locale",
    *sorted((PACKAGE / "web").glob("*/locale")),
]
USE_I18N = True
FORMAT_MODULE_PATH = ["loudou.config.formats"]
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = env.home / "static"
MEDIA_ROOT = env.home / "media"
CUSTOMER_FILE_LIMIT_MB = env.customer_file_limit_mb
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "loudou.config.assets.AssetStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
UPLOAD_LIMIT_MB = env.upload_limit_mb
UNFINISHED_UPLOAD_DAYS = env.unfinished_upload_days
PERSONAL_DATA_DAYS = env.personal_data_days
FILE_UPLOAD_TEMP_DIR = None

HTTPS_IS_DUE = is_https_due(env, ALLOWED_HOSTS)
TRUSTED_PROXIES = [proxy.strip() for proxy in env.proxy.split(",") if proxy.strip()]

SESSION_ENGINE = "loudou.people.session_store"
SESSION_COOKIE_AGE = env.session_idle_hours * 3600
SESSION_LONGEST_DAYS = env.session_days
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS_IS_DUE
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SECURE = HTTPS_IS_DUE
CSRF_FAILURE_VIEW = "loudou.web.frame.errors.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_HSTS_SECONDS = 31536000 if HTTPS_IS_DUE else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")  # ProxyMiddleware keeps it only from trusted proxies

LOGGING = logs.settings(env)
