"""The LangChain face of the retriever; imported only when asked for."""

from __future__ import annotations

from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever


class LangChainRetriever(BaseRetriever):
    """Returns the hits of a :class:`index.retriever.Retriever` as documents with their metadata."""

    source: Any
    k: int = 8

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        documents = []
        for hit in self.source.search(query, self.k):
            metadata = hit.passage.as_json()
            text = metadata.pop("text")
            scores = {"score": hit.score, "dense": hit.dense, "lexical": hit.lexical, "why": hit.why}
            documents.append(Document(id=hit.passage.id, page_content=text, metadata=metadata | scores))
        return documents
