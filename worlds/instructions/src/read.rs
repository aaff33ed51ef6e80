//! Instructions as a record of IFEval has them: `instruction_id_list` and `kwargs`.

use regex::{Regex, RegexBuilder};
use serde_json::{Map, Value};

use crate::asks::{Amount, Asks};
use crate::instruction::Instruction;

/// What can be wrong with an instruction.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InstructionFault {
    /// It is none that is known.
    #[error("`{0}` is no instruction that can be verified")]
    Unknown(String),
    /// It lacks what it asks for.
    #[error("the instruction `{id}` needs `{argument}`, {kind}")]
    Argument {
        /// The instruction.
        id: String,
        /// The argument that is missing or wrong.
        argument: &'static str,
        /// What it should be.
        kind: &'static str,
    },
}

/// The instructions of a record: their names, and what each asks for, in the same order.
pub fn instructions(names: &[&str], arguments: &[Map<String, Value>]) -> Result<Vec<Instruction>, InstructionFault> {
    let none = Map::new();
    let one = |(place, name): (usize, &&str)| {
        let given = Arguments { id: name, values: arguments.get(place).unwrap_or(&none) };
        asks(name, &given).map(Instruction)
    };
    names.iter().enumerate().map(one).collect()
}

fn asks(id: &str, given: &Arguments) -> Result<Asks, InstructionFault> {
    Ok(match id {
        "punctuation:no_comma" => Asks::NoComma,
        "startend:quotation" => Asks::Quotation,
        "startend:end_checker" => Asks::EndsWith(given.text("end_phrase")?.trim().to_lowercase()),
        "detectable_format:title" => Asks::Title,
        "detectable_format:json_format" => Asks::Json,
        "detectable_format:constrained_response" => Asks::OneOfThree,
        "detectable_format:number_highlighted_sections" => Asks::Highlights(given.number("num_highlights")?),
        "detectable_format:number_bullet_lists" => Asks::Bullets(given.number("num_bullets")?),
        "detectable_format:multiple_sections" => {
            let mark = given.text("section_spliter")?.trim();
            Asks::Sections(pattern(&format!(r"\s?{mark}\s?\d+\s?"), mark, false), given.number("num_sections")?)
        }
        "detectable_content:number_placeholders" => Asks::Placeholders(given.number("num_placeholders")?),
        "detectable_content:postscript" => Asks::Postscript(postscript(given.text("postscript_marker")?.trim())),
        "combination:two_responses" => Asks::TwoResponses,
        "combination:repeat_prompt" => Asks::RepeatPrompt(given.text("prompt_to_repeat")?.trim().to_lowercase()),
        "change_case:english_lowercase" => Asks::Lowercase,
        "change_case:english_capital" => Asks::Capitals,
        "change_case:capital_word_frequency" => {
            Asks::CapitalWords(given.amount("capital_relation", "capital_frequency")?)
        }
        "language:response_language" => Asks::Language(given.text("language")?.to_owned()),
        "keywords:existence" => Asks::Keywords(given.words("keywords")?.iter().map(|word| keyword(word)).collect()),
        "keywords:forbidden_words" => {
            let bounded = |word: &String| pattern(&format!(r"\b{word}\b"), word, true);
            Asks::Forbidden(given.words("forbidden_words")?.iter().map(bounded).collect())
        }
        "keywords:frequency" => {
            Asks::Keyword(keyword(given.text("keyword")?.trim()), given.amount("relation", "frequency")?)
        }
        "keywords:letter_frequency" => {
            let letter = given.text("letter")?.trim().to_lowercase().chars().next();
            let letter = letter.ok_or_else(|| given.missing("letter", "a letter"))?;
            Asks::Letter(letter, given.amount("let_relation", "let_frequency")?)
        }
        "length_constraints:number_words" => Asks::Words(given.amount("relation", "num_words")?),
        "length_constraints:number_sentences" => Asks::Sentences(given.amount("relation", "num_sentences")?),
        "length_constraints:number_paragraphs" => Asks::Paragraphs(given.number("num_paragraphs")?),
        "length_constraints:nth_paragraph_first_word" => Asks::ParagraphBegins {
            paragraphs: given.number("num_paragraphs")?,
            which: given.number("nth_paragraph")? as usize,
            word: given.text("first_word")?.to_lowercase(),
        },
        other => return Err(InstructionFault::Unknown(other.to_owned())),
    })
}

/// What an instruction is given.
struct Arguments<'a> {
    id: &'a str,
    values: &'a Map<String, Value>,
}

impl Arguments<'_> {
    fn missing(&self, argument: &'static str, kind: &'static str) -> InstructionFault {
        InstructionFault::Argument { id: self.id.to_owned(), argument, kind }
    }

    fn text(&self, argument: &'static str) -> Result<&str, InstructionFault> {
        self.values.get(argument).and_then(Value::as_str).ok_or_else(|| self.missing(argument, "a text"))
    }

    /// A whole number; tables write it as `3.0`.
    fn number(&self, argument: &'static str) -> Result<u64, InstructionFault> {
        let value = self.values.get(argument).and_then(Value::as_f64).filter(|value| *value >= 0.0);
        value.map(|value| value as u64).ok_or_else(|| self.missing(argument, "a number"))
    }

    fn words(&self, argument: &'static str) -> Result<Vec<String>, InstructionFault> {
        let listed = self.values.get(argument).and_then(Value::as_array);
        let words = listed.map(|items| items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect());
        words.ok_or_else(|| self.missing(argument, "a list of texts"))
    }

    fn amount(&self, relation: &'static str, number: &'static str) -> Result<Amount, InstructionFault> {
        match self.text(relation)? {
            "less than" => Ok(Amount::Fewer(self.number(number)?)),
            "at least" => Ok(Amount::AtLeast(self.number(number)?)),
            _ => Err(self.missing(relation, "`less than` or `at least`")),
        }
    }
}

/// A keyword is a pattern, as the reference takes it.
fn keyword(word: &str) -> Regex {
    pattern(word, word, true)
}

/// A pattern; of one that is none, the text that it is made for, as it is written.
fn pattern(pattern: &str, plain: &str, any_case: bool) -> Regex {
    let build = |pattern: &str| RegexBuilder::new(pattern).case_insensitive(any_case).multi_line(true).build();
    build(pattern).or_else(|_| build(&regex::escape(plain))).expect("an escaped text is a pattern")
}

fn postscript(mark: &str) -> Regex {
    match mark {
        "P.P.S" => pattern(r"\s*p\.\s?p\.\s?s.*$", mark, false),
        "P.S." => pattern(r"\s*p\.\s?s\..*$", mark, false),
        other => pattern(&format!(r"\s*{}.*$", other.to_lowercase()), other, false),
    }
}
