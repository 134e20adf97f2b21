"""The adapters against the standard tests of LangChain, over the real encoder, the real index and the real Chroma."""

import pytest
from langchain_core.documents import Document
from langchain_tests.integration_tests import (
    EmbeddingsIntegrationTests,
    RetrieversIntegrationTests,
    VectorStoreIntegrationTests,
)

from index.build import open_index
from index.encoder import Encoder
from index.langchain_adapter import LangChainRetriever, LangChainStore
from index.retriever import Retriever
from index.store import Place


class TestEncoder(EmbeddingsIntegrationTests):
    @property
    def embeddings_class(self):
        return Encoder


class TestRetriever(RetrieversIntegrationTests):
    @pytest.fixture(autouse=True)
    def _open(self, settings, encoder):
        self._source: Retriever = open_index(settings, encoder, lambda _: None)
        yield
        self._source.close()

    @property
    def retriever_constructor(self):
        return LangChainRetriever

    @property
    def retriever_constructor_params(self):
        return {"source": self._source}

    @property
    def retriever_query_example(self):
        return "date de clôture du seuil"


class TestStore(VectorStoreIntegrationTests):
    @pytest.fixture
    def vectorstore(self, tmp_path):
        store = LangChainStore(self.get_embeddings(), Place.embedded(tmp_path))
        yield store
        store.close()


def test_a_store_ranks_by_cosine_keeps_any_metadata_and_survives_its_process(tmp_path):
    documents = [
        Document(
            "La date limite de dépôt est le 15 septembre.", id="a", metadata={"pages": [1, 2], "par": None}
        ),
        Document("Le chat dort sur le canapé du salon.", id="b"),
    ]
    store = LangChainStore(Encoder(), Place.embedded(tmp_path))
    store.add_documents(documents)
    store.close()

    again = LangChainStore(Encoder(), Place.embedded(tmp_path))
    found = again.similarity_search_with_score("Jusqu’à quand peut-on déposer un dossier ?", k=2)

    assert [document.id for document, _ in found] == ["a", "b"]
    assert found[0][0].metadata == {"pages": [1, 2], "par": None}
    assert found[0][1] > found[1][1] + 0.03
    assert again.similarity_search_with_relevance_scores("dépôt", k=1)[0][1] <= 1
    again.close()


def test_a_store_refuses_texts_without_as_many_ids(tmp_path):
    store = LangChainStore(Encoder(), Place.embedded(tmp_path))

    with pytest.raises(ValueError, match="2 texts, 2 metadata and 1 ids"):
        store.add_texts(["a", "b"], ids=["x"])


def test_a_store_says_that_it_knows_no_filter_and_takes_texts_without_metadata(tmp_path):
    store = LangChainStore(Encoder(), Place.embedded(tmp_path))
    store.add_texts(["un"], [None], ids=["n"])

    assert store.get_by_ids(["n"])[0].metadata == {}
    assert len(store.get_by_ids([str(number) for number in range(40_000)])) == 0
    with pytest.raises(ValueError, match="unknown options: filter"):
        store.similarity_search("un", filter={"y": 2})
