"""The suite of grounding catches what is invented, misquoted or not cited."""

from datetime import date

import pytest
from scripted import Script, bench, citation, reply, sample

from evals import grounding
from evals.grounding import check_grounding, claims_of

DAY = date(2026, 11, 26)
STATEMENT = "En 2025, l’appel régional se clôt le 15 septembre et réunit au moins 15 ESSMS."


def failed(given, turns=("Quand ?",), corpus=(STATEMENT,)):
    return [check.reason for check in check_grounding(given, turns, DAY, set(corpus)) if not check.held]


def test_an_answer_whose_figures_are_in_their_excerpts_passes():
    assert (
        failed(reply("Oui : 15 ESSMS, avant le 15 septembre 2025. [1]", citations=[citation(1, STATEMENT)]))
        == []
    )


def test_an_invented_figure_is_caught_and_named():
    (reason,) = failed(reply("Il faut 12 ESSMS. [1]", citations=[citation(1, STATEMENT)]))

    assert "12 (nombre)" in reason
    assert "Il faut 12 ESSMS" in reason


@pytest.mark.parametrize(
    "invented",
    [
        "87 M€",
        "35 %",
        "le 16 septembre 2025",
        "quatorze ESSMS",
        "l’instruction 2025/99",
        "aide@ars.fr",
        "cnsa.fr/x",
    ],
)
def test_an_invented_figure_of_any_form_is_caught(invented):
    assert len(failed(reply(f"C’est {invented}. [1]", citations=[citation(1, STATEMENT)]))) == 1


def test_a_figure_must_be_in_the_citation_of_its_own_sentence():
    other = "En 2024, 20 ESSMS."
    given = reply(
        "En 2024, 15 ESSMS. [1] En 2025, 15 ESSMS. [2]",
        citations=[citation(1, other), citation(2, STATEMENT)],
    )

    (reason,) = failed(given, corpus=(STATEMENT, other))

    assert "En 2024, 15 ESSMS" in reason


def test_rules_the_user_and_the_day_give_figures_too():
    rules = [
        {"rule": "groupement.seuil-99", "facts": {"nombre_essms": 17}, "values": {"seuil": 8}, "steps": []}
    ]
    assert (
        failed(
            reply("Au 26 novembre 2026, vos 17 ESSMS dépassent 8, et vous disiez 3.", rules=rules),
            ("Nous sommes 3.",),
        )
        == []
    )
    assert len(failed(reply("Le seuil est 99.", rules=rules))) == 1, "the name of a rule gives no figure"


def test_days_reckoned_from_the_day_of_asking_are_grounded():
    cited = [citation(1, STATEMENT)]
    rules = [{"rule": "calendrier.cloture", "values": {"date": "2025-09-15"}}]

    assert failed(reply("Clos depuis 437 jours. [1]", citations=cited, rules=rules)) == []
    assert len(failed(reply("Clos depuis 438 jours. [1]", citations=cited, rules=rules))) == 1
    assert len(failed(reply("Il y a 437 ESSMS. [1]", citations=cited, rules=rules))) == 1


def test_a_quotation_that_is_not_word_for_word_is_caught_and_supports_nothing():
    reasons = failed(
        reply(
            "Il faut 15 ESSMS. [1]", citations=[citation(1, STATEMENT.replace("15 ESSMS", "15 structures"))]
        )
    )

    assert any("extrait absent du corpus" in reason for reason in reasons)
    assert any("15 (nombre)" in reason for reason in reasons)


def test_markers_and_citations_answer_one_another():
    reasons = failed(reply("Rien. [2]", citations=[citation(1, STATEMENT)]))

    assert [reason[:3] for reason in reasons] == ["[1]", "[2]"]


def test_every_text_of_a_reply_is_looked_at_but_its_suggestions():
    given = reply("Oui.", details={"text": "Et 99 ESSMS."}, more=["Puis 98."], suggestions=["Et à 97 ?"])

    assert [reason.split("dans ")[1].split()[0] for reason in failed(given)] == ["details", "more"]


def test_lists_are_numbered_without_stating_figures():
    assert [claim.text for claim in claims_of("1. Un point. [1]\n2. Un autre.")] == ["Un point.", "Un autre."]


def test_a_reply_that_states_nothing_is_unscored(tmp_path):
    ask = Script({"Et ?": reply("Je ne sais pas."), "Combien ?": reply("Il en faut 12.")})
    samples = [sample("a-01", ["Et ?"]), sample("a-02", ["Combien ?"])]

    nothing, invented = grounding.run(bench(tmp_path, ask, answers=samples), ("answers",)).scores

    assert nothing.passed is None
    assert nothing.note
    assert invented.passed is False
    assert invented.measures == {"figures": 1, "ungrounded": 1}
    assert "1 chiffres, dont 1 sans appui" in grounding.beyond([nothing, invented])[0]
