-- What several tables compute in the same way.

-- An instant is known where precision is hour or better and the zone is not a guess.
CREATE OR REPLACE MACRO known_instant(precision_, zone) AS
    precision_ IN ('second', 'minute', 'hour') AND zone IN ('stated', 'source_country');

-- The interval in which it was published: a day without a zone may begin 14 hours before and end 12 hours after the UTC day.
CREATE OR REPLACE MACRO earliest_instant(published, precision_, zone) AS
    if(known_instant(precision_, zone), published, published - INTERVAL 14 HOUR);

CREATE OR REPLACE MACRO latest_instant(published, precision_, zone) AS CASE
    WHEN known_instant(precision_, zone)
        THEN published + CASE precision_
            WHEN 'second' THEN INTERVAL 1 SECOND WHEN 'minute' THEN INTERVAL 1 MINUTE ELSE INTERVAL 1 HOUR END
    WHEN precision_ = 'year' THEN published + INTERVAL 1 YEAR + INTERVAL 12 HOUR
    WHEN precision_ = 'month' THEN published + INTERVAL 1 MONTH + INTERVAL 12 HOUR
    ELSE published + INTERVAL 36 HOUR
END;

-- The form in which two writings of one alias are equal (transforms/enrich/registry.py).
CREATE OR REPLACE MACRO alias_key(name) AS
    trim(regexp_replace(replace(nfc_normalize(name), '.', ''), '[^\p{L}\p{N}_]+', ' ', 'g'));

-- Characters of a text; where all are ASCII they are its bytes, and need not be counted from the beginning.
CREATE OR REPLACE MACRO piece(body, is_ascii, start_char, end_char) AS
    if(is_ascii, decode(encode(body)[start_char + 1:end_char]), substring(body, start_char + 1, end_char - start_char));
