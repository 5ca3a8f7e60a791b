"""The least that an agent needs: its provider's client and LangChain's agent, called by nobody."""

from langchain.agents import create_agent
from langchain_openai import ChatOpenAI

NEEDED = (create_agent, ChatOpenAI)


def handler(event: object, context: object) -> None:
    """Do nothing: what is measured is the import."""
