"""`python -m local`: the laptop cloud's commands."""

from local.cli import app

if __name__ == "__main__":
    app()
