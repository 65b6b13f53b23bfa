-- The views and macros analysts meet first; what ages by itself is computed here from the latest night, never stored.
CREATE VIEW tonight AS
    SELECT max(night) AS night
    FROM (
        SELECT runs.night FROM runs, snapshot WHERE status IN ('published', 'no_change') AND list_contains(numbers, runs.snapshot)
        UNION ALL
        SELECT night FROM snapshot
    );
COMMENT ON VIEW tonight IS 'the latest night that ended well with this snapshot, also one that brought nothing';
COMMENT ON COLUMN tonight.night IS 'logical night';

CREATE VIEW article_text AS
    SELECT article_id, title, source_id, report_date, body, lang
    -- By day as well: the days tell a reader which files and row groups to leave alone.
    FROM articles JOIN (SELECT text_id, filed_date AS text_filed_date, body FROM texts) USING (text_id, text_filed_date);
COMMENT ON VIEW article_text IS 'one row per article with the words of its current version';

CREATE VIEW article_mentions AS
    WITH said AS (
        SELECT article_id, 'body' AS part, actor_mentions.*
        FROM articles JOIN actor_mentions ON articles.text_id = actor_mentions.text_id AND text_filed_date = filed_date
        UNION ALL
        SELECT article_id, 'title', actor_mentions.*
        FROM articles JOIN actor_mentions ON title_text_id = actor_mentions.text_id AND title_filed_date = filed_date
    ),
    aliases AS (
        SELECT alias_key(key) AS name_key, min(value) AS actor_id FROM overrides WHERE kind = 'alias' GROUP BY ALL
    ),
    refused AS (
        SELECT DISTINCT alias_key(key) AS name_key, value AS actor_id FROM overrides WHERE kind = 'not_alias'
    ),
    resolved AS (
        SELECT
            said.*, written.actor_id AS written_id, known.method AS known_method,
            decided_actor(written.actor_id, known.actor_id, said.actor_id) AS decided_id
        FROM said
        LEFT JOIN aliases AS written ON NOT as_source AND alias_key(surface) = written.name_key
        LEFT JOIN actor_redirects AS known ON NOT as_source AND said.actor_id = known.old_actor_id
    ),
    judged AS (
        SELECT
            resolved.* EXCLUDE (written_id, known_method, decided_id),
            decided_mention(
                decided_id, refused.actor_id IS NOT NULL, resolved.actor_id, method, confidence, written_id, known_method
            ) AS decided
        FROM resolved
        LEFT JOIN refused ON NOT as_source AND decided_id = refused.actor_id AND alias_key(surface) = refused.name_key
    )
    SELECT
        judged.* EXCLUDE (decided)
        REPLACE (decided.actor_id AS actor_id, decided.method AS method, decided.confidence AS confidence)
    FROM judged;
COMMENT ON VIEW article_mentions IS 'one row per article and mention in its body or title, whom names mean now, by the registry and by what people decided; offsets count the text''s code points';
COMMENT ON COLUMN article_mentions.part IS 'body or title';

CREATE VIEW article_actors AS
    SELECT article_id, actor_id, count(*) AS n_mentions, bool_or(in_lead) AS in_lead
    FROM article_mentions
    WHERE actor_id IS NOT NULL AND NOT as_source
    GROUP BY ALL;
COMMENT ON VIEW article_actors IS 'one row per article and actor it names in its body or title; outlets being cited are left out';
COMMENT ON COLUMN article_actors.n_mentions IS 'mentions in its body and title';
COMMENT ON COLUMN article_actors.in_lead IS 'in its title or the first three sentences of its body';

CREATE VIEW article_citations AS
    SELECT
        article_id, source_id, source_citations.* EXCLUDE (level),
        -- Not if(): DuckDB 1.5 does not find it again in a catalog that 2.0 made.
        CASE WHEN cited_source_id = source_id THEN 'self' ELSE level END AS level
    FROM articles JOIN source_citations ON articles.text_id = source_citations.text_id AND text_filed_date = filed_date;
COMMENT ON VIEW article_citations IS 'one row per article and outlet credited in it; level self = its own outlet';
COMMENT ON COLUMN article_citations.level IS 'report (the whole report is theirs), fact, media (picture or video), or self (its own outlet)';

