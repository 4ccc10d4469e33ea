"""The demo company, open on loopback: its services, and the settings that name them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from string import Template

from bulletin.sandbox import github, jira, sentry
from bulletin.sandbox.server import TOKEN, Service
from bulletin.sandbox.world import STORY, World

TOKEN_VARIABLE = "BULLETIN_DEMO_TOKEN"  # noqa: S105  (the name of a variable)


@dataclass(frozen=True, slots=True)
class Company:
    """The running services by name."""

    services: dict[str, Service]

    def travel(self, moment: datetime) -> None:
        """Set every service's clock."""
        for service in self.services.values():
            service.moment = moment

    def settings(self, title: str, language: str) -> str:
        """Return the text of a `bulletin.toml` that asks these services."""
        text = Template((STORY / "bulletin.toml.template").read_text(encoding="utf-8"))
        urls = {name: service.url for name, service in self.services.items()}
        return text.substitute(urls, title=title, language=language, variable=TOKEN_VARIABLE)

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that the settings refer to."""
        return {TOKEN_VARIABLE: TOKEN}


@contextmanager
def open_company(world: World, moment: datetime) -> Iterator[Company]:
    """Start the three services on free loopback ports, and stop them at the end."""
    answers = {"github": github.answer, "jira": jira.answer, "sentry": sentry.answer}
    with ExitStack() as stack:
        yield Company(
            {
                name: stack.enter_context(Service(name, answer, world, moment))
                for name, answer in answers.items()
            }
        )
