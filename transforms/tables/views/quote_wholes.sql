-- One row per wording quoted: the longest one that has its words in a row, itself where none does.
CREATE VIEW quote_wholes AS
    WITH wordings AS (
        -- Of a sentence that its cue cuts in two, the longer part where nobody has it whole.
        SELECT quote_group_id, max_by(plain_words(words), (length(words), words)) FILTER (words IS NOT NULL) AS plain
        FROM article_quotes
        WHERE quote_group_id IS NOT NULL
        GROUP BY quote_group_id
    ),
    said AS (
        SELECT quote_group_id, plain, string_split(trim(plain), ' ') AS each FROM wordings
    ),
    found AS (
        -- Who has a longer wording has what that has: the longest is nobody's part, so that no two meet by way of a third.
        SELECT part.quote_group_id, max_by(whole.quote_group_id, (length(whole.plain), whole.quote_group_id)) AS whole_group_id
        FROM (SELECT quote_group_id, plain, array_to_string(each[:8], ' ') AS eight FROM said WHERE len(each) >= 8) AS part
        JOIN (
            SELECT quote_group_id, plain, unnest(list_transform(range(1, len(each) - 6), lambda i: array_to_string(each[i:i + 7], ' '))) AS eight
            FROM said
        ) AS whole USING (eight)
        WHERE (length(whole.plain), whole.quote_group_id) > (length(part.plain), part.quote_group_id) AND contains(whole.plain, part.plain)
        GROUP BY part.quote_group_id
    )
    SELECT quote_group_id, coalesce(whole_group_id, quote_group_id) AS whole_group_id
    FROM wordings LEFT JOIN found USING (quote_group_id);
COMMENT ON VIEW quote_wholes IS 'one row per wording quoted: the longest one it is cut from, by 8 words or more; itself where none is';
COMMENT ON COLUMN quote_wholes.quote_group_id IS 'wording, as in quotes';
COMMENT ON COLUMN quote_wholes.whole_group_id IS 'the longest wording that has its words in a row; the quote_group_id of quote_groups';
