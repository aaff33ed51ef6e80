# The tests' process: it runs the tests, which call what the answer defines through a pipe. No line of the answer runs here, so
# an answer cannot change an assertion, end the tests, or say that they passed: it can only return values.
import ast, builtins, importlib, io, json, os


class Broken(BaseException):
    """The tests themselves cannot go on."""


class Lost(BaseException):
    """The answer's process is gone, or says what nobody could say who keeps to the rules."""


hears, speaks = os.fdopen(4, "rb"), os.fdopen(5, "wb")
LONGEST = 1 << 26
NOTHING, PRINTS = io.StringIO(), open(os.devnull, "w")
READS = input


class State:
    """What is known of the run so far."""

    lost = None
    failed = None
    # The test that runs, from 1; 0 for what comes before them; none while the answer is loaded.
    step = None
    replied = None
    # Operators of the answer's own objects that were handed a value of the tests, and settled something by themselves.
    own_word = []


def say_that_it_replied():
    """From now on, tests that cannot go on are the answer's fault; whoever began this may not hear more than that."""
    if State.step != State.replied and State.step is not None:
        State.replied = State.step
        os.write(3, b"replied %d\n" % State.step)


def ask(op, of, more=None):
    if State.lost:
        raise State.lost
    watches = [sys.stdout is not PRINTS, builtins.input is not READS or sys.stdin is not NOTHING]
    line = tell([op, of, more, watches])
    while True:
        # That a name is there says nothing yet.
        if op not in ("load", "classes", "name") or len(line) > 1 << 16:
            say_that_it_replied()
        try:
            reply = json.loads(line)
            if "printed" in reply and watches[0]:
                sys.stdout.write(str(reply["printed"]))
            if "ok" in reply:
                return reply["ok"]
            if "error" in reply:
                error = raised(reply["error"])
            else:
                question = reply["back"]
                error = None
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
            raise lost() from None
        if error:
            raise error
        line = tell(served(question))


def tell(message):
    try:
        speaks.write(json.dumps(message).encode() + b"\n")
        speaks.flush()
        line = hears.readline(1 << 16 if State.step is None else LONGEST)
    except OSError:
        raise lost() from None
    if not line.endswith(b"\n"):
        raise lost()
    return line


def lost():
    State.lost = Lost()
    return State.lost


def raised(told):
    """The error that the answer raised, as one of a kind that is known here."""
    kinds, text, parts, it = told
    kinds, text = [str(kind) for kind in kinds], str(text)
    known = [vars(builtins).get(kind) for kind in kinds]
    known = [kind for kind in known if isinstance(kind, type) and issubclass(kind, BaseException)]
    # These end a loop of the tests without a word, where they are none of its own.
    if not known or issubclass(known[0], (StopIteration, StopAsyncIteration, GeneratorExit)):
        known = [RuntimeError]
    own = values.hear(it["t"]) if it else None
    parts = [values.hear(part) for part in parts]
    if isinstance(own, Kind) and issubclass(own, known[0]):
        error = BaseException.__new__(own, *parts)
        object.__setattr__(error, "of", {"h": int(it["h"])})
    else:
        try:
            error = known[0](*parts)
        except TypeError:
            error = RuntimeError(text)
    error.of_answer = f"{kinds[0]}: {text}"
    return error


def served(question):
    """What the answer wants of a thing of the tests' that it was handed."""
    try:
        op, number, more = question
        more = values.hear(more)
        if op == "input":
            return {"ok": values.say(builtins.input(*more))}
        thing = values.guests[number]
        if op == "do":
            name, arguments, named = more
            if name not in SPECIAL:
                raise AttributeError(name)
            result = getattr(type(thing), name)(thing, *arguments, **named)
            return {"ok": values.say(result)}
        # Names with underscores lead from a function to the tests themselves.
        hidden = more[0].startswith(("_", "gi_", "cr_", "ag_", "f_", "tb_", "co_"))
        if hidden and (op, more[0]) not in (("get", "__name__"), ("get", "__doc__"), ("get", "__qualname__")):
            raise AttributeError(more[0])
        if op == "get":
            return {"ok": values.say(getattr(thing, more[0]))}
        setattr(thing, *more)
        return {"ok": None}
    except (Broken, Lost):
        raise
    except BaseException as error:
        if isinstance(error, AssertionError) and getattr(error, "of_answer", None) is None:
            State.failed = error
        return {"error": [[kind.__name__ for kind in type(error).__mro__], str(error)[:500]]}


