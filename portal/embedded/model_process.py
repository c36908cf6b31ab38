"""The model server's own process: an OpenAI-compatible HTTP endpoint on the loopback address.

Run as `manage.py model_server`, or by `portal.embedded.model` as a service of the checkout.
"""

import argparse
import os
import signal
import threading
from pathlib import Path

from portal.embedded import records
from portal.embedded.weights import weights_file

ALIAS = "smollm2-135m-instruct"
SLOTS = 2
CONTEXT_TOKENS = 8192  # shared by the slots: 4096 tokens for each request
QUIET = 2  # warnings and errors; each request alone would be ten lines


def serve(*, port: int, api_key: str, record: Path | None = None) -> None:
    """Load the weights, answer on 127.0.0.1 until SIGINT or SIGTERM; port 0 takes a free one.

    `record` is where to write who and where we are, once the model answers. Requests must carry the key: any
    web page that the same person has open could otherwise post to a loopback address.
    """
    import xllamacpp

    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(weights_file())
    parameters.model_alias = {ALIAS}
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = port
    parameters.n_parallel = SLOTS
    parameters.n_ctx = CONTEXT_TOKENS
    # One core is left to the portal, and waiting threads sleep: threads that spin for each other
    # while another has their core took 181 s for what one thread did in 18 (measured on two cores
    # under load).
    for processors in (parameters.cpuparams, parameters.cpuparams_batch):
        processors.n_threads = max(1, min(4, (os.cpu_count() or 2) - 1))
        processors.poll = 0
    parameters.api_keys = [api_key] if api_key else []
    parameters.ui = parameters.endpoint_slots = parameters.endpoint_props = False
    parameters.verbosity = QUIET
    server = xllamacpp.Server(parameters)
    address = f"{server.listening_address}/v1"
    print(f"{ALIAS} answers on {address}", flush=True)  # noqa: T201  the process's own log
    if record:
        records.write(record, records.Record.of(os.getpid(), address=address))
    ended.wait()
    # Its destructor waits for requests in progress; whoever asked us to stop has no use for their answers.
    os._exit(0)


def main() -> None:
    """Read the arguments and serve; the key comes by the environment, where other accounts cannot read it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--record", type=Path)
    chosen = parser.parse_args()
    serve(port=chosen.port, api_key=os.environ.get("LLM_API_KEY", ""), record=chosen.record)


if __name__ == "__main__":
    main()
