"""The operations that a source file is lowered to.

A node is a list whose first item is one of these numbers, so that a summary is plain data: it goes to
the cache and comes back without a class in between.  A statement's second item is its line.
The comments give the other items; ``?`` marks one that may be None.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import msgspec

Node: TypeAlias = list[Any]

SCHEMA: Final = 2
"""Raised whenever the meaning of an operation changes: old summaries are then lowered anew."""

# Expressions ------------------------------------------------------------------------------------
CONST: Final = 0  # value: None, bool, int, float, str, bytes
SPECIAL: Final = 1  # kind, text: constants that the cache's format cannot hold
NAME: Final = 2  # name
ATTRIBUTE: Final = 3  # value, name
CALL: Final = 4  # line, function, arguments, keywords [[name?, value]]
BINARY: Final = 5  # operator, left, right
UNARY: Final = 6  # operator, operand
BOOLEAN: Final = 7  # is_and, values
COMPARE: Final = 8  # left, [[operator, right]]
CONDITIONAL: Final = 9  # test, body, orelse
SUBSCRIPT: Final = 10  # value, index
SLICE: Final = 11  # lower?, upper?, step?
TUPLE: Final = 12  # items
LIST: Final = 13  # items
SET: Final = 14  # items
DICT: Final = 15  # [[key?, value]]; a key of None marks **value
LAMBDA: Final = 16  # function
COMPREHENSION: Final = 17  # kind, element, value?, [[target, iterable, conditions]], line
JOINED: Final = 18  # parts
FORMATTED: Final = 19  # value, conversion, specification?
WALRUS: Final = 20  # name, value
STARRED: Final = 21  # value
AWAIT: Final = 22  # value
YIELD: Final = 23  # value?
YIELD_FROM: Final = 24  # value

# Statements -------------------------------------------------------------------------------------
EXPRESSION: Final = 0  # value
ASSIGN: Final = 1  # targets, value
AUGMENT: Final = 2  # operator, target, value
ANNOTATE: Final = 3  # target, value?, annotation?
FUNCTION: Final = 4  # function, decorators, bound name
CLASS: Final = 5  # name, decorators, bases, keywords, body, docstring?, names that it binds (in a function)
IMPORT: Final = 6  # [[name, alias?]]
IMPORT_FROM: Final = 7  # module, level, [[name, alias?]]
IF: Final = 8  # test, body, orelse
FOR: Final = 9  # target, iterable, body, orelse
WHILE: Final = 10  # test, body, orelse
TRY: Final = 11  # body, [[type?, name?, body, line]], orelse, final
WITH: Final = 12  # [[manager, target?]], body
RAISE: Final = 13  # exception?, cause?
RETURN: Final = 14  # value?
DELETE: Final = 15  # targets
GLOBAL: Final = 16  # names
ASSERT: Final = 17  # test
BREAK: Final = 18
CONTINUE: Final = 19
MATCH: Final = 20  # subject, [[pattern, guard?, body]]
TRY_STAR: Final = 21  # as TRY, with except* clauses

LIST_COMPREHENSION: Final = 0
SET_COMPREHENSION: Final = 1
DICT_COMPREHENSION: Final = 2
GENERATOR_EXPRESSION: Final = 3

# A function is a list too: these are the places of its items.
F_NAME: Final = 0
F_LINE: Final = 1
F_END: Final = 2
F_POSITIONAL: Final = 3  # names, positional-only first
F_POSITIONAL_ONLY: Final = 4  # how many of them
F_REST: Final = 5  # name of *args?
F_KEYWORD: Final = 6  # keyword-only names
F_KEYWORDS: Final = 7  # name of **kwargs?
F_DEFAULTS: Final = 8  # of the last positional parameters
F_KEYWORD_DEFAULTS: Final = 9  # [[name, value]]
F_ANNOTATIONS: Final = 10  # attribute expressions that evaluating the annotations touches
F_ASYNC: Final = 11
F_OWNER: Final = 12  # the class whose private names it mangles, ""
F_BODY: Final = 13  # [statements, locals, globals, nonlocals, is_generator, has_doc]? None: lowered when it is called

B_STATEMENTS: Final = 0
B_LOCALS: Final = 1
B_GLOBALS: Final = 2
B_NONLOCALS: Final = 3
B_GENERATOR: Final = 4
B_DOC: Final = 5


class Summary(msgspec.Struct, frozen=True, array_like=True):
    """One source file, lowered: its statements in execution order and what they need to be read.

    ``doc`` is the module's docstring; ``lazy_annotations`` True when annotations are not evaluated.
    """

    body: list[Node]
    doc: str | None
    lazy_annotations: bool
