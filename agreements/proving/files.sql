-- What is known of each file against its entry; the bytes are not in the database.
WITH erased AS (
    SELECT DISTINCT chain, subject FROM audit_chainentry WHERE kind = 'attestation.erased'
),
entry AS MATERIALIZED (
    SELECT id, chain, seq, subject, payload_digest, pg_temp.parsed(payload) ->> 'file' AS key
    FROM audit_chainentry WHERE kind = 'evidence'
),
kept AS (
    SELECT
        coalesce('partner:' || pa.tenant_id::text, 'portal') AS chain, f.public_id::text AS key,
        a.reference::text AS reference,
        pg_temp.sha(
            '{"added_at":' || pg_temp.quoted(pg_temp.iso(f.added_at))
            || ',"attestation":' || pg_temp.quoted(a.reference::text) || ',"door":' || pg_temp.quoted(f.door)
            || ',"file":"' || f.public_id::text || '","roles":' || pg_temp.listed(f.roles)
            || ',"sha256":' || pg_temp.quoted(f.sha256) || ',"size":' || f.size
            || ',"type":' || pg_temp.quoted(f.media_type) || '}'
        ) AS digest
    FROM agreements_evidence AS f
    LEFT JOIN agreements_attestation AS a ON a.id = f.attestation_id
    LEFT JOIN partners_partner AS pa ON pa.id = a.partner_id
),
matched AS (
    SELECT e.chain, e.seq, e.subject, e.payload_digest, k.key, k.digest, x.chain IS NOT NULL AS is_erased
    FROM entry AS e
    LEFT JOIN kept AS k ON k.chain = e.chain AND k.key = e.key
    LEFT JOIN erased AS x ON x.chain = e.chain AND x.subject = e.subject
)
SELECT 'file_missing', chain, seq, subject FROM matched WHERE key IS NULL AND NOT is_erased
UNION ALL
SELECT 'file_altered', chain, seq, subject FROM matched WHERE digest <> payload_digest
UNION ALL
SELECT 'file_unchained', k.chain, NULL, k.reference FROM kept AS k
WHERE NOT EXISTS (SELECT 1 FROM entry AS e WHERE e.chain = k.chain AND e.key = k.key)
UNION ALL
SELECT 'file_unchained', chain, NULL, reference FROM kept GROUP BY chain, key, reference HAVING count(*) > 1
