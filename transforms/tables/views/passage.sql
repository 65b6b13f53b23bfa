-- To be read, not to be counted: a full stop behind an abbreviation ends it too.
CREATE MACRO passage(words, start_at, end_at) AS
    regexp_replace(left(words, start_at), '^.*(\n|[.!?]["”’)]* )', '', 's')
    || substring(words, start_at + 1, end_at - start_at)
    || regexp_extract(substring(words, end_at + 1), '^[^\n]*?([.!?]["”’)]*( |\n|$)|\n|$)', 0, 's');
COMMENT ON MACRO passage IS 'the sentence around a span, for reading; words = the body it stands in, start_at = its first code point, end_at = the one behind its last';
