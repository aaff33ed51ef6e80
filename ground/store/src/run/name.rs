use chrono::NaiveDate;
use nouns::Digest;

/// What a new run is.
#[derive(Clone, Copy, Debug)]
pub struct NewRun<'a> {
    /// The recipe's name.
    pub recipe: &'a str,
    /// The world or data set, or the file it comes from.
    pub world: &'a str,
    /// The recipe with every override in it.
    pub recipe_toml: &'a str,
    /// The run's seed.
    pub seed: u64,
}

/// The name of a run's folder: date (UTC), recipe, world, and four digits of a digest of recipe and
/// seed. `clash` counts the names that were taken already.
pub(super) fn run_name(date: NaiveDate, run: &NewRun, clash: u64) -> String {
    let fields = [run.recipe_toml.as_bytes(), &run.seed.to_le_bytes(), &clash.to_le_bytes()];
    let digest = Digest::of_fields(fields);
    let digits = digest.short().get(..4).unwrap_or_default();
    format!("{date}-{}-{}-{digits}", plain(run.recipe), plain(run.world))
}

pub(super) fn today() -> NaiveDate {
    chrono::Utc::now().date_naive()
}

/// A name with everything but letters and digits turned into single hyphens: worlds may be paths of
/// files.
fn plain(name: &str) -> String {
    let stem = std::path::Path::new(name).file_stem().and_then(|stem| stem.to_str()).unwrap_or(name);
    let words = stem.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let name = words.collect::<Vec<_>>().join("-").to_ascii_lowercase();
    name.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run<'a>(recipe_toml: &'a str, world: &'a str) -> NewRun<'a> {
        NewRun { recipe: "star", world, recipe_toml, seed: 7 }
    }

    #[test]
    fn a_name_is_a_date_a_recipe_a_world_and_four_digits() {
        let date = NaiveDate::from_ymd_opt(2026, 11, 24).expect("a day");
        let name = run_name(date, &run("rounds = 3", "game24"), 0);
        assert!(
            name.starts_with("2026-11-24-star-game24-") && name.len() == "2026-11-24-star-game24-7f3a".len(),
            "{name}"
        );
        assert_eq!(name, run_name(date, &run("rounds = 3", "game24"), 0));
        assert_ne!(name, run_name(date, &run("rounds = 4", "game24"), 0));
        assert_ne!(name, run_name(date, &run("rounds = 3", "game24"), 1));
        let from_file = run_name(date, &run("", "../My Data/Hard Puzzles.jsonl"), 0);
        assert!(from_file.starts_with("2026-11-24-star-hard-puzzles-"), "{from_file}");
    }
}
