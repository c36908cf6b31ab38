-- From what a step left in memory, be it restored later, to the edges by which runs of that memory read it.
JOIN runs_memory AS said
    ON said.project_id = entry.project_id AND said.environment_id = entry.environment_id
   AND said.namespace = entry.namespace AND said.key = entry.key AND said.number >= entry.number
   AND said.artifact_id = entry.artifact_id AND (said.id = entry.id OR said.restores_id IS NOT NULL)
JOIN runs_edge AS edge
    ON edge.artifact_id = said.artifact_id AND edge.role = 'input'
   AND edge.source = 'memory:' || said.namespace || '/' || said.key || '@' || said.number
JOIN runs_step AS later ON later.id = edge.step_id
JOIN runs_run AS reader
    ON reader.id = later.run_id AND reader.project_id = entry.project_id
   AND coalesce(reader.recalls_from_id, reader.environment_id) = entry.environment_id
