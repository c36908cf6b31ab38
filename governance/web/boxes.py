"""The boxes of a drawing: what stands in them, cut to what fits."""

from dataclasses import dataclass

WIDTH, HEIGHT = 176, 50
TITLE_CHARACTERS, NOTE_CHARACTERS = 22, 26
# A title that shares its line with a mark, on both sides alike since it is centred.
MARK_CHARACTERS = 5


@dataclass(frozen=True)
class Box:
    """One thing in the drawing. `look` is "", "key" (stands out), "quiet" or "bad"; `url` makes it a link.

    `mark` is a sign in its corner; `mark_words` say what it means to whoever does not see it.
    """

    key: str
    title: str
    note: str = ""
    url: str = ""
    look: str = ""
    mark: str = ""
    mark_words: str = ""


@dataclass(frozen=True)
class PlacedBox:
    """A box with its place; `title` and `note` are cut to what fits, `full` says it all."""

    x: float
    y: float
    width: int
    height: int
    title: str
    note: str
    full: str
    url: str
    look: str
    mark: str = ""

    @property
    def middle(self) -> float:
        """The horizontal middle."""
        return self.x + self.width / 2

    @property
    def title_y(self) -> float:
        """The baseline of the title."""
        return self.y + (21 if self.note else self.height / 2 + 4)

    @property
    def note_y(self) -> float:
        """The baseline of the note."""
        return self.y + 38

    @property
    def mark_x(self) -> float:
        """The right end of the mark."""
        return self.x + self.width - 8


def placed_box(box: Box, place: tuple[float, float]) -> PlacedBox:
    """The box at this top left corner."""
    return PlacedBox(
        x=place[0],
        y=place[1],
        width=WIDTH,
        height=HEIGHT,
        title=cut(box.title, TITLE_CHARACTERS - (MARK_CHARACTERS if box.mark else 0)),
        note=cut(box.note, NOTE_CHARACTERS),
        full=f"{box.title} ({said})" if (said := _said(box)) else box.title,
        url=box.url,
        look=box.look,
        mark=box.mark,
    )


def _said(box: Box) -> str:
    return "; ".join(words for words in (box.note, box.mark_words) if words)


def cut(text: str, most: int) -> str:
    """The text, or as much of it as fits."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
