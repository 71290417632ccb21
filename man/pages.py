#!/usr/bin/python3
"""Makes the pages of the manual: what `auth-cli help --json` says of every command, flag and exit code, and
prose from this directory.

    pages.py --binary AUTH-CLI --version 1.2 --date 2026-01-31 --out DIRECTORY

A command's prose is commands/PATH.md ("token decode" has token_decode.md): lines "exit: 3 8" (the exit codes
it may have beside those of every command), "schema: auth-cli.token/1" and "see: login, files(5)", then text.
"""
import argparse
import datetime
import gzip
import json
import os
import pathlib
import re
import shutil
import subprocess

import mdoc

HERE = pathlib.Path(__file__).resolve().parent
EVERYWHERE = [1, 2, 11, 12]  # exit codes that any command may have


def page_name(path):
    return "auth-cli-" + path.replace(" ", "-")


def head(options, name, section, title):
    date = datetime.date.fromisoformat(options.date)
    small = title if title[1:2].isupper() else title[0].lower() + title[1:]
    return [f".Dd {date:%B} {date.day}, {date.year}", f".Dt {name.upper()} {section}",
            f".Os auth-cli {options.version}", ".Sh NAME", f".Nm {name}", f".Nd {small}"]


def read_prose(path):
    """The head lines and the text of a command's prose; both empty where there is none."""
    file = HERE / "commands" / (path.replace(" ", "_") + ".md")
    if not file.is_file():
        return {}, ""
    first, _, rest = file.read_text(encoding="utf-8").partition("\n\n")
    return dict(line.split(": ", 1) for line in first.splitlines()), rest


def flag_macros(flag):
    """Fl q , Fl -quiet Ar VALUE"""
    names = " , ".join("Fl " + mdoc.literal(name[1:]).replace(r"\-", "-") for name in flag["names"])
    return names + (f" Ar {flag['value']}" if flag["value"] else "")


def synopsis(command):
    out = [".Sh SYNOPSIS", f".Nm auth-cli {command['path']}"]
    words = [argument for argument in command["arguments"] if not argument["after_dashes"]]
    for flag in command["flags"]:
        out.append(f".{flag_macros(flag)}" if flag["required"] else f".Op {flag_macros(flag)}")
    for argument in words:
        many = " ..." if argument["many"] else ""
        out.append(f".{'' if argument['required'] else 'Op '}Ar {argument['name']}{many}")
    for argument in command["arguments"]:
        if argument["after_dashes"]:
            out += ([".Fl \\&-", f".Ar {argument['name']} ..."] if argument["required"]
                    else [f".Op Fl \\&- Ar {argument['name']} ..."])
    return out


def about(entry):
    """What help says, and what only the tree knows."""
    text = entry["help"]
    missing = [choice for choice in entry["choices"] if choice not in text]
    if missing:
        text += "; one of " + ", ".join(entry["choices"])
    if entry.get("required") and "flag" in entry:
        text += "; required"
    if entry["many"] and "repeated" not in text and "flag" in entry:
        text += "; may be repeated"
    if entry.get("excludes"):
        text += "; cannot be combined with " + ", ".join(f"`{name}`" for name in entry["excludes"])
    capital = not any(text.startswith(choice) for choice in entry["choices"])
    return (text[0].upper() if capital else text[0]) + text[1:] + "."


def flag_list(flags):
    out = [".Bl -tag -width Ds"]
    for flag in flags:
        out += [f".It {flag_macros(flag)}", *mdoc.lines(about(flag))]
    return out + [".El"]


def options_section(command):
    out = [".Sh OPTIONS"]
    if command["arguments"]:
        out.append(".Bl -tag -width Ds")
        for argument in command["arguments"]:
            out += [f".It Ar {argument['name']}", *mdoc.lines(about(argument))]
        out.append(".El")
    if command["flags"]:
        out += flag_list(command["flags"])
    dry = "" if command["mutates"] else ", except `--dry-run`"
    apart = [".Pp"] if len(out) > 1 else []
    return out + [*apart, *mdoc.lines(f"The command also accepts the global flags of auth-cli(1){dry}.")]


def json_section(command, schemas):
    if not command["fields"]:
        return []
    known = f" ({schemas})" if schemas else ""
    text = (f"`--json` and `--jsonl` print these members, and `--fields` and `--field` select them{known}: "
            + ", ".join(f"`{name}`" for name in command["fields"] if name != "schema") + ".")
    return [".Sh JSON", *mdoc.lines(text)]


def exit_section(tree, own):
    rows = [["`0`", "success, or no changes were needed"]]
    for number in sorted(own):
        known = [code for code in tree["exit_codes"] if code["exit"] == number]
        rows.append([f"`{number}`", "; ".join(f"`{code['code']}`: {code['meaning']}" for code in known)])
    common = ", ".join(str(number) for number in EVERYWHERE)
    return [".Sh EXIT STATUS", *mdoc.tagged(rows), ".Pp",
            *mdoc.lines(f"Like every command, it can also exit with {common}: see auth-cli-exit-codes(7).")]


def see_also(names):
    pages = sorted({(int(section), name) for name, section in names})
    out = [".Sh SEE ALSO"]
    for at, (section, name) in enumerate(pages):
        out.append(f".Xr {name} {section}" + (" ," if at + 1 < len(pages) else ""))
    return out


