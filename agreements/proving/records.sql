-- Every record against its entry, and its person against the record.
WITH erased AS (
    SELECT DISTINCT chain, subject FROM audit_chainentry WHERE kind = 'attestation.erased'
),
entry AS MATERIALIZED (
    SELECT id, chain, seq, subject, payload, payload_digest FROM audit_chainentry WHERE kind = 'attestation'
),
known AS (
    SELECT
        a.*, pa.tenant_id AS partner, d.country, d.language, d.sha256, t.template_id, t.version,
        s.reference AS superseded, coalesce('partner:' || pa.tenant_id::text, 'portal') AS chain,
        p.first_name, p.last_name, p.email, p.phone, p.authority, p.evidence_note, p.reason_note, p.salt,
        p.id IS NOT NULL AS is_named, coalesce(nullif(a.actor_name, ''), p.recorded_by, '') AS recorded_by
    FROM agreements_attestation AS a
    LEFT JOIN partners_partner AS pa ON pa.id = a.partner_id
    LEFT JOIN agreements_agreementdocument AS d ON d.id = a.document_id
    LEFT JOIN agreements_agreementtemplate AS t ON t.id = d.template_id
    LEFT JOIN agreements_attestation AS s ON s.id = a.supersedes_id
    LEFT JOIN agreements_attestationperson AS p ON p.attestation_id = a.id
),
-- Once the person is erased, so is the salt: who recorded and approved it is taken from the chain.
unnamed AS (
    SELECT DISTINCT ON (known.id) known.id, pg_temp.parsed(e.payload) AS said
    FROM known JOIN entry AS e ON e.chain = known.chain AND e.subject = known.reference::text
    WHERE NOT known.is_named
    ORDER BY known.id, e.seq, e.id
),
kept AS (
    SELECT
        known.chain, known.reference::text AS key,
        pg_temp.sha(
            '{"agreed_on":' || pg_temp.quoted(agreed_on::text)
            || CASE
                WHEN approver_user_id IS NULL THEN ''
                WHEN is_named THEN ',"approved_by":"' || pg_temp.salted(
                    salt, '[' || approver_user_id || ',' || pg_temp.quoted(approver_name) || ']'
                ) || '"'
                ELSE ',"approved_by":' || pg_temp.quoted(said ->> 'approved_by')
            END
            || ',"country":' || pg_temp.quoted(country) || ',"document":' || pg_temp.quoted(sha256)
            || ',"door":' || pg_temp.quoted(door) || ',"evidence":' || pg_temp.quoted(evidence_kind)
            || ',"language":' || pg_temp.quoted(language) || ',"method":' || pg_temp.quoted(method)
            || ',"partner":' || pg_temp.quoted(partner::text) || ',"person":' || pg_temp.quoted(person_digest)
            || ',"recorded_at":' || pg_temp.quoted(pg_temp.iso(recorded_at)) || ',"recorded_by":'
            || CASE
                WHEN is_named THEN '"' || pg_temp.salted(
                    salt,
                    '[' || pg_temp.quoted(actor_kind) || ',' || coalesce(actor_user_id::text, 'null') || ','
                    || pg_temp.quoted(recorded_by) || ']'
                ) || '"'
                ELSE pg_temp.quoted(said ->> 'recorded_by')
            END
            || ',"recorded_on":' || pg_temp.quoted(recorded_on::text) || ',"reference":"' || reference::text
            || '","roles":' || pg_temp.listed(roles) || ',"scenario":' || coalesce(scenario::text, 'null')
            || ',"supersede_reason":' || pg_temp.quoted(supersede_reason)
            || ',"supersedes":' || pg_temp.quoted(superseded::text)
            || ',"template":' || pg_temp.quoted(template_id::text) || ',"tenant":"' || tenant_id::text
            || '","time_zone":' || pg_temp.quoted(time_zone) || ',"type":' || pg_temp.quoted(agreement_type)
            || ',"version":' || pg_temp.quoted(version) || '}'
        ) AS digest,
        CASE
            WHEN NOT is_named THEN 'missing'
            WHEN person_digest <> pg_temp.salted(
                salt,
                '{' || CASE WHEN authority = '' THEN '' ELSE '"authority":' || pg_temp.quoted(authority) || ',' END
                || '"email":' || pg_temp.quoted(email) || ',"evidence_note":' || pg_temp.quoted(evidence_note)
                || ',"first_name":' || pg_temp.quoted(first_name) || ',"last_name":' || pg_temp.quoted(last_name)
                || ',"phone":' || pg_temp.quoted(phone) || ',"reason_note":' || pg_temp.quoted(reason_note) || '}'
            ) THEN 'altered'
            ELSE ''
        END AS flaw
    FROM known LEFT JOIN unnamed USING (id)
),
matched AS (
    SELECT e.chain, e.seq, e.subject, e.payload_digest, k.key, k.digest, k.flaw, x.chain IS NOT NULL AS is_erased
    FROM entry AS e
    LEFT JOIN kept AS k ON k.chain = e.chain AND k.key = e.subject
    LEFT JOIN erased AS x ON x.chain = e.chain AND x.subject = e.subject
),
unchained AS (
    SELECT k.* FROM kept AS k LEFT JOIN entry AS e ON e.chain = k.chain AND e.subject = k.key WHERE e.id IS NULL
)
SELECT 'record_missing', chain, seq, subject FROM matched WHERE key IS NULL
UNION ALL
SELECT 'record_altered', chain, seq, subject FROM matched WHERE digest <> payload_digest
UNION ALL
SELECT 'person_' || flaw, chain, seq, subject FROM matched WHERE flaw = 'altered' OR (flaw = 'missing' AND NOT is_erased)
UNION ALL
SELECT 'record_unchained', chain, NULL, key FROM unchained
UNION ALL
SELECT 'person_' || flaw, chain, NULL, key FROM unchained WHERE flaw <> ''
UNION ALL
SELECT 'record_unchained', chain, NULL, key FROM kept GROUP BY chain, key HAVING count(*) > 1
