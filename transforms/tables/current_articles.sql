-- One row per article, touched tonight or kept as it was (of `kept_articles`), with what counting needs to know of its source.
-- Not published: what stories are made of.
WITH standing AS (
    FROM touched_articles
    UNION ALL BY NAME
    SELECT
        kept_articles.* EXCLUDE (
            dup_level, dup_similarity, copy_rank, story_id, origin_id, origin_kind, novel_share, status, voice_id, text_group_id, originator_source_id
        ),
        -- A new copy may bring a credit that the text had not had.
        if(touched_texts.text_id IS NULL, kept_articles.originator_source_id, nullif(text_originators.originator_source_id, source_id))
            AS originator_source_id,
        -- A text that another has come to resemble may be in another group tonight.
        coalesce(text_groups.text_group_id, kept_articles.text_group_id) AS text_group_id
    FROM kept_articles
    ANTI JOIN touched_articles USING (article_id)
    ANTI JOIN gone_articles USING (article_id)
    LEFT JOIN text_groups USING (text_id)
    LEFT JOIN touched_texts USING (text_id)
    LEFT JOIN text_originators USING (text_id)
)
SELECT
    standing.*,
    coalesce(family_id, 'src_unknown') AS family_id,
    coalesce(kind, 'unknown') AS source_kind,
    earliest_instant(published_at, published_precision, tz_method) AS earliest_at,
    latest_instant(published_at, published_precision, tz_method) AS latest_at
FROM standing LEFT JOIN source_list USING (source_id)
