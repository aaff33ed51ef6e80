//! What letters, words and LaTeX commands stand for.

use super::token::Token;
use crate::tree::{Constant, Function, Relation};
use crate::{lexicon, unit};

/// Signs of plain text that have a LaTeX name or a token of their own.
pub(super) const PLAIN: [(char, &str); 37] = [
    ('₹', "rupee"),
    ('₩', "won"),
    ('₽', "rouble"),
    ('−', "-"),
    ('–', "-"),
    ('×', "times"),
    ('·', "times"),
    ('⋅', "times"),
    ('∗', "times"),
    ('÷', "div"),
    ('π', "pi"),
    ('√', "sqrt"),
    ('∞', "infty"),
    ('≤', "le"),
    ('⩽', "le"),
    ('≥', "ge"),
    ('⩾', "ge"),
    ('≠', "ne"),
    ('∪', "cup"),
    ('∈', "in"),
    ('±', "pm"),
    ('∓', "mp"),
    ('≈', "approx"),
    ('°', "degree"),
    ('€', "euro"),
    ('£', "pound"),
    ('¥', "yen"),
    ('∅', "emptyset"),
    ('ℝ', "reals"),
    ('∖', "setminus"),
    ('⟨', "langle"),
    ('⟩', "rangle"),
    ('∣', "mid"),
    ('∑', "sum"),
    ('∫', "int"),
    ('¢', "cents"),
    ('º', "degree"),
];

/// The token of a sign, if it means anything.
pub(super) fn sign(letter: char) -> Vec<Token> {
    let token = match letter {
        '(' | '[' => Token::Open(letter),
        ')' | ']' => Token::Close(letter),
        ',' => Token::Comma,
        ';' => Token::Semicolon,
        ':' => Token::Colon,
        '|' => Token::Bar,
        '^' => Token::Caret,
        '_' => Token::Underscore,
        '!' => Token::Bang,
        '\'' | '’' => Token::Prime,
        '+' => Token::Plus,
        '-' | '−' | '–' => Token::Minus,
        '*' => Token::Times,
        '/' => Token::Slash,
        '%' => Token::Sign("percent"),
        '‰' => Token::Unsupported,
        '=' => Token::Relation(Relation::Equal),
        '<' => Token::Relation(Relation::Less),
        '>' => Token::Relation(Relation::Greater),
        '&' => Token::Ampersand,
        '²' | '³' => {
            let power = if letter == '²' { 2 } else { 3 };
            return vec![Token::Caret, number(power)];
        }
        '½' | '¼' | '¾' => {
            let (top, bottom) = match letter {
                '½' => (1, 2),
                '¼' => (1, 4),
                _ => (3, 4),
            };
            return [
                Token::Fraction,
                Token::Open('{'),
                number(top),
                Token::Close('}'),
                Token::Open('{'),
                number(bottom),
                Token::Close('}'),
            ]
            .into();
        }
        '~' | '$' | '`' | '"' | '\u{201c}' | '\u{201d}' | '.' | '?' => return Vec::new(),
        letter if letter.is_whitespace() => return Vec::new(),
        letter => match PLAIN.iter().find(|(sign, _)| *sign == letter) {
            Some((_, name)) => return command(name).into_iter().collect(),
            None => Token::Word(letter.to_string()),
        },
    };
    vec![token]
}

fn number(value: i64) -> Token {
    Token::Number(num_rational::BigRational::from_integer(value.into()))
}

