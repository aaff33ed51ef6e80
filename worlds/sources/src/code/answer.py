# The answer's process: it loads the answer and does what it is asked over a pipe. Nothing here is trusted.
import builtins, io, json, os, types


class Guest:
    """Something of the tests' that stays in their process: a function, or an object of a class of theirs."""

    def __init__(self, number):
        self.__dict__["number"] = number

    def __getattr__(self, name):
        return asks("get", self.number, name)

    def __setattr__(self, name, value):
        asks("set", self.number, name, value)

    def __hash__(self):
        return self.number

    def __eq__(self, other):
        return self is other


class Values(Crossing):
    def __init__(self):
        self.things, self.places, self.told, self.guests = [], {}, set(), {}

    def handle(self, value):
        if id(value) not in self.places:
            self.places[id(value)] = len(self.things)
            self.things.append(value)
        return self.places[id(value)]

    def other(self, value):
        kind = type(value)
        if isinstance(value, Guest):
            return {"g": value.number}
        if isinstance(value, types.ModuleType):
            return {"m": value.__name__}
        if isinstance(value, type):
            return {"k": self.handle(value), **self.about(value)}
        if kind.__module__ == "numpy" and hasattr(value, "tolist"):
            return self.say(value.tolist())
        said = {"h": self.handle(value), "t": self.say(kind) if kind is not type else None}
        base = plain_base(kind)
        if base is not None:
            said["v"] = self.plain(value, base)
        return said

    def about(self, kind):
        """What the tests' process has to know of a class, once."""
        if kind in self.told:
            return {}
        self.told.add(kind)
        own = [part for part in kind.__mro__ if part is not object and part not in PLAIN_BASES and not of_library(part)]
        special = sorted(name for name in SPECIAL if any(name in vars(part) for part in own))
        functions = sorted(name for name, it in vars(kind).items() if isinstance(it, types.FunctionType))
        base = plain_base(kind)
        bases = [self.say(part) for part in kind.__bases__ if part is not object]
        return {"about": [str(kind.__name__), bases, special, functions, self.say(base) if base else None]}

    def known(self, mark, value):
        if mark == "m":
            module, name = value["m"]
            it = __import__(module, fromlist=["_"])
            for part in name.split(".") if name else ():
                it = getattr(it, part)
            return it
        if mark == "x":
            return getattr(builtins, value["x"][0])(*self.hear(value["x"][1]))
        if mark == "g":
            number = value["g"]
            if number not in self.guests:
                methods = {name: special(name) for name in value["s"] if name in SPECIAL}
                self.guests[number] = type(value["name"], (Guest,), methods)(number)
            return self.guests[number]
        thing = self.things[value["h"]]
        if "v" in value and plain_base(type(thing)) in (list, dict, set, bytearray):
            change(thing, self.hear(value["v"]))
        return thing


def special(name):
    return lambda self, *arguments, **named: asks("do", self.number, name, list(arguments), named)


values, hears, speaks = Values(), os.fdopen(3, "rb"), os.fdopen(4, "wb")
space, printed = {}, []


def send(reply):
    speaks.write(json.dumps(reply).encode() + b"\n")
    speaks.flush()


def asks(*question):
    """Asks the tests' process for what something of its own does."""
    op, number, *more = question
    send({"back": [op, number, values.say(more)]})
    return serve(lambda reply: values.hear(reply["ok"]))


def serve(end):
    """Does what is asked until an answer to our own question comes."""
    for line in hears:
        asked = json.loads(line)
        if isinstance(asked, dict):
            if "error" in asked:
                kinds, text = asked["error"]
                raise next(kind for kind in map(vars(builtins).get, kinds + ["Exception"]) if kind)(text)
            return end(asked)
        try:
            reply = {"ok": do(*asked)}
        except BaseException as error:
            values.told.clear()
            reply = {"error": raised(error)}
        if printed:
            reply["printed"] = "".join(printed)
            printed.clear()
        send(reply)
    os._exit(0)


