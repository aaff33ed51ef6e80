//! Programs judged by tests: the three forms of records, and programs that try to pass without
//! being right.
//!
//! Where there is no `python3` or no sandbox, the tests fail: nothing would have been tested. With
//! `AUTODIDACT_SANDBOX=absent` in the environment they say so on standard error and pass.

mod cheats;
mod found;
mod objects;

use std::io::Write;

use nouns::{Split, Unsettled, Verdict};
use serde_json::{Map, Value, json};
use sources::code::{Judge, Tested, Tests};
use sources::{Options, Strength};

fn ready() -> Option<Judge> {
    match Judge::open(Strength::Needed) {
        Ok(judge) => Some(judge),
        Err(why) if std::env::var_os("AUTODIDACT_SANDBOX").is_none_or(|word| word != "absent") => {
            panic!("{why}; `AUTODIDACT_SANDBOX=absent` lets these tests pass without testing")
        }
        Err(why) => {
            // The test harness captures `eprintln!`, and this must be seen.
            writeln!(std::io::stderr(), "SKIPPED, NOTHING TESTED: {why}").expect("said");
            None
        }
    }
}

fn record(value: Value) -> Map<String, Value> {
    value.as_object().cloned().expect("an object")
}

fn tests(value: Value) -> Tests {
    Tests::of(&record(value)).expect("readable").expect("tests")
}

/// HumanEval's form.
fn humaneval() -> Value {
    json!({
        "prompt": "from typing import List\n\n\ndef twice(x: List[int]) -> List[int]:\n    \"\"\" Every number twice as large.\n    \"\"\"\n",
        "entry_point": "twice",
        "test": "\n\nMETADATA = {}\n\n\ndef check(candidate):\n    assert candidate([1, 2]) == [2, 4]\n    assert candidate([]) == []\n    assert candidate([10**30]) == [2 * 10**30]\n",
    })
}

/// Each answer with the reason code of its verdict, and part of what is said about it.
fn judged(tests: &Tests, cases: &[(&str, &str, &str)]) {
    let Some(judge) = ready() else { return };
    let items: Vec<(&Tests, &str)> = cases.iter().map(|(answer, ..)| (tests, *answer)).collect();
    for (tested, (answer, reason, detail)) in judge.judge_all(&items).iter().zip(cases) {
        assert!(tested.reason() == *reason && tested.detail().contains(detail), "{answer}\n{tested:?}");
    }
}

#[test]
fn humaneval_takes_continuations_and_whole_functions() {
    let fenced = "Here it is:\n```python\ndef twice(x):\n    return [2 * n for n in x]\n```\nand that is all.";
    let drafts = "```python\ndef twice(x):\n    return x\n```\nNo, better:\n```\ndef twice(x):\n    return [n + n for n in x]\n```\nRun it:\n```sh\npython it.py\n```";
    judged(
        &tests(humaneval()),
        &[
            ("    return [2 * n for n in x]\n", "passed", ""),
            (fenced, "passed", ""),
            (drafts, "passed", ""),
            ("    return x", "failed-test", "test 1: `assert candidate([1, 2]) == [2, 4]` does not hold"),
            ("    return [2, 4]", "failed-test", "assert candidate([]) == []"),
            ("    return [2 / n for n in x] if x else 1 / 0", "failed-test", "[1, 2]"),
            ("    return 1 / 0", "error", "ZeroDivisionError: division by zero"),
            ("    return [2 * n for n in x", "error", "SyntaxError"),
            ("```python\ndef thrice(x):\n    pass\n```", "failed-test", "does not hold"),
            ("  \n", "no-code", "no program"),
        ],
    );
}

