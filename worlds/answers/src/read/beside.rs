//! What stands before a place decides whether letters there are a unit, a differential, or
//! variables.

use super::cut::Cutter;
use super::letters::command;
use super::token::Token;
use crate::tree::Constant;
use crate::unit;

impl Cutter<'_> {
    /// A single letter set off from a numeral at the end of a quantity is a unit: `5 m`, `300 K`.
    pub(super) fn unit_letter(&mut self) {
        let gap = |letter: &&char| matches!(**letter, ' ' | '~' | '\u{a0}');
        let blanks = self.letters[self.at..].iter().take_while(gap).count();
        let (letter, after) = (self.peek(blanks), self.peek(blanks + 1));
        let ends = matches!(after, '\0' | '/' | '^' | '.' | '·' | '⋅' | ')' | '\n' | '$')
            || after == ' ' && matches!(self.peek(blanks + 2), '/' | '\0' | '·' | '0'..='9');
        if blanks > 0 && ends && "mgsLlhNAVKCJWFTΩ".contains(letter) && letter != '\0' {
            self.push(Token::Word(letter.to_string()));
            self.at += blanks + 1;
        }
    }

    /// Whether what stands before this place is a value or a part of a unit, so that a unit may
    /// follow.
    pub(super) fn after_value(&self) -> bool {
        match self.found.as_slice() {
            [.., Token::Number(_) | Token::Constant(Constant::Pi) | Token::Sign(_)] => true,
            [.., Token::Close('}')] => {
                !self.found.iter().any(|token| matches!(token, Token::Relation(_) | Token::Begin))
            }
            [.., Token::Word(before)] | [.., Token::Word(before), Token::Slash | Token::Times | Token::Minus] => {
                is_unit(before) || before == "per"
            }
            [.., Token::Word(before), Token::Caret, Token::Number(_), Token::Slash | Token::Times] => is_unit(before),
            [.., Token::Number(_), Token::Fraction, Token::Open('{')] => true,
            [.., Token::Fraction, Token::Open('{'), Token::Word(before), Token::Close('}'), Token::Open('{')] => {
                is_unit(before)
            }
            _ => false,
        }
    }

    /// `dy` and `dx` of a derivative: `\frac{dy}{dx}`, `dy/dx`.
    pub(super) fn is_differential(&self, word: &str) -> bool {
        let of = |token: Option<&Token>| matches!(token, Some(Token::Name(name)) if name.len() <= 2 && name.starts_with('d'));
        let below = match self.found.as_slice() {
            [.., top, Token::Close('}'), Token::Open('{')] | [.., top, Token::Slash] => of(Some(top)),
            _ => false,
        };
        let rest: String = self.letters[self.at..].iter().take(4).collect();
        let above =
            rest.starts_with("}{d") || rest.starts_with("/d") && self.peek(3) != '\0' || rest == "/dx" || rest == "/dt";
        word.len() == 2 && word.starts_with('d') && (below || above)
    }

    /// A unit that is written as a command: `\Omega`, `\mu m`, siunitx's `\meter` and `\per`.
    pub(super) fn metric_command(&mut self, name: &str) -> bool {
        let word = match name {
            "per" => "per".to_owned(),
            "Omega" | "ohm" => "Ω".to_owned(),
            "mu" | "micro" => {
                let rest: String = self.letters[self.at..].iter().collect();
                let unit =
                    rest.trim_start_matches([' ', '~']).trim_start_matches("\\mathrm{").trim_start_matches("\\text{");
                let skipped = rest.chars().count() - unit.chars().count();
                let letters: String = unit.chars().take_while(|letter| letter.is_alphabetic()).collect();
                let word = format!("μ{letters}");
                if letters.is_empty() || unit::known(&word).is_none() {
                    return false;
                }
                let closes = usize::from(skipped > 2 && unit[letters.len()..].starts_with('}'));
                self.at += skipped + letters.chars().count() + closes;
                word
            }
            name if name.len() > 3
                && unit::known(name).is_some()
                && matches!(command(name), None | Some(Token::Unsupported)) =>
            {
                name.to_owned()
            }
            _ => return false,
        };
        self.found.push(Token::Word(word));
        true
    }
}

fn is_unit(word: &str) -> bool {
    unit::known(word).is_some()
}
