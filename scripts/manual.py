"""manual.py PROGRAM SECTION [TAIL]   prints PROGRAM's manual page for scdoc, out of what its --help knows, with the file TAIL behind it."""

import json
import pathlib
import re
import subprocess
import sys


def escaped(text):
    """scdoc's letters as letters, on one line."""
    return re.sub(r"([*_\\#\[\]<>~])", r"\\\1", " ".join(text.split()))


def visible(arguments):
    return [
        a for a in arguments
        if a.get("shouldDisplay", True) and a.get("preferredName", {}).get("name") not in ("help", "version")
    ]  # fmt: skip


def name(argument):
    value = "_" + escaped(argument.get("valueName", "value").upper()) + "_"
    if argument["kind"] == "positional":
        return value
    names = ", ".join(("*-" if n["kind"] == "short" else "*--") + n["name"] + "*" for n in argument["names"])
    return names if argument["kind"] == "flag" else f"{names} {value}"


def described(arguments):
    for argument in arguments:
        text = escaped(argument.get("abstract", ""))
        if argument.get("discussion"):
            text += " " + escaped(argument["discussion"])
        if argument.get("defaultValue"):
            text += f" Without it: {escaped(argument['defaultValue'])}."
        yield f"{name(argument)}\n\t{text}\n"


def verbs(command, path=()):
    """Every command that does something, with the words that lead to it."""
    children = [c for c in command.get("subcommands", []) if c["commandName"] != "help" and c.get("shouldDisplay", True)]
    for child in children:
        yield from verbs(child, (*path, child["commandName"]))
    if not children:
        yield path, command


def page(command, section, tail):
    title = command["commandName"]
    yield f"{title}({section})\n\n# NAME\n\n{title} - {escaped(command['abstract']).rstrip('.')}\n\n# SYNOPSIS\n"
    all_verbs = list(verbs(command))
    for path, verb in all_verbs:
        arguments = " ".join(f"[{name(a)}]" if a.get("isOptional") else name(a) for a in visible(verb.get("arguments", [])))
        yield f"*{' '.join((title, *path))}* {arguments}".rstrip() + "\n"
    if command.get("discussion"):
        yield f"# DESCRIPTION\n\n{escaped(command['discussion'])}\n"
    if all_verbs == [((), command)]:
        yield "# OPTIONS\n"
        yield from described(visible(command.get("arguments", [])))
    else:
        yield "# COMMANDS\n"
        for path, verb in all_verbs:
            yield f"## {' '.join(path)}\n\n{escaped(verb.get('abstract', ''))}"
            yield f"{escaped(verb['discussion'])}\n" if verb.get("discussion") else "\n"
            yield from described(visible(verb.get("arguments", [])))
    if tail:
        yield tail


def main():
    program, section, *tail = sys.argv[1:]
    help_text = subprocess.run([program, "--experimental-dump-help"], check=True, capture_output=True, text=True).stdout
    text = pathlib.Path(tail[0]).read_text() if tail else ""
    sys.stdout.write("\n".join(page(json.loads(help_text)["command"], section, text)))


main()
