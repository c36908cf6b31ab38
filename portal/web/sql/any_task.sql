-- Whether any task is open in these projects: the frame of every page asks it, and mostly there is none.
SELECT 1 AS found WHERE EXISTS (SELECT FROM runs_task WHERE state = 'open' AND project_id = ANY(%(projects)s))
