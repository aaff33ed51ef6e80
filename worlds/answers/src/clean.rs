//! What a text says, whatever wrote it down: one sign for each meaning, what escaping broke mended,
//! and without drafts, control tokens and fences around it.

/// Sections in which a model thinks aloud; nothing in them is an answer.
const DRAFTS: [(&str, &str); 7] = [
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("<reasoning>", "</reasoning>"),
    ("<scratchpad>", "</scratchpad>"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("◁think▷", "◁/think▷"),
];

/// Tokens that end a text; what comes after them was not asked for.
const ENDS: [&str; 12] = [
    "</s>",
    "<|im_end|>",
    "<|endoftext|>",
    "<|eot_id|>",
    "<|end_of_text|>",
    "<|end|>",
    "<end_of_turn>",
    "<eos>",
    "<EOS>",
    "[EOS]",
    "<|end▁of▁sentence|>",
    "<｜end▁of▁sentence｜>",
];

/// A text as it is read.
pub(crate) fn clean(text: &str) -> String {
    let text = without_drafts(text);
    let text = without_tokens(&text);
    let text = unstyled(uncalculated(&unfenced(&text)));
    let text = folded(&unescaped(&unstruck(&text)));
    let text = unsmiling(&text).to_owned();
    let same = [
        ("^{\\prime}", "'"),
        ("^\\prime", "'"),
        ("US$", "$"),
        ("US\\$", "\\$"),
        ("Rs. ", "₹"),
        ("m\\angle", "\\angle"),
        ("m∠", "∠"),
        ("Ans. ", "Ans: "),
        ("greater than or equal to", "at least"),
        ("less than or equal to", "at most"),
    ];
    let text = same.iter().fold(text, |text, (form, other)| text.replace(form, other));
    unaligned(&measured(&text))
}

fn without_drafts(text: &str) -> String {
    let mut text = text.to_owned();
    for (open, close) in DRAFTS {
        // templates put the opening tag into the prompt: everything up to the last closing one is a draft
        if let Some(end) = text.rfind(close) {
            text = text[end + close.len()..].to_owned();
        }
        if let Some(start) = text.find(open) {
            text.truncate(start);
        }
    }
    text
}

fn without_tokens(text: &str) -> String {
    let end = ENDS.iter().filter_map(|token| text.find(token)).filter(|at| !text[..*at].trim().is_empty()).min();
    let mut rest = &text[..end.unwrap_or(text.len())];
    for token in ENDS.iter().chain(&["<s>", "<bos>", "<pad>", "[/INST]"]) {
        rest = rest.trim().strip_prefix(token).unwrap_or(rest);
    }
    let mut kept = String::new();
    while let Some(start) = rest.find("<|") {
        let end = rest[start..].find("|>").filter(|length| *length < 40);
        kept += &rest[..start];
        let Some(length) = end else {
            kept += "<|";
            rest = &rest[start + 2..];
            continue;
        };
        rest = &rest[start + length + 2..];
    }
    kept + rest
}

/// Without the lines that fence code.
fn unfenced(text: &str) -> String {
    if !text.contains("```") {
        return text.to_owned();
    }
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("```"));
    lines.collect::<Vec<_>>().join("\n")
}

/// Without the tags of HTML that only set off, where they are closed.
fn unstyled(mut text: String) -> String {
    for name in ["b", "strong", "i", "em", "u", "p", "span"] {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        if text.contains(&open) && text.contains(&close) {
            text = text.replace(&open, "").replace(&close, "");
        }
    }
    text
}

/// Without what is struck through in Markdown: `~~5~~ 6`.
fn unstruck(text: &str) -> String {
    let parts: Vec<&str> = text.split("~~").collect();
    let is_pairs =
        parts.len() > 1 && parts.len() % 2 == 1 && parts.iter().skip(1).step_by(2).all(|part| !part.is_empty());
    if is_pairs { parts.into_iter().step_by(2).collect() } else { text.to_owned() }
}

/// Without a smile at the end.
fn unsmiling(text: &str) -> &str {
    let smiles = [" :)", " :-)", " ;)", " ;-)", " :D", " =)"];
    smiles.iter().find_map(|smile| text.trim_end().strip_suffix(smile)).unwrap_or(text)
}

/// siunitx's `\SI{5}{\meter}` as `5\mathrm{\meter}`.
fn measured(text: &str) -> String {
    let mut text = text.replace("\\num{", "{");
    for name in ["\\SI{", "\\qty{"] {
        while let Some(at) = text.find(name) {
            let Some(close) = text[at..].find("}{").map(|length| at + length) else { break };
            text = format!("{}{}\\mathrm{{{}", &text[..at], &text[at + name.len()..close], &text[close + 2..]);
        }
    }
    text
}

