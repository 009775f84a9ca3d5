import os

from django.core.checks import Tags, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application
from django.db import connection

from portal.common.charsets import only_usual_charsets

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

application = only_usual_charsets(get_wsgi_application())

# Whatever starts the web server: it does not serve under a role that could change what is evidence.
mistakes = run_checks(tags=[Tags.database], include_deployment_checks=True, databases=["default"])
if any(mistake.is_serious() for mistake in mistakes):
    raise ImproperlyConfigured("\n".join(str(mistake) for mistake in mistakes))
# Web servers may fork now.
connection.close()
