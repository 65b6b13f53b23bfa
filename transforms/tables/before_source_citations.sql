-- One row per credit in a touched text, as last night left it. Not published.
FROM near_source_citations SEMI JOIN touched_texts USING (text_id)
