-- One row per active article with what counting needs: its units, its family, and whom it owes the report to.
-- Not published. A voice is a known family, or a text group whose sources are all unknown: two unknown copies of one text are
-- one voice, and an unknown copy of a text that a known source has is none.
SELECT
    article_id, report_date, source_id, source_list.family_id, story_id, origin_id, text_group_id, text_id, title_text_id,
    origin_kind, copy_rank, n_versions, date_basis, effective_at, earliest_at, latest_at,
    CASE
        WHEN source_id <> 'src_unknown' THEN source_list.family_id
        WHEN bool_or(source_id <> 'src_unknown') OVER (PARTITION BY text_group_id) THEN NULL
        ELSE text_group_id
    END AS voice,
    nullif(originator_source_id, source_id) AS originator_source_id
FROM articles
JOIN source_list USING (source_id)
JOIN (SELECT article_id, earliest_at, latest_at FROM current_articles) USING (article_id)
LEFT JOIN text_originators USING (text_id)
