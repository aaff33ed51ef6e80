//! Where the program stands in an answer, and which tests a record has.

use serde_json::{Value, json};
use sources::code::Tests;

use super::{judged, record, tests};

#[test]
fn the_block_that_defines_what_is_tested_is_taken() {
    let of_asserts = tests(json!({ "test_list": ["assert add(1, 2) == 3 and str(add(Pair(1, 2), 0)) == 'x'"] }));
    let of_check = tests(json!({ "prompt": "def add(a, b):\n", "entry_point": "add", "test": "def check(c): pass" }));
    let of_output = tests(json!({ "input_output": { "inputs": ["1"], "outputs": ["2"] } }));
    let (program, other) = ("def add(a, b):\n    return a + b\n", "def sub(a, b):\n    return a - b\n");
    let fenced = |language: &str, code: &str| format!("```{language}\n{code}```\n");
    let found = |tests: &Tests, answer: &str| tests.program(answer);
    for tests in [&of_asserts, &of_check] {
        for (before, behind) in [
            (String::new(), String::new()),
            (String::new(), fenced("bash", "pip install add\n")),
            (String::new(), fenced("python", "print(add(1, 2))\n")),
            (String::new(), format!("It prints\n{}", fenced("text", "3\n"))),
            (String::new(), fenced("", "3\n")),
            (fenced("python", other), fenced("json", "{\"add\": 1}\n")),
            (fenced("", "def add(a, b): return 0\n"), String::new()),
            ("Use `add(1, 2)`, as here:\n".to_owned() + &fenced("py", "add(1, 2) == 3\n"), "That is all.".to_owned()),
            ("<think>\n```python\ndef add(a, b): return 0\n```\nno</think>\n".to_owned(), String::new()),
            ("I think of add.\n</think>\n".to_owned(), String::new()),
        ] {
            for language in ["", "python", "Python", "py", "python3", "python title=\"a.py\""] {
                let answer = format!("{before}{}{behind}", fenced(language, program));
                assert_eq!(found(tests, &answer).as_deref(), Some(program), "{answer}");
            }
        }
        for answer in [
            program.to_owned(),
            format!("\u{feff}{program}"),
            format!("python\n{program}```\nIt adds."),
            format!("{program}```\nIt adds:\n```\n3\n```"),
            format!("~~~python\n{program}~~~"),
            format!("````python\n{program}````"),
            format!("Here is the code:\n\n{program}\nThis adds two numbers."),
            format!("The function adds!\nIt is short:\n{program}\n\nNote that it takes two numbers."),
            "1. So:\n\n   ```python\n   def add(a, b):\n       return a + b\n   ```\n2. Done.".to_owned(),
            format!("```python\n{program}"),
            format!("```python\n{program}```python\nadd(1, 2)\n```"),
            format!("<think>add?</think>{program}"),
        ] {
            assert_eq!(
                found(tests, &answer).map(|it| it.trim().to_owned()).as_deref(),
                Some(program.trim()),
                "{answer}"
            );
        }
    }
    let reads = "n = int(input())\nprint(n + 1)\n";
    for behind in [
        "```bash\npython a.py < in\n```",
        "```\n1\n```\ngives\n```\n2\n```",
        "```python\nprint('an example')\n```",
        "```text\n2\n```",
    ] {
        let answer = format!("The idea:\n{}For example\n{behind}", fenced("python", reads));
        assert_eq!(found(&of_output, &answer).as_deref(), Some(reads), "{answer}");
    }
    for (answer, program) in [
        ("```python\n    return a\n```", Some("    return a\n")),
        ("    return 1\n```\nand so on", Some("    return 1\n")),
        ("```js\nfunction add(a, b) {}\n```", Some("function add(a, b) {}\n")),
        ("```python\n```", None),
        ("<think>it is def add(a, b): return 1", None),
        ("def add(a, b):\n    return '</think>'", Some("def add(a, b):\n    return '</think>'\n")),
        ("def add(a, b):\n    return a\n<|im_end|>", Some("def add(a, b):\n    return a\n<|im_end|>\n")),
        (
            "'''\nIt adds two numbers.\n'''\ndef add(a, b): pass",
            Some("'''\nIt adds two numbers.\n'''\ndef add(a, b): pass\n"),
        ),
    ] {
        assert_eq!(found(&of_check, answer).as_deref(), program, "{answer}");
    }
}

