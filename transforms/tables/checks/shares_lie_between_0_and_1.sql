SELECT source_id AS id, report_date
FROM source_daily
WHERE NOT (
    coalesce(originality_rate, 0) BETWEEN 0 AND 1 AND wire_share BETWEEN 0 AND 1 AND syndication_share BETWEEN 0 AND 1
    AND coalesce(exclusive_rate, 0) BETWEEN 0 AND 1 AND coalesce(breadth, 0) BETWEEN 0 AND 1 AND known_date_share BETWEEN 0 AND 1
    AND coalesce(correction_rate, 0) BETWEEN 0 AND 1
)
UNION ALL
SELECT article_id, report_date
FROM articles
WHERE NOT coalesce(novel_share, 0) BETWEEN 0 AND 1
UNION ALL
SELECT story_id, first_date
FROM stories
WHERE NOT coalesce(originator_support, 0) BETWEEN 0 AND 1
UNION ALL
SELECT actor_id, report_date
FROM actor_daily
WHERE NOT (
    lead_share BETWEEN 0 AND 1 AND share_of_stories BETWEEN 0 AND 1
    AND coalesce(tone_text_mean, 0) BETWEEN -1 AND 1 AND coalesce(tone_story_mean, 0) BETWEEN -1 AND 1
)