def reference(word):
    """"login" or "files(5)" as a page's name and section."""
    topic = re.fullmatch(r"([\w-]+)\((\d)\)", word)
    return (page_name(topic[1]), topic[2]) if topic else (page_name(word), 1)


def settings_table(tree):
    rows = ["| setting | meaning |", "|---|---|"]
    for setting in tree["settings"]:
        extra = [f"one of {', '.join(setting['choices'])}"] if setting["choices"] else []
        extra += [f"default {setting['default']}"] if setting["default"] else []
        extra += [f"environment variable `{setting['environment']}`"] if setting["environment"] else []
        note = f" ({'; '.join(extra)})" if extra else ""
        rows.append(f"| `{setting['name']}` | {setting['meaning']}{note}; stored in the {setting['kept_in']} |")
    return "\n".join(rows)


def schema_rows(tree):
    """Every form of JSON, and the commands that print it."""
    by_schema = {}
    for command in tree["commands"]:
        for schema in filter(None, read_prose(command["path"])[0].get("schema", "").split(", ")):
            by_schema.setdefault(schema, []).append(f"`{command['path']}`")
    return "\n".join(f"| `{schema}` | {', '.join(paths)} |" for schema, paths in sorted(by_schema.items()))


def command_page(options, tree, command):
    path = command["path"]
    settings, text = read_prose(path)
    text = text.replace("{{settings}}", settings_table(tree))
    prose = mdoc.render(text) if text.strip() else mdoc.lines(command["summary"] + ".")
    if command["mutates"]:
        first = next((at for at, line in enumerate(prose) if line.startswith(".Sh")), len(prose))
        prose[first:first] = [".Pp", *mdoc.lines("With `--dry-run` it shows what would change, and changes nothing.")]
    seen = [reference(word) for word in settings.get("see", "").split(", ") if word]
    known = {other["path"] for other in tree["commands"]}
    seen += [reference(other) for other in known
             if " " in path and other != path and other.split()[0] == path.split()[0]]
    return [*head(options, page_name(path), 1, command["summary"]), *synopsis(command),
            ".Sh DESCRIPTION", *prose, *options_section(command),
            *json_section(command, settings.get("schema", "")),
            *exit_section(tree, [int(number) for number in settings.get("exit", "").split()]),
            ".Sh EXAMPLES", *mdoc.verbatim(command["examples"].split("\n")),
            *see_also([*seen, ("auth-cli", 1), ("auth-cli-exit-codes", 7)])]


def topic_page(options, tree, topic):
    others = [(page_name(other["name"]), other["section"]) for other in tree["topics"] if other != topic]
    return [*head(options, page_name(topic["name"]), topic["section"], topic["title"]),
            ".Sh DESCRIPTION", *mdoc.render(topic["text"]), *see_also([("auth-cli", 1), *others])]


def command_list(tree):
    out = []
    for group in dict.fromkeys(command["group"] for command in tree["commands"]):
        out += [f".Ss {group}", ".Bl -tag -width Ds"]
        for command in tree["commands"]:
            if command["group"] == group:
                out += [f".It Xr {page_name(command['path'])} 1", *mdoc.lines(command["summary"] + ".")]
        out.append(".El")
    return out


def main_page(options, tree):
    before, _, after = (HERE / "auth-cli.md").read_text(encoding="utf-8").partition("{{tree}}\n")
    after = after.replace("{{schemas}}", schema_rows(tree))
    topics = [(page_name(topic["name"]), topic["section"]) for topic in tree["topics"]]
    return [*head(options, "auth-cli", 1, "users, passwords, sessions and tokens, without a server"),
            ".Sh SYNOPSIS", ".Nm", ".Op Ar FLAGS", ".Ar COMMAND", ".Op Ar ARGUMENTS", ".Op Ar FLAGS",
            ".Sh DESCRIPTION", *mdoc.render(before), ".Sh COMMANDS", *command_list(tree),
            ".Sh OPTIONS", *mdoc.lines("Every command accepts these global flags, before or after its name:"),
            *flag_list(tree["global_flags"]), ".Pp", *mdoc.render(after), *see_also(topics)]


def main():
    parser = argparse.ArgumentParser()
    for name in ("binary", "version", "date", "out"):
        parser.add_argument(f"--{name}", required=True)
    options = parser.parse_args()
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AUTH_CLI")}
    said = subprocess.run([options.binary, "help", "--json"], stdout=subprocess.PIPE, check=True, env=clean)
    tree = json.loads(said.stdout)
    pages = {("auth-cli", 1): main_page(options, tree)}
    for command in tree["commands"]:
        pages[page_name(command["path"]), 1] = command_page(options, tree, command)
    for topic in tree["topics"]:
        pages[page_name(topic["name"]), topic["section"]] = topic_page(options, tree, topic)
    shutil.rmtree(options.out, ignore_errors=True)
    for (name, section), text in pages.items():
        file = pathlib.Path(options.out) / f"man{section}" / f"{name}.{section}.gz"
        file.parent.mkdir(parents=True, exist_ok=True)
        # Without a time, so that the same pages are the same bytes.
        file.write_bytes(gzip.compress(("\n".join(text) + "\n").encode(), 9, mtime=0))


if __name__ == "__main__":
    main()
