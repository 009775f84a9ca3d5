"""`manage.py makemessages`: Django's, over nothing but the files whose words customers see."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import makemessages

LIST = Path("locale") / "SOURCES"


def sources(root: Path) -> dict[str, list[Path]]:
    """Line of the list -> the files that it names; lines that begin with # are notes."""
    lines = (root / LIST).read_text().splitlines()
    named = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    return {line: sorted(path for path in root.glob(line) if path.is_file()) for line in named}


class Command(makemessages.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        if Path.cwd() != settings.BASE_DIR:
            raise CommandError(f"Run it in {settings.BASE_DIR}.")
        self.wanted = {path for paths in sources(settings.BASE_DIR).values() for path in paths}
        super().handle(*args, **options)

    def find_files(self, root: str) -> list[makemessages.TranslatableFile]:
        found: list[makemessages.TranslatableFile] = super().find_files(root)
        return [file for file in found if Path(file.path).resolve() in self.wanted]
