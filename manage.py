#!/usr/bin/env python
"""Run a management command of the partner portal."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    """Point Django at the portal's settings and hand over the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
