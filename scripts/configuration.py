"""configuration.py MANUAL   prints docs/configuration.md out of the manual page duet.toml(5), which is where the keys are described."""

import pathlib
import re
import sys


def inline(text):
    """scdoc's letters as Markdown's: what is bold or underlined there is code here."""
    text = re.sub(r"(?<![\\\w])\*(.+?)(?<!\\)\*(?!\w)", r"`\1`", text)
    text = re.sub(r"(?<![\\\w])_(.+?)(?<!\\)_(?!\w)", r"`\1`", text)
    return re.sub(r"\\([\\*_\[\]#<>~])", r"\1", text)


def page(lines):
    yield "# Configuration\n"
    yield "This is the manual page *duet.toml*(5), made by `make docs`; [the cookbook](policy-cookbook.md) has whole files.\n"
    sections = iter(lines)
    for line in sections:  # the title and the name are the heading above
        if line == "# DESCRIPTION":
            break
    item = False
    literal = False
    for line in sections:
        if line == "```":
            literal = not literal
            yield "```toml" if literal else line
        elif literal:
            yield line
        elif line.startswith("#"):
            yield "#" + inline(line)
        elif line.startswith("\t"):
            yield "  " + inline(line.strip())
        elif re.match(r"\*.*\*", line) and item is False:
            yield "- " + inline(line) + "  "
            item = True
            continue
        else:
            yield inline(line)
        item = False


print("\n".join(page(pathlib.Path(sys.argv[1]).read_text().splitlines())).rstrip())
