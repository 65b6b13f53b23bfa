"""What is done to the news: pure functions from records and tables to tables, in the order read, clean, dedupe, enrich, stories, tables."""
