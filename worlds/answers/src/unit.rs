//! Units of measure: what they are of, and how many of the base units they hold.

use std::collections::BTreeMap;

use num_rational::BigRational;
use num_traits::{One, Pow};

/// A unit: a factor to base units, the powers of these, and the words that are no unit known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unit {
    pub(crate) factor: BigRational,
    pub(crate) dimensions: BTreeMap<&'static str, i32>,
    pub(crate) words: Vec<String>,
    /// What words such as `million` and `dozen` multiply the number by: it is part of the number
    /// and is never left out.
    pub(crate) scale: BigRational,
}

/// Whole names, numerator, denominator, what it is of. International and United States customary
/// definitions; a pound alone is of mass.
const NAMED: [(&str, i64, i64, &str); 61] = [
    ("inch inches in", 127, 5000, "metre"),
    ("ft foot feet", 381, 1250, "metre"),
    ("yd yard", 1143, 1250, "metre"),
    ("mi mile", 201_168, 125, "metre"),
    ("micron", 1, 1_000_000, "metre"),
    ("kilo", 1000, 1, "gram"),
    ("fortnight", 1_209_600, 1, "second"),
    ("millennium millennia", 12_000, 1, "month"),
    ("tonne", 1_000_000, 1, "gram"),
    ("lb lbs pound", 45_359_237, 100_000, "gram"),
    ("oz ounce", 45_359_237, 1_600_000, "gram"),
    ("sec", 1, 1, "second"),
    ("min minute mins", 60, 1, "second"),
    ("h hr hour hrs", 3600, 1, "second"),
    ("day", 86_400, 1, "second"),
    ("week", 604_800, 1, "second"),
    ("month", 1, 1, "month"),
    ("year yr yrs", 12, 1, "month"),
    ("decade", 120, 1, "month"),
    ("century", 1200, 1, "month"),
    ("cc", 1, 1_000_000, "metre3"),
    ("hectare ha", 10_000, 1, "metre2"),
    ("acre", 40_468_564_224, 10_000_000, "metre2"),
    ("gallon gal", 473_176_473, 125_000_000_000, "metre3"),
    ("quart qt", 473_176_473, 500_000_000_000, "metre3"),
    ("pint pt", 473_176_473, 1_000_000_000_000, "metre3"),
    ("cup", 473_176_473, 2_000_000_000_000, "metre3"),
    ("tablespoon tbsp", 473_176_473, 32_000_000_000_000, "metre3"),
    ("teaspoon tsp", 157_725_491, 32_000_000_000_000, "metre3"),
    ("dollar usd buck", 1, 1, "dollar"),
    ("cent penny pennies", 1, 100, "dollar"),
    ("nickel", 5, 100, "dollar"),
    ("dime", 10, 100, "dollar"),
    ("euro eur", 1, 1, "euro"),
    ("gbp sterling quid", 1, 1, "sterling"),
    ("yen jpy", 1, 1, "yen"),
    ("rupee inr", 1, 1, "rupee"),
    ("yuan rmb cny", 1, 1, "yuan"),
    ("won krw", 1, 1, "won"),
    ("rouble ruble rub", 1, 1, "rouble"),
    ("degree deg", 1, 1, "degree"),
    ("arcminute", 1, 60, "degree"),
    ("arcsecond", 1, 3600, "degree"),
    ("radian rad rads", 1, 1, "radian"),
    ("revolution rev turn", 1, 1, "revolution"),
    ("rpm", 1, 60, "revolution second-1"),
    ("percent pct percentage", 1, 100, "percent"),
    ("celsius centigrade", 1, 1, "celsius"),
    ("fahrenheit", 1, 1, "fahrenheit"),
    ("square_unit sq_unit", 1, 1, "unit2"),
    ("unit", 1, 1, "unit"),
    ("mph", 1397, 3125, "metre second-1"),
    ("kph kmh", 5, 18, "metre second-1"),
    ("knot", 463, 900, "metre second-1"),
    ("cal calorie", 4184, 1, "gram metre2 second-2"),
    ("kcal kilocalorie", 4_184_000, 1, "gram metre2 second-2"),
    ("atm atmosphere", 101_325_000, 1, "gram metre-1 second-2"),
    ("bar", 100_000_000, 1, "gram metre-1 second-2"),
    ("Wh", 3_600_000, 1, "gram metre2 second-2"),
    ("kWh", 3_600_000_000, 1, "gram metre2 second-2"),
    ("rps", 1, 1, "revolution second-1"),
];

