"""The addresses of runs under `/api/v1/`; their names are in the namespace `api`."""

from django.urls import path

from runs.api import artifacts, memory, outputs, replays, run_acts, runs, search, signals, tasks, workers

urlpatterns = [
    path("runs/", runs.Runs.as_view(), name="runs"),
    path("runs/<uuid:pk>/", runs.RunDetail.as_view(), name="run"),
    path("runs/<uuid:pk>/resume/", run_acts.Resume.as_view(), name="run-resume"),
    path("runs/<uuid:pk>/cancel/", run_acts.Cancel.as_view(), name="run-cancel"),
    path("runs/<uuid:pk>/pause/", run_acts.Pause.as_view(), name="run-pause"),
    path("runs/<uuid:pk>/continue/", run_acts.Continue.as_view(), name="run-continue"),
    path("runs/<uuid:pk>/retry-now/", run_acts.RetryNow.as_view(), name="run-retry-now"),
    path("runs/<uuid:pk>/record-effect/", run_acts.RecordEffect.as_view(), name="run-record-effect"),
    path("runs/<uuid:pk>/repeat-step/", run_acts.RepeatStep.as_view(), name="run-repeat-step"),
    path(
        "runs/<uuid:pk>/retry-compensation/",
        run_acts.RetryCompensation.as_view(),
        name="run-retry-compensation",
    ),
    path("runs/<uuid:pk>/verify/", replays.Verify.as_view(), name="run-verify"),
    path("runs/<uuid:pk>/replay/", replays.Replay.as_view(), name="run-replay"),
    path("runs/<uuid:pk>/fork/", replays.Fork.as_view(), name="run-fork"),
    path("runs/<uuid:pk>/compare/<uuid:other>/", replays.Compare.as_view(), name="run-compare"),
    path("runs/<uuid:pk>/steps/", runs.Steps.as_view(), name="run-steps"),
    path("runs/<uuid:pk>/events/", runs.Events.as_view(), name="run-events"),
    path("runs/<uuid:pk>/signals/", signals.Signals.as_view(), name="run-signals"),
    path("tasks/", tasks.Tasks.as_view(), name="tasks"),
    path("tasks/<uuid:pk>/", tasks.TaskDetail.as_view(), name="task"),
    path("tasks/<uuid:pk>/decide/", tasks.Decide.as_view(), name="task-decide"),
    path("outputs/<uuid:pk>/", outputs.OutputDetail.as_view(), name="output"),
    path("artifacts/<uuid:pk>/content/", artifacts.Content.as_view(), name="artifact-content"),
    path("memory/", memory.Memory.as_view(), name="memory"),
    path("memory/<uuid:pk>/", memory.MemoryDetail.as_view(), name="memory-version"),
    path("memory/<uuid:pk>/revert/", memory.MemoryRevert.as_view(), name="memory-revert"),
    path("search/", search.Search.as_view(), name="search"),
    path("workers/", workers.Workers.as_view(), name="workers"),
]
