//! Where the steps of an answer end.

use crate::World;

/// The places of the tokens with which steps of an answer end, and of its last token. `decode`
/// gives the text of tokens.
pub fn step_places(world: &dyn World, decode: &dyn Fn(&[u32]) -> String, tokens: &[u32]) -> Vec<usize> {
    let ends = world.step_ends();
    let closes = |place: usize| {
        let text = decode(&tokens[place..=place]);
        ends.iter().any(|end| text.ends_with(end.as_str()))
    };
    (0..tokens.len()).filter(|&place| place + 1 == tokens.len() || closes(place)).collect()
}
