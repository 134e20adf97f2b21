"""What README, CONTRIBUTING and CHANGELOG say can be done, can be done."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from corpus.fiches import Nature, load_statements

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
PAGES += sorted((ROOT / "docs").rglob("*.md"))

MAKE = re.compile(r"`make ([a-z-]+)|^ {4}make ([a-z-]+)", re.MULTILINE)
MODULE = re.compile(r"python -m (assistant|corpus|index|evals) ([a-z-]+)")


def make_targets_shown() -> set[str]:
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"^ +make ([a-z-]+)", shown, re.MULTILINE))


def make_targets_told(text: str) -> set[str]:
    return {first or second for first, second in MAKE.findall(text)}


def test_make_alone_lists_the_targets():
    alone = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert "make run" in alone
    assert "make test" in alone


def test_every_make_command_told_exists():
    assert make_targets_told(README + CONTRIBUTING) <= make_targets_shown()


def test_every_make_target_is_told():
    assert make_targets_shown() <= make_targets_told(README + CONTRIBUTING)


def test_the_two_commands_stand_alone_in_the_readme():
    assert "\n    make run\n" in README
    assert "\n    make test\n" in README


@pytest.mark.parametrize("module", ["assistant", "corpus", "index", "evals"])
def test_every_subcommand_told_exists(module):
    command = [sys.executable, "-m", module, "--help"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    known = set(re.findall(r"^ {4}([a-z-]+)\s", shown, re.MULTILINE))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8").replace("$(PYTHON)", "python")

    told = {name for of, name in MODULE.findall(README + CONTRIBUTING + makefile) if of == module}

    assert told <= known


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_local_link_leads_somewhere(page):
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_path_of_the_repository_named_exists():
    path = re.compile(r"`((?:corpus|index|assistant|evals|tests|docs)/[\w./-]+)`")

    named = set(path.findall(README + CONTRIBUTING))

    assert named
    assert sorted(path for path in named if not (ROOT / path).exists()) == []


def test_the_changelog_opens_with_the_version_of_the_project():
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert re.search(r"^## (\S+)", changelog, re.MULTILINE)[1] == PROJECT["version"]


def test_every_licence_declared_is_there():
    texts = {name: (ROOT / name).read_text(encoding="utf-8") for name in PROJECT["license-files"]}

    assert texts
    assert all(text.strip() for text in texts.values())


def test_adrs_are_numbered_without_a_gap_and_have_a_status():
    records = sorted((ROOT / "docs" / "adr").glob("*.md"))

    for number, record in enumerate(records, 1):
        text = record.read_text(encoding="utf-8")
        assert record.name.startswith(f"{number:04d}-")
        assert text.startswith(f"# {number}. ")
        assert re.search(r"^Status: (accepted|superseded by ADR \d+)\.$", text, re.MULTILINE)


def test_every_dependency_is_pinned_in_the_constraints():
    def plain(name: str) -> str:
        return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", name)[0]).lower()

    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {plain(line) for line in pins if "==" in line and not line.startswith("#")}
    wanted = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]

    assert {plain(requirement) for requirement in wanted} <= pinned


def page_writer(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["rules_page", "coverage_page"])
def test_a_page_written_from_the_corpus_is_what_the_corpus_says(name: str) -> None:
    module = page_writer(name)

    assert module.PAGE.read_text(encoding="utf-8") == module.render(), "run make docs"


def test_every_fact_contradiction_and_gap_is_said_by_a_fiche() -> None:
    module = page_writer("coverage_page")
    said = module.by_reference(tuple(load_statements()))
    wanted = {name for kind, last, width, _ in module.KINDS for name in module.identifiers(kind, last, width)}

    assert len(wanted) == 153 + 42 + 12
    assert wanted <= set(said)


def test_each_contradiction_is_told_as_one_or_as_an_unknown() -> None:
    module = page_writer("coverage_page")
    said = module.by_reference(tuple(load_statements()))

    for name in module.identifiers("C", 42, 2):
        natures = {statement.nature for statement in said[name]}
        assert natures & {Nature.CONTRADICTION, Nature.INCONNU}, name


def test_every_package_is_in_the_distribution():
    described = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    listed = set(described["tool"]["setuptools"]["packages"])
    found = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for name in ("corpus", "index", "assistant", "evals")
        for path in (ROOT / name).rglob("__init__.py")
    }
    assert found <= listed