/// Lines of an aligned display, one after another: one that begins with a relation goes on with
/// the one before.
fn unaligned(text: &str) -> String {
    let text = &unsystem(text);
    let names = [
        "align*",
        "align",
        "aligned",
        "gather*",
        "gather",
        "gathered",
        "equation*",
        "equation",
        "split",
        "eqnarray*",
        "eqnarray",
    ];
    let Some(name) = names.iter().find(|name| text.contains(&format!("\\begin{{{name}}}"))) else {
        return text.to_owned();
    };
    let (begin, end) = (format!("\\begin{{{name}}}"), format!("\\end{{{name}}}"));
    let Some((before, rest)) = text.split_once(&begin) else { return text.to_owned() };
    let (inside, after) = rest.split_once(&end).unwrap_or((rest, ""));
    let mut joined = String::new();
    for row in inside.split("\\\\") {
        let row = row.replace('&', " ");
        let row = row.trim();
        let goes_on = joined.is_empty()
            || row.starts_with(['=', '<', '>', '+', '-'])
            || row.starts_with("\\le")
            || row.starts_with("\\ge")
            || row.is_empty();
        joined += if goes_on { " " } else { ", " };
        joined += row;
    }
    format!("{before} {} {after}", joined.trim())
}

/// A system of equations in braces as equations side by side; where rows have conditions it is a
/// definition by cases, and stays.
fn unsystem(text: &str) -> String {
    for (begin, end) in [
        ("\\begin{cases}", "\\end{cases}"),
        ("\\begin{array}{l}", "\\end{array}"),
        ("\\begin{array}{c}", "\\end{array}"),
    ] {
        let Some((before, rest)) = text.split_once(begin) else { continue };
        let Some((inside, after)) = rest.split_once(end) else { continue };
        let rows: Vec<&str> = inside.split("\\\\").map(str::trim).filter(|row| !row.is_empty()).collect();
        let is_equation =
            |row: &&str| row.matches('=').count() == 1 && !row.contains(['&', ',']) && !row.contains("if");
        if rows.is_empty() || !rows.iter().all(is_equation) {
            continue;
        }
        let before = before.trim_end();
        let before = before.strip_suffix("\\left\\{").or_else(|| before.strip_suffix("\\{")).unwrap_or(before);
        let after = after.trim_start();
        let after = after.strip_prefix("\\right.").unwrap_or(after);
        return format!("{before} {} {after}", rows.join(", ")).trim().to_owned();
    }
    text.to_owned()
}

/// Without the calculations that GSM8K's solutions note between `<<` and `>>`.
fn uncalculated(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, (_, after))) =
        rest.split_once("<<").and_then(|(before, after)| Some((before, after.split_once(">>")?)))
    {
        kept += before;
        rest = after;
    }
    kept + rest
}

/// Commands that lost their backslash, or whose first letter became a control sign.
fn unescaped(text: &str) -> String {
    const LOST: [(&str, &str); 12] = [
        ("\u{8}oxed", "\\boxed"),
        ("\u{8}inom", "\\binom"),
        ("\u{8}egin", "\\begin"),
        ("\u{8}ar", "\\bar"),
        ("\u{c}rac", "\\frac"),
        ("\u{c}box", "\\fbox"),
        ("\text", "\\text"),
        ("\times", "\\times"),
        ("\tfrac", "\\tfrac"),
        ("\theta", "\\theta"),
        ("\tan", "\\tan"),
        ("\right", "\\right"),
    ];
    let mut text = LOST.iter().fold(text.to_owned(), |text, (broken, whole)| text.replace(broken, whole));
    if text.starts_with("oxed{") || text.contains(" oxed{") {
        text = text.replacen("oxed{", "\\boxed{", 1);
    }
    for name in ["boxed{", "fbox{"] {
        if let Some(at) = text.find(name)
            && !text[..at].ends_with(|letter: char| letter == '\\' || letter.is_alphabetic())
        {
            text.insert(at, '\\');
        }
    }
    // `\\` ends a row in front of a command only where there are rows
    if text.contains("\\begin") || text.contains('&') {
        return text;
    }
    let mut mended = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find("\\\\") {
        mended += &rest[..at];
        rest = &rest[at + 2..];
        let command = rest.starts_with(|letter: char| letter.is_ascii_alphabetic() || matches!(letter, '(' | '['));
        mended += if command { "\\" } else { "\\\\" };
    }
    mended + rest
}

