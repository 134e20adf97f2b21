"""Search: what is found whatever its accents, and signs that mean nothing."""

from __future__ import annotations

import pytest
from desk_samples import reply

from assistant.drafting.message import Address
from assistant.storage.views import Filter, Status


@pytest.fixture
def found(desk, add, team):
    """Return what finds the names of requests by words."""
    texts = {
        "cloture": "Échéance de l’appel régional : la clôture est-elle fixée ?",
        "taux": "Le taux de 50 % s’applique-t-il à un_champ ?",
        "oeuvre": "L’ŒUVRE d’Ægide et la cœur de cible",
        "citation": 'Il a dit : « appel à projets » puis "autre chose"',
        "barre": r"Un chemin C:\dossier\fichier et l'apostrophe",
    }
    names = {add(text, fields={"subject": f"Objet {name}"}).id: name for name, text in texts.items()}
    sender = add("Sans mot particulier", fields={"sender": Address("Zoé MODÈLE", "zoe.modele@example.net")})
    names[sender.id] = "expediteur"
    draft = add("Rien non plus")
    desk.save_draft(draft.id, "Le récépissé vous sera adressé.", version=1, by=team.first)
    names[draft.id] = "brouillon"

    def search(words: str) -> set[str]:
        return {names[row.id] for row in desk.inbox(Filter(words=words)).rows}

    return search


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("clôture", {"cloture"}),
        ("CLOTURE", {"cloture"}),
        ("clo\u0302ture", {"cloture"}),
        ("regional cloture", {"cloture"}),
        ("cloture régional echeance", {"cloture"}),
        ("cloture taux", set()),
        ("oeuvre", {"oeuvre"}),
        ("ŒUVRE", {"oeuvre"}),
        ("aegide coeur", {"oeuvre"}),
        ("l'appel", {"cloture"}),
        ("l’appel", {"cloture"}),
        ("%", {"taux"}),
        ("50 %", {"taux"}),
        ("50\u00a0%", {"taux"}),
        ("n_c", {"taux"}),
        ("_", {"taux"}),
        ("\\", {"barre"}),
        ("C:\\dossier", {"barre"}),
        ("l'apostrophe", {"barre"}),
        ('"appel à projets"', {"citation"}),
        ("« appel à projets »", {"citation"}),
        ('"projets à appel"', set()),
        ('"autre', {"citation"}),
        ("zoe", {"expediteur"}),
        ("modele@example.net", {"expediteur"}),
        ("objet taux", {"taux"}),
        ("recepisse", {"brouillon"}),
        ("'; DROP TABLE requests; --", set()),
        ("' OR '1'='1", set()),
        ("\x00", set()),
        ("\ud800", set()),
        ("zzz" * 100_000, set()),
    ],
)
def test_words_find_what_they_should(found, words, expected):
    assert found(words) == expected


@pytest.mark.parametrize("words", ["", "   ", '"', "\u00a0\n"])
def test_no_word_finds_everything(found, words):
    assert len(found(words)) == 7


def test_a_draft_that_changed_is_found_by_its_new_words_only(desk, add, team):
    view = add("Rien de particulier")
    desk.save_draft(view.id, "un mot ancien", version=1, by=team.first)
    desk.replace_reply(view.id, reply(answers=("Un mot nouveau.",)), version=2, by=team.first)

    assert desk.inbox(Filter(words="ancien")).total == 0
    assert desk.inbox(Filter(words="nouveau")).total == 1


def test_a_search_counts_what_it_finds_by_status(desk, add):
    first = add("la clôture")
    add("une clôture aussi")
    add("autre chose")
    desk.set_status(first.id, Status.READY, by=None)

    page = desk.inbox(Filter(words="cloture", status=Status.READY))

    assert [row.id for row in page.rows] == [first.id]
    assert (page.totals[Status.READY], page.totals[Status.TO_HANDLE]) == (1, 1)
