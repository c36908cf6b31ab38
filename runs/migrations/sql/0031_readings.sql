SELECT make_immutable('runs_reading');
SELECT make_immutable('runs_reading_content');
