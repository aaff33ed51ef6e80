# How values cross between the answer's process and the tests', as JSON; both processes begin with this text. What is no plain value
# stays where it is, and the other side has something that stands for it.
import sys

SCALARS = {type(None), bool, int, str}
# Plain types, the mark of each, and whether it can be changed in place.
COLLECTIONS = ((list, "l"), (tuple, "t"), (set, "s"), (frozenset, "z"), (dict, "d"))
# Types of the library that are values as well: where they are, and what makes one anew.
LIBRARY = {
    ("decimal", "Decimal"): lambda it: [str(it)],
    ("fractions", "Fraction"): lambda it: [it.numerator, it.denominator],
    ("datetime", "date"): lambda it: [it.year, it.month, it.day],
    ("datetime", "time"): lambda it: [it.hour, it.minute, it.second, it.microsecond, it.tzinfo],
    ("datetime", "datetime"): lambda it: [
        it.year, it.month, it.day, it.hour, it.minute, it.second, it.microsecond, it.tzinfo
    ],
    ("datetime", "timedelta"): lambda it: [it.days, it.seconds, it.microseconds],
    ("datetime", "timezone"): lambda it: [it.utcoffset(None)],
    ("collections", "Counter"): lambda it: [dict(it)],
    ("collections", "OrderedDict"): lambda it: [list(it.items())],
    ("collections", "defaultdict"): lambda it: [it.default_factory, dict(it)],
    ("collections", "deque"): lambda it: [list(it), it.maxlen],
    ("uuid", "UUID"): lambda it: [str(it)],
}
# Types that mean the same in both processes.
COMMON = {"object", "int", "float", "complex", "bool", "str", "bytes", "bytearray", "list", "tuple", "set", "frozenset", "dict", "range"}
COMMON |= {name for name, it in vars(__import__("builtins")).items() if isinstance(it, type) and issubclass(it, Exception)}
ARITHMETIC = "add sub mul truediv floordiv mod divmod pow matmul and or xor lshift rshift".split()
# Methods behind operators and statements, by what they do: which of them put a value of the tests before the answer matters.
BINARY = {f"__{side}{name}__" for name in ARITHMETIC for side in ("", "r", "i")} | {
    "__lt__", "__le__", "__gt__", "__ge__", "__eq__", "__ne__", "__contains__"
}
OTHERS = {
    f"__{name}__"
    for name in "neg pos abs invert bool len int float complex index round trunc floor ceil str repr format hash iter next reversed "
    "enter exit getitem setitem delitem call".split()
}
SPECIAL = BINARY | OTHERS


def of_library(kind):
    return (kind.__module__, kind.__qualname__) in LIBRARY and getattr(
        sys.modules.get(kind.__module__), kind.__qualname__, None
    ) is kind


def plain_base(kind):
    """The plain type that a class goes on from, if it does."""
    for base in kind.__mro__:
        if base in PLAIN_BASES or of_library(base):
            return base
    return None


PLAIN_BASES = {int, float, complex, str, bytes, bytearray, list, tuple, set, frozenset, dict}


class Crossing:
    """What one side says and hears; `other` and `known` are for what is no plain value."""

    def say(self, value):
        kind = type(value)
        if kind in SCALARS:
            return value if kind is not int or value.bit_length() < 4096 else {"i": hex(value)}
        if kind is list and set(map(type, value)) <= SCALARS:
            return value
        return self.plain(value, kind) or self.other(value)

    def plain(self, value, kind):
        """A value as one of a plain type; nothing if it is of none."""
        say = self.say
        if kind is bool or kind is int:
            return {"i": hex(int.__index__(value))}
        if kind is float:
            return {"f": float.hex(value)}
        if kind is str:
            return {"u": str.__str__(value)}
        if kind is complex:
            return {"c": [float.hex(value.real), float.hex(value.imag)]}
        if kind is bytes or kind is bytearray:
            return {"b": kind.hex(value), "a": kind is bytearray}
        for collection, mark in COLLECTIONS:
            if kind is collection:
                if kind is dict:
                    return {mark: [[say(key), say(item)] for key, item in dict.items(value)]}
                return {mark: [say(item) for item in kind.__iter__(value)]}
        if kind is range:
            return {"r": [say(value.start), say(value.stop), say(value.step)]}
        if isinstance(value, type):
            name = value.__name__
            if of_library(value):
                return {"w": [value.__module__, value.__qualname__]}
            return {"y": name} if name in COMMON and vars(sys.modules["builtins"]).get(name) is value else None
        if of_library(kind):
            made_of = LIBRARY[kind.__module__, kind.__qualname__](value)
            return {"n": [kind.__module__, kind.__qualname__, [say(part) for part in made_of]]}
        return None

    def hear(self, value):
        if not isinstance(value, (list, dict)):
            return value
        if isinstance(value, list):
            return value if set(map(type, value)) <= SCALARS else [self.hear(item) for item in value]
        mark, item = next(iter(value.items()), (None, None))
        if mark == "i":
            return int(item, 16)
        if mark == "f":
            return float.fromhex(item)
        if mark == "u":
            return str(item)
        if mark == "c":
            return complex(*map(float.fromhex, item))
        if mark == "b":
            return bytearray.fromhex(item) if value["a"] else bytes.fromhex(item)
        if mark == "d":
            return {self.hear(key): self.hear(part) for key, part in item}
        for collection, name in COLLECTIONS:
            if mark == name:
                return collection(self.hear(part) for part in item)
        if mark == "r":
            return range(*map(self.hear, item))
        if mark == "y":
            return vars(sys.modules["builtins"])[item] if item in COMMON else None
        if mark in ("w", "n"):
            module, name, *parts = item
            if (module, name) not in LIBRARY:
                raise ValueError(name)
            kind = getattr(__import__(module), name)
            return kind if mark == "w" else kind(*map(self.hear, parts[0]))
        return self.known(mark, value)


def change(thing, after):
    """Makes of a collection what the other side made of it, in place; of those within it, too, where they are still there."""
    if isinstance(thing, list):
        old = list.copy(thing)
        thing[:] = [merged(*pair) for pair in zip(old, after)] + list(after)[len(old):]
    elif isinstance(thing, dict):
        old = dict(thing)
        dict.clear(thing)
        for key, item in after.items():
            dict.__setitem__(thing, key, merged(old[key], item) if key in old else item)
    elif isinstance(thing, (set, bytearray)) or type(thing).__name__ == "deque":
        items = list(after)
        thing.clear()
        thing.extend(items) if hasattr(thing, "extend") else thing.update(items)


def merged(old, new):
    if type(old) is type(new) and type(old) in (list, dict, set):
        change(old, new)
        return old
    return new
