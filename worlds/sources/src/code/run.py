# Runs the tests in their process, behind `tests.py`, and says what came of it.

STANDARD = set(getattr(sys, "stdlib_module_names", sys.builtin_module_names)) - {"test", "idlelib", "antigravity", "this", "turtledemo"}
ALIASES = {"np": "numpy", "pd": "pandas", "plt": "matplotlib.pyplot", "sp": "scipy", "nx": "networkx", "mock": "unittest.mock"}
# What tests take from the library without importing it, as the answer's own imports would give it to them.
MEMBERS = {
    "collections": "ChainMap Counter OrderedDict defaultdict deque namedtuple",
    "typing": "Any Callable Dict Iterable Iterator List Optional Sequence Set Tuple Union",
    "math": "ceil comb cos degrees dist e exp fabs factorial floor fmod fsum gcd hypot inf isclose isfinite isinf isnan lcm log log10 log2 "
    "nan perm pi prod radians sin sqrt tan tau trunc",
    "itertools": "accumulate chain combinations combinations_with_replacement count cycle dropwhile groupby islice permutations product "
    "repeat starmap takewhile tee zip_longest",
    "functools": "cmp_to_key lru_cache partial reduce wraps",
    "copy": "copy deepcopy",
    "heapq": "heapify heappop heappush nlargest nsmallest",
    "bisect": "bisect bisect_left bisect_right insort",
    "decimal": "Decimal",
    "fractions": "Fraction",
    "datetime": "date datetime time timedelta timezone",
    "random": "choice randint sample shuffle uniform",
    "statistics": "mean median mode pstdev stdev variance",
    "string": "ascii_letters ascii_lowercase ascii_uppercase digits punctuation",
    "operator": "attrgetter itemgetter",
    "io": "BytesIO StringIO",
    "contextlib": "redirect_stdout suppress",
    "dataclasses": "dataclass field",
    "enum": "Enum IntEnum auto",
    "unittest.mock": "MagicMock Mock patch",
}
# Words that an answer may well have for something else. Without a reference solution they are the answer's.
ORDINARY = set(
    "accumulate auto bisect ceil chain choice comb combinations copy count cycle date degrees digits dist e exp factorial field floor gcd "
    "hypot lcm log mean median mode perm permutations prod product punctuation radians repeat sample shuffle stdev suppress tan tee time "
    "trunc uniform variance".split()
)


class Used(ast.NodeVisitor):
    """How tests use names: which are read, which of their parts, which are called, and which parts of what the calls give."""

    def __init__(self, codes):
        self.read, self.bound, self.called, self.parts, self.parts_of_calls, self.classes = set(), set(), set(), {}, {}, set()
        self.given = {}
        for code in codes:
            try:
                self.visit(ast.parse(code))
            except (SyntaxError, ValueError, RecursionError):
                pass

    def visit_Name(self, node):
        (self.read if isinstance(node.ctx, ast.Load) else self.bound).add(node.id)

    def visit_Attribute(self, node):
        of = node.value
        if isinstance(of, ast.Name):
            self.parts.setdefault(of.id, set()).add(node.attr)
            if of.id in self.given:
                self.parts_of_calls.setdefault(self.given[of.id], set()).add(node.attr)
        elif isinstance(of, ast.Call) and isinstance(of.func, ast.Name):
            self.parts_of_calls.setdefault(of.func.id, set()).add(node.attr)
        self.generic_visit(node)

    def visit_Assign(self, node):
        value = node.value
        for target in node.targets:
            if isinstance(target, ast.Name) and isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
                self.given[target.id] = value.func.id
        self.generic_visit(node)

    def visit_Call(self, node):
        if isinstance(node.func, ast.Name):
            self.called.add(node.func.id)
            if node.func.id in ("isinstance", "issubclass") and len(node.args) == 2:
                self.are_classes(node.args[1])
        self.generic_visit(node)

    def visit_With(self, node):
        self.are_classes(*[item.context_expr.func for item in node.items if isinstance(item.context_expr, ast.Call)])
        self.generic_visit(node)

    def visit_ExceptHandler(self, node):
        self.are_classes(node.type)
        self.generic_visit(node)

    def visit_ClassDef(self, node):
        self.bound.add(node.name)
        self.are_classes(*node.bases)
        self.generic_visit(node)

    def visit_FunctionDef(self, node):
        self.bound.add(node.name)
        self.generic_visit(node)

    def visit_arg(self, node):
        self.bound.add(node.arg)

    def visit_alias(self, node):
        self.bound.add((node.asname or node.name).split(".")[0])

    def are_classes(self, *nodes):
        for node in nodes:
            inner = node.elts if isinstance(node, ast.Tuple) else [node]
            self.classes |= {part.id for part in inner if isinstance(part, ast.Name)}


