-- What several tables compute in the same way, and the catalog's views too (not if(): DuckDB 1.5 does not find it again there).

-- An instant is known where precision is hour or better and the zone is not a guess.
CREATE OR REPLACE MACRO known_instant(precision_, zone) AS
    precision_ IN ('second', 'minute', 'hour') AND zone IN ('stated', 'source_country');
COMMENT ON MACRO known_instant IS 'whether a time of publication is known to the hour; precision_ = published_precision, zone = tz_method';

-- The interval in which it was published: a day without a zone may begin 14 hours before and end 12 hours after the UTC day.
CREATE OR REPLACE MACRO earliest_instant(published, precision_, zone) AS
    CASE WHEN known_instant(precision_, zone) THEN published ELSE published - INTERVAL 14 HOUR END;
COMMENT ON MACRO earliest_instant IS 'when it was published at the earliest; published = published_at, precision_ = published_precision, zone = tz_method';

CREATE OR REPLACE MACRO latest_instant(published, precision_, zone) AS CASE
    WHEN known_instant(precision_, zone)
        THEN published + CASE precision_
            WHEN 'second' THEN INTERVAL 1 SECOND WHEN 'minute' THEN INTERVAL 1 MINUTE ELSE INTERVAL 1 HOUR END
    WHEN precision_ = 'year' THEN published + INTERVAL 1 YEAR + INTERVAL 12 HOUR
    WHEN precision_ = 'month' THEN published + INTERVAL 1 MONTH + INTERVAL 12 HOUR
    ELSE published + INTERVAL 36 HOUR
END;
COMMENT ON MACRO latest_instant IS 'when it had been published at the latest; published = published_at, precision_ = published_precision, zone = tz_method';

-- The form in which two writings of one alias are equal (transforms/enrich/registry.py).
CREATE OR REPLACE MACRO alias_key(name) AS
    trim(regexp_replace(replace(nfc_normalize(name), '.', ''), '[^\p{L}\p{N}_]+', ' ', 'g'));
COMMENT ON MACRO alias_key IS 'the form in which two writings of one name are equal; name = the name';

-- Whom a mention means now: an alias that people decided goes before a name that was registered since, and that before what was found.
CREATE OR REPLACE MACRO decided_actor(written_id, known_id, found_id) AS coalesce(written_id, known_id, found_id);
COMMENT ON MACRO decided_actor IS 'whom a mention means now; written_id = the actor of an alias written so, known_id = whom found_id leads to since, found_id = whom it named when it was read';

-- As sure as the registry makes a name that it knows when it is read.
CREATE OR REPLACE MACRO decided_mention(decided_id, is_refused, found_id, found_method, found_confidence, written_id, known_method) AS CASE
    WHEN is_refused THEN {'actor_id': NULL::VARCHAR, 'method': 'override', 'confidence': 1.0::DOUBLE}
    WHEN decided_id IS NOT DISTINCT FROM found_id THEN {'actor_id': found_id, 'method': found_method, 'confidence': found_confidence}
    WHEN written_id IS NULL AND known_method = 'registry' THEN {'actor_id': decided_id, 'method': 'registry', 'confidence': 0.9::DOUBLE}
    ELSE {'actor_id': decided_id, 'method': 'override', 'confidence': 1.0::DOUBLE}
END;
COMMENT ON MACRO decided_mention IS 'whom a mention means now, why, and how surely; decided_id = by decided_actor, is_refused = whether people refused that, found_id = as read, found_method = its method, found_confidence = its confidence, written_id = the actor of an alias written so, known_method = how found_id leads on';

-- Characters of a text; where all are ASCII they are its bytes, and need not be counted from the beginning.
CREATE OR REPLACE MACRO piece(body, is_ascii, start_char, end_char) AS
    CASE WHEN is_ascii THEN decode(encode(body)[start_char + 1:end_char]) ELSE substring(body, start_char + 1, end_char - start_char) END;
COMMENT ON MACRO piece IS 'characters of a text; body = the text, is_ascii = whether all of it is, start_char = the first, end_char = the one behind the last';
