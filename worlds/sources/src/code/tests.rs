//! The tests that a record carries.

use serde_json::{Map, Value, json};

use super::extract::{self, Wanted, defines};
use crate::rows::whole;

/// How a program is tested.
#[derive(Clone, Debug, PartialEq)]
pub enum Tests {
    /// HumanEval: a prompt that the answer goes on with or replaces, and code that defines `check`.
    Check {
        /// What is shown, which is Python.
        prompt: String,
        /// Code that defines `check(candidate)`.
        test: String,
        /// The function's name.
        entry_point: String,
    },
    /// MBPP: assertions.
    Asserts {
        /// Code that runs before them.
        setup: String,
        /// Each an assertion.
        asserts: Vec<String>,
        /// The reference solution, if the record has one: nothing but the names that it defines is
        /// looked at.
        reference: String,
    },
    /// APPS: what a program prints when it reads this.
    Streams(Vec<(String, String)>),
    /// APPS with a function: arguments and results.
    Calls {
        /// The function's name; it may be a method of a class `Solution`.
        name: String,
        /// Arguments and the result that is expected.
        cases: Vec<(Vec<Value>, Value)>,
        /// Whether what is expected may stand in a list of one, as in some records of APPS.
        wrapped: bool,
    },
}

impl Tests {
    /// The tests of a record, if it has any; an error if it has and they cannot be read.
    pub fn of(record: &Map<String, Value>) -> Result<Option<Tests>, String> {
        let text = |name: &str| record.get(name).and_then(Value::as_str).map(str::to_owned);
        let list = |name: &str| record.get(name).and_then(Value::as_array).filter(|list| !list.is_empty());
        let nothing = |name: &str| record.get(name).is_none_or(|value| value.is_null() || value == "");
        if let (Some(test), Some(entry_point)) = (text("test"), text("entry_point")) {
            return Ok(Some(Tests::Check { prompt: text("prompt").unwrap_or_default(), test, entry_point }));
        }
        if !nothing("test_list") {
            let asserts = listed(&record["test_list"]).ok_or("a `test_list` that holds no texts")?;
            if asserts.iter().all(|assert| assert.trim().is_empty()) {
                return Err("a `test_list` without a test".to_owned());
            }
            let imports = list("test_imports").into_iter().flatten().filter_map(Value::as_str);
            let setup =
                text("test_setup_code").into_iter().chain(imports.map(str::to_owned)).collect::<Vec<_>>().join("\n");
            let reference = text("code").unwrap_or_default();
            return Ok(Some(Tests::Asserts { setup, asserts, reference }));
        }
        match record.get("input_output") {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
            Some(Value::String(text)) => {
                let value = serde_json::from_str(&whole(text))
                    .map_err(|error| format!("`input_output` is no JSON: {error}"))?;
                pairs(&value).map(Some)
            }
            Some(value) => pairs(value).map(Some),
        }
    }

    /// The tests of a record that is the text of a JSON object. Whole numbers keep their digits.
    pub fn read(record: &str) -> Result<Option<Tests>, String> {
        let record = serde_json::from_str(&whole(record)).map_err(|error| format!("not a JSON object: {error}"))?;
        Tests::of(&record)
    }

    /// What a model is shown, of what the record says is asked.
    pub fn prompt(&self, asked: &str) -> String {
        match self {
            Tests::Check { prompt, .. } => prompt.clone(),
            // The words of the MBPP paper, arXiv 2108.07732, figure 2.
            Tests::Asserts { asserts, .. } => {
                format!("{}\nYour code should pass these tests:\n\n{}\n", asked.trim(), asserts.join("\n"))
            }
            Tests::Streams(_) | Tests::Calls { .. } => asked.to_owned(),
        }
    }

    /// The program that an answer gives, without what surrounds it; none if it gives none.
    pub fn program(&self, answer: &str) -> Option<String> {
        let names = |names| Wanted::Names { names, may_go_on: self.entry().is_some() };
        let wanted = match self {
            Tests::Check { entry_point, .. } => names(vec![entry_point.as_str()]),
            Tests::Calls { name, .. } => names(vec![name.as_str()]),
            Tests::Asserts { asserts, .. } => names(asserts.iter().flat_map(|assert| called(assert)).collect()),
            Tests::Streams(_) => Wanted::Output,
        };
        extract::program(answer, &wanted)
    }

    /// The function that is tested, if tests say which.
    pub fn entry(&self) -> Option<&str> {
        match self {
            Tests::Check { entry_point, .. } => Some(entry_point),
            Tests::Calls { name, .. } => Some(name),
            Tests::Asserts { .. } | Tests::Streams(_) => None,
        }
    }

