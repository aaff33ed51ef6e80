//! Names of the Hugging Face hub, where a folder was meant.

use std::path::{Path, PathBuf};

/// What to do about a folder that is not there and whose name is one of the hub's (`owner/name`);
/// nothing for any other.
pub(crate) fn hint(folder: &Path) -> Option<String> {
    let name = named(folder)?;
    if let Some(snapshot) = cached(&name, &cache()?) {
        return Some(format!("`{name}` was downloaded already: give its folder, {}", snapshot.display()));
    }
    let local = name.rsplit('/').next().unwrap_or(&name);
    Some(format!(
        "models are read from folders: `hf download {name} --local-dir {local}` fetches it from the Hugging Face hub; then give `./{local}`"
    ))
}

/// The name of a model on the hub, if the path can be one and nothing is there.
fn named(folder: &Path) -> Option<String> {
    let text = folder.to_str()?;
    let (owner, name) = text.split_once('/')?;
    let plain = |part: &str| {
        let letters = part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        !part.is_empty() && !part.starts_with('.') && letters
    };
    (plain(owner) && plain(name) && !folder.exists() && !Path::new(owner).exists()).then(|| text.to_owned())
}

/// Where `hf download` puts what it fetches.
fn cache() -> Option<PathBuf> {
    let var = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    var("HF_HUB_CACHE")
        .or_else(|| var("HF_HOME").map(|home| home.join("hub")))
        .or_else(|| var("HOME").map(|home| home.join(".cache/huggingface/hub")))
}

/// The folder of a downloaded model that has a configuration; of several, the last by name.
fn cached(name: &str, cache: &Path) -> Option<PathBuf> {
    let snapshots = cache.join(format!("models--{}", name.replace('/', "--"))).join("snapshots");
    let entries = std::fs::read_dir(snapshots).ok()?;
    let whole = entries.flatten().map(|entry| entry.path()).filter(|path| path.join("config.json").is_file());
    whole.max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_the_hub_is_told_from_a_path() {
        for name in ["HuggingFaceTB/SmolLM2-135M-Instruct", "Qwen/Qwen2.5-0.5B"] {
            assert_eq!(named(Path::new(name)).as_deref(), Some(name));
        }
        for path in ["./model", "/tmp/model", "model", "a/b/c", "../a", "a/", "a b/c", "src/missing"] {
            assert_eq!(named(Path::new(path)), None, "{path}");
        }
    }

    #[test]
    fn what_was_downloaded_is_found_in_the_cache() {
        let cache = tempfile::tempdir().expect("a folder");
        let snapshot = cache.path().join("models--owner--name/snapshots/0123");
        assert_eq!(cached("owner/name", cache.path()), None);
        std::fs::create_dir_all(&snapshot).expect("a folder");
        assert_eq!(cached("owner/name", cache.path()), None);
        std::fs::write(snapshot.join("config.json"), "{}").expect("written");
        assert_eq!(cached("owner/name", cache.path()), Some(snapshot));
    }
}
