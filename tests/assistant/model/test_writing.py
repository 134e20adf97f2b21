"""What a model writes of an answer: what is kept, what is put back, what ends it."""

from datetime import date

import pytest

from assistant.answer import Kind, Status
from assistant.composing.draft import Draft, Sentence
from assistant.faithful import Doubt
from assistant.grounding import Offered
from assistant.model.client import ModelError
from assistant.model.writing import messages_for, writing
from assistant.rules.result import Outcome, RuleResult
from assistant.understanding.reading import read_conversation
from corpus.sources import load_sources

SOURCE = next(iter(load_sources()))
RULE = RuleResult("groupement.seuil", Outcome.YES, ())
HEAD = Sentence("Oui : avec 18 structures, le seuil est atteint.", (SOURCE,), rules=(RULE,))
FIRST = Sentence("Le dossier est déposé sur la plateforme, avec la convention.", (SOURCE,))
SECOND = Sentence("L’agence instruit le dossier.", (SOURCE,))
WHOM = Sentence("Demandez à votre agence.", key="ask_whom")
READING = read_conversation(("Comment déposer ?",), date(2025, 6, 2))


def begin(*sentences, kind=Kind.ANSWER):
    return writing(Draft(kind, Status.ANSWERED, list(sentences)), READING, (), load_sources())


def texts(draft):
    return [one.text for one in draft.sentences]


def write(begun, text):
    for at in range(0, len(text), 5):
        begun.feed(text[at : at + 5])
    begun.end()
    return begun


def test_what_the_texts_say_is_kept_in_the_order_of_the_model():
    begun = write(
        begin(FIRST, SECOND, WHOM),
        "L'agence instruit le dossier [2]. Le dossier est déposé sur la plateforme, avec la convention [1].",
    )
    assert texts(begun.finished()) == [SECOND.text, FIRST.text, WHOM.text]
    assert begun.doubts.total() == 0


def test_the_verdict_opens_the_answer_in_our_words():
    begun = write(
        begin(HEAD, FIRST, WHOM), "Ainsi, le dossier est déposé sur la plateforme, avec la convention [1]."
    )
    assert begun.head is HEAD
    assert texts(begun.so_far()) == [HEAD.text, FIRST.text]
    assert texts(begun.finished())[0] == HEAD.text


def test_what_the_model_leaves_out_stays():
    begun = write(begin(HEAD, FIRST, SECOND, WHOM), "L’agence instruit le dossier [2].")
    assert texts(begun.finished()) == [HEAD.text, SECOND.text, FIRST.text, WHOM.text]


def test_a_clause_left_out_is_put_back():
    begun = write(begin(HEAD, FIRST), "Le dossier est déposé sur la plateforme [1].")
    assert texts(begun.so_far()) == [HEAD.text, FIRST.text]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Une grappe réunissait au moins 3 organismes.", "Une grappe réunissait moins de 3 organismes."),
        ("Le dépôt a lieu au plus tard le 6 juin 2022.", "Le dépôt a lieu plus tard : le 6 juin 2022."),
        ("En 2025, 1,5 M€ est réservé.", "En 2025, 1.500 M€ est réservé."),
        (
            "Un dossier du 15 est dans les délais ; celui du 16 ne l’est pas.",
            "Un dossier du 15 est dans les délais celui du 16 ; ne l’est pas.",
        ),
    ],
)
def test_what_is_shown_is_the_text_and_not_what_the_model_wrote(text, written):
    begun = write(begin(Sentence(text, (SOURCE,)), SECOND), f"{written} [1]")
    assert written not in " ".join(texts(begun.finished()))
    assert text in texts(begun.finished())


def test_a_word_that_links_is_kept_where_it_fits():
    begun = write(
        begin(FIRST, Sentence("Mayotte suit la même règle.", (SOURCE,))),
        "Par ailleurs, le dossier est déposé sur la plateforme, avec la convention [1]. Enfin, Mayotte suit la même règle [2].",
    )
    assert texts(begun.finished()) == [
        "Par ailleurs, le dossier est déposé sur la plateforme, avec la convention.",
        "Mayotte suit la même règle.",
    ]


