"""The layout of graphs."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from governance.web.drawing import MOST_BESIDE, Arrow, Box, drawn, layers

graphs = st.integers(1, 14).flatmap(
    lambda count: st.tuples(
        st.just(count),
        st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=30),
    )
)


@given(graphs)
def test_every_arrow_of_a_graph_without_circles_leads_to_a_later_layer(
    graph: tuple[int, list[tuple[int, int]]],
) -> None:
    count, pairs = graph
    arrows = [Arrow(str(min(pair)), str(max(pair))) for pair in pairs if pair[0] != pair[1]]
    found = layers([str(number) for number in range(count)], arrows)
    assert all(found[arrow.source] < found[arrow.target] for arrow in arrows)
    assert min(found.values()) == 0


@given(graphs)
def test_no_two_boxes_overlap_and_all_stand_inside_the_drawing(
    graph: tuple[int, list[tuple[int, int]]],
) -> None:
    count, pairs = graph
    drawing = drawn(
        [Box(str(number), f"n{number}") for number in range(count)], [Arrow(str(a), str(b)) for a, b in pairs]
    )
    boxes = drawing.boxes
    for number, box in enumerate(boxes):
        assert 0 <= box.x <= drawing.width - box.width
        assert 0 <= box.y <= drawing.height - box.height
        for other in boxes[number + 1 :]:
            assert abs(box.x - other.x) >= box.width or abs(box.y - other.y) >= box.height


def test_the_layer_is_the_length_of_the_longest_way() -> None:
    arrows = [Arrow("a", "b"), Arrow("b", "c"), Arrow("a", "c"), Arrow("c", "d")]
    assert layers(["a", "b", "c", "d"], arrows) == {"a": 0, "b": 1, "c": 2, "d": 3}


def test_a_circle_is_drawn_without_its_closing_arrow() -> None:
    drawing = drawn([Box("a", "a"), Box("b", "b")], [Arrow("a", "b"), Arrow("b", "a")])
    assert len(drawing.arrows) == 1


def test_the_drawing_downwards_puts_what_follows_below() -> None:
    first, second = drawn([Box("a", "a"), Box("b", "b")], [Arrow("a", "b")], direction="down").boxes
    assert second.y > first.y
    assert second.x == first.x


@given(graphs)
def test_a_drawing_downwards_is_no_wider_than_a_card(graph: tuple[int, list[tuple[int, int]]]) -> None:
    count, pairs = graph
    arrows = [Arrow(str(min(pair)), str(max(pair))) for pair in pairs if pair[0] != pair[1]]
    boxes = drawn([Box(str(n), f"n{n}") for n in range(count)], arrows, direction="down").boxes
    assert max(Counter(box.y for box in boxes).values()) <= MOST_BESIDE
    height = {box.full: box.y for box in boxes}
    assert all(height[f"n{arrow.source}"] < height[f"n{arrow.target}"] for arrow in arrows)


def test_the_desks_of_a_branch_stand_in_two_rows_one_between_the_others() -> None:
    arrows = [Arrow("route", str(n)) for n in range(5)]
    drawing = drawn([Box(key, key) for key in ("route", *"01234")], arrows, direction="down")
    _, *desks = drawing.boxes
    assert [box.x for box in desks] == sorted(box.x for box in desks)
    assert len({box.y for box in desks}) == 2
    assert drawing.width < 640


def test_the_words_say_what_the_drawing_shows() -> None:
    drawing = drawn([Box("route", "route"), Box("reply", "reply")], [Arrow("route", "reply", "card")])
    assert drawing.words == "route leads to reply (card). reply ends there."


def test_a_long_name_is_cut_on_the_box_and_whole_beside_it() -> None:
    (box,) = drawn([Box("k", "a_node_with_quite_a_long_name")], []).boxes
    assert box.title.endswith("…")
    assert box.full == "a_node_with_quite_a_long_name"
