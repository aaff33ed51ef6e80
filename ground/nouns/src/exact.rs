//! What partial answers are exactly worth, by the world's oracle: what values that were learned or
//! inferred are held against, and what labelled steps are labelled with.

use crate::{Oracle, Task, World, quality, step_places};

/// One partial answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exact {
    /// Tokens of the answer up to here.
    pub length: usize,
    /// Whether every step so far is true and it can still become right; for a whole answer, whether
    /// it is right and every step true.
    pub good: bool,
    /// Its quality value: by the fewest steps to a right answer, and by whether each of its own
    /// steps was good.
    pub value: f64,
}

/// Each part of an answer that ends with a step, and all of it; none where the world cannot tell.
/// An answer that has `ended` has to be right. `decode` gives the text of tokens.
pub fn exact_values(
    world: &dyn World,
    oracle: &dyn Oracle,
    decode: &dyn Fn(&[u32]) -> String,
    task: &Task,
    (tokens, ended): (&[u32], bool),
) -> Option<Vec<Exact>> {
    // A right last step is one step, itself counted; so the root is one more than is to go.
    let (mut distance, mut before) = (oracle.steps_to_go(task, "")? + 1, 0.0);
    let mut found = Vec::new();
    for place in step_places(world, decode, tokens) {
        let text = decode(&tokens[..=place]);
        let good = oracle.promise(task, &text)? == 1.0;
        let open = !ended || place + 1 < tokens.len();
        let good = good && (open || oracle.judge(task, &text).is_right() == Some(true));
        if good {
            distance = oracle.steps_to_go(task, &text)? + 1;
        }
        before = quality(before, good, distance);
        found.push(Exact { length: place + 1, good, value: before });
    }
    Some(found)
}
