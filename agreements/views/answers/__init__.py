"""The customer's own pages: see who asks, read the agreement, accept or decline it, get a receipt."""

from agreements.views.answers.accepting import accept
from agreements.views.answers.answering import answer, decline, receipt, reviewing
from agreements.views.answers.coming import document, leave, open_link, partners

__all__ = ["accept", "answer", "decline", "document", "leave", "open_link", "partners", "receipt", "reviewing"]
