"""The edition as data, for other programs."""

import json
from collections.abc import Sequence

from bulletin.model.delivery import Artifact
from bulletin.model.edition import Filed
from bulletin.rendering.bundle import Bundle


class JsonRenderer:
    """Renders `edition.json`: the stored edition and its digest, in no language."""

    format = "json"

    def render(self, filed: Filed, bundle: Bundle, language: str) -> Sequence[Artifact]:  # noqa: ARG002  (the protocol's)
        """Render. The bundle and the language change nothing."""
        data = json.loads(filed.body) | {"digest": filed.digest}
        text = json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        return (Artifact(name="edition.json", media_type="application/json", body=text.encode()),)
