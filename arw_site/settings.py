"""Django settings, all from the environment; see docs/settings.md for the table."""

from __future__ import annotations

import hashlib
import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from arw_site.addresses import SecretUrls
from arw_site.environment import Environment, database_config, key_from
from arw_site.state import default_state_dir

BASE_DIR = Path(__file__).resolve().parent.parent

_environment = Environment(os.environ)
_values: dict[str, Any] = _environment.read()
ENVIRONMENT_PROBLEMS = tuple(_environment.problems)

ARW_STATE_DIR = (
    Path(_values["ARW_STATE_DIR"]).expanduser() if _values["ARW_STATE_DIR"] else default_state_dir()
)
ARW_HTTPS: bool = _values["ARW_HTTPS"]
ARW_REDIS_URL: str = _values["ARW_REDIS_URL"]
ARW_METRICS_PUBLIC: bool = _values["ARW_METRICS_PUBLIC"]
ARW_ADMIN_TOKEN: str = _values["ARW_ADMIN_TOKEN"]
ARW_ADMIN_TOKEN_SHA256: str = _values["ARW_ADMIN_TOKEN_SHA256"].lower() or (
    hashlib.sha256(ARW_ADMIN_TOKEN.encode()).hexdigest() if ARW_ADMIN_TOKEN else ""
)
ARW_PSEUDONYM_KEY = key_from(_values["ARW_PSEUDONYM_KEY"], ARW_STATE_DIR / "pseudonym_key")
ARW_INGEST_QUEUE: int = _values["ARW_INGEST_QUEUE"]
ARW_PROCESSES: int = _values["ARW_PROCESSES"]
ARW_EVENT_LOG: bool = _values["ARW_EVENT_LOG"]
ARW_PERSONA_ENABLE: bool = _values["ARW_PERSONA_ENABLE"]
ARW_LEASE_MAX_LIFE = timedelta(seconds=_values["ARW_LEASE_MAX_LIFE"])
ARW_PERSONA_PROPOSAL_TTL = timedelta(seconds=_values["ARW_PERSONA_PROPOSAL_TTL"])
ARW_PERSONA_SELF_APPROVAL: str = _values["ARW_PERSONA_SELF_APPROVAL"]
ARW_PERSONA_APPROVALS_REQUIRED: int = _values["ARW_PERSONA_APPROVALS_REQUIRED"]
ARW_PERSONA_APPROVALS_REQUIRED_HIGH: int = (
    _values["ARW_PERSONA_APPROVALS_REQUIRED_HIGH"] or ARW_PERSONA_APPROVALS_REQUIRED
)
ARW_POLICY_FILE: str = _values["ARW_POLICY_FILE"]
ARW_WORKER: bool = _values["ARW_WORKER"]
ARW_BASE_URL: str = _values["ARW_BASE_URL"]
ARW_NOTIFY_URLS: SecretUrls = _values["ARW_NOTIFY_URLS"]
ARW_PERSONA_ACCESSIBILITY: str = _values["ARW_PERSONA_ACCESSIBILITY"]
ARW_PERSONA_VIBE_HISTORY_RETAIN: int = _values["ARW_PERSONA_VIBE_HISTORY_RETAIN"]
ARW_PERSONA_VIBE_MAX_AGE = timedelta(seconds=_values["ARW_PERSONA_VIBE_MAX_AGE"])
ARW_PERSONA_SIGNAL_HALFLIFE_SECS: int | None = _values["ARW_PERSONA_SIGNAL_HALFLIFE_SECS"]
ARW_PERSONA_FEEDBACK_RATE: int = _values["ARW_PERSONA_FEEDBACK_RATE"]
ARW_PERSONA_FEEDBACK_RATE_PERSONA: int = _values["ARW_PERSONA_FEEDBACK_RATE_PERSONA"]
ARW_PERSONA_SAMPLES_PER_DAY: int = _values["ARW_PERSONA_SAMPLES_PER_DAY"]
ARW_PERSONA_MEMORY_PER_DAY: int = _values["ARW_PERSONA_MEMORY_PER_DAY"]
ARW_PERSONA_PROPOSALS_PER_DAY: int = _values["ARW_PERSONA_PROPOSALS_PER_DAY"]
ARW_PERSONA_CALIBRATION_INTERVAL = timedelta(seconds=_values["ARW_PERSONA_CALIBRATION_INTERVAL"])
ARW_PERSONA_DOCUMENT_BYTES: int = _values["ARW_PERSONA_DOCUMENT_BYTES"]
ARW_PERSONA_DIFF_BYTES: int = _values["ARW_PERSONA_DIFF_BYTES"]
ARW_PERSONA_DIFF_OPERATIONS: int = _values["ARW_PERSONA_DIFF_OPERATIONS"]
ARW_PERSONA_DEPTH: int = _values["ARW_PERSONA_DEPTH"]
ARW_PERSONA_STRING_BYTES: int = _values["ARW_PERSONA_STRING_BYTES"]

