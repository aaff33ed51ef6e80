# The tests' process: it runs the tests, which call what the answer defines through a pipe. No line of the answer runs here, so
# an answer cannot change an assertion, end the tests, or say that they passed: it can only return values.
import ast, builtins, collections, decimal, fractions, importlib, json, os, random, sys, traceback


class Broken(BaseException):
    """The tests themselves cannot go on."""


class Lost(BaseException):
    """The answer's process is gone."""


class Told(Exception):
    """An exception of a kind that only the answer knows."""


hears, speaks = os.fdopen(4, "rb"), os.fdopen(5, "wb")
LONGEST = 1 << 24


def ask(op, of, more=None):
    try:
        speaks.write(json.dumps([op, of, more]).encode() + b"\n")
        speaks.flush()
        line = hears.readline(LONGEST)
    except OSError:
        raise Lost() from None
    if not line.endswith(b"\n"):
        raise Lost()
    try:
        reply = json.loads(line)
        if "ok" in reply:
            return reply["ok"]
        kinds, text = reply["error"]
        kinds = [str(kind) for kind in kinds]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise Lost() from None
    known = [getattr(builtins, kind, None) for kind in kinds]
    known = [kind for kind in known if isinstance(kind, type) and issubclass(kind, Exception)]
    error = None
    if known:
        try:
            error = known[0](text)
        except TypeError:
            pass
    error = error or Told(text)
    error.of_answer = f"{kinds[0]}: {text}"
    raise error


def say(value):
    if value is None or isinstance(value, (bool, str)) or type(value) is int:
        return value
    if isinstance(value, Thing):
        return value.of
    if isinstance(value, float):
        return {"f": value.hex()}
    if isinstance(value, complex):
        return {"c": [value.real.hex(), value.imag.hex()]}
    if isinstance(value, (bytes, bytearray)):
        return {"b": value.hex(), "a": isinstance(value, bytearray)}
    if isinstance(value, (decimal.Decimal, fractions.Fraction)):
        return {"n": [type(value).__name__, str(value)]}
    if isinstance(value, list):
        return [say(item) for item in value]
    for mark, kind in (("t", tuple), ("s", set), ("z", frozenset), ("q", collections.deque)):
        if isinstance(value, kind):
            return {mark: [say(item) for item in value]}
    if isinstance(value, dict):
        return {"d": [[say(key), say(item)] for key, item in value.items()]}
    if isinstance(value, range):
        return {"r": [value.start, value.stop, value.step]}
    name = getattr(value, "__name__", "")
    if getattr(builtins, name, None) is value:
        return {"y": name}
    raise Broken(f"the tests hand over a {type(value).__name__}, which cannot cross to the answer")


def hear(value):
    if isinstance(value, list):
        return [hear(item) for item in value]
    if not isinstance(value, dict):
        return value
    (mark, item), *more = value.items()
    if mark == "f":
        return float.fromhex(item)
    if mark == "c":
        return complex(*map(float.fromhex, item))
    if mark == "b":
        return bytearray.fromhex(item) if more[0][1] else bytes.fromhex(item)
    if mark == "n":
        return {"Decimal": decimal.Decimal, "Fraction": fractions.Fraction}[item[0]](item[1])
    if mark in "tszq":
        kind = {"t": tuple, "s": set, "z": frozenset, "q": collections.deque}[mark]
        return kind(hear(part) for part in item)
    if mark == "d":
        return {hear(key): hear(part) for key, part in item}
    if mark == "r":
        return range(*item)
    return Thing({"h": int(item)})


def heard(value):
    try:
        return hear(value)
    except (ValueError, TypeError, KeyError, IndexError, RecursionError, ArithmeticError):
        raise Lost() from None


class Thing:
    """Something of the answer's that stays in its process. It is equal to itself alone."""

    def __init__(self, of):
        self.__dict__["of"] = of

    def __call__(self, *arguments, **named):
        said = [say(item) for item in arguments], {name: say(item) for name, item in named.items()}
        reply = ask("call", self.of, said)
        if not (isinstance(reply, list) and len(reply) == 2 and isinstance(reply[1], list)):
            raise Lost()
        for argument, after in zip(arguments, reply[1]):
            if after is not None:
                change(argument, heard(after))
        return heard(reply[0])

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return heard(ask("get", self.of, name))

    def __setattr__(self, name, value):
        ask("set", self.of, [name, say(value)])

    def __setitem__(self, key, value):
        ask("put", self.of, [say(key), say(value)])

    def __getitem__(self, key):
        return heard(ask("item", self.of, say(key)))

    def __iter__(self):
        items = heard(ask("list", self.of))
        return iter(items if isinstance(items, list) else [])

    def __len__(self):
        length = ask("len", self.of)
        return length if isinstance(length, int) else 0

    def __bool__(self):
        return ask("bool", self.of) is True

    def __str__(self):
        return str(ask("str", self.of))

    def __eq__(self, other):
        return isinstance(other, Thing) and self.of == other.of

    def __hash__(self):
        return hash(str(self.of))