#[test]
fn arguments_of_calls_are_lists_or_lines_of_json() {
    let call = |inputs: Value, outputs: Value| {
        tests(json!({ "input_output": { "fn_name": "f", "inputs": inputs, "outputs": outputs } }))
    };
    let passed = |tests: &Tests, program: &str| judged(tests, &[(program, "passed", "")]);
    let failed = |tests: &Tests, program: &str| judged(tests, &[(program, "failed-test", "")]);
    let add = call(json!(["[1,2]\n3", "[]\n-1"]), json!(["[4,5]", "[]"]));
    passed(&add, "class Solution:\n    def f(self, a: List[int], k: int):\n        return [x + k for x in a]");
    failed(&add, "def f(a, k): return [[x + k for x in a]]");
    passed(&call(json!(["\"abc\""]), json!(["\"cba\""])), "def f(s):\n    print('debug')\n    return s[::-1]");
    passed(&call(json!(["1"]), json!(["null"])), "def f(x): pass");
    passed(&call(json!(["1"]), json!(["true"])), "def f(x): return 1");
    passed(&call(json!(["{\"1\": 2}"]), json!(["{\"1\": 2}"])), "def f(d): return {int(k): v for k, v in d.items()}");
    judged(&call(json!(["1"]), json!(["null"])), &[("def f(x): raise ValueError('no')", "error", "ValueError: no")]);
    // As `numpy.allclose`, and no further; integers are exact.
    let third = call(json!([[1], [2]]), json!([0.33333333, [0.66666667]]));
    passed(&third, "def f(x): return x / 3 if x == 1 else [x / 3]");
    failed(&third, "def f(x): return 0.334 if x == 1 else [x / 3]");
    failed(&call(json!([[1]]), json!([1000000])), "def f(x): return 1000000.5");
    failed(&call(json!([[1]]), json!(["1"])), "def f(x): return 1");
    let why = |inputs: Value| {
        let record = json!({ "input_output": { "fn_name": "f", "inputs": inputs, "outputs": [1] } });
        Tests::of(&super::record(record)).expect_err("refused")
    };
    assert_eq!(why(json!(["a b"])), "`input_output` calls `f` with \"a b\", which is no list of arguments");
    assert_eq!(why(json!([3])), "`input_output` calls `f` with 3, which is no list of arguments");
}

#[test]
fn tests_are_lists_or_texts_and_none_is_none() {
    let right = [("def f(x): return 2 * x", "passed", "")];
    for list in [
        json!(["assert f(3) == 6", ""]),
        json!("[\"assert f(3) == 6\"]"),
        json!("assert f(3) == 6\nassert f(0) == 0"),
        json!(["# only a comment"]),
    ] {
        judged(&tests(json!({ "test_list": list })), &right);
    }
    let why = |value: Value| Tests::of(&record(value)).expect_err("refused");
    assert_eq!(why(json!({ "input_output": "{" })).split(':').next(), Some("`input_output` is no JSON"));
    assert_eq!(
        why(json!({ "input_output": { "inputs": ["1"], "outputs": [] } })),
        "`input_output` with 1 inputs and 0 outputs"
    );
    assert_eq!(why(json!({ "input_output": { "inputs": [], "outputs": [] } })), "`input_output` without a test");
    assert_eq!(why(json!({ "test_list": [1] })), "a `test_list` that holds no texts");
    for list in [json!([]), json!([""]), json!([" \n", ""])] {
        assert_eq!(why(json!({ "test_list": list })), "a `test_list` without a test");
    }
    assert_eq!(Tests::of(&record(json!({ "question": "2 + 2?", "answer": "4" }))), Ok(None));
    assert_eq!(Tests::of(&record(json!({ "test_list": null, "answer": "4" }))), Ok(None));
}
