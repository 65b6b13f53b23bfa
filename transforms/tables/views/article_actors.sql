-- One row per article and actor it names, outlets being cited left out.
CREATE VIEW article_actors AS
    SELECT article_id, actor_id, count(*) AS n_mentions, bool_or(in_lead) AS in_lead
    FROM article_mentions
    WHERE actor_id IS NOT NULL AND NOT as_source
    GROUP BY ALL;
COMMENT ON VIEW article_actors IS 'one row per article and actor it names in its body or title; outlets being cited are left out';
COMMENT ON COLUMN article_actors.n_mentions IS 'mentions in its body and title';
COMMENT ON COLUMN article_actors.in_lead IS 'in its title or the first three sentences of its body';