class Values(Crossing):
    def __init__(self):
        self.guests, self.things, self.kinds = [], {}, {}

    def other(self, value):
        kind = type(value)
        if isinstance(value, Kind):
            return value.of
        if isinstance(value, Thing):
            base = plain_base(kind)
            return value.of if base is None else {**value.of, "v": self.plain(value, base)}
        if isinstance(value, type(os)):
            return {"m": [value.__name__, ""]}
        module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
        if isinstance(module, str) and isinstance(name, str) and module.split(".")[0] in STANDARD:
            if getattr(sys.modules.get(module), name, None) is value:
                return {"m": [module, name]}
        if isinstance(value, BaseException) and vars(builtins).get(kind.__name__) is kind:
            return {"x": [kind.__name__, self.say(list(value.args))]}
        base = plain_base(kind)
        if base is not None and kind.__module__ != "tests":
            return self.plain(value, base)
        if kind.__name__ in ("frame", "code", "traceback"):
            raise Broken(f"the tests hand over a {kind.__name__}, which cannot cross to the answer")
        self.guests.append(value)
        return {"g": len(self.guests) - 1, "s": sorted(name for name in SPECIAL if any(name in vars(part) for part in kind.__mro__[:-1])), "name": kind.__name__}

    def known(self, mark, value):
        if mark == "g":
            return self.guests[value["g"]]
        if mark == "m":
            if value["m"] not in STANDARD:
                raise NameError(f"no module of Python's own: {value['m']}")
            return importlib.import_module(value["m"])
        if mark == "none":
            return NotImplemented
        if mark == "k":
            return self.kind(value)
        number = int(value["h"])
        kind = self.hear(value["t"]) if value["t"] else Thing
        if not isinstance(kind, Kind):
            kind = Thing
        base = plain_base(kind)
        after = self.hear(value["v"]) if base is not None else None
        thing = self.things.get(number)
        if thing is None or type(thing) is not kind:
            try:
                thing = (base or (BaseException if issubclass(kind, BaseException) else object)).__new__(kind, *([after] if base else []))
            except TypeError:
                return after
            self.things[number] = thing
            object.__setattr__(thing, "of", {"h": number})
            if isinstance(thing, (list, dict, set)) or base.__name__ == "deque" if base else False:
                factory = [after.default_factory] if base.__name__ == "defaultdict" else []
                base.__init__(thing, *factory, after)
        elif base is not None:
            change(thing, after)
        return thing

    def kind(self, value):
        """A class of the answer's, which stands for it here."""
        number = int(value["k"])
        if number not in self.kinds:
            name, bases, special, functions, base = value["about"]
            bases = [kind for kind in map(self.hear, bases) if isinstance(kind, type)]
            plain = self.hear(base) if base else None
            errors = [kind for kind in bases if issubclass(kind, BaseException)]
            bases = [kind for kind in bases if isinstance(kind, Kind)]
            bases += [kind for kind in errors if not isinstance(kind, Kind)]
            if plain and not any(issubclass(kind, plain) for kind in bases):
                bases.append(plain)
            if not any(issubclass(kind, Thing) for kind in bases):
                bases.insert(0, Thing)
            members = {name: Member(name) for name in functions if isinstance(name, str) and not name.startswith("__")}
            members.update({name: Member(name) for name in functions if name == "__init__" and not plain})
            for name_of in special:
                if name_of in SPECIAL and not errors and (plain is None or name_of not in KEPT):
                    members[name_of] = SPECIALS.get(name_of) or operation(name_of)
            if plain is dict:
                members["__missing__"] = operation("__getitem__")
            if "__next__" in members:
                members["__iter__"] = lambda self: self
            if "__eq__" in members:
                members.setdefault("__hash__", SPECIALS["__hash__"])
            members.update(of={"h": number, "k": number}, by_tests=None, __module__="answer")
            self.kinds[number] = Kind.__new__(Kind, str(name), tuple(bases), members, False)
        return self.kinds[number]