/// Symbol, names, factor, what it is of: units of the International System, which take its
/// prefixes.
const METRIC: [(&str, &str, i64, &str); 19] = [
    ("m", "meter metre", 1, "metre"),
    ("g", "gram gramme", 1, "gram"),
    ("s", "second", 1, "second"),
    ("A", "ampere amp", 1, "ampere"),
    ("K", "kelvin", 1, "kelvin"),
    ("mol", "mole", 1, "mole"),
    ("N", "newton", 1000, "gram metre second-2"),
    ("J", "joule", 1000, "gram metre2 second-2"),
    ("W", "watt", 1000, "gram metre2 second-3"),
    ("Pa", "pascal", 1000, "gram metre-1 second-2"),
    ("Hz", "hertz", 1, "second-1"),
    ("C", "coulomb", 1, "ampere second"),
    ("V", "volt", 1000, "gram metre2 second-3 ampere-1"),
    ("Ω", "ohm", 1000, "gram metre2 second-3 ampere-2"),
    ("F", "farad", 1, "ampere2 gram-1 metre-2 second4 thousandth"),
    ("T", "tesla", 1000, "gram second-2 ampere-1"),
    ("L", "liter litre", 1, "metre3 thousandth"),
    ("l", "liter litre", 1, "metre3 thousandth"),
    ("eV", "electronvolt", 1, "electronvolt"),
];

/// Prefixes: symbol, name, power of ten.
const PREFIXES: [(&str, &str, i32); 13] = [
    ("k", "kilo", 3),
    ("M", "mega", 6),
    ("G", "giga", 9),
    ("T", "tera", 12),
    ("h", "hecto", 2),
    ("d", "deci", -1),
    ("c", "centi", -2),
    ("m", "milli", -3),
    ("μ", "micro", -6),
    ("µ", "micro", -6),
    ("u", "micro", -6),
    ("n", "nano", -9),
    ("p", "pico", -12),
];

/// Words that are part of a number.
const SCALES: [(&str, i64); 8] = [
    ("dozen", 12),
    ("score", 20),
    ("hundred", 100),
    ("thousand", 1000),
    ("million", 1_000_000),
    ("billion", 1_000_000_000),
    ("bn", 1_000_000_000),
    ("trillion", 1_000_000_000_000),
];

/// The unit of a word, plurals included.
pub(crate) fn known(word: &str) -> Option<Unit> {
    metric(word).or_else(|| named(word)).or_else(|| {
        let lower = word.to_lowercase();
        let long = word.chars().count() > 1;
        let single = singular(&lower);
        let either = |word: &str| named(word).or_else(|| spelled(word));
        long.then(|| either(&lower).or_else(|| either(&single))).flatten()
    })
}

/// Whether a word is a unit wherever it stands, and not only after a number: no symbol of few
/// letters.
pub(crate) fn is_word(word: &str) -> bool {
    let long = word.chars().count() > 2
        || matches!(word, "cm" | "mm" | "km" | "kg" | "mg" | "ml" | "mL" | "ft" | "lb" | "oz" | "hr");
    long && known(word).is_some()
}

fn named(word: &str) -> Option<Unit> {
    if let Some((_, scale)) = SCALES.iter().find(|(name, _)| *name == word) {
        return Some(Unit { scale: whole(*scale), ..Unit::none() });
    }
    let (_, top, bottom, of) = NAMED.iter().find(|unit| unit.0.split(' ').any(|name| name == word))?;
    Some(Unit::made(BigRational::new((*top).into(), (*bottom).into()), of))
}

/// `kPa`, `μm`, `Ω`.
fn metric(word: &str) -> Option<Unit> {
    let plain = |word: &str| METRIC.iter().find(|(symbol, ..)| *symbol == word);
    if let Some((_, _, factor, of)) = plain(word) {
        return Some(Unit::made(whole(*factor), of));
    }
    PREFIXES.iter().find_map(|(prefix, _, power)| {
        let (_, _, factor, of) = plain(word.strip_prefix(prefix)?)?;
        Some(Unit::made(whole(*factor) * ten(*power), of))
    })
}

