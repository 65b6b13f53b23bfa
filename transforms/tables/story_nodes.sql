-- One row per text group that is looked at and has an active article: what the story similarity looks at.
-- Its longest text stands for it (of equals the smallest id), dated by the group's earliest day that any of its articles states.
-- Not published.
WITH standing AS (
    SELECT
        text_group_id,
        first(text_id ORDER BY n_words DESC, text_id) AS text_id,
        min(published_at::DATE) FILTER (published_precision IN ('second', 'minute', 'hour', 'day')) AS date,
        bool_and(content_type NOT IN ('roundup', 'liveblog', 'listing', 'stub')) AS joinable
    FROM standing_articles
    GROUP BY text_group_id
),
titles AS (
    SELECT text_group_id, first(title ORDER BY standing.text_id = standing_articles.text_id DESC, article_id) AS title
    FROM standing_articles JOIN standing USING (text_group_id)
    WHERE title IS NOT NULL
    GROUP BY text_group_id
),
cited AS (
    -- Whose report it is; an agency is credited by everybody and ties nothing.
    SELECT text_id, list(DISTINCT cited_source_id ORDER BY cited_source_id) AS cited
    FROM all_source_citations SEMI JOIN standing USING (text_id) JOIN source_list ON cited_source_id = source_id
    WHERE level = 'report' AND kind <> 'wire'
    GROUP BY text_id
)
SELECT text_group_id AS node_id, text_id, title, date, coalesce(cited, []) AS cited, joinable
FROM standing LEFT JOIN titles USING (text_group_id) LEFT JOIN cited USING (text_id)
