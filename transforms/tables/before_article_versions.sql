-- One row per version of an article that is touched, withdrawn or gone tonight, as last night left it. Not published.
FROM near_article_versions
WHERE article_id IN (SELECT article_id FROM stated_articles) OR article_id IN (SELECT article_id FROM gone_articles)