/// Raised signs and what they raise.
const RAISED: &str = "⁰0¹1²2³3⁴4⁵5⁶6⁷7⁸8⁹9⁺+⁻-⁼=⁽(⁾)ⁿnⁱiᵃaᵇbᶜcᵈdᵉeᵏkᵐmᵖpᵗtˣxʸy";
/// Lowered ones.
const LOWERED: &str = "₀0₁1₂2₃3₄4₅5₆6₇7₈8₉9₊+₋-ₐaₑeₙnₖkᵢiⱼjₓxₘmₚpₜt";
/// Fractions that are one sign.
const FRACTIONS: [(char, &str); 18] = [
    ('½', "{1}{2}"),
    ('⅓', "{1}{3}"),
    ('⅔', "{2}{3}"),
    ('¼', "{1}{4}"),
    ('¾', "{3}{4}"),
    ('⅕', "{1}{5}"),
    ('⅖', "{2}{5}"),
    ('⅗', "{3}{5}"),
    ('⅘', "{4}{5}"),
    ('⅙', "{1}{6}"),
    ('⅚', "{5}{6}"),
    ('⅐', "{1}{7}"),
    ('⅛', "{1}{8}"),
    ('⅜', "{3}{8}"),
    ('⅝', "{5}{8}"),
    ('⅞', "{7}{8}"),
    ('⅑', "{1}{9}"),
    ('⅒', "{1}{10}"),
];

fn of_table(table: &str, letter: char) -> Option<char> {
    let letters: Vec<char> = table.chars().collect();
    letters.chunks(2).find(|pair| pair[0] == letter).map(|pair| pair[1])
}

/// One sign for each meaning.
fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter.is_ascii() {
            folded.push(letter);
            continue;
        }
        for (table, sign) in [(RAISED, '^'), (LOWERED, '_')] {
            let Some(first) = of_table(table, letter) else { continue };
            folded.push(sign);
            folded.push('{');
            folded.push(first);
            while let Some(next) = letters.peek().and_then(|next| of_table(table, *next)) {
                folded.push(next);
                letters.next();
            }
            folded.push('}');
            break;
        }
        if of_table(RAISED, letter).or(of_table(LOWERED, letter)).is_some() {
            continue;
        }
        if let Some((_, parts)) = FRACTIONS.iter().find(|(sign, _)| *sign == letter) {
            folded += "\\frac";
            folded += parts;
            continue;
        }
        match letter {
            // the full-width forms stand in the order of ASCII
            '\u{ff01}'..='\u{ff5e}' => {
                let plain = char::from_u32(letter as u32 - 0xfee0).unwrap_or(letter);
                folded.push(plain);
                // a sentence's sign is followed by a blank in other scripts, and so by one here
                let digit = |next: &char| next.is_ascii_digit() || ('０'..='９').contains(next);
                if matches!(plain, ',' | ';' | ':' | '.' | '!' | '?') && !letters.peek().is_some_and(digit) {
                    folded.push(' ');
                }
            }
            '。' => folded += ". ",
            '、' => folded += ", ",
            '\u{200b}' | '\u{200c}' | '\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{fe0f}' => {}
            '\u{3000}' => folded.push(' '),
            '﹣' | '‐' | '‑' | '‒' | '₋' => folded.push('-'),
            '⁄' | '∕' => folded.push('/'),
            '∛' => folded += "\\cbrt ",
            '∜' => folded += "\\sqrt[4]",
            '˚' | '∘' => folded.push('°'),
            '∨' => folded += "\\lor ",
            '∧' => folded += "\\land ",
            '¬' => folded += "\\neg ",
            '∩' => folded += "\\cap ",
            '→' | '⇒' => folded += "\\to ",
            '′' | '´' => folded.push('\''),
            '″' => folded.push('"'),
            '℃' => folded += "°C",
            '℉' => folded += "°F",
            '≡' => folded += "\\equiv ",
            '⌈' => folded += "\\lceil ",
            '⌉' => folded += "\\rceil ",
            '⌊' => folded += "\\lfloor ",
            '⌋' => folded += "\\rfloor ",
            '【' | '〔' => folded.push('['),
            '】' | '〕' => folded.push(']'),
            '«' | '»' | '「' | '」' => folded.push('"'),
            letter => folded.push(styled(letter).unwrap_or(letter)),
        }
    }
    folded
}

/// The plain form of a letter or digit that is bold, slanted, circled or boxed by itself.
fn styled(letter: char) -> Option<char> {
    let among = |first: char, count: u32| (letter as u32).checked_sub(first as u32).filter(|place| *place < count);
    let capital = |place: u32| char::from_u32('A' as u32 + place);
    let [circled, small] = [among('Ⓐ', 26), among('ⓐ', 26)];
    let boxed = [among('🄰', 26), among('🅐', 26), among('🅰', 26)];
    let alphabet = among('𝐀', 13 * 52).map(|place| place % 52);
    let digit = among('𝟎', 50).map(|place| '0' as u32 + place % 10);
    let of_alphabet = |place: u32| if place < 26 { capital(place) } else { char::from_u32('a' as u32 + place - 26) };
    circled
        .or_else(|| boxed.into_iter().flatten().next())
        .and_then(capital)
        .or_else(|| small.and_then(|place| char::from_u32('a' as u32 + place)))
        .or_else(|| alphabet.and_then(of_alphabet))
        .or_else(|| digit.and_then(char::from_u32))
}
