"""One message to judge, with the data that rules read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from assistant.rules.deadline import campagnes_of
from assistant.rules.facts import Facts
from assistant.rules.grouping import check_seuil, check_voie
from assistant.rules.result import RuleResult
from assistant.understanding.intents import Topic
from assistant.understanding.reading import Reading
from corpus.categories import Categorie
from corpus.parameters import Parameters
from corpus.territories import Territories


@dataclass(frozen=True)
class Data:
    """What the rules read beside the facts, loaded once."""

    parameters: Parameters
    territories: Territories
    categories: dict[str, Categorie]

    def seuil(self, facts: Facts, campagne: str) -> RuleResult:
        """Judge the grouping threshold."""
        return check_seuil(facts, campagne, self.parameters, self.territories, self.categories)

    def voie(self, facts: Facts, campagne: str) -> RuleResult:
        """Find the track."""
        return check_voie(facts, campagne, self.parameters, self.territories, self.categories)


@dataclass(frozen=True)
class Case:
    """A message read, the campaign year it is judged for (« 2025 », « 2021-T1 ») and the day."""

    reading: Reading
    year: str
    day: date
    data: Data

    @property
    def plain(self) -> str:
        """The folded message."""
        return self.reading.plain

    @property
    def topics(self) -> frozenset[Topic]:
        """The topics of the message."""
        return self.reading.topics

    @property
    def own(self) -> Facts:
        """The facts that the message itself states."""
        return self.reading.own

    @property
    def facts(self) -> Facts:
        """The facts of the conversation."""
        return self.reading.facts

    @property
    def parameters(self) -> Parameters:
        """The dated figures."""
        return self.data.parameters

    @property
    def campagne(self) -> str:
        """The one campaign to judge by: « 2021 » alone means its second round, open to all ESSMS."""
        return "2021-T2" if self.year == "2021" else self.year

    @property
    def campagnes(self) -> list[str]:
        """Every campaign of the year; none for a year without any."""
        return campagnes_of(self.year, self.parameters)

    @property
    def counted(self) -> bool:
        """Whether the message states a number of ESSMS."""
        return has_number(self.own)

    def voie_of_project(self) -> str | None:
        """Return the track that the project's facts settle, if they do."""
        if not has_number(self.facts) and self.facts.nombre_regions is None:
            return None
        voie = self.data.voie(self.facts, self.campagne).values.get("voie")
        return voie if isinstance(voie, str) else None


def has_number(facts: Facts) -> bool:
    """Whether facts give a number of ESSMS; « une USLD » counts one structure but describes no project."""
    numbers = [mention.nombre for mention in facts.categories if mention.nombre]
    return facts.nombre_essms is not None or any(count.high is None or count.high > 1 for count in numbers)
