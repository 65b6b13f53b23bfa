-- One row per sentence of an article in which a run of five words begins.
CREATE MACRO novel_sentences(of_article) AS TABLE
    WITH asked AS (
        SELECT
            article_id, story_id, text_id, text_filed_date,
            coalesce(earliest_instant(published_at, published_precision, tz_method), '-infinity'::TIMESTAMPTZ) AS earliest_at,
            coalesce(latest_instant(published_at, published_precision, tz_method), 'infinity'::TIMESTAMPTZ) AS latest_at
        FROM articles WHERE article_id = of_article
    ),
    others AS (
        SELECT
            other.text_id, other.text_filed_date,
            coalesce(latest_instant(published_at, published_precision, tz_method), 'infinity'::TIMESTAMPTZ) <= asked.earliest_at AS is_earlier,
            coalesce(earliest_instant(published_at, published_precision, tz_method), '-infinity'::TIMESTAMPTZ) < asked.latest_at AS may_be
        FROM articles AS other JOIN asked ON other.story_id = asked.story_id AND other.article_id <> asked.article_id
    ),
    told AS (
        SELECT text_id, text_filed_date, bool_or(is_earlier) AS is_earlier, bool_or(may_be) AS may_be FROM others GROUP BY ALL
    ),
    -- A sentence ends as in passage(), with the blanks behind it.
    cut AS (
        SELECT text_id, regexp_extract_all(body, '[^\n]*?[.!?]["”’)]* |[^\n]*\n|[^\n]+$') AS parts
        FROM asked JOIN (SELECT text_id, filed_date AS text_filed_date, body FROM texts) USING (text_id, text_filed_date)
    ),
    parted AS (
        SELECT text_id, unnest(parts) AS part, generate_subscripts(parts, 1) - 1 AS sentence_no FROM cut
    ),
    sentences AS (
        SELECT *, (sum(length(part)) OVER (ORDER BY sentence_no) - length(part))::INTEGER AS part_start FROM parted
    ),
    own_words AS (
        SELECT sentence_no, unnest(word_list(part)) AS word, generate_subscripts(word_list(part), 1) AS word_no FROM sentences
    ),
    own_runs AS (
        SELECT
            sentence_no,
            word || ' ' || lead(word, 1) OVER after || ' ' || lead(word, 2) OVER after || ' ' || lead(word, 3) OVER after
                || ' ' || lead(word, 4) OVER after AS run
        FROM own_words
        WINDOW after AS (ORDER BY sentence_no, word_no)
    ),
    -- A run counts once, in the sentence that it first begins in.
    first_runs AS (
        SELECT run, min(sentence_no) AS sentence_no FROM own_runs WHERE run IS NOT NULL GROUP BY run
    ),
    other_words AS (
        SELECT is_earlier, may_be, word_list(body) AS words
        FROM told JOIN (SELECT text_id, filed_date AS text_filed_date, body FROM texts) USING (text_id, text_filed_date)
    ),
    known AS (
        SELECT run, bool_or(is_earlier) AS is_old, bool_or(may_be) AS may_be_old
        FROM (
            SELECT
                is_earlier, may_be,
                unnest(list_transform(range(1, len(words) - 3), lambda k: array_to_string(words[k:k + 4], ' '))) AS run
            FROM other_words
        )
        GROUP BY run
    ),
    counted AS (
        SELECT
            sentence_no, count(*) AS n_runs,
            count(*) FILTER (NOT coalesce(is_old, false) AND NOT coalesce(may_be_old, false)) AS n_new,
            count(*) FILTER (NOT is_old AND may_be_old) AS n_unsure
        FROM first_runs LEFT JOIN known USING (run)
        GROUP BY sentence_no
    )
    SELECT
        sentence_no, n_runs, n_new, n_unsure, rtrim(part, E' \n') AS words,
        text_id, part_start AS start_char, part_start + length(rtrim(part, E' \n'))::INTEGER AS end_char
    FROM sentences JOIN counted USING (sentence_no)
    ORDER BY sentence_no;
COMMENT ON MACRO TABLE novel_sentences IS 'the sentences behind an article''s novel_share: of the runs of five words that begin in each (n_runs), how many no earlier text of the story has (n_new), and of how many that is not known (n_unsure); of_article = its article_id';