def change(argument, after):
    """What the answer did to a list, a set or a dictionary that it was handed."""
    if type(argument) is list and isinstance(after, list):
        argument[:] = after
    elif type(argument) is dict and isinstance(after, dict) or type(argument) is set and isinstance(after, set):
        argument.clear()
        argument.update(after)


def same(one, other):
    """Whether a result is what is expected; lists and tuples are alike, because JSON has no tuples."""
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return len(one) == len(other) and all(str(key) in other or key in other for key in one) and all(
            same(item, other[key] if key in other else other[str(key)]) for key, item in one.items()
        )
    return type(one) is not Thing and one == other


def names(code):
    return {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}


def names_defined(code):
    try:
        return {node.name for node in ast.parse(code).body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    except SyntaxError:
        return set()


def first_line(error):
    told = getattr(error, "of_answer", None)
    if told is None:
        told = "".join(traceback.format_exception_only(type(error), error))
    return told.strip().split("\n")[0][:300]


def line_of(error, code):
    """The line of the tests at which an error came up."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == "tests"]
    lines = code.split("\n")
    return lines[frames[-1].lineno - 1].strip()[:300] if frames and frames[-1].lineno <= len(lines) else ""


def run(task):
    known = ask("load", None, [task["prompt"], task["source"], task["entry"]])
    known = {name for name in known if isinstance(name, str)} if isinstance(known, list) else set()
    space = {"__name__": "tests"}
    try:
        # What runs before assertions may use the answer's own names, and runs below.
        exec(compile("" if task["before"] else task["prompt"], "before", "exec"), space)
    except SyntaxError:
        pass
    # The tests mean the answer's own, and not Python's, where the reference solution has a function of such a name.
    own = names_defined(task["own"]) & known

    def provide(code):
        for name in sorted(names(code)):
            if name in space or hasattr(builtins, name) and name not in own:
                continue
            if name in known:
                space[name] = Thing({"g": name})
            elif name in sys.stdlib_module_names:
                space[name] = importlib.import_module(name)

    provide(task["before"])
    try:
        exec(compile(task["before"], "before", "exec"), space)
    except NameError as error:
        # Neither the tests nor Python have it: the answer should.
        return {"verdict": "wrong", "test": 0, "where": "", "why": first_line(error)}
    if task["entry"]:
        name = task["entry"]
        if name in known:
            space[name] = Thing({"g": name})
        elif "Solution" in known:
            space[name] = getattr(Thing({"g": "Solution"})(), name)
        else:
            return {"verdict": "wrong", "test": 0, "where": "", "why": f"it does not define `{name}`"}
    for number, code in enumerate(task["steps"], 1):
        step = code if isinstance(code, str) else ""
        try:
            if step:
                compiled = compile(step, "tests", "exec")
                provide(step)
                exec(compiled, space)
                if task["check"]:
                    space["check"](space[task["entry"]])
            else:
                arguments, expected = code
                result = space[task["entry"]](*arguments)
                if not (same(result, expected) or isinstance(expected, list) and len(expected) == 1 and same(result, expected[0])):
                    return {"verdict": "wrong", "test": number, "where": "", "why": "another value is expected"}
        except SyntaxError as error:
            if getattr(error, "of_answer", None) is None:
                raise Broken(f"the tests are no Python: {error}") from None
            return {"verdict": "wrong", "test": number, "where": "", "why": first_line(error)}
        except Lost:
            return {"verdict": "lost", "test": number, "where": "", "why": ""}
        except Exception as error:
            why = first_line(error)
            return {"verdict": "wrong", "test": number, "where": line_of(error, step), "why": "" if why == "AssertionError" else why}
    return {"verdict": "right", "test": len(task["steps"]), "where": "", "why": ""}


def main():
    if hasattr(sys, "set_int_max_str_digits"):
        # Reading a number takes time that grows with the square of its length.
        sys.set_int_max_str_digits(100_000)
    random.seed(0)
    verdict = {"verdict": "broken", "test": 0, "where": "", "why": "the tests ended without a verdict"}
    try:
        verdict = run(json.load(sys.stdin))
    except Lost:
        verdict = {"verdict": "lost", "test": 0, "where": "", "why": ""}
    except BaseException as error:
        told = getattr(error, "of_answer", None)
        if told is None:
            verdict["why"] = first_line(error)
        else:
            verdict = {"verdict": "wrong", "test": 0, "where": "", "why": first_line(error)}
    os.write(3, json.dumps(verdict).encode())
    os._exit(0)


main()