SECRET_KEY = key_from(_values["ARW_SECRET_KEY"], ARW_STATE_DIR / "secret_key")
DEBUG: bool = _values["ARW_DEBUG"]
ALLOWED_HOSTS: list[str] = _values["ARW_ALLOWED_HOSTS"]
CSRF_TRUSTED_ORIGINS: list[str] = _values["ARW_TRUSTED_ORIGINS"]

INSTALLED_APPS = [
    # It lends `runserver` its ASGI server. Whatever else runs would carry it along, and twisted
    # with it, for 20 MiB of memory; `ARW_SERVER=daphne` loads its own.
    *(["daphne"] if sys.argv[1:2] == ["runserver"] else []),
    "arw_site.desk.apps.DeskAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "rest_framework",
    "knox",
    "axes",
    "csp",
    "django_prometheus",
    "django_structlog",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "leases",
    "personas",
    "telemetry",
    "arw_site",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "arw_site.request_id.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "axes.middleware.AxesMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "arw_site.urls"
ASGI_APPLICATION = "arw_site.asgi.application"
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- data -------------------------------------------------------------------------------------

DATABASES = {
    "default": database_config(
        _values["ARW_DATABASE_URL"], ARW_STATE_DIR, _values["ARW_SQLITE_SYNCHRONOUS"]
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES: dict[str, Any] = {
    "default": (
        {"BACKEND": "arw_site.shared_cache.SharedCache", "LOCATION": ARW_REDIS_URL}
        if ARW_REDIS_URL
        # On disk, so that the processes of one machine count failed sign-ins together.
        else {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": str(ARW_STATE_DIR / "cache"),
            # Far above what is counted in ten minutes: entries that are culled are forgotten.
            "OPTIONS": {"MAX_ENTRIES": 20_000},
        }
    )
}
# axes warns of any cache that one machine cannot share with another; docs/operations.md says when
# to configure Redis.
SILENCED_SYSTEM_CHECKS = ["axes.W001"]
# Bodies are bounded per route (contract §2): this is only the outermost bound, for forms too.
DATA_UPLOAD_MAX_MEMORY_SIZE = 33_554_432
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# --- identity (contract §1) -------------------------------------------------------------------

AUTH_USER_MODEL = "leases.User"
KNOX_TOKEN_MODEL = "leases.ApiToken"
REST_KNOX = {"TOKEN_TTL": timedelta(days=30), "AUTO_REFRESH": False, "TOKEN_PREFIX": "arw_"}
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "leases.authentication.PeopleBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

# Attempts are counted in the cache under keyed digests: no address and no user name is stored.
AXES_HANDLER = "axes.handlers.cache.AxesCacheHandler"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = timedelta(minutes=10)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_USERNAME_CALLABLE = "arw_site.sign_in.throttle_user"
AXES_CLIENT_IP_CALLABLE = "arw_site.sign_in.throttle_client"
AXES_CLIENT_STR_CALLABLE = "arw_site.sign_in.throttle_label"
AXES_LOCKOUT_CALLABLE = "arw_site.sign_in.locked_out"

# --- security ---------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ARW_HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_NAME = "arw_session"
CSRF_COOKIE_NAME = "arw_csrf"
CSRF_FAILURE_VIEW = "arw_site.error_pages.csrf_failure"
SECURE_SSL_REDIRECT = ARW_HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if ARW_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = ARW_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ARW_HTTPS else None
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]

# --- API --------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "leases.authentication.BearerAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["leases.api.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "leases.api.negotiation.JSONOnly",
    "EXCEPTION_HANDLER": "arw_site.api_errors.exception_handler",
    "UNICODE_JSON": True,
}
# What each route needs: one table, which the guard of the API and the desk's door go by.
ROUTE_ACCESS = "arw_site.access.routes.ROUTES"
SPECTACULAR_SETTINGS = {
    "TITLE": "ARW Personas",
    "DESCRIPTION": "Review desk and consent desk for agent personas.",
    "VERSION": "0.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": None,
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {"ProposalStatus": "personas.models.proposal.Proposal.Status"},
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "arw_site.access.openapi.show_access",
    ],
}

# --- texts, times, static files ---------------------------------------------------------------

LANGUAGE_CODE = "en"
# Those that the desk has a catalog for: a page must not be half in one language, half in another.
LANGUAGES = [("en", "English")]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = ARW_STATE_DIR / "static"
# Collected files carry a content hash in their names; from a bare checkout the finders serve them.
_COLLECTED = (STATIC_ROOT / "staticfiles.json").exists()
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if _COLLECTED
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = not _COLLECTED
WHITENOISE_AUTOREFRESH = False

# --- logs and metrics -------------------------------------------------------------------------

DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_USER_ID_FIELD = None
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = True
ARW_LOG_LEVEL: str = _values["ARW_LOG_LEVEL"].upper()
ARW_LOG_JSON: bool = _values["ARW_LOG_FORMAT"] == "json" or (
    _values["ARW_LOG_FORMAT"] == "auto" and not sys.stderr.isatty()
)
LOGGING_CONFIG = "arw_site.logs.configure"
# Django calls the function above only for a LOGGING that is not empty.
LOGGING: dict[str, Any] = {"version": 1}
PROMETHEUS_EXPORT_MIGRATIONS = False
