//! Models that are known by name: those that `cargo xtask models` brings.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// The list, which `cargo xtask models` reads, too.
const KNOWN: &str = include_str!("../known.json");
/// The folder of models, instead of one below the user's cache.
const CACHE: &str = "AUTODIDACT_MODELS";

/// The place of a model that is known by name, if it was brought; any other path as it is. What is
/// there under the name goes before.
pub fn named(path: &Path) -> PathBuf {
    let found = || place(&entry(path)?, &cache()?);
    if path.exists() { path.to_owned() } else { found().unwrap_or_else(|| path.to_owned()) }
}

/// What to do about a model that is known by name and was not brought; nothing for any other.
pub(crate) fn hint(path: &Path) -> Option<String> {
    let known = entry(path)?;
    let (name, about) = (known["name"].as_str()?, known["about"].as_str()?);
    Some(format!("`cargo xtask models {name}`, typed where Autodidact's source is, brings {about}"))
}

/// The names, with what each is.
pub(crate) fn entries() -> Vec<Value> {
    serde_json::from_str(KNOWN).expect("a committed file")
}

fn entry(path: &Path) -> Option<Value> {
    let name = path.to_str()?;
    entries().into_iter().find(|known| known["name"] == name)
}

/// The file or folder of a known model, if it is in the cache.
fn place(known: &Value, cache: &Path) -> Option<PathBuf> {
    let folder = cache.join(known["name"].as_str()?);
    let whole = folder.join(known["weights"].as_str()?).is_file();
    let opens = known["opens"].as_str()?;
    whole.then(|| if opens.is_empty() { folder.clone() } else { folder.join(opens) })
}

fn cache() -> Option<PathBuf> {
    let var = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let user = || var("XDG_CACHE_HOME").or_else(|| Some(var("HOME")?.join(".cache")));
    var(CACHE).or_else(|| Some(user()?.join("autodidact/models")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_model_is_found_where_it_was_put() {
        let cache = tempfile::tempdir().expect("a folder");
        let entry = |name: &str| entry(Path::new(name)).expect("a known name");
        assert_eq!(place(&entry("smollm2"), cache.path()), None);
        for known in entries() {
            let folder = cache.path().join(known["name"].as_str().expect("a name"));
            std::fs::create_dir_all(&folder).expect("a folder");
            std::fs::write(folder.join(known["weights"].as_str().expect("a file")), "").expect("written");
        }
        let file = cache.path().join("smollm2/SmolLM2-135M-Instruct.Q4_1.gguf");
        assert_eq!(place(&entry("smollm2"), cache.path()), Some(file));
        assert_eq!(place(&entry("minilm"), cache.path()), Some(cache.path().join("minilm")));
    }

    #[test]
    fn a_path_stays_what_it_is_and_a_name_that_was_not_brought_says_how() {
        assert_eq!(named(Path::new("./smollm2")), Path::new("./smollm2"));
        assert_eq!(hint(Path::new("a/model")), None);
        let hint = hint(Path::new("smollm2")).expect("a hint");
        assert!(hint.contains("cargo xtask models smollm2"), "{hint}");
    }
}
