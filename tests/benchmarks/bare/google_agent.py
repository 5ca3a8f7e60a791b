"""The least that an agent needs: its provider's client and LangChain's agent, called by nobody."""

from langchain.agents import create_agent
from langchain_google_genai import ChatGoogleGenerativeAI

NEEDED = (create_agent, ChatGoogleGenerativeAI)


def handler(event: object, context: object) -> None:
    """Do nothing: what is measured is the import."""
