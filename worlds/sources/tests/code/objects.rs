//! What tests may do with objects of an answer's own: everything that they could do in one process.

use serde_json::{Value, json};

use super::{judged, tests};

/// A program, tests that it passes, and what else is said of other programs.
fn right(program: &str, asserts: &[&str]) {
    judged(&tests(json!({ "test_list": asserts })), &[(program, "passed", "")]);
}

#[test]
fn classes_are_classes() {
    let shapes = "from abc import ABC, abstractmethod\nclass Shape(ABC):\n    sides = 0\n    def __init__(self, size): self.size = size\n    @abstractmethod\n    def area(self): ...\n    @classmethod\n    def unit(cls): return cls(1)\n    @staticmethod\n    def half(x): return x / 2\n    @property\n    def double(self): return 2 * self.size\n    def described(self): return f'{type(self).__name__} of {self.area()}'\nclass Square(Shape):\n    sides = 4\n    def area(self): return self.size ** 2\ndef make(n): return Square(n)";
    right(
        shapes,
        &[
            "assert isinstance(make(3), Square) and isinstance(make(3), Shape) and not isinstance(make(3), int)",
            "assert issubclass(Square, Shape) and type(make(1)) is Square and type(make(1)).__name__ == 'Square'",
            "assert make(3).area() == 9 and Square.unit().size == 1 and Shape.half(5) == 2.5 and make(4).double == 8",
            "assert Square.sides == 4 and make(1).sides == 4 and hasattr(make(1), 'size') and not hasattr(make(1), 'color')",
            "s = make(2)\ns.size = 5\nassert s.area() == 25 and s is s and s == s and s != make(5)",
            "class Circle(Shape):\n    def __init__(self, size):\n        super().__init__(size)\n        self.drawn = False\n    def area(self): return 3 * self.size ** 2\n    def described(self): return super().described() + '!'\nc = Circle(2)\nassert c.area() == 12 and c.described() == 'Circle of 12!' and isinstance(c, Shape) and c.drawn is False and c.double == 4",
            "try:\n    Shape(1)\n    assert False\nexcept TypeError as error:\n    assert 'abstract' in str(error)",
        ],
    );
}

#[test]
fn operators_are_those_of_the_class_that_is_named() {
    let vectors = "from dataclasses import dataclass\nfrom functools import total_ordering\n@dataclass(order=True)\nclass V:\n    x: int\n    y: int = 0\n    def __add__(self, o): return V(self.x + o.x, self.y + o.y)\n    def __mul__(self, k): return V(self.x * k, self.y * k)\n    __rmul__ = __mul__\n    def __neg__(self): return V(-self.x, -self.y)\n    def __matmul__(self, o): return self.x * o.x + self.y * o.y\n    def __hash__(self): return hash((self.x, self.y))\n    def __getitem__(self, n): return (self.x, self.y)[n]\n    def __contains__(self, n): return n in (self.x, self.y)\n    def __len__(self): return 2\n    def __bool__(self): return self.x != 0\n    def __iter__(self): return iter((self.x, self.y))\n    def __call__(self, k): return self.x + k\n    def __int__(self): return self.x\ndef make(n): return V(n, n)";
    right(
        vectors,
        &[
            "assert V(1, 2) + V(3, 4) == V(4, 6) and 2 * V(1, 2) * 3 == V(6, 12) and -V(1, 2) == V(-1, -2) and V(1, 2) @ V(3, 4) == 11",
            "assert make(2) == V(2, 2) and make(2) != V(2, 3) and V(1, 5) < V(2, 0) and sorted([V(3), V(1)])[0].x == 1",
            "assert len({V(1), V(1), V(2)}) == 2 and V(1, 2)[1] == 2 and len(V(1)) == 2 and not V(0, 1) and list(V(1, 2)) == [1, 2]",
            "assert V(1, 2).x == 1 and 2 in V(1, 2) and sum([V(1), V(2)], V(0)) == V(3) and V(1)(4) == 5 and int(V(7)) == 7",
            "v = V(1)\nv += V(2)\nassert v == V(3) and repr(v) == 'V(x=3, y=0)' and f'{v}' == 'V(x=3, y=0)'",
            "x, y = V(1, 2)\nassert (x, y) == (1, 2) and max(V(1), V(2)) == V(2)",
        ],
    );
}