def defined(code, kinds):
    try:
        return {node.name for node in ast.parse(code).body if isinstance(node, kinds)}
    except (SyntaxError, ValueError):
        return set()


class Names(dict):
    """The names that tests see: their own; Python's; those of the library, if they are used like them; then the answer's."""

    def __init__(self, task, codes):
        super().__init__(__name__="tests")
        self.used = Used(codes)
        self.entry = task["entry"]
        # What the reference solution defines is tested, and not Python's own of such a name; unless something else of it is tested, too.
        self.own = defined(task["own"], (ast.FunctionDef, ast.ClassDef)) & self.used.read
        if any(not hasattr(builtins, name) for name in self.own):
            self.own = {name for name in self.own if not hasattr(builtins, name)}
        free = {name for name in self.used.read - self.used.bound if not hasattr(builtins, name)}
        self.others = {name for name in free if self.of_library(name) is None}

    def of_library(self, name):
        """Where the library has what is used under a name."""
        parts = self.used.parts.get(name, set())
        if name in ALIASES or name in STANDARD and parts and name not in self.used.called:
            module = ALIASES.get(name, name)
            if name in ALIASES or parts <= set(dir(importlib.import_module(module))):
                return module, None
        for module, members in MEMBERS.items():
            if name in members.split():
                has = set(dir(getattr(importlib.import_module(module), name)))
                of_calls = self.used.parts_of_calls.get(name, set()) if name[0].isupper() else set()
                return (module, name) if parts | of_calls <= has else None
        return None

    def __missing__(self, name):
        if name in self.own or name == self.entry:
            found = self.of_answer(name)
        elif hasattr(builtins, name):
            raise KeyError(name)
        else:
            module, member = self.of_library(name) or (None, None)
            # A word such as `gcd` may be what is tested itself, above all if nothing else is.
            may_be_own = member is not None and not member[0].isupper() and not (self.own or self.entry)
            under_test = may_be_own and (member in ORDINARY or not self.others)
            if module is None or under_test:
                found = None if self.entry else self.of_answer(name)
            else:
                try:
                    it = importlib.import_module(module)
                except ImportError:
                    raise KeyError(name) from None
                self[name] = it = getattr(it, member) if member else it
                return it
        if found is None:
            raise KeyError(name)
        return found[0]

    def of_answer(self, name):
        found = ask("name", None, name)
        if found is None:
            return None
        if not isinstance(found, list) or len(found) != 1:
            raise lost()
        it = heard(found[0])
        if not isinstance(it, (Thing, Kind)):
            say_that_it_replied()
        return [it]


NAMED, INTENDED = set(), set()


def named_by_tests(kind):
    return any(part in NAMED for part in kind.__mro__)


def find_classes(space):
    """The answer's classes that tests name; and those that can be no functions, by how they are used or what the reference says."""
    used = space.used
    names = sorted(name for name in used.read if not hasattr(builtins, name) and name != space.entry)
    classes = heard(ask("classes", None, names))
    values_have = {part for kind in PLAIN_BASES for part in dir(kind)}
    for name, kind in zip(names, classes if isinstance(classes, list) else []):
        if isinstance(kind, Kind):
            NAMED.add(kind)
            parts = used.parts_of_calls.get(name, set()) | used.parts.get(name, set())
            if name in used.classes or name in space.classes or parts - values_have:
                INTENDED.add(kind)
    INTENDED.difference_update(kind for kind in list(INTENDED) if kind.__name__ in space.functions)


def same(one, other):
    """Whether a result is what is expected; lists and tuples are alike, because JSON has no tuples."""
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        # Names in JSON are texts: each stands for one key, of this or another type.
        by_name = {str(key): item for key, item in one.items()}
        by_name.update((key, item) for key, item in one.items() if isinstance(key, str))
        return len(by_name) == len(one) == len(other) and all(
            key in by_name and same(by_name[key], item) for key, item in other.items()
        )
    if type(one) is float and type(other) is float:
        return close(one, other)
    return one == other


def close(one, other):
    """As `numpy.allclose` says by default, by which APPS compares."""
    return one == other or one != one and other != other or abs(one - other) <= 1e-8 + 1e-5 * abs(other) < float("inf")


def first_line(error):
    told = getattr(error, "of_answer", None)
    if told is None:
        try:
            told = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        except BaseException:
            told = type(error).__name__
    return told.strip().split("\n")[0][:300]


