"""Agreements: texts, confirmations, direct acceptance, bulk records, enhanced attestation (facts, section 1)."""
