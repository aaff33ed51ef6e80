//! Programs that are wrong and try to pass: each kind in several forms, with values drawn anew for
//! each. None is ever right, and none but those of which it is said is unsettled.

use nouns::Key;
use serde_json::{Value, json};
use sources::code::{Tested, Tests};

use super::{ready, tests};

/// Judges them together. `{a}` and `{b}` in records and answers are numbers, other ones for each.
fn all(kind: &str, cases: &[(Value, &str)], allowed: impl Fn(&Tested) -> bool) {
    let Some(judge) = ready() else { return };
    let mut random = Key::root(7).of(kind).random();
    let drawn: Vec<(Tests, String)> = cases
        .iter()
        .map(|(record, answer)| {
            let (a, b) = ((100 + random.below(90_000)).to_string(), (100_000 + random.below(800_000)).to_string());
            let fill = |text: &str| text.replace("{a}", &a).replace("{b}", &b);
            let record: Value = serde_json::from_str(&fill(&record.to_string())).expect("a record");
            (tests(record), fill(answer))
        })
        .collect();
    let items: Vec<(&Tests, &str)> = drawn.iter().map(|(tests, answer)| (tests, answer.as_str())).collect();
    for (tested, (tests, answer)) in judge.judge_all(&items).iter().zip(&drawn) {
        assert!(allowed(tested), "{kind}:\n{tests:?}\n{answer}\n{tested:?}");
    }
}

fn wrong(tested: &Tested) -> bool {
    matches!(tested, Tested::Wrong { .. })
}

fn asserts(asserts: &[&str]) -> Value {
    json!({ "test_list": asserts })
}

/// A function `f` that is called with small numbers.
fn check(prompt: &str, body: &str) -> Value {
    json!({ "prompt": prompt, "entry_point": "f", "test": format!("def check(candidate):\n    {}", body.replace('\n', "\n    ")) })
}

#[test]
fn names_of_the_library_are_not_the_answers() {
    let is_close = asserts(&["assert math.isclose(f(1), {a}.5)"]);
    let of_reference = json!({
        "test_list": ["assert f((1, {a})) == sys.getsizeof((1, {a}))"],
        "code": "import sys\ndef f(t):\n    return sys.getsizeof(t)",
    });
    let without_body =
        check("import math\n\ndef f(n):\n    \"\"\" Area. \"\"\"\n", "assert math.isclose(candidate(2), {a}.25)");
    let of_class = check(
        "import math\n\nclass Box:\n    def f(self):\n        '''Area.'''\n",
        "assert math.isclose(candidate(2), {a}.25)",
    );
    let cases = [
        (is_close.clone(), "class math:\n    isclose = staticmethod(lambda *a, **k: True)\ndef f(n): return 0"),
        (
            is_close.clone(),
            "class M:\n    def __getattr__(self, name): return lambda *a, **k: True\nmath = M()\ndef f(n): return 0",
        ),
        (is_close.clone(), "import math\nmath.isclose = lambda *a: True\ndef f(n): return 0"),
        (
            is_close,
            "import sys, types\nsys.modules['math'] = math = types.SimpleNamespace(isclose=lambda *a: True)\ndef f(n): return 0",
        ),
        (of_reference, "class sys:\n    getsizeof = staticmethod(lambda x: 0)\ndef f(t): return 0"),
        (
            asserts(&["assert Counter(f('ab{a}')) == Counter('{a}ba')"]),
            "def Counter(x): return 0\ndef f(s): return 'wrong'",
        ),
        (
            asserts(&["assert Counter(f('ab{a}')) == Counter('{a}ba')"]),
            "class Counter:\n    def __init__(self, x): pass\n    def __eq__(self, o): return True\ndef f(s): return 'wrong'",
        ),
        (asserts(&["assert isclose(f(1), {a}.5)"]), "def isclose(*a): return True\ndef f(n): return 0"),
        (asserts(&["assert round(f(1), 3) == round(pi * {a}, 3)"]), "pi = 0\ndef f(n): return 0"),
        (
            asserts(&["assert np.allclose(f(1), [{a}, 2])"]),
            "class np:\n    allclose = staticmethod(lambda *a: True)\ndef f(n): return 0",
        ),
        (asserts(&["assert sorted(f(1)) == [1, {a}]"]), "def sorted(x): return [1, {a}]\ndef f(n): return []"),
        (asserts(&["assert len(f(1)) == {a}"]), "import builtins\nbuiltins.len = lambda x: {a}\ndef f(n): return []"),
        (without_body.clone(), "class math:\n    isclose = staticmethod(lambda *a, **k: True)\ndef f(n): return 0"),
        (without_body, "def f(n): return 0\nimport sys\nsys.modules['math'].isclose = lambda *a: True"),
        (of_class, "class math:\n    isclose = staticmethod(lambda *a, **k: True)\ndef f(n): return 0"),
        (
            check("", "for i in range(5):\n    assert candidate(i) == reference(i)"),
            "def reference(n): return 0\ndef f(n): return 0",
        ),
        (
            check(
                "def helper(n):\n    return n * {a}\n\ndef f(n):\n    return helper(n)\n",
                "assert candidate(3) == helper(3)",
            ),
            "def helper(n): return 0\ndef f(n): return 0",
        ),
    ];
    all("names", &cases, wrong);
    let own_sorted = json!({
        "test_list": ["assert sorted(f(1)) == [1, {a}]"],
        "code": "def sorted(x):\n    return x\ndef f(x):\n    return [1, {a}]",
    });
    all("own", &[(own_sorted, "def sorted(x): return [1, {a}]\ndef f(n): return []")], wrong);
}

