-- The form in which two quotes have the same words, a blank around each.
CREATE MACRO plain_words(said) AS
    ' ' || trim(regexp_replace(lower(regexp_replace(said, '[’ʼ]', '''', 'g')), '[^\p{L}\p{N}'']+', ' ', 'g')) || ' ';
COMMENT ON MACRO plain_words IS 'words in lower case and without punctuation; said = the words';