#[test]
fn values_that_are_more_than_plain_are_both() {
    let program = "from collections import namedtuple, defaultdict, Counter, OrderedDict, deque\nfrom enum import Enum, IntEnum\nimport datetime, decimal\nP = namedtuple('P', 'x y')\nclass Stack(list):\n    def push(self, x):\n        self.append(x)\n        return self\n    def top(self): return self[-1]\nclass Name(str):\n    def shout(self): return self.upper() + '!'\nclass Color(Enum):\n    RED = 1\n    BLUE = 2\nclass Level(IntEnum):\n    LOW = 1\n    HIGH = 5\ndef point(a): return P(*a)\ndef count(a):\n    d = defaultdict(int)\n    for x in a: d[x] += 1\n    return d\ndef letters(s): return Counter(s)\ndef day(n): return datetime.date(2026, 11, n)\ndef stack(): return Stack([1])\ndef name(): return Name('bob')\ndef color(n): return Color(n)\ndef last(n): return deque(range(9), n)";
    right(
        program,
        &[
            "assert point([1, 2]) == (1, 2) and point([1, 2]).x == 1 and point([3, 4])._replace(x=9) == (9, 4)",
            "assert count([1, 1]) == {1: 2} and count([1])[7] == 0 and isinstance(count([]), dict)",
            "assert letters('aab').most_common(1) == [('a', 2)] and letters('ab') + letters('b') == {'a': 1, 'b': 2}",
            "import datetime\nassert day(30) == datetime.date(2026, 11, 30) and (day(30) - day(1)).days == 29 and day(3) < day(4)",
            "s = stack()\ns.push(5).push(6)\nassert s == [1, 5, 6] and s.top() == 6 and len(s) == 3 and s.pop() == 6 and s.top() == 5 and isinstance(s, list)",
            "assert name() == 'bob' and name().shout() == 'BOB!' and name().title() == 'Bob'",
            "assert color(1) is Color.RED and color(2).value == 2 and Color['BLUE'].name == 'BLUE' and [c.name for c in Color] == ['RED', 'BLUE']",
            "assert Level.HIGH == 5 and Level.HIGH > Level.LOW and Level(1).name == 'LOW'",
            "assert list(last(2)) == [7, 8] and last(2).maxlen == 2",
        ],
    );
}

#[test]
fn iterators_contexts_and_errors_are_gone_through() {
    let program = "import contextlib\nlog = []\nclass Own(ValueError):\n    def __init__(self, what, code):\n        super().__init__(what)\n        self.code = code\nclass Res:\n    def __enter__(self):\n        log.append('in')\n        return 1\n    def __exit__(self, kind, error, trace):\n        log.append(kind.__name__ if kind else 'out')\n@contextlib.contextmanager\ndef opened(n):\n    yield n\nclass Down:\n    def __init__(self, n): self.n = n\n    def __iter__(self): return self\n    def __next__(self):\n        if self.n == 0: raise StopIteration\n        self.n -= 1\n        return self.n\nclass Bag:\n    def __init__(self, *items): self.items = list(items)\n    def __iter__(self): return iter(self.items)\ndef gen(n):\n    for i in range(n): yield i\ndef fails(n): raise Own('bad', n)\ndef bad_gen():\n    yield 1\n    raise KeyError('k')";
    right(
        program,
        &[
            "it = gen(40)\nassert next(it) == 0 and next(it) == 1 and list(it) == list(range(2, 40)) and next(it, None) is None",
            "assert list(Down(3)) == [2, 1, 0] and max(Bag(1, 5, 2)) == 5 and 5 in Bag(1, 5) and [*gen(2)] == [0, 1]",
            "try:\n    next(gen(0))\n    assert False\nexcept StopIteration:\n    pass",
            "try:\n    fails(7)\n    assert False\nexcept Own as error:\n    assert str(error) == 'bad' and error.code == 7 and isinstance(error, ValueError) and error.args == ('bad',)",
            "try:\n    fails(7)\nexcept ValueError as error:\n    assert type(error) is Own",
            "with Res() as r:\n    assert r == 1\nassert log == ['in', 'out']",
            "try:\n    with Res():\n        raise KeyError('x')\nexcept KeyError:\n    pass\nassert log[-1] == 'KeyError'",
            "with opened(4) as n:\n    assert n == 4",
            "got = []\ntry:\n    for x in bad_gen(): got.append(x)\nexcept KeyError as error:\n    assert error.args == ('k',) and got == [1]",
        ],
    );
}

