"""What is typed belongs to one owner: it is handed over once, or given up, never lost or misplaced."""

import pytest

from gradviz.errors import EditRefusedError
from gradviz.panels.drafts import Draft


class Text:
    """A widget's text."""

    def __init__(self):
        self.text = ""

    def read(self):
        return self.text

    def write(self, text):
        self.text = text


@pytest.fixture
def text():
    return Text()


@pytest.fixture
def taken():
    return []


@pytest.fixture
def said():
    return []


@pytest.fixture
def draft(text, taken, said):
    def take(owner, typed):
        if "!" in typed:
            raise EditRefusedError("no {typed}", typed=typed)
        taken.append((owner, typed))

    draft = Draft(text.read, text.write, take, said.append)
    draft.show("a", "one")
    return draft


def test_what_holds_is_shown_and_not_handed_over(draft, text, taken):
    draft.settle()
    assert (text.text, taken, draft.is_pending) == ("one", [], False)


def test_what_is_typed_is_handed_over_once(draft, text, taken):
    text.text = "two"
    assert draft.is_pending
    draft.settle()
    draft.settle()
    assert taken == [("a", "two")]


def test_what_is_typed_for_one_owner_never_goes_to_another(draft, text, taken):
    text.text = "two"
    draft.show("b", "other")
    assert taken == [("a", "two")]
    assert text.text == "other"
    draft.settle()
    assert taken == [("a", "two")]


def test_a_change_elsewhere_leaves_alone_what_is_being_typed(draft, text, taken):
    text.text = "tw"
    draft.show("a", "changed elsewhere")
    assert text.text == "tw"
    text.text = "two"
    draft.settle()
    assert taken == [("a", "two")]


def test_a_change_elsewhere_is_shown_where_nobody_types(draft, text):
    draft.show("a", "changed elsewhere")
    assert text.text == "changed elsewhere"


def test_what_is_refused_stays_with_its_sentence_until_it_is_typed_over(draft, text, taken, said):
    text.text = "no!"
    draft.settle()
    assert (text.text, taken, said[-1]) == ("no!", [], "no no!")
    draft.settle()
    assert said.count("no no!") == 1
    text.text = "yes"
    draft.settle()
    assert (taken, said[-1]) == ([("a", "yes")], "")


def test_typing_the_old_text_again_takes_a_refusal_back(draft, text, said):
    text.text = "no!"
    draft.settle()
    text.text = "one"
    draft.settle()
    assert said[-1] == ""


def test_what_changes_nothing_is_shown_as_it_holds(draft, text, taken):
    text.text = " one "
    draft.settle()
    assert taken == [("a", " one ")]
    assert text.text == "one"


def test_giving_up_shows_what_holds(draft, text, taken):
    text.text = "two"
    draft.give_up()
    draft.settle()
    assert (text.text, taken) == ("one", [])


def test_an_owner_with_another_name_keeps_what_is_typed_for_it(draft, text, taken):
    text.text = "two"
    draft.follow("a", "z")
    draft.follow("b", "y")
    draft.show("z", "one")
    assert text.text == "two"
    draft.settle()
    assert taken == [("z", "two")]


def test_a_hand_over_that_shows_another_owner_at_once_is_no_muddle(text):
    taken = []

    def take(owner, typed):
        taken.append((owner, typed))
        draft.show("b", "other")

    draft = Draft(text.read, text.write, take, lambda _sentence: None)
    draft.show("a", "one")
    text.text = "two"
    draft.show("b", "other")
    assert (taken, text.text) == ([("a", "two")], "other")
    draft.settle()
    assert taken == [("a", "two")]
