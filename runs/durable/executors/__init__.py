"""What each kind of node does. An executor takes a `Visit` and answers with an `Outcome` or a `Wait`."""

from collections.abc import Callable, Mapping

from runs.durable.executors.branch import choose
from runs.durable.executors.function import call_function
from runs.durable.executors.http import call_endpoint
from runs.durable.executors.human_task import ask_people
from runs.durable.executors.llm import ask_model
from runs.durable.executors.map import fan_out
from runs.durable.executors.subrun import run_workflow
from runs.durable.executors.timer import pass_time
from runs.durable.executors.transform import transform
from runs.durable.executors.wait_event import receive
from runs.durable.outcomes import Outcome, Wait
from runs.durable.visits import Visit

Executor = Callable[[Visit], Outcome | Wait]
EXECUTORS: Mapping[str, Executor] = {
    "branch": choose,
    "function": call_function,
    "http": call_endpoint,
    "human_task": ask_people,
    "llm": ask_model,
    "map": fan_out,
    "subrun": run_workflow,
    "timer": pass_time,
    "transform": transform,
    "wait_event": receive,
}
