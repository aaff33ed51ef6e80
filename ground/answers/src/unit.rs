//! Units of measure: what they are of, and how many of the base unit they hold.

use std::collections::BTreeMap;

use num_rational::BigRational;
use num_traits::{One, Pow};

/// A unit: a factor to base units, the powers of these, and the words that are no unit known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unit {
    pub(crate) factor: BigRational,
    pub(crate) dimensions: BTreeMap<&'static str, i32>,
    pub(crate) words: Vec<String>,
}

/// Names, numerator, denominator, dimension, its power. International definitions; a pound alone is of mass.
const UNITS: [(&str, i64, i64, &str, i32); 49] = [
    ("mm millimeter millimetre", 1, 1000, "metre", 1),
    ("cm centimeter centimetre", 1, 100, "metre", 1),
    ("dm decimeter decimetre", 1, 10, "metre", 1),
    ("m meter metre", 1, 1, "metre", 1),
    ("km kilometer kilometre", 1000, 1, "metre", 1),
    ("inch inches in", 127, 5000, "metre", 1),
    ("ft foot feet", 381, 1250, "metre", 1),
    ("yd yard", 1143, 1250, "metre", 1),
    ("mi mile", 201_168, 125, "metre", 1),
    ("mg milligram", 1, 1000, "gram", 1),
    ("g gram", 1, 1, "gram", 1),
    ("kg kilogram", 1000, 1, "gram", 1),
    ("tonne", 1_000_000, 1, "gram", 1),
    ("lb lbs pound", 45_359_237, 100_000, "gram", 1),
    ("oz ounce", 45_359_237, 1_600_000, "gram", 1),
    ("ms millisecond", 1, 1000, "second", 1),
    ("s sec second", 1, 1, "second", 1),
    ("min minute mins", 60, 1, "second", 1),
    ("h hr hour hrs", 3600, 1, "second", 1),
    ("day", 86_400, 1, "second", 1),
    ("week", 604_800, 1, "second", 1),
    ("month", 1, 1, "month", 1),
    ("year yr yrs", 12, 1, "month", 1),
    ("ml mL milliliter millilitre cc", 1, 1_000_000, "metre", 3),
    ("l L liter litre", 1, 1000, "metre", 3),
    ("hectare", 10_000, 1, "metre", 2),
    ("dollar usd", 1, 1, "dollar", 1),
    ("cent", 1, 100, "dollar", 1),
    ("dime", 1, 10, "dollar", 1),
    ("euro", 1, 1, "euro", 1),
    ("yen", 1, 1, "yen", 1),
    ("rupee", 1, 1, "rupee", 1),
    ("degree deg", 1, 1, "degree", 1),
    ("radian rad", 1, 1, "radian", 1),
    ("percent", 1, 100, "percent", 1),
    ("celsius", 1, 1, "celsius", 1),
    ("fahrenheit", 1, 1, "fahrenheit", 1),
    ("kelvin", 1, 1, "kelvin", 1),
    ("hz hertz", 1, 1, "second", -1),
    ("square_unit sq_unit", 1, 1, "unit", 2),
    ("unit", 1, 1, "unit", 1),
    ("dozen", 12, 1, "", 0),
    ("million", 1_000_000, 1, "", 0),
    ("billion", 1_000_000_000, 1, "", 0),
    ("thousand", 1000, 1, "", 0),
    ("hundred", 100, 1, "", 0),
    ("trillion", 1_000_000_000_000, 1, "", 0),
    ("mph", 1397, 3125, "speed", 1),
    ("kph kmh", 5, 18, "speed", 1),
];

/// The unit of a word, plurals included.
pub(crate) fn known(word: &str) -> Option<Unit> {
    let lower = word.to_lowercase();
    let named = |name: &str| UNITS.iter().find(|unit| unit.0.split(' ').any(|other| other == name));
    let single = lower.strip_suffix('s').filter(|single| single.len() > 2);
    let found = named(word).or_else(|| named(&lower)).or_else(|| named(single?))?;
    let mut dimensions = BTreeMap::new();
    match found.3 {
        "speed" => dimensions.extend([("metre", 1), ("second", -1)]),
        "" => {}
        dimension => dimensions.extend([(dimension, found.4)]),
    }
    Some(Unit { factor: BigRational::new(found.1.into(), found.2.into()), dimensions, words: Vec::new() })
}

impl Unit {
    /// No unit.
    pub(crate) fn none() -> Unit {
        Unit { factor: BigRational::one(), dimensions: BTreeMap::new(), words: Vec::new() }
    }

    /// The unit of a word, or the word itself, singular.
    pub(crate) fn of(word: &str) -> Unit {
        known(word).unwrap_or_else(|| {
            let lower = word.to_lowercase();
            let single = lower.strip_suffix('s').filter(|single| single.len() > 2).unwrap_or(&lower);
            Unit { words: vec![single.to_owned()], ..Unit::none() }
        })
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
}