@pytest.mark.parametrize("cited", ["", "[2]", "[99]", "[1][99]", "[1, 2]"])
def test_a_sentence_rests_on_what_says_it_whatever_it_cites(cited):
    begun = write(
        begin(FIRST, SECOND), f"Le dossier est déposé sur la plateforme, avec la convention {cited}."
    )
    (kept,) = begun.kept
    assert kept[0].sentence is FIRST
    assert "[" not in kept[1]


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("Le dossier est déposé avant le 3 mai [1].", Doubt.FIGURE),
        ("Le dossier est déposé par courrier [1].", Doubt.WORDS),
        ("Le dossier est déposé sur plateforme.example.org [1].", Doubt.LINK),
        ("Le dossier est déposé sur la [plateforme](x) [1].", Doubt.LETTERS),
    ],
)
def test_what_no_text_says_is_withdrawn(text, doubt):
    begun = write(begin(FIRST, SECOND), text)
    assert begun.kept == []
    assert begun.doubts == {doubt.value: 1}


@pytest.mark.parametrize(
    "text",
    [
        "Non, c’est impossible.",
        "NON. Le dossier est déposé sur la plateforme, avec la convention [1].",
        "Vous n’êtes pas éligible [1].",
        "Le projet est inéligible.",
    ],
)
def test_the_contrary_of_the_verdict_ends_the_writing(text):
    begun = write(begin(HEAD, FIRST), text)
    assert begun.contradicted
    assert begun.over
    assert begun.kept == []


def test_a_statement_beside_ours_never_comes_before_it():
    begun = begin(FIRST, SECOND, WHOM)
    beside = Sentence("La foire aux questions existe depuis 2022.", (SOURCE,))
    begun.offered = (*begun.offered, Offered(3, beside.text, beside))
    write(begun, f"{beside.text} [3] {SECOND.text} [2]")
    assert texts(begun.so_far()) == [SECOND.text, beside.text]
    assert texts(begun.finished()) == [SECOND.text, FIRST.text, beside.text, WHOM.text]


def test_a_sentence_said_again_and_a_loop_are_cut_short():
    begun = write(
        begin(HEAD, FIRST), "Le dossier est déposé sur la plateforme, avec la convention [1]. " * 40
    )
    assert len(begun.kept) == 1
    assert begun.over
    begun = write(begin(HEAD, FIRST), "Oui : avec 18 structures, le seuil est atteint. ")
    assert begun.kept == []


def test_what_cannot_be_put_otherwise_is_left_alone():
    assert begin(FIRST, SECOND, kind=Kind.ABSTENTION) is None
    assert begin(WHOM) is None
    assert begin(HEAD) is None
    assert begin(FIRST, Sentence("Voie régionale : le 3 mai.", (SOURCE,), bullet=True)) is None
    assert begin(Sentence("Voir https://example.org/aide.", (SOURCE,))) is None


def test_the_model_is_given_numbered_texts_and_no_address():
    begun = begin(HEAD, FIRST, Sentence("Écrire à service@example.org.", (SOURCE,)), SECOND)
    _, human = messages_for(begun, "Mme Exemple, 06 12 34 56 78 : comment déposer ?", lambda *_: 10_000)
    assert "[1] Le dossier est déposé" in human.text
    assert "[2] L’agence instruit" in human.text
    assert HEAD.text in human.text
    assert "example.org" not in human.text
    assert "Exemple" not in human.text
    assert "34 56" not in human.text
    assert "http" not in human.text


def test_a_small_window_is_given_fewer_texts_then_none():
    begun = begin(FIRST, SECOND)
    _, human = messages_for(begun, "Comment déposer ?", lambda *texts: 10_000 if len(texts) < 5 else 0)
    assert "[1]" in human.text
    assert "[2]" not in human.text
    with pytest.raises(ModelError):
        messages_for(begun, "Comment déposer ?", lambda *_: 0)
