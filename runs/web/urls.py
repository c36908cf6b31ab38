"""The addresses of the run pages."""

from django.urls import path

from runs.web import (
    acts,
    artifact,
    compare,
    dashboard,
    fork,
    made,
    memory,
    memory_value,
    output,
    run,
    run_list,
    signal,
    start,
    task,
    task_list,
    verify,
    workers,
)

app_name = "runs"
urlpatterns = [
    path("runs/", run_list.run_list, name="list"),
    path("runs/start/", start.start, name="start"),
    path("runs/<uuid:pk>/", run.run, name="run"),
    path("runs/<uuid:pk>/progress/", run.progress, name="progress"),
    path("runs/<uuid:pk>/resume/", acts.resume, name="resume"),
    path("runs/<uuid:pk>/cancel/", acts.cancel, name="cancel"),
    path("runs/<uuid:pk>/signal/", signal.signal, name="signal"),
    path("tasks/", task_list.task_list, name="tasks"),
    path("tasks/<uuid:pk>/", task.task, name="task"),
    path("runs/<uuid:pk>/pause/", acts.pause, name="pause"),
    path("runs/<uuid:pk>/continue/", acts.carry_on, name="continue"),
    path("runs/<uuid:pk>/retry-now/", acts.retry_now, name="retry-now"),
    path("runs/<uuid:pk>/record-effect/", acts.record_effect, name="record-effect"),
    path("runs/<uuid:pk>/repeat-step/", acts.repeat_step, name="repeat-step"),
    path("runs/<uuid:pk>/retry-compensation/", acts.undo_again, name="retry-compensation"),
    path("runs/<uuid:pk>/verify/", verify.verify, name="verify"),
    path("runs/<uuid:pk>/replay/", acts.replay, name="replay"),
    path("runs/<uuid:pk>/fork/", fork.fork, name="fork"),
    path("runs/<uuid:pk>/compare/<uuid:other>/", compare.compare, name="compare"),
    path("outputs/<uuid:pk>/", output.output, name="output"),
    path("artifacts/<uuid:pk>/", artifact.artifact, name="artifact"),
    path("versions/<uuid:pk>/outputs/", made.made, name="made"),
    path("memory/", memory.memory, name="memory"),
    path("memory/<uuid:pk>/", memory_value.value, name="memory-value"),
    path("memory/<uuid:pk>/revert/", memory_value.revert, name="memory-revert"),
    path("dashboards/", dashboard.dashboard, name="dashboard"),
    path("workers/", workers.workers, name="workers"),
]