-- To be read, not to be counted: a full stop behind an abbreviation ends it too.
CREATE MACRO passage(words, start_at, end_at) AS
    regexp_replace(left(words, start_at), '^.*(\n|[.!?]["”’)]* )', '', 's')
    || substring(words, start_at + 1, end_at - start_at)
    || regexp_extract(substring(words, end_at + 1), '^[^\n]*?([.!?]["”’)]*( |\n|$)|\n|$)', 0, 's');
COMMENT ON MACRO passage IS 'the sentence around a span, for reading; words = the body it stands in, start_at = its first code point, end_at = the one behind its last';

CREATE VIEW article_quotes AS
    SELECT
        articles.article_id, articles.source_id, articles.report_date, story_id,
        nullif(substring(body, quotes.start_char + 1, quotes.end_char - quotes.start_char), '') AS words,
        quotes.* REPLACE (decided.actor_id AS speaker_actor_id)
    FROM articles
    JOIN quotes ON articles.text_id = quotes.text_id AND text_filed_date = filed_date
    JOIN (SELECT text_id, filed_date, body FROM texts) AS texts ON quotes.text_id = texts.text_id AND quotes.filed_date = texts.filed_date
    -- Who a mention is, people may have decided.
    LEFT JOIN article_mentions AS decided
        ON part = 'body' AND decided.article_id = articles.article_id AND decided.start_char = speaker_mention_char;
COMMENT ON VIEW article_quotes IS 'one row per article and quote in its body, with the words and the speaker as people decided where they did';
COMMENT ON COLUMN article_quotes.words IS 'what is said; NULL where the text''s words were dropped';

CREATE VIEW article_tones AS
    SELECT
        article_id, articles.source_id, articles.report_date, story_id, text_group_id, tone, n_tone_words,
        nullif(substring(body, start_char + 1, end_char - start_char), '') AS words,
        text_tones.text_id, start_char, end_char
    FROM articles
    JOIN text_tones ON articles.text_id = text_tones.text_id AND text_filed_date = filed_date
    JOIN (SELECT text_id, filed_date, body FROM texts) AS texts
        ON text_tones.text_id = texts.text_id AND text_tones.filed_date = texts.filed_date;
COMMENT ON VIEW article_tones IS 'one row per article whose body is known to be English: its tone, and the sentence that says it most';
COMMENT ON COLUMN article_tones.words IS 'that sentence; NULL where no word has a tone, or the text''s words were dropped';

CREATE VIEW quote_groups AS
    SELECT
        quote_group_id, max_by(words, (length(words), words)) AS words, count(DISTINCT article_id) AS n_copies, count(DISTINCT text_group_id) AS n_texts,
        count(DISTINCT story_id) AS n_stories, count(DISTINCT origin_id) AS n_origins,
        count(DISTINCT source_id) FILTER (source_id <> 'src_unknown') AS n_sources,
        CASE WHEN count(DISTINCT speaker_actor_id) = 1 THEN min(speaker_actor_id) END AS speaker_actor_id,
        min(report_date) AS first_date, max(report_date) AS last_date
    FROM article_quotes JOIN (SELECT article_id, text_group_id, origin_id FROM articles) USING (article_id)
    WHERE quote_group_id IS NOT NULL
    GROUP BY quote_group_id;
COMMENT ON VIEW quote_groups IS 'one row per wording quoted by anybody: how far it went, and who said it';
COMMENT ON COLUMN quote_groups.words IS 'what is said, as one of the articles writes it';
COMMENT ON COLUMN quote_groups.n_copies IS 'active articles that quote it';
COMMENT ON COLUMN quote_groups.n_texts IS 'text groups of them';
COMMENT ON COLUMN quote_groups.n_stories IS 'stories they stand in';
COMMENT ON COLUMN quote_groups.n_origins IS 'origins of them';
COMMENT ON COLUMN quote_groups.n_sources IS 'known sources of them';
COMMENT ON COLUMN quote_groups.speaker_actor_id IS 'who says it, where all that name anybody name the same';
COMMENT ON COLUMN quote_groups.first_date IS 'first report date';
COMMENT ON COLUMN quote_groups.last_date IS 'last report date';