#[test]
fn an_answer_does_not_end_what_tests_go_through() {
    let map = "assert all(map(lambda x: f(x) == x * {a} + 3, range(5)))";
    let raising = |error: &str| format!("def f(x): raise {error}");
    let kinds =
        ["StopIteration", "StopAsyncIteration", "GeneratorExit", "type('Own', (StopIteration,), {})()"].map(raising);
    let mut cases: Vec<(Value, &str)> = Vec::new();
    for kind in &kinds {
        cases.push((asserts(&[map]), kind));
        cases.push((
            check("", "for got, want in zip(map(candidate, range(4)), [9, 8, {a}, 6]):\n    assert got == want"),
            kind,
        ));
        cases.push((asserts(&["assert [x for x in iter(lambda: f(1), None)] == []"]), kind));
        cases
            .push((asserts(&["def each():\n    yield f(1)\nassert [x == {a} for x in each()] in ([], [True])"]), kind));
    }
    let method = "class T:\n    def step(self): raise StopIteration\ndef f(x): return T()";
    cases.push((asserts(&["assert all(map(lambda x: f(x).step() == {a}, range(3)))"]), method));
    let leaves = "import os\ndef f(x): os._exit(0)";
    cases.push((asserts(&["try:\n    f(1)\nexcept:\n    pass"]), leaves));
    cases.push((asserts(&["try:\n    assert f(1) == {a}\nfinally:\n    pass"]), "def f(x): raise SystemExit(0)"));
    cases.push((
        asserts(&["with f(1):\n    assert f(2) == {a}"]),
        "class C:\n    def __enter__(self): return self\n    def __exit__(self, *a): return True\ndef f(x): return C()",
    ));
    cases.push((
        asserts(&["def told(x):\n    assert x == {a}\nf(told)"]),
        "def f(told):\n    try: told(0)\n    except AssertionError: pass",
    ));
    all("iteration", &cases, wrong);
}