    /// What the tests' process is told; `None` if there is no function to call.
    pub(super) fn task(&self, program: &str) -> Option<Value> {
        let own = if let Tests::Asserts { reference, .. } = self { reference } else { "" };
        let task = |prompt: &str, source: String, before: &str, steps: Value, check: bool| {
            json!({
                "prompt": prompt, "source": source, "before": before, "steps": steps, "check": check, "own": own,
                "entry": self.entry(),
            })
        };
        match self {
            Tests::Check { prompt, test, entry_point } => {
                // A whole definition replaces the prompt's; anything else goes on where the prompt ends.
                let source = if defines(program, entry_point) { program.to_owned() } else { prompt.clone() + program };
                Some(task(prompt, source, "", json!([test]), true))
            }
            Tests::Asserts { setup, asserts, .. } => {
                Some(task(setup, program.to_owned(), setup, json!(asserts), false))
            }
            Tests::Calls { cases, wrapped, .. } => {
                let cases: Vec<Value> = cases.iter().map(|(given, gives)| json!([given, gives, wrapped])).collect();
                Some(task(LEETCODE, program.to_owned(), "", json!(cases), false))
            }
            Tests::Streams(_) => None,
        }
    }
}

/// Tests as a list of texts, or as the text of such a list, or as one text of Python.
fn listed(tests: &Value) -> Option<Vec<String>> {
    match tests {
        Value::Array(list) => list.iter().map(|test| test.as_str().map(str::to_owned)).collect(),
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(list @ Value::Array(_)) => listed(&list),
            _ => Some(vec![text.clone()]),
        },
        _ => None,
    }
}

/// The names that a text of Python calls, but for methods.
fn called(code: &str) -> Vec<&str> {
    let letter = |letter: char| letter.is_alphanumeric() || letter == '_';
    let before = code.match_indices('(').map(|(place, _)| code[..place].trim_end());
    let name = before.filter_map(|text| {
        let start = text.char_indices().rev().take_while(|(_, found)| letter(*found)).last()?.0;
        (!text[..start].ends_with('.')).then(|| &text[start..])
    });
    name.collect()
}

/// What solutions of LeetCode's kind take for granted.
const LEETCODE: &str =
    "from typing import *\nfrom collections import *\nimport math, heapq, bisect, itertools, functools, re";

/// APPS's `input_output`: inputs and outputs, and perhaps the name of a function.
fn pairs(value: &Value) -> Result<Tests, String> {
    let list = |name: &str| value[name].as_array().ok_or_else(|| format!("`input_output` without a list `{name}`"));
    let (inputs, outputs) = (list("inputs")?, list("outputs")?);
    if inputs.is_empty() && outputs.is_empty() {
        return Err("`input_output` without a test".to_owned());
    }
    if inputs.len() != outputs.len() {
        return Err(format!("`input_output` with {} inputs and {} outputs", inputs.len(), outputs.len()));
    }
    if let Some(name) = value["fn_name"].as_str().filter(|name| !name.is_empty()) {
        let no_arguments =
            |given: &Value| format!("`input_output` calls `{name}` with {given}, which is no list of arguments");
        let case = |(input, output): (&Value, &Value)| match input {
            Value::Array(arguments) => Ok((arguments.clone(), output.clone())),
            // LiveCodeBench writes JSON, one argument a line, and what is expected as JSON as well.
            Value::String(text) => {
                let lines = text.lines().filter(|line| !line.trim().is_empty());
                let argument = |line| serde_json::from_str(&whole(line));
                let arguments = lines.map(argument).collect::<Result<_, _>>().map_err(|_| no_arguments(input))?;
                let read = |text: &String| serde_json::from_str(&whole(text)).unwrap_or_else(|_| output.clone());
                Ok((arguments, if let Value::String(text) = output { read(text) } else { output.clone() }))
            }
            other => Err(no_arguments(other)),
        };
        let cases = inputs.iter().zip(outputs).map(case).collect::<Result<Vec<_>, _>>()?;
        let wrapped = inputs.iter().all(Value::is_array);
        return Ok(Tests::Calls { name: name.to_owned(), cases, wrapped });
    }
    let text = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Array(lines) => {
            let said = |line: &Value| line.as_str().or_else(|| line["$int"].as_str()).map(str::to_owned);
            let lines = lines.iter().map(|line| said(line).unwrap_or_else(|| line.to_string()));
            Ok(lines.collect::<Vec<_>>().join("\n"))
        }
        Value::Number(number) => Ok(number.to_string()),
        Value::Object(number) if number.contains_key("$int") => {
            Ok(value["$int"].as_str().unwrap_or_default().to_owned())
        }
        other => Err(format!("`input_output` with {other}, which is no text")),
    };
    let pair = |(input, output): (&Value, &Value)| Ok::<_, String>((text(input)?, text(output)?));
    Ok(Tests::Streams(inputs.iter().zip(outputs).map(pair).collect::<Result<Vec<_>, _>>()?))
}
