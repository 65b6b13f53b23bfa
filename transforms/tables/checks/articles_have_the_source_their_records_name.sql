-- A spelling that means another source tonight must have touched every article that it names.
SELECT articles.article_id, articles.source_id
FROM articles
WHERE source_id <> 'src_unknown' AND source_id NOT IN (SELECT source_id FROM source_list)
UNION ALL
SELECT article_id, previous.source_id
FROM (SELECT article_id, source_id FROM previous_articles) AS previous
ANTI JOIN removed_articles USING (article_id)
WHERE previous.source_id NOT IN (SELECT source_id FROM sources)
