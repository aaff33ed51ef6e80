use nouns::{Task, Turn};

use super::operation::Operation;
use super::rational::Rational;
use super::rules::{Rules, Target};

/// Numbers and a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Puzzle {
    /// The numbers in the order in which they are presented.
    pub(crate) numbers: Vec<i64>,
    /// What is to be reached.
    pub(crate) target: i64,
}

impl Puzzle {
    /// The numbers as the verifier and the solver take them.
    pub(crate) fn values(&self) -> Vec<Rational> {
        self.numbers.iter().map(|&number| Rational::whole(number)).collect()
    }

    /// The target as the verifier and the solver take it.
    pub(crate) fn goal(&self) -> Rational {
        Rational::whole(self.target)
    }

    /// The canonical form: numbers in rising order, and the target where the game has several.
    pub(crate) fn id(&self, rules: &Rules) -> String {
        let mut sorted = self.clone();
        sorted.numbers.sort_unstable();
        sorted.words(rules)
    }

    /// What the model is shown, with the first operation of a solution if there is a hint.
    pub(crate) fn prompt(&self, rules: &Rules, hint: Option<Operation>) -> Vec<Turn> {
        let hint = hint.map(|operation| format!(" hint {operation}")).unwrap_or_default();
        vec![Turn::user(format!("{}{hint} :", self.words(rules)))]
    }

    /// The task: the puzzle in its canonical form.
    pub(crate) fn task(mut self, rules: &Rules) -> Task {
        self.numbers.sort_unstable();
        Task { world: rules.name.to_owned(), id: self.id(rules), prompt: self.prompt(rules, None) }
    }

    fn words(&self, rules: &Rules) -> String {
        let numbers: Vec<String> = self.numbers.iter().map(i64::to_string).collect();
        match rules.target {
            Target::Fixed(_) => numbers.join(" "),
            Target::Stated(_) => format!("{} to {}", numbers.join(" "), self.target),
        }
    }
}
