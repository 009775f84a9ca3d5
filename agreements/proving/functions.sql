-- What Python does to text before it hashes it, for this session only: JSON with sorted keys, no blanks, ASCII alone.

CREATE OR REPLACE FUNCTION pg_temp.sha(said text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT encode(sha256(convert_to(said, 'UTF8')), 'hex')
$$;

-- A text as JSON, null as null. Characters beyond ASCII become \uXXXX, those beyond 16 bits a pair of them.
CREATE OR REPLACE FUNCTION pg_temp.quoted(said text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN said IS NULL THEN 'null'
        WHEN said COLLATE "C" ~ '^[ !#-\[\]-~]*$' THEN '"' || said || '"'
        ELSE (
            SELECT '"' || string_agg(
                CASE
                    WHEN code = 34 THEN '\"'
                    WHEN code = 92 THEN '\\'
                    WHEN code BETWEEN 32 AND 126 THEN letter
                    WHEN code = 8 THEN '\b'
                    WHEN code = 9 THEN '\t'
                    WHEN code = 10 THEN '\n'
                    WHEN code = 12 THEN '\f'
                    WHEN code = 13 THEN '\r'
                    WHEN code < 65536 THEN '\u' || lpad(to_hex(code), 4, '0')
                    ELSE '\u' || to_hex(55296 + (code - 65536) / 1024) || '\u' || to_hex(56320 + code % 1024)
                END,
                '' ORDER BY place
            ) || '"'
            FROM (
                SELECT letter, place, ascii(letter) AS code
                FROM unnest(string_to_array(said, NULL)) WITH ORDINALITY AS letters (letter, place)
            ) AS read
        )
    END
$$;

-- A time as datetime.isoformat() writes it: in UTC, microseconds only where there are any.
CREATE OR REPLACE FUNCTION pg_temp.iso(moment timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS')
        || CASE WHEN date_trunc('second', moment) = moment THEN '' ELSE to_char(moment AT TIME ZONE 'UTC', '.US') END
        || '+00:00'
$$;

-- SHA-256 over a salt and a value, which is JSON already.
CREATE OR REPLACE FUNCTION pg_temp.salted(salt text, value text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT pg_temp.sha(salt || E'\n{"v":' || value || '}')
$$;

-- A text as JSON if it is any, else nothing.
CREATE OR REPLACE FUNCTION pg_temp.parsed(said text) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN said::jsonb;
EXCEPTION WHEN others THEN
    RETURN NULL;
END
$$;

-- The one text of a list of roles, as the payload has it.
CREATE OR REPLACE FUNCTION pg_temp.listed(roles jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN jsonb_typeof(roles) <> 'array' THEN roles::text
        ELSE '[' || coalesce((
            SELECT string_agg(
                CASE WHEN jsonb_typeof(role) = 'string' THEN pg_temp.quoted(role #>> '{}') ELSE role::text END,
                ',' ORDER BY place
            )
            FROM jsonb_array_elements(roles) WITH ORDINALITY AS held (role, place)
        ), '') || ']'
    END
$$;
