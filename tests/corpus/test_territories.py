"""Places: every region, département and town leads to one region, and to no ordinary word."""

import unicodedata

import pytest

from corpus.build_towns import Town, select_towns
from corpus.errors import CorpusFileError
from corpus.territories import load_territories, load_towns


def fold(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()


def test_the_eighteen_regions_and_six_collectivities_are_there():
    zones = [region.zone for region in load_territories().regions]

    assert len(zones) == 24
    assert zones.count("metropole") == 12
    assert zones.count("corse") == 1
    assert zones.count("outre-mer") == 5
    assert zones.count("indetermine") == 6


def test_the_101_departements_and_the_codes_of_the_collectivities_are_there():
    codes = [departement.code for departement in load_territories().departements]

    assert len(codes) == 101 + 6
    assert codes[:3] == ["01", "02", "03"]
    assert {"2A", "2B", "971", "972", "973", "974", "976", "975", "977", "978", "986", "987", "988"} <= set(
        codes
    )
    assert "20" not in codes


@pytest.mark.parametrize(
    ("code", "region"),
    [
        ("35", "bretagne"),
        ("2A", "corse"),
        ("974", "la-reunion"),
        ("976", "mayotte"),
        ("988", "nouvelle-caledonie"),
    ],
)
def test_a_departement_leads_to_its_region(code, region):
    found = {departement.code: departement.region for departement in load_territories().departements}

    assert found[code] == region


def test_a_written_form_names_one_region_only():
    owner: dict[str, str] = {}
    for region in load_territories().regions:
        for form in (region.name, *region.formes):
            assert owner.setdefault(fold(form), region.id) == region.id, form


def test_only_the_grades_named_by_the_sources_are_given():
    named = {region.id: region.grades for region in load_territories().regions if region.grades}

    assert set(named.values()) == {
        "SESAN", "ESEA", "Pulsy", "e-santé Occitanie", "TESIS", "GRADeS BFC", "Sara", "IeS Sud",
    }  # fmt: skip
    assert named["la-reunion"] == "TESIS"


def test_towns_are_unique_and_their_codes_known():
    codes = {departement.code for departement in load_territories().departements}
    names = [name for name, _ in load_towns()]

    assert len(names) == len(set(names)) > 2_000
    assert {code for _, code in load_towns()} <= codes
    assert dict(load_towns())["Mamoudzou"] == "976"
    assert dict(load_towns())["L’Haÿ-les-Roses"] == "94"


@pytest.mark.parametrize(
    "name", ["Mer", "Croix", "Sens", "Publier", "La Possession", "Vienne", "Saint-Denis"]
)
def test_ordinary_words_and_ambiguous_names_are_not_towns(name):
    assert name not in dict(load_towns())


def test_of_homonyms_the_most_populous_wins_unless_its_rival_is_comparable():
    distant = [Town("Saint-Pierre", "974", "04", 85_000), Town("Saint-Pierre", "975", "975", 5_000)]
    comparable = [Town("Saint-Louis", "974", "04", 55_000), Town("Saint-Louis", "68", "44", 22_000)]
    neighbours = [Town("Valbonne", "06", "93", 13_000), Town("Valbonne", "83", "93", 12_000)]

    assert select_towns(distant) == [distant[0]]
    assert select_towns(comparable) == []
    assert select_towns(neighbours) == [neighbours[0]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('regions: [{id: "a", name: "A", locatif: "en A", zone: lune}]\ndepartements: []', "zone"),
        (
            'regions: []\ndepartements: [{code: "01", name: "Ain", locatif: "x", region: "z"}]',
            "région inconnue «\u00a0z\u00a0»",
        ),
        ('regions: []\ndepartements: [{code: 1, name: "Ain", locatif: "x", region: "z"}]', "code"),
    ],
)
def test_a_broken_file_of_places_is_refused(tmp_path, text, message):
    path = tmp_path / "territories.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(CorpusFileError, match=message):
        load_territories(path)


def test_a_broken_table_of_towns_names_its_line(tmp_path):
    path = tmp_path / "towns.tsv"
    path.write_text("# header\nRennes\t35\nBrest 29\n", encoding="utf-8")

    with pytest.raises(CorpusFileError, match=r"towns\.tsv:3"):
        load_towns(path)
    with pytest.raises(CorpusFileError, match="ne se lit pas"):
        load_towns(tmp_path / "missing.tsv")
