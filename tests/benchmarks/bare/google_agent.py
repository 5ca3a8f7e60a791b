"""Baseline for an agent: only imports the provider's client and LangChain's agent."""

from langchain.agents import create_agent
from langchain_google_genai import ChatGoogleGenerativeAI

NEEDED = (create_agent, ChatGoogleGenerativeAI)


def handler(event: object, context: object) -> None:
    """Do nothing, because only the import is measured."""
