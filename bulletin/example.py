"""The commented settings that `bulletin init` writes: `bulletin.example.toml`, as it stands."""

from pathlib import Path

from bulletin.errors import BulletinError

NAME = "bulletin.example.toml"
PLACES = (
    Path(__file__).parent / NAME,  # in a wheel
    Path(__file__).parents[1] / NAME,  # in a checkout
)


def read_example() -> str:
    """Return the text of the example. Raises `BulletinError` where the installation lacks it."""
    for place in PLACES:
        if place.is_file():
            return place.read_text(encoding="utf-8")
    msg = f"{NAME} is missing from this installation"
    raise BulletinError(msg, "Reinstall bulletin.")


def write_example(path: Path, *, force: bool) -> None:
    """Write the example to `path`. Raises `BulletinError` where a file stands, unless forced."""
    text = read_example()
    try:
        with path.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        msg = f"{path} is there already"
        hint = "Choose another with --config, or replace it with --force."
        raise BulletinError(msg, hint) from None
    except OSError as error:
        msg = f"{path} cannot be written: {error.strerror}"
        raise BulletinError(msg, "Choose a folder that you may write to with --config.") from None
