//! The models that are known by name, and where they are kept.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// The list that the product reads, too: `--model NAME`.
const KNOWN: &str = include_str!("../../../models/networks/known.json");
/// The folder of models, instead of one below the user's cache.
const CACHE: &str = "AUTODIDACT_MODELS";

/// A model that a package ships.
pub(crate) struct Known {
    pub(crate) name: String,
    pub(crate) about: String,
    pub(crate) package: String,
    pub(crate) version: String,
    /// SHA-256 of the package's wheel, in hexadecimal digits.
    pub(crate) wheel_sha256: String,
    /// The folder within the wheel.
    pub(crate) folder: String,
    /// The file of weights within that folder.
    pub(crate) weights: String,
    pub(crate) weights_sha256: String,
}

impl Known {
    pub(crate) fn all() -> Vec<Known> {
        let json: Vec<Value> = serde_json::from_str(KNOWN).expect("a committed file");
        let text = |one: &Value, key: &str| one[key].as_str().expect("a text").to_owned();
        let known = |one: &Value| Known {
            name: text(one, "name"),
            about: text(one, "about"),
            package: text(one, "package"),
            version: text(one, "version"),
            wheel_sha256: text(one, "wheel_sha256"),
            folder: text(one, "folder"),
            weights: text(one, "weights"),
            weights_sha256: text(one, "weights_sha256"),
        };
        json.iter().map(known).collect()
    }

    pub(crate) fn named(name: &str) -> Result<Known, String> {
        let names: Vec<String> = Known::all().into_iter().map(|known| known.name).collect();
        let found = Known::all().into_iter().find(|known| known.name == name);
        found.ok_or_else(|| format!("no model is called `{name}`; there are {}", names.join(", ")))
    }

    /// Its folder.
    pub(crate) fn place(&self, cache: &Path) -> PathBuf {
        cache.join(&self.name)
    }

    /// Whether it was brought already. A folder is put there whole or not at all.
    pub(crate) fn is_in(&self, cache: &Path) -> bool {
        self.place(cache).join(&self.weights).is_file()
    }
}

/// Where models are kept: `$AUTODIDACT_MODELS`, or `autodidact/models` below the user's cache.
pub(crate) fn cache() -> Result<PathBuf, String> {
    let var = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let user = || var("XDG_CACHE_HOME").or_else(|| Some(var("HOME")?.join(".cache")));
    let place = var(CACHE).or_else(|| Some(user()?.join("autodidact/models")));
    place.ok_or_else(|| format!("there is no place for models: set {CACHE} to a folder"))
}