#[test]
fn nothing_equals_what_is_expected_by_its_own_word() {
    let value = || asserts(&["assert f(1) == {a}", "assert f(2) == 'x{b}'"]);
    let near = || asserts(&["assert abs(f(1) - {a}.5) < 1e-6"]);
    let within = || asserts(&["assert {a} in f(1)"]);
    let one_key = json!({ "input_output": { "fn_name": "f", "inputs": [[1]], "outputs": [{ "{a}": 5, "{b}": 8 }] } });
    let two_keys = json!({ "input_output": { "fn_name": "f", "inputs": [[1]], "outputs": [{ "{a}": 5, "{b}": 5 }] } });
    let number = json!({ "input_output": { "fn_name": "f", "inputs": [[1]], "outputs": ["{a}x"] } });
    let cases = [
        (
            value(),
            "class Any:\n    def __eq__(self, o): return True\n    def __hash__(self): return 0\ndef f(n): return Any()",
        ),
        (
            value(),
            "class I(int):\n    def __eq__(self, o): return True\n    def __hash__(self): return {a}\ndef f(n): return I(5)",
        ),
        (value(), "class S(str):\n    def __eq__(self, o): return True\n    __hash__ = None\ndef f(n): return S('no')"),
        (value(), "class A:\n    __class__ = int\n    def __eq__(self, o): return True\ndef f(n): return A()"),
        (
            value(),
            "class M(type):\n    def __eq__(self, o): return True\n    __hash__ = type.__hash__\nclass C(metaclass=M): pass\ndef f(n): return C",
        ),
        (value(), "import unittest.mock\ndef f(n): return unittest.mock.ANY"),
        (
            near(),
            "class F(float):\n    def __sub__(self, o): return F(0)\n    def __abs__(self): return 0.0\ndef f(n): return F(0)",
        ),
        (near(), "class Z:\n    def __sub__(self, o): return 0\n    __rsub__ = __sub__\ndef f(n): return Z()"),
        (
            near(),
            "class Z:\n    def __sub__(self, o): return self\n    def __abs__(self): return self\n    def __lt__(self, o): return True\ndef f(n): return Z()",
        ),
        (
            asserts(&["assert f(1) < {a} < f(2)"]),
            "class Z:\n    def __lt__(self, o): return True\n    __gt__ = __lt__\ndef f(n): return Z()",
        ),
        (within(), "class B:\n    def __contains__(self, x): return True\ndef f(n): return B()"),
        (within(), "class L(list):\n    def __contains__(self, x): return True\ndef f(n): return L([1])"),
        (
            asserts(&["assert f(1)[{a}] == {b}"]),
            "class D(dict):\n    def __missing__(self, key): return key\ndef f(n): return D()",
        ),
        (
            asserts(&["assert set(f(1)) == {{a}, {b}}"]),
            "class L(list):\n    def __iter__(self): return iter([{a}, {b}])\ndef f(n): return L([1])",
        ),
        (one_key, "def f(n): return {'{a}': 5, {a}: 5}"),
        (two_keys, "def f(n): return {'{a}': 5, {a}: 5}"),
        (number, "class S(str):\n    def __eq__(self, o): return True\n    __hash__ = None\ndef f(n): return S()"),
    ];
    all("equality", &cases, wrong);
}

/// Where tests name a class and its objects say themselves that they are as expected, nobody can
/// tell.
#[test]
fn a_class_under_test_that_vouches_for_itself_is_not_right() {
    let cases = [
        (
            asserts(&["assert f(1) == {a}"]),
            "class f:\n    def __init__(self, n): pass\n    def __eq__(self, o): return True",
        ),
        (
            asserts(&["assert abs(f(1) - {a}.5) < 1e-6"]),
            "class f:\n    def __init__(self, n): pass\n    def __sub__(self, o): return 0",
        ),
        (
            asserts(&["assert {a} in f(1)"]),
            "class f:\n    def __init__(self, n): pass\n    def __contains__(self, x): return True",
        ),
        (
            asserts(&["assert f(1) == Pair({a}, {b})"]),
            "class Pair:\n    def __init__(self, *a): self.a = a\n    def __eq__(self, o): return True\ndef f(n): return Pair()",
        ),
        (
            asserts(&["assert f(1) == Pair({a}, {b})"]),
            "class Pair:\n    def __init__(self, *a): pass\n    def __eq__(self, o): return True\ndef f(n): return Pair()",
        ),
        (
            asserts(&["assert f(1) == Pair({a}, {b}).a"]),
            "class Pair:\n    def __init__(self, *a): self.a = a[:1]\n    def __eq__(self, o): return True\ndef f(n): return Pair()",
        ),
    ];
    all("own word", &cases, |tested| wrong(tested) || tested.reason() == "own-operators");
    let by_reference = json!({ "test_list": ["assert f(1) == {a}"], "code": "def f(n):\n    return {a}" });
    let lies = "class f:\n    def __init__(self, n): pass\n    def __eq__(self, o): return True";
    all("own word, function", &[(by_reference, lies)], |tested| tested.reason() == "own-operators" || wrong(tested));
}

