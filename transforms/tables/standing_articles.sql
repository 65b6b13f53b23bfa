-- One row per article of the text groups that are looked at tonight (`asked_groups`), with what stories are made of. Not published.
SELECT
    article_id, text_group_id, text_id, title, n_words, content_type, published_at, published_precision, report_date, earliest_at,
    source_id, family_id, originator_source_id
FROM current_articles SEMI JOIN asked_groups USING (text_group_id)
