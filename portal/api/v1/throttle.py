"""How many requests a partner may send in a minute (facts, 6.5: 500 for each tenant)."""

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

# Counted by the database, so that all processes count together, and in one statement, so that none is lost.
COUNT = """
    INSERT INTO jobs_apiusage (partner, minute, count) VALUES (%s, %s, 1)
    ON CONFLICT (partner, minute) DO UPDATE SET count = jobs_apiusage.count + 1 RETURNING count
"""


def seconds_to_wait(partner_id: int) -> int:
    """Count a request of this partner: 0 where it may go on, else the seconds until the next minute begins."""
    now = timezone.now()
    minute = now.replace(second=0, microsecond=0)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(COUNT, [partner_id, minute])
        (count,) = cursor.fetchone()
    return 0 if count <= settings.API_REQUESTS_PER_MINUTE else 60 - now.second