/// `kilopascal`, `metre`.
fn spelled(word: &str) -> Option<Unit> {
    let plain = |word: &str| METRIC.iter().find(|(_, names, ..)| names.split(' ').any(|name| name == word));
    if let Some((_, _, factor, of)) = plain(word) {
        return Some(Unit::made(whole(*factor), of));
    }
    PREFIXES.iter().find_map(|(_, prefix, power)| {
        let (_, _, factor, of) = plain(word.strip_prefix(prefix)?)?;
        Some(Unit::made(whole(*factor) * ten(*power), of))
    })
}

fn whole(value: i64) -> BigRational {
    BigRational::from_integer(value.into())
}

fn ten(power: i32) -> BigRational {
    Pow::pow(&whole(10), power)
}

/// A noun in the singular, in lower case.
fn singular(word: &str) -> String {
    const IRREGULAR: [(&str, &str); 13] = [
        ("centuries", "century"),
        ("children", "child"),
        ("people", "person"),
        ("men", "man"),
        ("women", "woman"),
        ("mice", "mouse"),
        ("geese", "goose"),
        ("teeth", "tooth"),
        ("feet", "foot"),
        ("knives", "knife"),
        ("leaves", "leaf"),
        ("loaves", "loaf"),
        ("dice", "die"),
    ];
    let word = word.to_lowercase();
    if let Some((_, single)) = IRREGULAR.iter().find(|(many, _)| *many == word) {
        return (*single).to_owned();
    }
    if let Some(stem) = word.strip_suffix("ies").filter(|stem| stem.chars().count() > 1) {
        return format!("{stem}y");
    }
    if let Some(stem) = word.strip_suffix("es").filter(|stem| {
        stem.ends_with(['x', 'z'])
            || stem.ends_with("ch")
            || stem.ends_with("sh")
            || stem.ends_with("ss")
            || stem.ends_with("to")
    }) {
        return stem.to_owned();
    }
    word.strip_suffix('s')
        .filter(|single| single.chars().count() > 2 && !single.ends_with('s'))
        .unwrap_or(&word)
        .to_owned()
}

impl Unit {
    /// No unit.
    pub(crate) fn none() -> Unit {
        Unit { factor: BigRational::one(), dimensions: BTreeMap::new(), words: Vec::new(), scale: BigRational::one() }
    }

    fn made(mut factor: BigRational, of: &'static str) -> Unit {
        let mut dimensions = BTreeMap::new();
        for part in of.split(' ') {
            if part == "thousandth" {
                factor /= whole(1000);
                continue;
            }
            let at = part.find(|letter: char| letter == '-' || letter.is_ascii_digit()).unwrap_or(part.len());
            dimensions.insert(&part[..at], part[at..].parse().unwrap_or(1));
        }
        Unit { factor, dimensions, ..Unit::none() }
    }

    /// The unit of a word, or the word itself, singular.
    pub(crate) fn of(word: &str) -> Unit {
        known(word).unwrap_or_else(|| Unit { words: vec![singular(word)], ..Unit::none() })
    }

    /// A power of a unit; `power` is small.
    pub(crate) fn power(mut self, power: i32) -> Unit {
        self.dimensions.values_mut().for_each(|own| *own = own.saturating_mul(power));
        self.factor = Pow::pow(&self.factor, power);
        self
    }

    /// The product of two.
    pub(crate) fn times(mut self, other: Unit) -> Unit {
        self.factor *= other.factor;
        self.scale *= other.scale;
        for (dimension, power) in other.dimensions {
            *self.dimensions.entry(dimension).or_default() += power;
        }
        self.dimensions.retain(|_, power| *power != 0);
        self.words.extend(other.words);
        self
    }

    /// Whether it is `%`, `°`, or another that is of one dimension of this name.
    pub(crate) fn is(&self, dimension: &str) -> bool {
        self.dimensions.len() == 1 && self.dimensions.get(dimension) == Some(&1)
    }

    /// Whether nothing is measured and nothing counted.
    pub(crate) fn is_none(&self) -> bool {
        self.dimensions.is_empty() && self.words.is_empty()
    }

    /// Whether it is a currency.
    pub(crate) fn is_currency(&self) -> bool {
        ["dollar", "euro", "sterling", "yen", "rupee", "yuan", "won", "rouble"].iter().any(|name| self.is(name))
    }
}