#[test]
fn no_answer_passes_by_a_trick() {
    let body = |body: &str| format!("```python\n{body}\ndef twice(x):\n    return x\n```");
    let tricks = [
        "import sys; sys.exit(0)",
        "import os; os._exit(0)",
        "import atexit, os\natexit.register(lambda: os._exit(0))",
        "print('right'); print('passed'); print('{\"verdict\": \"right\", \"test\": 1}')",
        "import os\nfor n in range(3, 64):\n    try: os.write(n, b'{\"verdict\": \"right\", \"test\": 1, \"where\": \"\", \"why\": \"\"}\\n')\n    except OSError: pass",
        "import builtins\nbuiltins.AssertionError = type('Calm', (Exception,), {})\nbuiltins.__import__ = None",
        "import sys\nsys.settrace(lambda *a: None)\nsys.modules['json'].dumps = lambda *a: '{\"ok\": true}'",
        "class Same(list):\n    def __eq__(self, other): return True\n    __ne__ = lambda self, other: False\n    __hash__ = None\ntwice = lambda x: Same()\ndef other(): pass",
        "import gc\nfor thing in gc.get_objects():\n    if isinstance(thing, dict) and 'check' in thing: thing['check'] = lambda f: None",
        "def check(candidate): pass\nMETADATA = None",
        "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)",
        "raise SystemExit(0)",
        "__name__ = 'tests'\nglobals().clear()",
    ];
    let answers: Vec<String> = tricks.iter().map(|trick| body(trick)).collect();
    let equal =
        "```python\nclass Same:\n    def __eq__(self, other): return True\ndef twice(x):\n    return Same()\n```";
    let inherits = "```python\nclass Same(list):\n    def __eq__(self, other): return True\ndef twice(x):\n    return Same([7])\n```";
    let Some(judge) = ready() else { return };
    let tests = tests(humaneval());
    for answer in answers.iter().map(String::as_str).chain([equal, inherits]) {
        let tested = judge.judge(&tests, answer);
        assert!(matches!(tested, Tested::Wrong { .. }), "{answer}\n{tested:?}");
    }
}

#[test]
fn mbpp_asserts_use_whatever_the_answer_defines() {
    let record = json!({
        "text": "Write a function to find the longest chain of pairs.",
        "test_setup_code": "import math\nroot = Pair(1, 2)\nroot.next = Pair(3, 4)\nroot.next.a = 5",
        "test_list": [
            "assert chain([Pair(5, 24), Pair(15, 25), Pair(27, 40)]) == 2",
            "assert math.isclose(half(3), 1.5) and set(both((1, 2))) == {1, 2}",
            "xs = [3, 1]\nsort(xs)\nassert xs == [1, 3]",
            "try:\n    half(None)\n    assert False\nexcept TypeError:\n    pass",
            "assert [n for n in count(3)] == [0, 1, 2] and count(2) is not None",
            "assert last(root) == 5 and root.next == root.next and root.next != root",
        ],
    });
    let right = "```python\nimport math\nclass Pair:\n    def __init__(self, a, b): self.a, self.b = a, b\ndef chain(pairs):\n    best = [1] * len(pairs)\n    for i in range(len(pairs)):\n        for j in range(i):\n            if pairs[i].a > pairs[j].b: best[i] = max(best[i], best[j] + 1)\n    return max(best)\ndef half(x): return x / 2\ndef both(p): return list(p)\ndef sort(xs): xs.sort()\ndef last(pair): return pair.next.a\ndef count(n):\n    yield from range(n)\n```";
    judged(
        &tests(record.clone()),
        &[
            (right, "passed", ""),
            (&right.replace("xs.sort()", "sorted(xs)"), "failed-test", "test 3"),
            (&right.replace("x / 2", "x * 2 if x else 0"), "failed-test", "test 2"),
            ("def chain(pairs): return 2", "error", "name 'Pair' is not defined"),
        ],
    );
    let shown = tests(record).prompt("Write it.");
    assert!(shown.starts_with("Write it.\nYour code should pass these tests:\n\nassert chain("), "{shown}");
}