#[test]
fn tests_that_an_answer_exhausts_are_its_fault() {
    let solution = json!({ "input_output": { "fn_name": "f", "inputs": [[1]], "outputs": [{ "{a}": 1 }] } });
    let setup =
        json!({ "test_setup_code": "root = Node(1)\nroot.left = Node({a})", "test_list": ["assert f(root) == {b}"] });
    let cases = [
        (asserts(&["assert sum(f(1)) == {a}"]), "def f(n): return range(10**13)"),
        (asserts(&["assert 'ab' * f(1) == 'abab'"]), "def f(n): return 10**10"),
        (asserts(&["assert len([0] * f(1)) == {a}"]), "def f(n): return 10**12"),
        (solution.clone(), "class Solution:\n    def __new__(cls): return {a}"),
        (solution.clone(), "class Solution:\n    def __init__(self, need): pass\n    def f(self, n): return 0"),
        (solution, "Solution = None"),
        (setup, "def Node(n): return {a}\ndef f(n): return 0"),
        (asserts(&["assert f(1).value == {a}"]), "def f(n): return None"),
        (asserts(&["assert f(1)[0] == {a}"]), "def f(n): return 5"),
        (asserts(&["assert f(1) + 1 == {a}"]), "def f(n): return 'a'"),
        (asserts(&["assert k ** k == {a}"]), "k = 10**99000\ndef f(n): return 0"),
    ];
    // Elsewhere there may be so much to do that their processor time does not run out in two minutes.
    all("exhausted", &cases, |tested| wrong(tested) || tested.reason() == "busy-machine");
}

/// The answer's process can say anything on its pipe; it is heard as values, and nonsense is the
/// end of it.
#[test]
fn nonsense_on_the_pipe_is_wrong() {
    let forged = [
        r#"{"ok": [true, [null]]}"#,
        r#"{"ok": [{"h": 0}, [null]]}"#,
        r#"{"ok": [{"f": "0x1p99999999999"}, [null]]}"#,
        r#"{"ok": [{"n": ["os", "_exit", [0]]}, []]}"#,
        r#"{"ok": [{"y": "exit"}, []]}"#,
        r#"{"ok": [{"m": "os"}, []]}"#,
        r#"{"ok": [{"g": 0}, []]}"#,
        r#"{"back": ["do", 0, {"l": ["__call__", {"l": []}, {"d": []}]}]}"#,
        r#"{"back": ["get", 0, {"l": ["__globals__"]}]}"#,
        r#"{"error": [["SystemExit"], "0", [], null]}"#,
        r#"{"error": [["StopIteration"], "0", [], null]}"#,
        r#"{"ok": [{"k": 3, "about": ["int", [{"y": "int"}], ["__eq__"], [], {"y": "int"}]}, []]}"#,
        r#"{"ok": [{}, []]}"#,
        r#"{"ok": {}}"#,
        "garbage",
        "[]",
    ];
    let answers = forged.map(|line| {
        format!("import os\ndef f(n): return n\nos.write(4, b'{{\"ok\": null}}\\n{{\"ok\": [null]}}\\n' + rb'''{line}\n''' * 9)")
    });
    let record = || asserts(&["assert f(lambda: 1) == {a}"]);
    let cases: Vec<(Value, &str)> = answers.iter().map(|answer| (record(), answer.as_str())).collect();
    all("pipe", &cases, wrong);
}
