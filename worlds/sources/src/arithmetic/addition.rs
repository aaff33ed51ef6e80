use nouns::{Task, Turn};

use super::NAME;

/// The most digits an operand has.
pub(crate) const DIGITS: usize = 5;

/// Two numbers to be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Addition {
    /// The first, as presented.
    pub(crate) left: u32,
    /// The second, as presented.
    pub(crate) right: u32,
}

impl Addition {
    /// The addition on a line: `624 + 259` or `6 2 4 + 2 5 9 :`.
    pub(crate) fn read(text: &str) -> Result<Addition, String> {
        let text = text.trim_end().trim_end_matches(':');
        let (left, right) = text.split_once('+').ok_or("there is no `+`")?;
        Ok(Addition { left: operand(left)?, right: operand(right)? })
    }

    /// The sum.
    pub(crate) fn sum(self) -> u32 {
        self.left + self.right
    }

    /// The larger number first: the order does not make another problem.
    pub(crate) fn canonical(self) -> Addition {
        Addition { left: self.left.max(self.right), right: self.left.min(self.right) }
    }

    /// The canonical form.
    pub(crate) fn id(self) -> String {
        let Addition { left, right } = self.canonical();
        format!("{left} + {right}")
    }

    /// What the model is shown, a word per digit; a hint is the sum.
    pub(crate) fn prompt(self, hint: Option<u32>) -> Vec<Turn> {
        let hint = hint.map(|sum| format!(" hint {}", spelled(sum))).unwrap_or_default();
        vec![Turn::user(format!("{} + {}{hint} :", spelled(self.left), spelled(self.right)))]
    }

    /// The task, in its canonical form.
    pub(crate) fn task(self) -> Task {
        Task { world: NAME.to_owned(), id: self.id(), prompt: self.canonical().prompt(None) }
    }

    /// The right answer with its scratchpad: the digits of each column from the right and what is
    /// carried into it, then what is carried out of it and the digit of the sum.
    pub(crate) fn derivation(self) -> String {
        let columns = self.left.max(self.right).to_string().len();
        let mut carry = 0;
        let columns = (0..columns as u32).map(|column| {
            let (left, right) = (digit(self.left, column), digit(self.right, column));
            let sum = left + right + carry;
            let line = format!("{left} + {right} + {carry} = {} {} ; ", sum / 10, sum % 10);
            carry = sum / 10;
            line
        });
        format!("{}answer {}", columns.collect::<String>(), spelled(self.sum()))
    }
}

/// The digits of a number as words.
pub(crate) fn spelled(number: u32) -> String {
    let digits: Vec<String> = number.to_string().chars().map(String::from).collect();
    digits.join(" ")
}

/// The digit that many places from the right.
fn digit(number: u32, place: u32) -> u32 {
    number / 10u32.pow(place) % 10
}

/// A number of digits with or without spaces between them.
fn operand(text: &str) -> Result<u32, String> {
    let digits: String = text.split_whitespace().collect();
    let plain = !digits.is_empty() && digits.len() <= DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
    let value = if plain { digits.parse().ok() } else { None };
    value.ok_or_else(|| format!("`{}` is not a number of one to {DIGITS} digits", text.trim()))
}