/// The tokens of letters that stand together.
pub(super) fn word(word: &str, in_text: bool) -> Vec<Token> {
    let lower = word.to_lowercase();
    if word.chars().count() > 1 {
        match lower.as_str() {
            "or" => return vec![Token::Or],
            "and" => return vec![Token::And],
            "mod" => return vec![Token::Mod],
            "union" => return vec![Token::Cup],
            "in" if !in_text => return vec![Token::Relation(Relation::In)],
            "inf" | "infinity" | "oo" => return vec![Token::Constant(Constant::Infinity)],
            "pi" | "sqrt" | "frac" | "cbrt" => return command(&lower).into_iter().collect(),
            _ => {}
        }
        if let Some(function) = function(&lower) {
            return vec![Token::Function(function)];
        }
    }
    let variables = word.chars().count() == 1
        || !in_text
            && !unit::is_word(word)
            && match word.len() {
                2 => {
                    !lexicon::is_closed(&lower)
                        && !matches!(
                            lower.as_str(),
                            "am" | "pm" | "sq" | "cu" | "us" | "it" | "he" | "my" | "go" | "do" | "ok"
                        )
                }
                3 => word == "abc" || lower.contains(['x', 'z']) && !lower.contains(['a', 'e', 'i', 'o', 'u']),
                _ => false,
            };
    if !variables {
        return vec![Token::Word(word.to_owned())];
    }
    word.chars().map(letter).collect()
}

fn letter(letter: char) -> Token {
    match letter {
        'e' => Token::Constant(Constant::E),
        'i' => Token::Constant(Constant::I),
        letter => Token::Name(letter.to_string()),
    }
}

fn function(name: &str) -> Option<Function> {
    Some(match name {
        "sin" => Function::Sin,
        "cos" => Function::Cos,
        "tan" => Function::Tan,
        "cot" => Function::Cot,
        "sec" => Function::Sec,
        "csc" => Function::Csc,
        "arcsin" | "asin" => Function::Arcsin,
        "arccos" | "acos" => Function::Arccos,
        "arctan" | "atan" => Function::Arctan,
        "sinh" => Function::Sinh,
        "cosh" => Function::Cosh,
        "tanh" => Function::Tanh,
        "ln" => Function::Ln,
        "log" | "lg" => Function::Log,
        "exp" => Function::Exp,
        "abs" => Function::Abs,
        "gcd" => Function::Gcd,
        "lcm" => Function::Lcm,
        "max" => Function::Max,
        "min" => Function::Min,
        "sgn" | "sign" => Function::Sign,
        "cis" => Function::Cis,
        "floor" => Function::Floor,
        "ceil" => Function::Ceil,
        _ => return None,
    })
}

