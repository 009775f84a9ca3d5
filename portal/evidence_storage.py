"""Where files of evidence are kept, as the environment says: a folder, or a bucket of an S3-compatible store."""

from typing import Any

from portal import env

LOCAL: dict[str, Any] = {"BACKEND": "agreements.evidence_store.LocalEvidence"}
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


def evidence_storage() -> dict[str, Any]:
    """For STORAGES. Raises EnvironmentMistake for half of what a bucket needs.

    Without keys the machine's own role counts, as the library finds it.
    """
    bucket = env.text("EVIDENCE_BUCKET")
    endpoint, region = env.text("EVIDENCE_S3_ENDPOINT"), env.text("EVIDENCE_S3_REGION")
    if not bucket:
        if endpoint or region:
            raise env.EnvironmentMistake("EVIDENCE_BUCKET", "is missing; name the bucket that keeps evidence.")
        return LOCAL
    if not endpoint and not region:
        raise env.EnvironmentMistake(
            "EVIDENCE_S3_REGION", "is missing; say the bucket's region, or EVIDENCE_S3_ENDPOINT for another store."
        )
    if endpoint:
        endpoint = env.url("EVIDENCE_S3_ENDPOINT", ("http", "https"), "")
    keys = {name: env.text(name) for name in KEYS}
    for name, value in keys.items():
        if not value and any(keys.values()):
            raise env.EnvironmentMistake(name, "is missing; the store wants both halves of the key, or none.")
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": _options(bucket, endpoint, region, keys)}


def _options(bucket: str, endpoint: str, region: str, keys: dict[str, str]) -> dict[str, Any]:
    # Imported only where a bucket is in use: the library takes a good part of a second.
    from botocore.config import Config

    patience = Config(connect_timeout=5, read_timeout=20, retries={"max_attempts": 3}, signature_version="s3v4")
    if endpoint:
        patience = patience.merge(Config(s3={"addressing_style": "path"}))
    return {
        "bucket_name": bucket,
        "endpoint_url": endpoint or None,
        "region_name": region or None,
        "access_key": keys[KEYS[0]] or None,
        "secret_key": keys[KEYS[1]] or None,
        # No list of rights goes along: without one objects are private, and buckets of today refuse any.
        "default_acl": None,
        # Nobody is handed an address that opens a file: the portal serves every byte itself.
        "querystring_auth": False,
        # A name is the digest of its content.
        "file_overwrite": True,
        "client_config": patience,
    }
