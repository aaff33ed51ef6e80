use nouns::{Task, Turn};

use super::NAME;

/// The most digits an operand has.
const DIGITS: usize = 6;

/// What is done with two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Add,
    Subtract,
    Multiply,
}

impl Op {
    pub(crate) const ALL: [Op; 3] = [Op::Add, Op::Subtract, Op::Multiply];

    pub(crate) fn sign(self) -> char {
        match self {
            Op::Add => '+',
            Op::Subtract => '-',
            Op::Multiply => '*',
        }
    }
}

/// Two numbers and what is done with them. A difference is never negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) left: u32,
    pub(crate) op: Op,
    pub(crate) right: u32,
}

impl Problem {
    /// The larger number first: the order of a sum or product does not make another problem.
    pub(crate) fn new(one: u32, op: Op, other: u32) -> Problem {
        Problem { left: one.max(other), op, right: one.min(other) }
    }

    /// The problem on a line: `624 * 259` or `6 2 4 * 2 5 9 :`.
    pub(crate) fn read(text: &str) -> Result<Problem, String> {
        let text = text.trim_end().trim_end_matches(':');
        let found = Op::ALL.into_iter().find_map(|op| Some((op, text.split_once(op.sign())?)));
        let (op, (left, right)) = found.ok_or("there is no `+`, `-` or `*`")?;
        let (left, right) = (operand(left)?, operand(right)?);
        match op {
            Op::Subtract if left < right => Err("the first number is the smaller one".to_owned()),
            _ => Ok(Problem::new(left, op, right)),
        }
    }

    pub(crate) fn value(self) -> u64 {
        let (left, right) = (u64::from(self.left), u64::from(self.right));
        match self.op {
            Op::Add => left + right,
            Op::Subtract => left - right,
            Op::Multiply => left * right,
        }
    }

    /// The canonical form.
    pub(crate) fn id(self) -> String {
        let Problem { left, op, right } = self;
        format!("{left} {} {right}", op.sign())
    }

    /// The same with a word per digit.
    pub(crate) fn spelled(self) -> String {
        let Problem { left, op, right } = self;
        format!("{} {} {}", spelled(left), op.sign(), spelled(right))
    }

    /// What the model is shown; a hint is the value.
    pub(crate) fn prompt(self, hint: Option<u64>) -> Vec<Turn> {
        let hint = hint.map(|value| format!(" hint {}", spelled(value))).unwrap_or_default();
        vec![Turn::user(format!("{}{hint} :", self.spelled()))]
    }

    pub(crate) fn task(self) -> Task {
        Task { world: NAME.to_owned(), id: self.id(), prompt: self.prompt(None) }
    }
}

/// The digits of a number as words, and its sign.
pub(crate) fn spelled(number: impl ToString) -> String {
    let digits: Vec<String> = number.to_string().chars().map(String::from).collect();
    digits.join(" ")
}

/// A number of digits with or without spaces between them.
fn operand(text: &str) -> Result<u32, String> {
    let digits: String = text.split_whitespace().collect();
    let plain = !digits.is_empty() && digits.len() <= DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
    let value = if plain { digits.parse().ok() } else { None };
    value.ok_or_else(|| format!("`{}` is not a number of one to {DIGITS} digits", text.trim()))
}