def line_of(error, code):
    """The line of the tests at which an error came up."""
    line, trace = 0, error.__traceback__
    while trace:
        line = trace.tb_lineno if trace.tb_frame.f_code.co_filename == "tests" else line
        trace = trace.tb_next
    lines = code.split("\n")
    return lines[line - 1].strip()[:300] if 0 < line <= len(lines) else ""


def shown(prompt):
    """What is shown before an answer, as Python: with a body, where it ends before one."""
    for end in ("", "\n    pass", "\n        pass", "\n\tpass", "\n  pass"):
        try:
            return compile(prompt.rstrip() + end, "before", "exec")
        except (SyntaxError, ValueError):
            pass
    return None


def verdict(word, test=0, where="", why=""):
    return {"verdict": word, "test": test, "where": where, "why": why}


def run(task):
    ask("load", None, [task["prompt"], task["source"]])
    State.step = 0
    steps = [step for step in task["steps"] if not isinstance(step, str) or step.strip()]
    codes = [step for step in steps if isinstance(step, str)]
    space = Names(task, codes + [task["before"]])
    space.classes, space.functions = defined(task["own"], ast.ClassDef), defined(task["own"], ast.FunctionDef)
    find_classes(space)
    prompt = None if task["before"] else shown(task["prompt"])
    if prompt:
        # What runs before assertions may use the answer's own names, and runs below.
        try:
            exec(prompt, space)
        except Exception:
            pass
    if any("random" in code for code in codes):
        importlib.import_module("random").seed(0)
    try:
        exec(compile(task["before"], "before", "exec"), space)
    except (NameError, SyntaxError) as error:
        if isinstance(error, SyntaxError):
            raise Broken(f"what runs before the tests is no Python: {error}") from None
        # Neither the tests nor Python have it: the answer should.
        return verdict("wrong", 0, "", first_line(error))
    entry = None
    if task["entry"]:
        entry = space.of_answer(task["entry"])
        solution = None if entry else space.of_answer("Solution")
        if solution:
            entry = [getattr(solution[0](), task["entry"])]
        if entry is None:
            return verdict("wrong", 0, "", f"it does not define `{task['entry']}`")
        entry = space[task["entry"]] = entry[0]
    for number, code in enumerate(steps, 1):
        State.step = number
        came = step_of(task, space, entry, code)
        if State.lost:
            return verdict("lost", number)
        if came is None and State.failed:
            came = verdict("wrong", number, "", first_line(State.failed))
        if came:
            return dict(came, test=number)
    if State.own_word:
        return verdict("own word", 0, "", f"they pass by the word of the answer's own `{State.own_word[0]}`")
    return verdict("right", len(steps))


def step_of(task, space, entry, code):
    """Runs one test; what is said of it if it does not pass."""
    step = code if isinstance(code, str) else ""
    try:
        if step:
            compiled = compile(step, "tests", "exec")
    except (SyntaxError, ValueError) as error:
        raise Broken(f"the tests are no Python: {error}") from None
    try:
        if step:
            exec(compiled, space)
            if task["check"]:
                if "check" not in space:
                    raise Broken("the tests define no `check`")
                space["check"](entry)
            return None
        arguments, expected, wrapped = code
        result = entry(*arguments)
        if same(result, expected):
            return None
        if wrapped and isinstance(expected, list) and len(expected) == 1 and same(result, expected[0]):
            return None
        return verdict("wrong", 0, "", "another value is expected")
    except (Broken, Lost):
        raise
    except BaseException as error:
        if not isinstance(error, Exception) and getattr(error, "of_answer", None) is None:
            raise Broken(f"the tests end by {type(error).__name__}") from None
        why = first_line(error)
        return verdict("wrong", 0, line_of(error, step), "" if why == "AssertionError" else why)


def main():
    if hasattr(sys, "set_int_max_str_digits"):
        sys.set_int_max_str_digits(0)
    # JSON's reader on the other side has no integers beyond 64 bits
    whole = lambda found: int(found["$int"]) if list(found) == ["$int"] else found
    task = json.loads(sys.stdin.buffer.read(), object_hook=whole)
    sys.stdin, sys.stdout = NOTHING, PRINTS
    try:
        came = run(task)
    except Lost:
        came = verdict("lost", State.step or 0)
    except Broken as error:
        came = verdict("broken", 0, "", str(error))
    except BaseException as error:
        blamed = State.replied is not None or getattr(error, "of_answer", None) is not None
        came = verdict("wrong" if blamed else "broken", 0, "", first_line(error))
    os.write(3, json.dumps(came).encode() + b"\n")
    os._exit(0)


values = Values()
main()
