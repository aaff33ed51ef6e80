//! The environment: a desk with a calculator on it.

use nouns::{Action, Call, Content, Environment, Key, Observed, Oracle, Role, Task, Tool, Turn, Unsettled};
use serde_json::{Value, json};

use super::expression::evaluate;
use super::problem::spelled;

/// The tool's name.
pub(crate) const TOOL: &str = "calculator";

/// What a model reads whose call came to nothing.
const ERROR: &str = "error :";

/// The desk at which a problem is solved.
pub(crate) struct Desk<'a> {
    /// The right answers, if it may give rewards by them.
    pub(crate) oracle: Option<&'a dyn Oracle>,
    pub(crate) task: Option<Task>,
}

impl Environment for Desk<'_> {
    fn tools(&self) -> Vec<Tool> {
        vec![Tool {
            name: TOOL.into(),
            description: "Computes an expression of whole numbers with + - * and brackets, exactly.".into(),
            parameters: json!({
                "type": "object",
                "properties": { "expression": { "type": "string", "description": "For example 12 * (3 + 4)." } },
                "required": ["expression"],
            }),
        }]
    }

    fn reset(&mut self, _: &Key, task: &Task) -> Result<Vec<Turn>, Unsettled> {
        self.task = Some(task.clone());
        let tools = Turn { role: Role::System, content: Content(vec![nouns::Part::Tools(self.tools())]) };
        Ok(std::iter::once(tools).chain(task.prompt.iter().cloned()).collect())
    }

    /// A calculation is answered with its result, and is worth nothing by itself; what is said is
    /// the answer, right or wrong.
    fn step(&mut self, action: &Action) -> Result<Observed, Unsettled> {
        let task = self.task.as_ref().ok_or_else(|| Unsettled::EnvironmentFailed("it was not reset".into()))?;
        Ok(match action {
            Action::Call(call) => Observed {
                reward: self.oracle.map(|_| 0.0),
                ..Observed::result(Content::text(result(call).unwrap_or_else(|_| ERROR.into())))
            },
            Action::Say(answer) => {
                Observed::end(self.oracle.and_then(|oracle| oracle.judge(task, &answer.as_text()).reward()))
            }
        })
    }

    fn refusal(&self, _: &str) -> Content {
        Content::text(ERROR)
    }

    fn longest(&self) -> u32 {
        4
    }
}

/// What the calculator shows.
fn result(call: &Call) -> Result<String, String> {
    let expression = call.arguments.get("expression").and_then(Value::as_str).ok_or("there is no expression")?;
    Ok(shown(evaluate(expression)?))
}

/// A result, a word per digit.
pub(crate) fn shown(value: i128) -> String {
    format!("= {} :", spelled(value))
}

/// The call that computes an expression, in words that the world's models are made of.
pub(crate) fn written_call(expression: &str) -> String {
    format!("<tool_call> {{\"name\": \"{TOOL}\", \"arguments\": {{\"expression\": \" {expression} \"}}}} </tool_call>")
}