#[test]
fn what_tests_hand_over_stays_theirs() {
    let program = "import functools\ncalls = 0\ndef apply(f, *a, **k): return f(*a, **k)\ndef twice(f): return lambda x: f(f(x))\ndef each(f, xs): return [f(x) for x in xs]\ndef area(shape): return shape.width * shape.height()\ndef grow(shape): shape.width += 1\ndef biggest(xs): return max(xs, key=lambda x: x.rank)\ndef logged(f):\n    @functools.wraps(f)\n    def g(*a):\n        global calls\n        calls += 1\n        return f(*a)\n    return g\ndef rows(m):\n    for row in m: row.append(0)\n    m.append([1])";
    let shape = "class Shape:\n    def __init__(self, width): self.width = width\n    def height(self): return 3\n    @property\n    def rank(self): return -self.width\n";
    right(
        program,
        &[
            "assert apply(lambda x, y: x + y, 1, y=2) == 3 and twice(lambda x: x * 3)(2) == 18 and each(str, [1, 2]) == ['1', '2']",
            "import math, operator\nassert each(math.sqrt, [4, 9]) == [2, 3] and apply(operator.add, 1, 2) == 3",
            &format!(
                "{shape}s = Shape(2)\nassert area(s) == 6\ngrow(s)\nassert s.width == 3 and biggest([Shape(5), Shape(2)]).width == 2"
            ),
            "@logged\ndef told(x):\n    return x + 1\nassert told(1) == 2 and told(5) == 6 and calls == 2 and told.__name__ == 'told'",
            "try:\n    apply(lambda: {}['k'])\n    assert False\nexcept KeyError:\n    pass",
            "m = [[1], [2]]\nfirst = m[0]\nrows(m)\nassert m == [[1, 0], [2, 0], [1]] and first == [1, 0]",
        ],
    );
    // What is handed over leads nowhere: not to the tests' names, nor to their frames.
    let prying = "def apply(f):\n    for name in ('__globals__', '__code__', '__closure__', 'gi_frame', '__class__.__subclasses__', '_x'):\n        try: it = f\n        except Exception: continue\n        try:\n            for part in name.split('.'): it = getattr(it, part)\n        except AttributeError: continue\n        if not isinstance(it, type) and 'check' in str(it): return it\n    return 'nothing'";
    right(
        prying,
        &["def check(): pass\nassert apply(check) == 'nothing'", "assert apply(x for x in [1]) == 'nothing'"],
    );
}

#[test]
fn what_is_printed_read_and_kept_is_seen() {
    let program = "import sys\ndef ask(): return int(input('? '))\ndef say(*what): print('hi', *what)\ndef lines(): return [line.strip() for line in sys.stdin]\ndef keep(x):\n    global kept\n    kept = x\n    return kept";
    right(
        program,
        &[
            "from unittest.mock import patch\nwith patch('builtins.input', return_value='5') as asked:\n    assert ask() == 5\n    asked.assert_called_once_with('? ')",
            "import io, contextlib\nf = io.StringIO()\nwith contextlib.redirect_stdout(f):\n    say(1, 2)\n    say()\nassert f.getvalue() == 'hi 1 2\\nhi\\n'",
            "assert keep(1) == 1\nassert kept == 1\nkeep([2])\nassert kept == [2]",
            "import io, sys\nsys.stdin = io.StringIO('7\\n')\nassert ask() == 7",
        ],
    );
}

#[test]
fn large_and_odd_values_cross() {
    let program = "def many(n): return list(range(n))\ndef big(n): return 1 << n\ndef deep(n): return [[n] * 3] * 2\ndef odd(): return ['\\ud800', b'\\x00\\xff', bytearray(b'a'), 1e-320, float('-inf'), -0.0, 3+4j, {(1, 2): {3}}, frozenset({1}), range(2, 9, 3), None, True]\ndef kind(): return [int, str]";
    right(
        program,
        &[
            "assert len(many(2000000)) == 2000000 and big(100000) == 2 ** 100000 and deep(1) == [[1, 1, 1], [1, 1, 1]]",
            "assert odd() == ['\\ud800', b'\\x00\\xff', b'a', 1e-320, float('-inf'), 0, 3+4j, {(1, 2): {3}}, {1}, range(2, 9, 3), None, True]",
            "assert str(odd()[5]) == '-0.0' and odd()[11] is True and type(odd()[2]) is bytearray and kind() == [int, str]",
        ],
    );
}

#[test]
fn library_names_that_answers_import_are_there() {
    let program = "from math import gcd as greatest\nfrom collections import *\nimport math, sys\ndef f(n): return math.pi * n\ndef letters(s): return Counter(s)";
    right(
        program,
        &[
            "assert isclose(f(2), 2 * pi) and letters('aab') == Counter('aba') and math.floor(f(1)) == 3",
            "assert sys.getsizeof(f(1)) > 0 and round(f(1), 2) == Decimal('3.14') or True",
        ],
    );
    // A word of the library may be what is asked for.
    right(
        "def gcd(a, b):\n    while b: a, b = b, a % b\n    return a",
        &["assert gcd(12, 18) == 6", "assert gcd(7, 3) == 1"],
    );
    right("def bisect(xs): return len(xs) // 2", &["assert bisect([1, 2, 3]) == 1"]);
    right(
        "class Counter:\n    def __init__(self): self.value = 0\n    def increment(self): self.value += 1",
        &["c = Counter()\nc.increment()\nassert c.value == 1"],
    );
    let reference: Value =
        json!({ "test_list": ["assert mode([1, 1, 2]) == [1]"], "code": "def mode(xs):\n    return [1]" });
    judged(&tests(reference), &[("def mode(xs): return [max(set(xs), key=xs.count)]", "passed", "")]);
}
