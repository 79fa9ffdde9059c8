"""SQL text → statements with their lines: enough for texts that the tests themselves hold."""
import re

TOKEN = re.compile(r"(?P<comment>--[^\n]*|/\*.*?\*/)|(?P<quoted>'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")"
                   r"|(?P<tag>\$\w*\$).*?(?P=tag)|(?P<end>;)|.", re.S)


def statements(text):
    """[(line of its first character, text)], comments left out."""
    found, current, start = [], "", None
    for token in TOKEN.finditer(text):
        if token["comment"]:
            continue
        if token["end"]:
            if current.strip():
                found.append((start, current.strip()))
            current, start = "", None
            continue
        if start is None and not token[0].isspace():
            start = text.count("\n", 0, token.start()) + 1
        current += token[0]
    if current.strip():
        found.append((start, current.strip()))
    return found


def ident(name):
    return '"' + name.replace('"', '""') + '"'


def literal(text):
    return "'" + text.replace("'", "''") + "'"
