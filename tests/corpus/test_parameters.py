"""The figures: every one that the rules read is required, and a broken one is an error of ours, in French."""

import ast
import re
import shutil
from pathlib import Path

import pytest

from corpus.errors import CorpusError, CorpusFileError
from corpus.parameters import PARAMETERS_DIR, REQUIRED, load_parameters

RULES = Path(__file__).resolve().parents[2] / "assistant"


def names_read(path: Path, known: set[str]) -> set[str]:
    """Return the parameters that a module names, whole («\u00a0a.b\u00a0») or in part (f«\u00a0a.{name}\u00a0»)."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    formatted = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    inside = {id(part) for node in formatted for part in node.values}
    read = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside
    }
    for node in formatted:
        parts = [
            re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"\w+" for part in node.values
        ]
        if re.match(r"[a-z]+\\\.", parts[0]):
            read |= {name for name in known if re.fullmatch("".join(parts), name)}
    return read & known


def test_the_required_parameters_are_those_that_the_rules_name():
    known = set(load_parameters())
    modules = [path for path in RULES.rglob("*.py") if path.name != "catalogue.py"]

    assert set().union(*(names_read(path, known) for path in modules)) == REQUIRED


@pytest.fixture
def copied(tmp_path):
    return Path(shutil.copytree(PARAMETERS_DIR, tmp_path / "parameters"))


@pytest.mark.parametrize("name", sorted(REQUIRED))
def test_a_missing_parameter_is_an_error_that_names_its_file(copied, name):
    path = copied.joinpath(*name.split(".")).with_suffix(".yaml")
    path.unlink()

    with pytest.raises(CorpusFileError, match=re.escape(f"{path}: ce fichier est absent")):
        load_parameters(copied)


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("groupement/seuil_general", "value: 15", "value: quinze"),
        ("calendrier/cloture_regionale", 'value: "2025-09-15"', 'value: "2025-09-31"'),
        ("calendrier/ouverture_regionale", 'value: "2025-01-15"', "value: 2025-01-15"),
        ("enveloppes/ars", "value: 71.5", "value: soixante"),
    ],
)
def test_a_wrong_value_is_refused_at_loading_with_its_line(copied, name, right, wrong):
    path = copied / f"{name}.yaml"
    text = path.read_text(encoding="utf-8")
    before, _, after = text.rpartition(right)
    path.write_text(before + wrong + after, encoding="utf-8")
    line = before.count("\n") + 1

    with pytest.raises(CorpusFileError, match=re.escape(f"{path}:{line}: ") + ".*attendu") as caught:
        load_parameters(copied)
    assert caught.value.line == line


def test_a_text_read_as_a_number_is_an_error_in_french():
    service = load_parameters()["depot.teleservice"].value_for("2025")

    with pytest.raises(
        CorpusError, match="«\u00a0PAI numérique\u00a0» d’un paramètre n’est pas le nombre entier"
    ):
        service.number()
