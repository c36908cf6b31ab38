-- Whose weight it is stays.
SELECT allow_changes('runs_weight', 'weight');