class Kind(type):
    """The class of what stands for classes of the answer's."""

    def __new__(meta, name, bases, members, of_tests=True):
        kind = type.__new__(meta, name, bases, members)
        if of_tests:
            made = ask("make", None, [name, [values.say(base) for base in bases], handed(members)])
            kind_of = values.hear(made).of
            type.__setattr__(kind, "of", kind_of)
            type.__setattr__(kind, "by_tests", True)
            values.kinds[kind_of["k"]] = kind
        return kind

    def __init__(kind, name, bases, members, of_tests=True):
        type.__init__(kind, name, bases, members)

    def __call__(kind, *arguments, **named):
        thing = call(kind.of, arguments, named)
        if isinstance(thing, Thing) and kind in INTENDED:
            object.__setattr__(thing, "made", True)
        return thing

    def __getattr__(kind, name):
        if name in ("of", "by_tests") or name.startswith("__"):
            raise AttributeError(name)
        return values.hear(ask("get", kind.of, name))

    def __setattr__(kind, name, value):
        ask("set", kind.of, [name, values.say(value)])

    def __iter__(kind):
        return iter(values.hear(ask("do", kind.of, ["__iter__", []])))

    def __len__(kind):
        return values.hear(ask("do", kind.of, ["__len__", []]))

    def __bool__(kind):
        return True

    def __getitem__(kind, key):
        return values.hear(ask("do", kind.of, ["__getitem__", [values.say(key)]]))

    def __contains__(kind, item):
        return values.hear(ask("do", kind.of, ["__contains__", [values.say(item)]]))


def handed(members):
    """What a class of the tests' adds to one of the answer's."""
    said = {}
    for name, member in members.items():
        if name in ("__module__", "__qualname__", "__classcell__", "__annotations__", "__doc__", "__firstlineno__"):
            continue
        kind = {staticmethod: "static", classmethod: "class", property: "property"}.get(type(member))
        function = member.fget if kind == "property" else member.__func__ if kind else member
        if kind is None:
            kind = "method" if callable(member) and not isinstance(member, type) else "plain"
        said[name] = [kind, values.say(function)]
    return said


class Member:
    """A method of a class of the answer's."""

    def __init__(self, name):
        self.name = name

    def __get__(self, thing, kind):
        if thing is None:
            return values.hear(ask("get", kind.of, self.name))
        if type(thing).by_tests:
            # It may be a class of the tests' that asks for the method that it replaces.
            owner = next(part for part in type(thing).__mro__ if part.__dict__.get(self.name) is self)
            return lambda *arguments, **named: call(part_of(owner, self.name), (thing, *arguments), named)
        return got(thing, self.name)


def part_of(owner, name):
    return ask("get", owner.of, name)


class Thing(metaclass=Kind, of_tests=False):
    """Something of the answer's that stays in its process. But for the classes that tests name, it is equal to itself alone."""

    made = False
    by_tests = None

    def __getattr__(self, name):
        if name.startswith("__") and name not in ("__name__", "__doc__", "__wrapped__", "__annotations__"):
            raise AttributeError(name)
        return got(self, name)

    def __setattr__(self, name, value):
        if name in ("__traceback__", "__context__", "__cause__", "__suppress_context__", "__notes__", "of_answer"):
            return object.__setattr__(self, name, value)
        ask("set", values.say(self), [name, values.say(value)])

    def __delattr__(self, name):
        ask("unset", self.of, name)

    def __dir__(self):
        return values.hear(ask("names", self.of))

    def __str__(self):
        return did(self, "__str__")

    def __repr__(self):
        return did(self, "__repr__")


def got(thing, name):
    it = values.hear(ask("get", values.say(thing), name))
    if isinstance(it, Thing) and plain_base(type(thing)) is not None:
        object.__setattr__(it, "owner", thing)
    return it


