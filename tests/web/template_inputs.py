"""What a template reads, and what its first line says that it takes."""

import re

COMMENT = re.compile(r"{#.*?#}|{% comment %}.*?{% endcomment %}", re.DOTALL)
TOKEN = re.compile(r"{{(.*?)}}|{%(.*?)%}", re.DOTALL)
STRING = re.compile(r"\"[^\"]*\"|'[^']*'")
NOT_READ = re.compile(r"\|\w+|(?<![\w=!<>])\w+=(?!=)")  # a filter's name, a keyword argument's
NAME = re.compile(r"(?<![\w.-])[a-zA-Z_]\w*")
WORDS = {"and", "or", "not", "in", "is", "with", "as", "only", "True", "False", "None", "forloop", "block"}
BARE = {"load", "extends", "block", "endblock"}


def declared(text: str) -> str | None:
    """The words after `inputs:` in the first line, if it has them."""
    found = re.search(r"inputs: ([^#%]+)", text.splitlines()[0])
    return found[1] if found else None


def reads(text: str) -> set[str]:
    """The names that a template takes from outside: neither bound within it nor words of the language."""
    found: set[str] = set()
    bound: set[str] = set()
    for variable, tag in TOKEN.findall(COMMENT.sub("", text)):
        name, _, rest = STRING.sub('""', tag).strip().partition(" ")
        if name in BARE:
            continue
        if name == "csrf_token":
            found.add(name)
        if name == "for":
            targets, _, rest = rest.partition(" in ")
            bound.update(NAME.findall(targets))
        if name == "with":
            bound.update(re.findall(r"(\w+)=", rest))
        bound.update(re.findall(r"\bas (\w+)", rest))
        found.update(NAME.findall(NOT_READ.sub(" ", STRING.sub('""', variable) + rest)))
    return found - bound - WORDS
