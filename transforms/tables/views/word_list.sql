-- Words as transforms/dedupe/alphabet.py reads them, where a script sets blanks between words.
CREATE MACRO word_list(said) AS regexp_extract_all(
    replace(lower(said), '’', ''''), '[\p{L}\p{N}][\p{L}\p{N}\p{Mn}\p{Mc}]*(?:''[\p{L}\p{N}][\p{L}\p{N}\p{Mn}\p{Mc}]*)*'
);
COMMENT ON MACRO word_list IS 'the words, in lower case; said = the text they stand in';