def call(of, arguments, named, owner=None):
    said = [values.say(item) for item in arguments], {name: values.say(item) for name, item in named.items()}
    reply = ask("call", of, said)
    try:
        result, after = reply
        changed = [(argument, values.hear(it)) for argument, it in zip(arguments, after) if it is not None]
    except (ValueError, TypeError, KeyError, IndexError, RecursionError, ArithmeticError, AttributeError):
        raise lost() from None
    for argument, it in changed:
        if isinstance(argument, (list, dict, set, bytearray)) and not isinstance(argument, Thing):
            change(argument, it)
    if owner is not None:
        change(owner, heard(ask("plain", owner.of)))
    return heard(result)


def heard(value):
    try:
        return values.hear(value)
    except (ValueError, TypeError, KeyError, IndexError, RecursionError, ArithmeticError, AttributeError):
        raise lost() from None


def did(thing, name, *arguments):
    return heard(ask("do", values.say(thing), [name, [values.say(item) for item in arguments]]))


def operation(name):
    """A method behind an operator, which the answer defines."""

    def method(self, *arguments):
        alone = all(isinstance(item, Thing) for item in arguments)
        if name in BINARY and not alone and not named_by_tests(type(self)):
            plain = plain_base(type(self))
            return getattr(plain, name, lambda *_: NotImplemented)(self, *arguments) if plain else NotImplemented
        result = did(self, name, *arguments)
        if name in BINARY and not alone and not self.made and not isinstance(result, Thing) and result is not NotImplemented:
            State.own_word.append(name)
        return result

    return method


def equal(self, other):
    if not isinstance(other, Thing):
        return operation("__eq__")(self, other)
    if self is other:
        return True
    said = did(self, "__eq__", other)
    if said is True and not (self.made and other.made) and not alike(self, other, 0):
        State.own_word.append("__eq__")
    return said


def unequal(self, other):
    said = equal(self, other)
    return said if said is NotImplemented else not said


def alike(one, other, depth):
    """Whether two things have the same insides, which is what their being equal should rest on."""
    if not (isinstance(one, Thing) and isinstance(other, Thing)):
        return type(one) is type(other) and one == other
    if one is other or depth > 20:
        return one is other
    states = [heard(ask("state", thing.of)) for thing in (one, other)]
    return type(one) is type(other) and bool(states[0]) and states[0].keys() == states[1].keys() and all(
        alike(states[0][name], states[1][name], depth + 1) for name in states[0]
    )


def contains(self, item):
    if named_by_tests(type(self)):
        return operation("__contains__")(self, item)
    return any(part is item or part == item for part in self)


def following(self):
    """The next item. Ever more of them are fetched at a time."""
    ahead = self.__dict__.setdefault("ahead", [[], None, 1])
    items, end, most = ahead
    if not items and end is None:
        reply = ask("next", self.of, most if most > 16 else 1)
        try:
            items, end = [values.hear(item) for item in reply[0]][::-1], reply[1]
            end = raised(end) if isinstance(end, list) else end is True or None
            ahead[:] = [items, end, min(most * 2 if most > 16 else most + 1, 4096)]
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
            raise lost() from None
    if items:
        return items.pop()
    if end is True or end is None:
        raise StopIteration
    ahead[1] = True
    raise end


def leaves(self, kind, error, _):
    """An `__exit__` that keeps an error of the tests to itself settles something by its own word."""
    kept = did(self, "__exit__", kind, error, None) if error is not None else did(self, "__exit__", None, None, None)
    if isinstance(error, AssertionError) and getattr(error, "of_answer", None) is None:
        return False
    if kept and error is not None:
        State.own_word.append("__exit__")
    return kept


SPECIALS = {
    "__eq__": equal,
    "__contains__": contains,
    "__next__": following,
    "__exit__": leaves,
    "__hash__": lambda self: hash(did(self, "__hash__")) if named_by_tests(type(self)) else id(self),
    "__ne__": unequal,
    "__call__": lambda self, *arguments, **named: call(self.of, arguments, named, self.__dict__.get("owner")),
}
# What a value that goes on from a plain type does as that type does it: it is a plain value with more to it.
KEPT = {f"__{name}__" for name in "eq ne lt le gt ge hash len iter contains bool int float index complex getitem setitem delitem".split()}