-- The form in which two quotes have the same words, a blank around each.
CREATE MACRO plain_words(said) AS
    ' ' || trim(regexp_replace(lower(regexp_replace(said, '[’ʼ]', '''', 'g')), '[^\p{L}\p{N}'']+', ' ', 'g')) || ' ';
COMMENT ON MACRO plain_words IS 'words in lower case and without punctuation; said = the words';

CREATE MACRO quote_uses(quote_group) AS TABLE
    WITH asked AS (
        -- Of a sentence that its cue cuts in two, the longer part where nobody has it whole.
        SELECT max_by(plain_words(words), (length(words), words)) AS whole FROM article_quotes WHERE quote_group_id = quote_group
    ),
    marked AS (
        SELECT article_quotes.*, plain_words(words) AS plain FROM article_quotes WHERE kind <> 'indirect' AND words IS NOT NULL
    )
    SELECT
        CASE WHEN quote_group_id = quote_group THEN 'whole' WHEN length(plain) < length(whole) THEN 'part' ELSE 'longer' END AS use,
        article_id, source_id, report_date, story_id, words, speaker_actor_id, verb, text_id, start_char, end_char
    FROM marked, asked
    WHERE quote_group_id = quote_group
        -- Eight words have nine blanks beside them.
        OR (length(plain) - length(replace(plain, ' ', '')) >= 9 AND contains(whole, plain))
        OR (length(whole) - length(replace(whole, ' ', '')) >= 9 AND contains(plain, whole))
    ORDER BY report_date, article_id, start_char;
COMMENT ON MACRO TABLE quote_uses IS 'one row per article and place where a quote stands whole, in part or inside a longer one, by 8 words or more; quote_group = its quote_group_id';

CREATE VIEW stories_today AS
    SELECT
        stories.*,
        CASE
            WHEN first_date >= night THEN 'new'
            WHEN last_date >= night - 1 THEN 'growing'
            WHEN last_date >= night - 7 THEN 'quiet'
            ELSE 'closed'
        END AS status
    FROM stories, tonight
    WHERE last_date >= night - 1;
COMMENT ON VIEW stories_today IS 'stories with an article of the latest night or the day before, with their status (new, growing, quiet, closed)';
COMMENT ON COLUMN stories_today.status IS 'new (began tonight), growing (an article since yesterday), quiet (since a week) or closed';

CREATE VIEW originators AS
    SELECT
        originator_source_id AS source_id, any_value(sources.name) AS name, any_value(sources.in_corpus) AS in_corpus,
        count(*) AS n_stories, sum(stories.n_copies)::BIGINT AS n_copies, sum(stories.n_texts)::BIGINT AS n_texts,
        sum(stories.n_origins)::BIGINT AS n_origins, avg(originator_support) AS mean_support
    FROM stories JOIN sources ON originator_source_id = source_id
    GROUP BY ALL;
COMMENT ON VIEW originators IS 'one row per outlet that stories are credited to, also those outside the corpus';
COMMENT ON COLUMN originators.source_id IS 'outlet or agency';
COMMENT ON COLUMN originators.n_stories IS 'stories credited to it';
COMMENT ON COLUMN originators.n_copies IS 'active articles of these stories';
COMMENT ON COLUMN originators.n_texts IS 'text groups of them';
COMMENT ON COLUMN originators.n_origins IS 'origins of them: over n_stories where others had it from elsewhere';
COMMENT ON COLUMN originators.mean_support IS 'mean share of their families that credit it, 0..1';

CREATE VIEW single_origin_stories AS
    SELECT * FROM stories WHERE corroboration = 'single_origin' AND n_copies > 1;
COMMENT ON VIEW single_origin_stories IS 'stories of several articles that all go back to one origin';

-- Words as transforms/dedupe/alphabet.py reads them, where a script sets blanks between words.
CREATE MACRO word_list(said) AS regexp_extract_all(
    replace(lower(said), '’', ''''), '[\p{L}\p{N}][\p{L}\p{N}\p{Mn}\p{Mc}]*(?:''[\p{L}\p{N}][\p{L}\p{N}\p{Mn}\p{Mc}]*)*'
);
COMMENT ON MACRO word_list IS 'the words, in lower case; said = the text they stand in';

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

CREATE VIEW review_queue AS
    SELECT abs(score - threshold) AS distance, merge_evidence.*, a.title AS title_a, b.title AS title_b
    FROM merge_evidence
    JOIN articles AS a ON article_a = a.article_id
    JOIN articles AS b ON article_b = b.article_id
    WHERE decision <> 'override'
    ORDER BY distance, article_a, article_b;
COMMENT ON VIEW review_queue IS 'pairs decided most narrowly, closest first';
COMMENT ON COLUMN review_queue.distance IS 'from the score to the threshold, 0..1';
COMMENT ON COLUMN review_queue.title_a IS 'headline of article_a';
COMMENT ON COLUMN review_queue.title_b IS 'headline of article_b';

CREATE VIEW quarantined AS
    WITH tried AS (
        SELECT run_id, max(started_at) AS started_at FROM runs WHERE status IN ('published', 'no_change') GROUP BY run_id
    ),
    -- A later run read the place again, and refused nothing there; of a file that had changed, nothing at all.
    read_again AS (
        SELECT
            refused.run_id, refused.raw_file_id, refused.path, refused.raw_member, refused.raw_start,
            min_by(later.run_id, after.started_at) AS resolved_run_id
        FROM quarantine AS refused
        JOIN raw_files AS later ON refused.path = later.path AND refused.run_id <> later.run_id
        JOIN tried AS before ON refused.run_id = before.run_id
        JOIN tried AS after ON later.run_id = after.run_id AND after.started_at > before.started_at
        WHERE coalesce(later.read_from, 0) <= refused.raw_start
            AND (
                later.status = 'read'
                OR (
                    later.status = 'partial' AND later.raw_file_id = refused.raw_file_id
                    AND NOT EXISTS (
                        FROM quarantine AS still
                        WHERE still.run_id = later.run_id AND still.raw_file_id = refused.raw_file_id
                            AND still.raw_member IS NOT DISTINCT FROM refused.raw_member AND still.raw_start = refused.raw_start
                    )
                )
            )
        GROUP BY ALL
    )
    SELECT quarantine.*, resolved_run_id
    FROM quarantine LEFT JOIN read_again
        ON quarantine.run_id = read_again.run_id AND quarantine.raw_file_id = read_again.raw_file_id AND quarantine.path = read_again.path
        AND quarantine.raw_member IS NOT DISTINCT FROM read_again.raw_member AND quarantine.raw_start = read_again.raw_start;
COMMENT ON VIEW quarantined IS 'one row per record or file refused, and the run that read its place well since';
COMMENT ON COLUMN quarantined.resolved_run_id IS 'first later run that read its place and refused nothing there; NULL while none has';

CREATE VIEW changes_tonight AS
    SELECT run_changes.* FROM run_changes JOIN snapshot USING (run_id);
COMMENT ON VIEW changes_tonight IS 'what the night that made this snapshot changed';

CREATE VIEW coverage AS
    SELECT
        report_date, count(*) AS n_copies, count(DISTINCT text_group_id) AS n_texts, count(DISTINCT story_id) AS n_stories,
        count(DISTINCT origin_id) AS n_origins,
        count(*) FILTER (source_id <> 'src_unknown') / count(*) AS known_source_share,
        count(*) FILTER (date_basis = 'published') / count(*) AS known_date_share,
        count(*) FILTER (effective_at IS NOT NULL) / count(*) AS known_hour_share
    FROM articles
    GROUP BY report_date;
COMMENT ON VIEW coverage IS 'one row per report date: how much of it has a known source, date and hour';
COMMENT ON COLUMN coverage.n_copies IS 'active articles';
COMMENT ON COLUMN coverage.n_texts IS 'text groups';
COMMENT ON COLUMN coverage.n_stories IS 'stories';
COMMENT ON COLUMN coverage.n_origins IS 'origins';
COMMENT ON COLUMN coverage.known_source_share IS 'of them with a known source, 0..1';
COMMENT ON COLUMN coverage.known_date_share IS 'with a stated publication date, 0..1';
COMMENT ON COLUMN coverage.known_hour_share IS 'with an instant known to the hour and zone, 0..1';

CREATE MACRO resolve(story) AS (
    SELECT articles.story_id
    FROM story_lineage JOIN articles ON founder_article_id = article_id
    WHERE (new_story_id = story AND kind IN ('minted', 'split')) OR (old_story_id = story AND kind = 'redirected')
    LIMIT 1
);
COMMENT ON MACRO resolve IS 'the story that now holds what a story id, of any night, was minted for; story = the id';

-- The id of a learnt actor is a hash of its name (transforms/enrich/registry.py), so a registered name tells what id it had before.
CREATE MACRO resolve_actor(actor) AS (
    coalesce((SELECT actor_id FROM actor_redirects WHERE old_actor_id = actor), actor)
);
COMMENT ON MACRO resolve_actor IS 'the registered actor that an actor, learnt by name before, now is; actor = its id';

CREATE MACRO story_timeline(story) AS TABLE
    SELECT
        published_at, published_precision, report_date, sources.name AS source, title, origin_kind, dup_level, copy_rank, origin_id, article_id
    FROM articles JOIN sources USING (source_id)
    WHERE story_id = story
    ORDER BY coalesce(effective_at, published_at, report_date::TIMESTAMPTZ), article_id;
COMMENT ON MACRO TABLE story_timeline IS 'articles of a story in the order of time; story = its id';

CREATE MACRO source_scorecard(days) AS TABLE
    -- Texts and stories are counted over the whole span, so that one told on two days is one.
    WITH span AS (
        SELECT articles.* FROM articles, tonight WHERE report_date > night - days AND report_date <= night + 1
    ),
    counted AS (
        SELECT
            source_id, count(*) AS n_copies, count(DISTINCT text_group_id) AS n_texts, count(DISTINCT story_id) AS n_stories,
            count(DISTINCT origin_id) AS n_origins,
            count(DISTINCT text_group_id) FILTER (origin_kind = 'original' AND copy_rank = 1) AS n_original_texts,
            count(*) FILTER (origin_kind IN ('wire', 'republished', 'rewrite')) / count(*) AS syndication_share
        FROM span
        GROUP BY source_id
    ),
    first AS (
        SELECT first_source_id AS source_id, count(*) AS n_firsts
        FROM stories JOIN span ON first_article_id = article_id
        GROUP BY first_source_id
    ),
    cited AS (
        SELECT cited_source_id AS source_id, count(DISTINCT citing.family_id) AS n_cited_by_families
        FROM span JOIN source_citations USING (text_id)
        JOIN sources AS citing ON span.source_id = citing.source_id
        JOIN sources AS cited ON cited_source_id = cited.source_id
        WHERE level IN ('report', 'fact') AND citing.family_id <> cited.family_id AND citing.source_id <> 'src_unknown'
        GROUP BY cited_source_id
    )
    SELECT
        counted.source_id, sources.name, counted.* EXCLUDE (source_id),
        coalesce(n_firsts, 0) AS n_firsts, coalesce(n_cited_by_families, 0) AS n_cited_by_families
    FROM counted JOIN sources USING (source_id) LEFT JOIN first USING (source_id) LEFT JOIN cited USING (source_id)
    ORDER BY counted.n_copies DESC, source_id;
COMMENT ON MACRO TABLE source_scorecard IS 'one row per source that published in the span: what it reported, repeated and had first; days = length of the span up to the latest night';

CREATE MACRO actor_scorecard(days) AS TABLE
    WITH recent AS (
        SELECT actor_daily.*, night FROM actor_daily, tonight WHERE report_date <= night + 1
    ),
    counted AS (
        SELECT
            actor_id,
            sum(n_copies) FILTER (report_date > night - days)::BIGINT AS n_copies,
            sum(n_texts) FILTER (report_date > night - days)::BIGINT AS n_texts,
            sum(n_stories) FILTER (report_date > night - days)::BIGINT AS n_story_days,
            sum(n_origins) FILTER (report_date > night - days)::BIGINT AS n_origin_days,
            coalesce(sum(n_stories) FILTER (report_date > night - 2), 0) AS observed,
            coalesce(sum(n_stories) FILTER (report_date BETWEEN night - 15 AND night - 2), 0) / 7.0 AS expected
        FROM recent
        WHERE report_date > night - greatest(days, 16)
        GROUP BY actor_id
        HAVING bool_or(report_date > night - days)
    )
    SELECT actor_id, name, type, counted.* EXCLUDE (actor_id, observed, expected),
        -- Event Registry's trend: the Pearson residual of the last 2 days against the 14 before, over stories.
        CASE WHEN expected > 0 THEN (observed - expected) / sqrt(expected) END AS trend
    FROM counted JOIN actors USING (actor_id)
    ORDER BY n_story_days DESC, actor_id;
COMMENT ON MACRO TABLE actor_scorecard IS 'one row per actor mentioned in the span, and how far the last 2 days stand out from the 14 before (trend); days = length of the span up to the latest night';
