//! Methods by name, or recipes by path.

use std::io::{self, Read};
use std::path::Path;

use faults::Outcome;
use recipe::nearest;
use repeat::Recipe;

use crate::fault::CliFault;

/// The longest recipe, in bytes: a device that never ends is none.
const LONGEST: u64 = 1 << 20;

/// The text of a recipe.
pub(crate) struct Method {
    /// Its name: its file's.
    pub(crate) name: String,
    /// What errors call its file.
    pub(crate) file: String,
    /// Its text.
    pub(crate) source: String,
}

/// The method of that name, or the recipe at that path.
pub(crate) fn find(typed: &str) -> Result<Method, CliFault> {
    if let Some((name, source)) = repeat::recipe_named(typed) {
        let (name, source) = (name.to_owned(), source.to_owned());
        return Ok(Method { file: format!("recipes/{name}.toml"), name, source });
    }
    let path = Path::new(typed);
    let is_path = path.extension().is_some_and(|extension| extension == "toml") || typed.contains(['/', '\\']);
    if is_path || path.is_file() { read(path) } else { Err(unknown(typed)) }
}

fn read(path: &Path) -> Result<Method, CliFault> {
    let mut source = String::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(LONGEST + 1).read_to_string(&mut source));
    let too_long = || io::Error::new(io::ErrorKind::InvalidData, "it is longer than 1 MiB, and no recipe");
    let source = read.and_then(|length| if length as u64 > LONGEST { Err(too_long()) } else { Ok(source) });
    let source = source.map_err(|source| CliFault::RecipeFile { path: path.to_owned(), source })?;
    let name = path.file_stem().map_or_else(|| "recipe".to_owned(), |stem| stem.to_string_lossy().into_owned());
    Ok(Method { name, file: path.display().to_string(), source })
}

fn unknown(typed: &str) -> CliFault {
    let known: Vec<String> = repeat::library().iter().map(|(name, _)| (*name).to_owned()).collect();
    let nearest = nearest(typed, &known).map(str::to_owned);
    CliFault::UnknownMethod { name: typed.to_owned(), nearest }
}

impl Method {
    /// The recipe with overrides laid over it, its text with them in it, and what was called by
    /// older names.
    pub(crate) fn with(&self, settings: &[String]) -> Outcome<recipe::Read<Recipe>> {
        Recipe::with_settings(&self.file, &self.source, settings)
    }

    /// The first line of its header: what it is, in short.
    pub(crate) fn summary(&self) -> String {
        recipe::header(&self.source).lines().next().unwrap_or_default().to_owned()
    }
}
