"""What each kind of node does with the values it reads."""

from runs.durable.executors.branch import choose
from runs.durable.executors.function import call_function
from runs.durable.executors.llm import ask_model

__all__ = ["ask_model", "call_function", "choose"]
