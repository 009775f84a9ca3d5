"""What makes a repeated submit harmless."""

from django.db import models


class Submission(models.Model):
    """One submit of one form: the same key again leads to the same result, never to a second effect.

    principal: who submits ("user:7"); form: which form; key: the random key that the form carried;
    body_digest: SHA-256 over what was submitted; result: where the effect can be found.
    """

    principal = models.CharField(max_length=60)
    form = models.CharField(max_length=60)
    key = models.CharField(max_length=64)
    body_digest = models.CharField(max_length=64)
    result = models.CharField(max_length=100)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["principal", "form", "key"], name="submission_once"),
        ]

    def __str__(self) -> str:
        return f"{self.form} by {self.principal}"
