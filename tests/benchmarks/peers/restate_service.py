"""Five steps that do nothing, as a service of Restate; served by hypercorn."""

import restate

STEPS = 5
bench = restate.Service("bench")


def nothing(text: str, mark: str) -> dict[str, str]:
    """Pass the text on."""
    return {"text": text, "mark": mark}


@bench.handler()
async def run(ctx: restate.Context, letter: str) -> dict[str, str]:
    """The steps, one after the other, each reading the one before."""
    text = letter
    answer: dict[str, str] = {}
    for step in range(STEPS):
        answer = await ctx.run_typed(f"step_{step}", nothing, text=text, mark=f"step_{step}")
        text = answer["text"]
    return answer


app = restate.app(services=[bench])
