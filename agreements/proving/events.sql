-- What happened to records against its entries, with what was said of it.
WITH erased AS (
    SELECT DISTINCT chain, subject FROM audit_chainentry WHERE kind = 'attestation.erased'
),
entry AS MATERIALIZED (
    SELECT id, chain, seq, subject, kind, payload_digest, pg_temp.parsed(payload) AS said
    FROM audit_chainentry WHERE kind LIKE 'attestation.%'
),
known AS (
    SELECT
        ev.*, a.reference::text AS reference, coalesce('partner:' || pa.tenant_id::text, 'portal') AS chain,
        'attestation.' || ev.kind AS entry_kind, pg_temp.iso(ev.at) AS moment,
        dt.id IS NOT NULL AS is_told, dt.reason, dt.salt, coalesce(nullif(ev.actor_name, ''), dt.actor_name, '') AS who
    FROM agreements_attestationevent AS ev
    LEFT JOIN agreements_attestation AS a ON a.id = ev.attestation_id
    LEFT JOIN partners_partner AS pa ON pa.id = a.partner_id
    LEFT JOIN agreements_attestationeventdetail AS dt ON dt.event_id = ev.id
),
-- The first entry of the same event.
own AS (
    SELECT DISTINCT ON (known.id) known.id, e.said
    FROM known JOIN entry AS e
        ON e.chain = known.chain AND e.subject = known.reference AND e.kind = known.entry_kind AND e.said ->> 'at' = known.moment
    ORDER BY known.id, e.seq, e.id
),
kept AS (
    SELECT
        chain, reference, entry_kind, moment,
        pg_temp.sha(
            '{"at":' || pg_temp.quoted(moment) || ',"attestation":' || pg_temp.quoted(reference)
            || ',"door":' || pg_temp.quoted(door) || ',"reason":'
            || CASE
                -- Erased with its salt, or from before the chain covered it.
                WHEN NOT is_told OR jsonb_typeof(said -> 'reason') = 'null' THEN pg_temp.quoted(said ->> 'reason')
                ELSE '"' || pg_temp.salted(
                    salt,
                    '[' || pg_temp.quoted(reason) || ',' || pg_temp.quoted(actor_kind) || ','
                    || coalesce(actor_user_id::text, 'null') || ',' || pg_temp.quoted(who) || ']'
                ) || '"'
            END
            || ',"roles":' || pg_temp.listed(roles) || '}'
        ) AS digest,
        NOT is_told AND said ->> 'reason' IS NOT NULL AS is_untold
    FROM known LEFT JOIN own USING (id)
),
matched AS (
    SELECT
        e.chain, e.seq, e.subject, k.reference IS NULL AS is_missing,
        k.digest <> e.payload_digest OR (k.is_untold AND x.chain IS NULL) AS is_altered
    FROM entry AS e
    LEFT JOIN kept AS k
        ON k.chain = e.chain AND k.reference = e.subject AND k.entry_kind = e.kind AND k.moment = e.said ->> 'at'
    LEFT JOIN erased AS x ON x.chain = e.chain AND x.subject = e.subject
)
SELECT 'event_missing', chain, seq, subject FROM matched WHERE is_missing
UNION ALL
SELECT 'event_altered', chain, seq, subject FROM matched WHERE is_altered
UNION ALL
SELECT 'event_unchained', k.chain, NULL, k.reference FROM kept AS k
WHERE NOT EXISTS (
    SELECT 1 FROM entry AS e
    WHERE k.chain = e.chain AND k.reference = e.subject AND k.entry_kind = e.kind AND k.moment = e.said ->> 'at'
)
UNION ALL
SELECT 'event_unchained', chain, NULL, reference FROM kept
GROUP BY chain, reference, entry_kind, moment HAVING count(*) > 1
