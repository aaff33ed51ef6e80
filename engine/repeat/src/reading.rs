use ::recipe::{Override, Read, RecipeFault, read_shared};

use crate::recipe::Recipe;

/// Keys of older recipes, and what they are called now.
const FORMER: [(&str, &str); 1] = [("roles", "models")];

/// Reads a recipe with overrides laid over it, as [`recipe::read`](::recipe::read()) does, knowing
/// the tables of settings that learners share and the names that their settings once had.
pub fn read_recipe(name: &str, source: &str, overrides: &[Override]) -> Result<Read<Recipe>, RecipeFault> {
    read_shared(name, source, overrides, &[learn::SHARED], &FORMER)
}
