use nouns::{Random, Task, Turn};

use super::{MODULUS, NAME};
use crate::numbers::number;

/// An operation on the running value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
}

impl Op {
    /// All of them.
    pub(crate) const ALL: [Op; 3] = [Op::Add, Op::Subtract, Op::Multiply];

    /// Its word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Op::Add => "+",
            Op::Subtract => "-",
            Op::Multiply => "*",
        }
    }

    /// The result, from 0 to 10.
    pub(crate) fn apply(self, left: i64, right: i64) -> i64 {
        match self {
            Op::Add => (left + right).rem_euclid(MODULUS),
            Op::Subtract => (left - right).rem_euclid(MODULUS),
            Op::Multiply => (left * right).rem_euclid(MODULUS),
        }
    }
}

/// A step whose result is another than the right one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slip {
    /// The step, from 0.
    pub(crate) step: usize,
    /// The result that is written down and used in the next step.
    pub(crate) result: i64,
}

/// A straight-line program: a value and what happens to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Program {
    /// The first value.
    pub(crate) start: i64,
    /// What happens to it, in order.
    pub(crate) steps: Vec<(Op, i64)>,
}

impl Program {
    /// The program on a line: `x = 7 ; + 5 ; * 3 ; - 4`, with or without `mod 11 :`, or just
    /// `7 + 5 * 3 - 4`.
    pub(crate) fn read(text: &str) -> Result<Program, String> {
        let spaced = ["+", "-", "*", ";", "="]
            .iter()
            .fold(text.to_owned(), |text, sign| text.replace(sign, &format!(" {sign} ")));
        let spaced = spaced.trim_end_matches([' ', ':']);
        let spaced = spaced.trim_end_matches(&format!(" mod {MODULUS}"));
        let words: Vec<&str> = spaced.split_whitespace().filter(|word| !["x", "=", ";"].contains(word)).collect();
        let Some((start, steps)) = words.split_first() else { return Err("it is empty".to_owned()) };
        let steps = steps.chunks(2).map(read_step).collect::<Result<Vec<_>, String>>()?;
        match steps.len() {
            1..=6 => Ok(Program { start: operand(start)?, steps }),
            count => Err(format!("a program has 1 to 6 steps, not {count}")),
        }
    }

    /// The value after each step.
    pub(crate) fn values(&self) -> Vec<i64> {
        self.values_with(None)
    }

    /// The value after each step, if one of them is taken wrongly.
    fn values_with(&self, slip: Option<Slip>) -> Vec<i64> {
        let values = self.steps.iter().enumerate().scan(self.start, |value, (step, &(op, operand))| {
            let right = op.apply(*value, operand);
            *value = slip.filter(|slip| slip.step == step).map_or(right, |slip| slip.result);
            Some(*value)
        });
        values.collect()
    }

    /// The value before each step.
    pub(crate) fn lefts(&self) -> Vec<i64> {
        let mut lefts = [vec![self.start], self.values()].concat();
        lefts.pop();
        lefts
    }

    /// The value after the last step.
    pub(crate) fn result(&self) -> i64 {
        self.values().last().copied().unwrap_or(self.start)
    }

    /// The canonical form.
    pub(crate) fn id(&self) -> String {
        let steps = self.steps.iter().map(|(op, operand)| format!(" ; {} {operand}", op.word()));
        format!("x = {}{}", self.start, steps.collect::<String>())
    }

    /// Its steps in runs within which they commute: sums and differences, or products.
    pub(crate) fn runs(&self) -> impl Iterator<Item = &[(Op, i64)]> {
        let multiplies = |step: &(Op, i64)| step.0 == Op::Multiply;
        self.steps.chunk_by(move |one, other| multiplies(one) == multiplies(other))
    }

    /// The same with the steps of each run in a drawn order.
    pub(crate) fn reordered(&self, random: &mut Random) -> Program {
        let mut runs: Vec<Vec<(Op, i64)>> = self.runs().map(<[_]>::to_vec).collect();
        runs.iter_mut().for_each(|run| random.shuffle(run));
        Program { start: self.start, steps: runs.concat() }
    }

    /// What the model is shown; a hint is the result, or a line of the tables.
    pub(crate) fn prompt(&self, hint: Option<&str>) -> Vec<Turn> {
        let hint = hint.map(|hint| format!(" hint {hint}")).unwrap_or_default();
        vec![Turn::user(format!("{} mod {MODULUS}{hint} :", self.id()))]
    }

    /// The task.
    pub(crate) fn task(&self) -> Task {
        Task { world: NAME.to_owned(), id: self.id(), prompt: self.prompt(None) }
    }

    /// The answer, every step written down: the right one, unless a step is taken wrongly.
    pub(crate) fn derivation(&self, slip: Option<Slip>) -> String {
        let values = self.values_with(slip);
        let last = values.last().copied().unwrap_or(self.start);
        let lefts = [vec![self.start], values].concat();
        let steps = self.steps.iter().zip(lefts.windows(2));
        let steps = steps.map(|((op, operand), pair)| format!("{} {} {operand} = {} ; ", pair[0], op.word(), pair[1]));
        format!("{}answer {last}", steps.collect::<String>())
    }
}

fn read_step(words: &[&str]) -> Result<(Op, i64), String> {
    match words {
        [op, value] => {
            let found = Op::ALL.into_iter().find(|candidate| candidate.word() == *op);
            Ok((found.ok_or_else(|| format!("`{op}` is not one of + - *"))?, operand(value)?))
        }
        _ => Err(format!("`{}` has no number after it", words.join(" "))),
    }
}

fn operand(word: &str) -> Result<i64, String> {
    let value = number(word).filter(|value| (0..MODULUS).contains(value));
    value.ok_or_else(|| format!("`{word}` is not a whole number from 0 to {}", MODULUS - 1))
}

#[cfg(test)]
mod tests {
    use nouns::Key;

    use super::*;

    #[test]
    fn steps_change_places_only_where_the_result_stays() {
        let program = Program::read("7 + 5 - 3 * 2 * 4 + 1").expect("a program");
        let others: Vec<Program> = (0..40).map(|n| program.reordered(&mut Key::root(n).random())).collect();
        assert!(others.iter().all(|other| other.result() == program.result() && other.steps[4] == program.steps[4]));
        let ways: std::collections::BTreeSet<String> = others.iter().map(|other| other.derivation(None)).collect();
        assert_eq!(ways.len(), 4, "two orders of the sums, two of the products");
    }
}