/// The token of a LaTeX command; none if it only lays out. Greek letters are variables.
pub(super) fn command(name: &str) -> Option<Token> {
    Some(match name {
        "frac" | "dfrac" | "tfrac" | "cfrac" => Token::Fraction,
        "sqrt" => Token::Sqrt,
        "cbrt" => Token::Function(Function::Root),
        "binom" | "dbinom" | "tbinom" => Token::Binomial,
        "choose" => Token::Choose,
        "pi" => Token::Constant(Constant::Pi),
        "infty" | "infin" => Token::Constant(Constant::Infinity),
        "cdot" | "times" | "ast" => Token::Times,
        "div" => Token::Slash,
        "-" => Token::Minus,
        "pm" => Token::Either(true),
        "mp" => Token::Either(false),
        "le" | "leq" | "leqslant" | "leqq" => Token::Relation(Relation::LessEqual),
        "ge" | "geq" | "geqslant" | "geqq" => Token::Relation(Relation::GreaterEqual),
        "lt" => Token::Relation(Relation::Less),
        "gt" => Token::Relation(Relation::Greater),
        "ne" | "neq" => Token::Relation(Relation::NotEqual),
        "approx" | "thickapprox" | "simeq" => Token::Relation(Relation::Approximate),
        "equiv" => Token::Relation(Relation::Equal),
        "in" => Token::Relation(Relation::In),
        "cup" | "bigcup" => Token::Cup,
        "setminus" | "backslash" => Token::Without,
        "reals" | "R" | "Reals" => Token::Reals,
        "emptyset" | "varnothing" => Token::Empty,
        "langle" => Token::Open('<'),
        "rangle" => Token::Close('>'),
        "{" | "lbrace" => Token::Open('s'),
        "}" | "rbrace" => Token::Close('s'),
        "lfloor" => Token::Open('f'),
        "rfloor" => Token::Close('f'),
        "lceil" => Token::Open('c'),
        "rceil" => Token::Close('c'),
        "lbrack" => Token::Open('['),
        "rbrack" => Token::Close(']'),
        "lparen" => Token::Open('('),
        "rparen" => Token::Close(')'),
        "mid" | "vert" | "lvert" | "rvert" => Token::Bar,
        "colon" => Token::Colon,
        "\\" | "cr" => Token::Row,
        "%" => Token::Sign("percent"),
        "$" => Token::Sign("dollar"),
        "degree" | "circ" | "degrees" => Token::Sign("degree"),
        "euro" => Token::Sign("euro"),
        "pound" | "pounds" => Token::Sign("sterling"),
        "rupee" => Token::Sign("rupee"),
        "won" => Token::Sign("won"),
        "rouble" => Token::Sign("rouble"),
        "yen" => Token::Sign("yen"),
        "cents" | "cent" => Token::Sign("cent"),
        "bar" | "overline" => Token::Mark("bar"),
        "tilde" | "widetilde" => Token::Mark("tilde"),
        "hat" | "widehat" => Token::Mark("hat"),
        "dot" => Token::Mark("dot"),
        "ddot" => Token::Mark("ddot"),
        "neg" | "lnot" | "sim" => Token::Not,
        "cap" => Token::Cap,
        "bmod" | "mod" => Token::Mod,
        "pmod" => Token::Modulus,
        "Box" | "square" => Token::Name("_".to_owned()),
        "to" | "rightarrow" | "Rightarrow" | "implies" | "longrightarrow" | "Longrightarrow" => {
            Token::Relation(Relation::Implies)
        }
        "prime" => Token::Prime,
        "over" => Token::Over,
        "land" | "wedge" => Token::And,
        "lor" | "vee" => Token::Or,
        "sum" | "int" | "iint" | "oint" | "lim" | "prod" | "limsup" | "liminf" | "partial" | "nabla" | "|" | "Vert"
        | "cases" | "det" => Token::Unsupported,
        "alpha" | "beta" | "gamma" | "delta" | "epsilon" | "varepsilon" | "zeta" | "eta" | "theta" | "vartheta"
        | "iota" | "kappa" | "lambda" | "mu" | "nu" | "xi" | "rho" | "sigma" | "tau" | "upsilon" | "phi" | "varphi"
        | "chi" | "psi" | "omega" | "Gamma" | "Delta" | "Theta" | "Lambda" | "Xi" | "Pi" | "Sigma" | "Phi" | "Psi"
        | "Omega" | "ell" => Token::Name(name.to_owned()),
        "perp" | "parallel" | "subset" | "subseteq" | "supset" | "cong" => Token::Name(format!("\\{name}")),
        name => match function(name) {
            Some(function) => Token::Function(function),
            None if is_layout(name) => return None,
            None => Token::Unsupported,
        },
    })
}

/// Whether a command only lays out, or names what stands beside it. Any other that is not known may
/// change what is meant.
fn is_layout(name: &str) -> bool {
    const LAYOUT: &str = " left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr bigm Bigm displaystyle \
textstyle scriptstyle limits nolimits quad qquad hfill rm bf it sf tt em mathbf mathit mathcal mathbb mathfrak mathscr boldsymbol bm pmb \
vec overrightarrow mathstrut strut nonumber notag tag label hline boxed fbox framebox underline color noindent newline par \
centering smash mathop mathrel mathbin ensuremath enspace thinspace negthinspace medspace thickspace hskip mskip kern therefore because \
angle triangle checkmark blacksquare qed large Large small normalsize textup upright normalfont hspace vspace phantom textcolor space \
displaylines raise lower hphantom vphantom mathpunct mathclose mathopen ";
    !name.chars().all(char::is_alphabetic) || LAYOUT.split_ascii_whitespace().any(|other| other == name)
}
