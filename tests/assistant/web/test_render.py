"""From an answer to its HTML."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from assistant.answer import Answer, Citation, Kind, Status
from assistant.composing.french import say_printed, typeset
from assistant.rules.catalogue import QUESTIONS
from assistant.rules.result import Outcome, RuleResult, Step, StepStatus
from assistant.web.chat.markdown import growing, render_markdown
from assistant.web.chat.render import render_answer, render_question

DAY = date(2025, 6, 2)
CITATION = Citation(
    1,
    "exemple-2025",
    "Titre & <b>sous-titre</b>",
    "ARS",
    "2025-03",
    "https://exemple.fr/",
    "p. 3",
    "Mots",
    2,
    "page",
)


def answer(text: str = "Oui [1].", **changes) -> Answer:
    return replace(Answer(Kind.ANSWER, Status.ANSWERED, text, (CITATION,)), **changes)


def plain(text: str) -> str:
    return render_markdown(text, lambda number: None)


def test_paragraphs_lists_and_bold():
    html = plain("**Oui.** Une phrase.\nSuite.\n\n- un\n- deux\n  suite\n\n1. a\n2. b")

    assert html == (
        "<p><strong>Oui.</strong> Une phrase.<br>Suite.</p>"
        "<ul><li>un</li><li>deux suite</li></ul><ol><li>a</li><li>b</li></ol>"
    )


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "**<b>**",
        "![x](y)",
    ],
)
def test_nothing_else_becomes_markup(text):
    html = plain(text)

    assert "<script" not in html
    assert "<img" not in html
    assert "<a" not in html
    assert "<b>" not in html


def test_html_holds_no_line_break_for_a_later_markdown_pass():
    separators = "a\n\nb\r\n\r\nc\u2028\u2028d\u0085e\x0b\x0cf"

    assert len(render_question(separators).splitlines()) == 1
    assert len(render_answer(answer(separators), 1, DAY).splitlines()) == 1


def test_a_marker_without_its_citation_stays_text():
    html = render_answer(answer("Oui [1] [7]."), 3, DAY)

    assert 'href="#reponse-3-source-1"' in html
    assert 'id="reponse-3-source-1"' in html
    assert "[7]." in html
    assert "source-7" not in html


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//exemple.fr", "https://a b", ""]
)
def test_only_web_addresses_become_links(url):
    html = render_answer(answer(citations=(replace(CITATION, url=url, location="section 2"),)), 1, DAY)

    assert 'target="_blank"' not in html


def test_the_page_of_an_added_document_has_its_image():
    def image(location: str) -> list[str]:
        html = render_answer(answer(citations=(replace(CITATION, id="a/../b", location=location),)), 1, DAY)
        return re.findall(r'href="(documents/[^"]*)"', html)

    assert image("p. 3, section « Dates »") == ["documents/a/../b/pages/3.png"]
    assert image("Fiche « Calendrier », p. 3") == image("page 3") == []


def test_the_first_mention_of_a_term_is_defined_and_nothing_in_it_is_markup():
    html = render_answer(answer("Le DUI, le <b>DUI</b> et le **SONS** [1]."), 1, DAY)

    assert re.findall(r'<a class="term" href="glossaire#([\w-]+)"', html) == ["dui", "sons"]
    assert "&lt;b&gt;DUI&lt;/b&gt;" in html
    assert re.search(r'<strong><a class="term" [^>]*>SONS</a></strong>', html)


def test_the_definition_is_in_the_title_and_words_that_look_like_its_attribute_are_kept():
    html = render_answer(answer("Le DUI s’écrit data-definition= dans une page [1]."), 1, DAY)

    assert re.search(r'<a class="term" href="glossaire#dui" title="[^"]{20,}">DUI</a>', html)
    assert "s’écrit data-definition= dans" in html


def test_a_title_is_escaped_wherever_it_appears():
    html = render_answer(answer(), 1, DAY)

    assert "<b>" not in html
    assert html.count("Titre &amp; &lt;b&gt;sous-titre&lt;/b&gt;") == 2


@pytest.mark.parametrize(
    ("kind", "label"),
    [
        (Kind.ANSWER, "Réponse"),
        (Kind.CLARIFICATION, "Question de précision"),
        (Kind.ABSTENTION, "Non documenté"),
        (Kind.REFUSAL, "Hors périmètre"),
        (Kind.ERROR, "Incident"),
    ],
)
def test_each_kind_has_its_words(kind, label):
    html = render_answer(answer(kind=kind), 1, DAY)

    assert f"kind-{kind.value}" in html
    assert re.search(rf'<p class="kind kind-{kind.value}">(<span class="icon">.</span> )?{label} <span', html)
    assert "au 2 juin 2025" in html


def test_a_partial_answer_says_so():
    assert "Réponse partielle" in render_answer(answer(status=Status.PARTIAL), 1, DAY)


@pytest.mark.parametrize(
    ("printed", "french"),
    [
        ("2025", "2025"),
        ("2025-03", "mars 2025"),
        ("2025-03-14", "14 mars 2025"),
        ("", "sans date"),
        ("2025-13", "2025-13"),
    ],
)
def test_dates_are_written_in_french(printed, french):
    assert say_printed(printed) == french


def test_an_answer_grows_sentence_by_sentence_and_never_inside_bold_words():
    text = "**Oui. Sûrement.** Le seuil est atteint [1]. Fin."

    assert list(growing(text)) == ["**Oui. Sûrement.** Le seuil est atteint [1].", text]


def ruling(rule: str, outcome: Outcome, status: StepStatus = StepStatus.MET, **changes) -> str:
    trace = RuleResult(rule, outcome, (Step("Clôture le 2025-09-15", status, ("exemple-2025",)),), **changes)
    return render_answer(answer(rules=(trace,)), 1, DAY)


@pytest.mark.parametrize(
    "rule", ["calendrier.cloture", "financement.montant", "depot.circuit", "groupement.voie"]
)
def test_a_rule_that_gives_a_value_says_neither_yes_nor_no_and_explains_on_demand(rule):
    for outcome in (Outcome.YES, Outcome.NO):
        html = ruling(rule, outcome)
        assert f'<p class="verdict-title">{typeset(QUESTIONS[rule])}</p>' in html
        assert "</span> établie</span> Clôture le 15 septembre 2025 " in html
        assert '<details class="why"><summary>Pourquoi cette réponse</summary>' in html
        assert 'class="verdicts"' not in html

    html = ruling(rule, Outcome.UNDETERMINED, StepStatus.UNKNOWN)
    assert f"Non déterminé</span> {typeset(QUESTIONS[rule])}</p>" in html
    assert 'class="verdicts"' in html


@pytest.mark.parametrize(
    "rule", ["eligibilite.structure", "groupement.seuil", "calendrier.ouvert", "cumul.compatibilite"]
)
def test_a_rule_that_judges_says_yes_or_no_on_its_card(rule):
    html = ruling(rule, Outcome.YES)

    assert f"Oui</span> {typeset(QUESTIONS[rule])}</p>" in html
    assert 'class="verdict verdict-yes"' in html
    assert "</span> remplie</span>" in html
    assert "</span> Non</span>" in ruling(rule, Outcome.NO)


def test_facts_are_shown_to_be_corrected_and_missing_ones_to_be_given():
    facts = {"nombre_essms": 14, "territoires": ["bretagne", "corse"], "nombre_regions": 2, "jour": "2025-06-02"}
    html = ruling("groupement.seuil", Outcome.UNDETERMINED, facts=facts, missing=("finess_geo", "inconnu"))

    assert re.findall(r'id="reponse-1-fait-(\w+)"', html) == ["nombre_essms", "territoires", "finess_geo"]
    assert "Nombre d’ESSMS\u00a0: <strong>14</strong>" in html
    assert "Région\u00a0: <strong>Bretagne et Corse</strong>" in html
    assert html.index("Ce qui reste à préciser") < html.index("reponse-1-fait-finess_geo")


def test_a_fact_that_rules_read_differently_is_not_shown_as_the_user_s():
    rules = tuple(
        RuleResult("calendrier.cloture", Outcome.YES, (), {"voie": voie, "campagne": "2025"}, ("date_depot",))
        for voie in ("regionale", "nationale")
    )
    html = render_answer(answer(rules=rules), 1, DAY)

    assert re.findall(r'id="reponse-1-fait-(\w+)"', html) == ["campagne", "date_depot"]


@pytest.mark.parametrize("value", ["bretagne'><script>", {"a": 1}, [["x"]], "atlantide"])
def test_a_fact_of_a_conversation_that_was_tampered_with_is_left_out(value):
    html = ruling("groupement.seuil", Outcome.NO, facts={"territoires": value, "nombre_essms": 14})

    assert re.findall(r'id="reponse-1-fait-(\w+)"', html) == ["nombre_essms"]


def test_a_condition_points_to_the_source_whose_words_say_its_figures():
    other = replace(CITATION, number=2, excerpt="Clôture le 15 septembre 2025.")
    trace = RuleResult(
        "groupement.seuil", Outcome.NO, (Step("Clôture le 2025-09-15", StepStatus.NOT_MET, ("exemple-2025",)),)
    )
    html = render_answer(answer("Non.", citations=(CITATION, other), rules=(trace,)), 1, DAY)

    assert re.findall(r'href="#reponse-1-source-(\d)"', html) == ["2"]


def test_an_excerpt_shows_the_figures_that_the_answer_says():
    cited = replace(CITATION, excerpt="Avant le 15 septembre 2025 : 15 ESSMS, 8 en Corse.")
    html = render_answer(answer("Le 15 septembre 2025, il faut 15 ESSMS [1].", citations=(cited,)), 1, DAY)

    quoted = re.search("<blockquote>(.*)</blockquote>", html)[1]
    assert quoted == "Avant le <mark>15 septembre 2025</mark>\u00a0: <mark>15</mark> ESSMS, 8 en Corse."


def test_a_degraded_mode_is_said_in_one_line():
    assert 'class="degraded"' not in render_answer(answer(), 1, DAY)
    assert '<p class="degraded">Mode dégradé.</p>' in render_answer(answer(notice="Mode dégradé."), 1, DAY)


def test_the_same_words_of_the_same_source_are_listed_once():
    twice = (
        CITATION,
        replace(CITATION, number=2, location="p. 9", excerpt="Mots "),
        replace(CITATION, number=3, excerpt="Autres mots"),
        replace(CITATION, number=4, id="autre-2025"),
    )
    html = render_answer(answer("Oui [1] [2] [3] [4].", citations=twice), 1, DAY)

    assert html.count('<details class="source"') == 3
    assert '<span class="number">[1] [2]</span>' in html
    assert "<strong>3 sources</strong>" in html
    assert "p. 3\u00a0; p. 9" in html
    hrefs = re.findall(r'href="#reponse-1-source-(\d)">\[(\d)\]', html)
    assert hrefs == [("1", "1"), ("1", "2"), ("3", "3"), ("4", "4")]
    assert all(f'id="reponse-1-source-{anchor}"' in html for anchor, _ in hrefs)


def test_a_source_shows_its_own_words_first():
    html = render_answer(answer(), 1, DAY)

    assert html.index("<blockquote>") < html.index("<dl>")