#[test]
fn apps_compares_what_is_printed_and_what_is_returned() {
    let sums = json!({ "inputs": ["1 2\n", ["3", "4"]], "outputs": ["3\n", "7"] });
    judged(
        &tests(json!({ "input_output": sums.to_string() })),
        &[
            ("```python\nimport sys\nprint(sum(map(int, sys.stdin.read().split())), end=' \\n\\n')\n```", "passed", ""),
            ("print(sum(map(int, input().split())))", "failed-test", "test 2: it prints \"3\", not \"7\""),
            ("print(int(input()))", "error", "test 1: ValueError"),
            ("import os; os.abort()", "crashed", "test 1: it crashed"),
        ],
    );
    let calls = json!({ "fn_name": "add", "inputs": [[1, 2], [[1], [2]]], "outputs": [3, [[1, 2]]] });
    judged(
        &tests(json!({ "input_output": calls })),
        &[
            ("class Solution:\n    def add(self, a: List[int], b):\n        return a + b", "passed", ""),
            ("def add(a, b): return a - b", "failed-test", "test 1: another value"),
            ("def add(a, b): return a + b if a == 1 else (1, 2)", "passed", ""),
        ],
    );
}

#[test]
fn what_takes_too_much_is_wrong_and_what_the_judge_cannot_tell_is_unsettled() {
    let Some(judge) = ready() else { return };
    let one = tests(humaneval());
    let reason = |tests: &Tests, answer: &str| judge.judge(tests, answer).reason();
    assert_eq!(reason(&one, "    while True: pass"), "too-slow");
    assert_eq!(reason(&one, "    while True: print('x' * 65536)"), "too-much-output");
    assert_eq!(reason(&one, "    return bytearray(1 << 34)"), "error");
    let broken = |test: &str| {
        let mut record = humaneval();
        record["test"] = test.into();
        judge.judge(&tests(record), "    return x")
    };
    for (test, said) in [
        ("def check(candidate:", "the tests are no Python"),
        ("import sys\ndef check(candidate):\n    candidate(sys._getframe())", "cannot cross"),
        ("def test(candidate):\n    pass", "define no `check`"),
        ("import os\nos._exit(0)", "no verdict"),
        ("import sys\nsys.exit()", "SystemExit"),
    ] {
        let tested = broken(test);
        assert!(tested.reason() == "broken-tests" && tested.detail().contains(said), "{test}: {tested:?}");
        assert!(matches!(Verdict::from(tested), Verdict::Unsettled(Unsettled::CheckerFailed(_))));
    }
}

#[test]
fn verdicts_do_not_depend_on_how_many_are_judged_together() {
    let Some(judge) = ready() else { return };
    let tests = tests(humaneval());
    let answers: Vec<String> = (0..6).map(|n| format!("    return [{n} * i for i in x]")).collect();
    let items: Vec<(&Tests, &str)> = answers.iter().map(|answer| (&tests, answer.as_str())).collect();
    let alone: Vec<Tested> = items.iter().map(|(tests, answer)| judge.judge(tests, answer)).collect();
    assert_eq!(judge.judge_all(&items), alone);
    assert_eq!(alone.iter().filter(|tested| **tested == Tested::Right).count(), 1);
}

#[test]
fn a_file_of_programming_tasks_is_a_world() {
    if ready().is_none() {
        return;
    }
    let open = |text: &str| {
        let mut file = tempfile::Builder::new().suffix(".jsonl").tempfile().expect("a file");
        file.write_all(text.as_bytes()).expect("written");
        sources::find(&file.path().display().to_string(), &Options::default())
    };
    let world = open(&humaneval().to_string()).expect("a world");
    let recognised = world.recognised().expect("recognised");
    assert!(recognised.contains("sandbox (") && recognised.contains("no protection from"), "{recognised}");
    let tasks: Vec<_> = Split::ALL.iter().flat_map(|&split| world.tasks(split).expect("tasks")).collect();
    assert_eq!(tasks[0].prompt_text(), humaneval()["prompt"].as_str().expect("a text"));
    let answers = ["    return [2 * n for n in x]", "    return x"];
    let items = answers.map(|answer| (&tasks[0], answer));
    let verdicts = world.oracle().judge_all(&items);
    assert_eq!(verdicts[0], Verdict::Right);
    assert!(matches!(&verdicts[1], Verdict::Wrong(why) if why.contains("does not hold")));
    let mixed = open(&format!("{}\n{}", humaneval(), json!({ "question": "2 + 2?", "answer": "4" })));
    assert!(
        mixed
            .err()
            .expect("refused")
            .to_string()
            .ends_with("1 of 2 records have tests, and the others cannot be judged as programs")
    );
}
