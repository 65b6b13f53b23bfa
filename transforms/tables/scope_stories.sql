-- One row per story that an article moved into, out of or within tonight. Every table of articles and stories is a function of
-- one story's articles at a time, so no other story's rows can change. Not published.
SELECT story_id FROM moved WHERE story_id IS NOT NULL
UNION
SELECT previous_story_id FROM moved WHERE previous_story_id IS NOT NULL
