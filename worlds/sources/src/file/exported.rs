//! Records that reasoning-gym exports: their data set's name says how answers are judged there.

use serde_json::{Map, Value};

use super::columns::find;

/// Data sets whose answers are right if they are the reference letter by letter.
const EXACT: [&str; 33] = [
    "acre",
    "aiw",
    "arc_1d",
    "base_conversion",
    "basic_arithmetic",
    "bf",
    "binary_alternation",
    "caesar_cipher",
    "count_bits",
    "count_primes",
    "course_schedule",
    "gcd",
    "isomorphic_strings",
    "largest_island",
    "lcm",
    "leg_counting",
    "letter_counting",
    "list_functions",
    "mahjong_puzzle",
    "maze",
    "modulo_grid",
    "number_filtering",
    "number_sequence",
    "ransom_note",
    "rotate_matrix",
    "rotten_oranges",
    "simple_equations",
    "simple_geometry",
    "string_manipulation",
    "string_splitting",
    "string_synthesis",
    "syllogism",
    "word_sequence_reversal",
];

/// Data sets whose answers are compared as numbers.
const NUMBERS: [&str; 4] = ["chain_sum", "decimal_chain_sum", "gsm_symbolic", "products"];

/// Whether a record is one of reasoning-gym that is judged letter by letter. One whose data set
/// judges answers by a program of its own is refused: another comparison would give other verdicts.
pub(super) fn is_exact(record: &Map<String, Value>) -> Result<bool, String> {
    let named = find(record, "metadata").and_then(|about| about.get("source_dataset")).and_then(Value::as_str);
    match named {
        None => Ok(false),
        Some(name) if EXACT.contains(&name) => Ok(true),
        Some(name) if NUMBERS.contains(&name) => Ok(false),
        Some(name) => Err(format!(
            "reasoning-gym judges the answers of `{name}` by a program of its own, which is not here; export data \
             sets that compare answers with one reference: {}, {}",
            NUMBERS.join(", "),
            EXACT.join(", ")
        )),
    }
}

/// What reasoning-gym reads of a response: what stands between the last tags `answer`, else all of
/// it.
pub(super) fn said(response: &str) -> &str {
    let tagged = response.rsplit_once("</answer>").and_then(|(before, _)| before.rsplit_once("<answer>"));
    tagged.map_or(response, |(_, said)| said).trim()
}
