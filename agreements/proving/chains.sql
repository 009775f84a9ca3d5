-- Every chain against itself, its head and the checkpoints. The marks are those of checkpoints kept elsewhere.
WITH entry AS (
    SELECT
        chain, seq, subject, prev, digest,
        coalesce(lag(seq) OVER walk, 0) AS seq_before,
        coalesce(lag(digest) OVER walk, pg_temp.sha(chain)) AS digest_before,
        payload_digest = pg_temp.sha(payload) AND digest IS NOT DISTINCT FROM CASE algorithm
            WHEN 'sha256/1' THEN pg_temp.sha(covered || '}')
            WHEN 'sha256/2' THEN pg_temp.sha(
                covered || ',"t":"' || to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') || '+00:00","u":'
                || pg_temp.quoted(subject) || '}'
            )
        END AS is_itself
    FROM audit_chainentry
    CROSS JOIN LATERAL (
        SELECT '{"a":' || pg_temp.quoted(algorithm) || ',"c":' || pg_temp.quoted(chain)
            || ',"d":' || pg_temp.quoted(payload_digest) || ',"k":' || pg_temp.quoted(kind)
            || ',"p":' || pg_temp.quoted(prev) || ',"s":' || seq AS covered
    ) AS said
    WINDOW walk AS (PARTITION BY chain ORDER BY seq, id)
),
mark AS (
    SELECT chain, seq, digest FROM audit_chainhead
    UNION SELECT chain, seq, digest FROM audit_checkpoint
    UNION SELECT chain, seq, digest FROM jsonb_to_recordset(:marks) AS kept (chain text, seq bigint, digest text)
),
ending AS (
    SELECT chain, coalesce(last, 0) AS last, coalesce(most, 0) AS most, coalesce(head.seq, 0) AS head
    FROM (SELECT chain, greatest(max(seq), 0) AS last FROM audit_chainentry GROUP BY chain) AS entries
    FULL JOIN (SELECT chain, max(seq) AS most FROM mark GROUP BY chain) AS marks USING (chain)
    LEFT JOIN audit_chainhead AS head USING (chain)
)
SELECT 'altered', chain, seq, subject FROM entry WHERE NOT is_itself
UNION ALL
SELECT 'fork', chain, seq, subject FROM entry WHERE seq = seq_before
UNION ALL
SELECT 'gap', chain, seq, subject FROM entry WHERE seq <> seq_before AND seq <> seq_before + 1
UNION ALL
SELECT 'unlinked', chain, seq, subject FROM entry WHERE seq = seq_before + 1 AND prev <> digest_before
UNION ALL
SELECT 'truncated', chain, last + 1, '' FROM ending WHERE most > last
UNION ALL
SELECT 'added', chain, head + 1, '' FROM ending WHERE last > head
UNION ALL
SELECT 'rewritten', chain, seq, '' FROM mark AS kept
WHERE (seq = 0 OR EXISTS (SELECT 1 FROM audit_chainentry AS e WHERE e.chain = kept.chain AND e.seq = kept.seq))
    AND NOT (seq = 0 AND digest = pg_temp.sha(chain))
    AND NOT EXISTS (
        SELECT 1 FROM audit_chainentry AS e
        WHERE e.chain = kept.chain AND e.seq = kept.seq AND e.digest = kept.digest
    )