def raised(error):
    """An error: the names of its kinds, its words, what it was made of, and itself."""
    try:
        kinds = [kind.__name__ for kind in type(error).__mro__]
        return [kinds, str(error)[:500], [values.say(part) for part in error.args], values.other(error)]
    except BaseException:
        return [["Exception"], "an error that cannot be told", [], None]


def loaded(prompt, source):
    module = types.ModuleType("answer")
    sys.modules["answer"] = module
    global space
    space = module.__dict__
    if "random" in source:
        import random

        random.seed(0)
    if prompt:
        try:
            exec(compile(prompt, "answer", "exec"), space)
        except Exception:
            pass
    exec(compile(source, "answer", "exec"), space)


def made(name, bases, members):
    """A class of the tests' that goes on from one of the answer's."""
    bases = tuple(map(values.hear, bases))
    methods = {}
    for key, (kind, member) in members.items():
        member = values.hear(member)
        if kind == "plain":
            methods[key] = member
            continue
        method = (lambda it: lambda *arguments, **named: it(*arguments, **named))(member)
        methods[key] = {"method": lambda it: it, "static": staticmethod, "class": classmethod, "property": property}[kind](method)
    return type(bases[0])(name, bases, methods)


def do(op, of, more, watches):
    if op == "load":
        loaded(*more)
        return None
    sys.stdout.watched = watches[0]
    builtins.input = (lambda *words: asks("input", 0, *map(str, words))) if watches[1] else reads
    say, hear = values.say, values.hear
    if op == "name":
        return [say(space[more])] if more in space else None
    if op == "classes":
        return [say(space[name]) if isinstance(space.get(name), type) else None for name in more]
    if op == "make":
        return say(made(*more))
    thing = hear(of)
    if op == "call":
        arguments, named = [hear(item) for item in more[0]], {name: hear(item) for name, item in more[1].items()}
        result = thing(*arguments, **named)
        return [say(result), [say(item) if isinstance(item, (list, dict, set, bytearray)) else None for item in arguments]]
    if op == "get":
        return say(getattr(thing, more))
    if op == "set":
        return setattr(thing, more[0], hear(more[1]))
    if op == "unset":
        return delattr(thing, more)
    if op == "names":
        return dir(thing)
    if op == "next":
        return following(thing, more)
    if op == "state":
        kept = dict(getattr(thing, "__dict__", {}))
        for part in type(thing).__mro__:
            slots = vars(part).get("__slots__", ())
            for name in [slots] if isinstance(slots, str) else slots:
                if hasattr(thing, name):
                    kept[name] = getattr(thing, name)
        return say(kept)
    if op == "plain":
        return values.plain(thing, plain_base(type(thing)))
    arguments = [hear(item) for item in more[1]]
    method = getattr(type(thing), more[0], None)
    if method is None:
        raise TypeError(f"a {type(thing).__name__} has no {more[0]}")
    result = method(thing, *arguments)
    return {"none": True} if result is NotImplemented else say(result)


def following(iterator, most):
    """Up to so many items, and how they ended: it goes on, it is at its end, or it raised an error."""
    items = []
    try:
        while len(items) < most:
            items.append(values.say(next(iterator)))
    except StopIteration:
        return [items, True]
    except BaseException:
        if not items:
            raise
        return [items, raised(sys.exc_info()[1])]
    return [items, False]


class Output(io.TextIOWrapper):
    """Standard output, of which the tests may want to know."""

    watched = False

    def write(self, text):
        if self.watched and sum(map(len, printed)) < 1 << 20:
            printed.append(text)
        return super().write(text)


reads = input
sys.stdout = Output(open(1, "wb", closefd=False), "utf-8", "surrogateescape")
if hasattr(sys, "set_int_max_str_digits"):
    sys.set_int_max_str_digits(0)
serve(None)
