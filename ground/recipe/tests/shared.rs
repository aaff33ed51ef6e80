//! Tables of settings that several parts share, and the names that their settings once had.

use recipe::{Describe, Override, Read, RecipeFault, Registry, Renamed, Shared, explain_part, read_shared};
use serde::Deserialize;
use serde_json::json;

recipe::part! {
    /// How gradients become steps.
    pub struct Optimizer = "optimizer", version 1 {
        /// Peak learning rate.
        pub lr: Option<f64> = None, "each learner's own";
        /// The rule.
        pub rule: String = "adamw".into(), "ours";
    }
}

recipe::part! {
    /// Imitates.
    pub struct Imitate = "imitate", version 1 {
        /// Passes.
        pub epochs: f64 = 2.0, "ours";
        /// How gradients become steps.
        pub optimizer: Optimizer = Optimizer { lr: Some(1e-3), ..Optimizer::default() }, "ours: small models" as table "recipe::plain";
    }
}

recipe::part! {
    /// Prefers.
    pub struct Prefer = "prefer", version 1 {
        /// How gradients become steps.
        pub optimizer: Optimizer = Optimizer::default(), "ours" as table "recipe::plain";
    }
}

recipe::parts! {
    /// Learners.
    pub enum Learner { Imitate(Imitate), Prefer(Prefer) }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Recipe {
    learn: Learner,
    base: Option<Base>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Base {
    learn: Imitate,
}

const SHARED: Shared = Shared {
    key: "learn",
    parts: <Learner as Registry>::NAMES,
    tables: &["optimizer"],
    older: &[("optimizer", "optimizer", "rule"), ("lr", "optimizer", "lr")],
};

fn read(source: &str, overrides: &[&str]) -> Result<Read<Recipe>, RecipeFault> {
    let overrides: Vec<Override> = overrides.iter().map(|text| Override::parse(text).expect("an override")).collect();
    read_shared("r.toml", source, &overrides, &[SHARED], &[])
}

/// Name, rate and rule of the learner.
fn learner(source: &str, overrides: &[&str]) -> (&'static str, Option<f64>, String) {
    match read(source, overrides).expect("a recipe").value.learn {
        Learner::Imitate(part) => ("imitate", part.optimizer.lr, part.optimizer.rule),
        Learner::Prefer(part) => ("prefer", part.optimizer.lr, part.optimizer.rule),
    }
}

#[test]
fn older_names_are_read_and_told_and_the_text_has_the_new_ones() {
    let old =
        "learn = { imitate = { lr = 0.5, optimizer = \"sgd\", epochs = 1.0 } }\nbase = { learn = { lr = 0.25 } }\n";
    let found = read(old, &[]).expect("a recipe");
    let Learner::Imitate(part) = &found.value.learn else { panic!("{found:?}") };
    assert_eq!((part.optimizer.lr, part.optimizer.rule.as_str(), part.epochs), (Some(0.5), "sgd", 1.0));
    assert_eq!(found.value.base.expect("a base").learn.optimizer.lr, Some(0.25));
    let told = [("lr", "lr"), ("optimizer", "rule")];
    let told = told.map(|(older, name)| Renamed { older, table: "optimizer", name });
    assert_eq!(found.renamed, told);
    let again = read(&found.text, &[]).expect("its own text");
    assert_eq!((again.renamed, again.text), (Vec::new(), found.text));
}

#[test]
fn a_set_reaches_the_table_of_whatever_learner_stands_there() {
    for (source, name) in [("learn = \"prefer\"\n", "prefer"), ("learn = { imitate = { epochs = 1.0 } }\n", "imitate")]
    {
        assert_eq!(learner(source, &["learn.optimizer.lr=0.5"]), (name, Some(0.5), "adamw".to_owned()));
        assert_eq!(learner(source, &["learn.lr=0.5"]), (name, Some(0.5), "adamw".to_owned()), "and by the older name");
        assert_eq!(learner(source, &["learn.optimizer={ lr = 0.5, rule = \"sgd\" }"]).2, "sgd");
        let path = format!("learn.{name}.optimizer.lr=0.5");
        assert_eq!(learner(source, &[&path]), (name, Some(0.5), "adamw".to_owned()));
    }
}

#[test]
fn what_is_said_last_holds_by_either_name() {
    let nested = "learn = { imitate = { optimizer = { lr = 0.5 } } }\n";
    assert_eq!(learner(nested, &["learn.imitate.lr=0.25"]).1, Some(0.25));
    assert_eq!(learner(nested, &["learn.imitate.lr=0.25", "learn.imitate.optimizer.lr=0.125"]).1, Some(0.125));
    assert_eq!(learner(nested, &["learn.imitate.optimizer=sgd"]), ("imitate", Some(0.5), "sgd".to_owned()));
    assert_eq!(learner(nested, &["learn={ prefer = { lr = 0.25 } }"]), ("prefer", Some(0.25), "adamw".to_owned()));
}

#[test]
fn both_names_in_one_file_are_refused_and_misspellings_are_found_where_they_stand() {
    let both = "learn = { imitate = { optimizer = { lr = 0.5 }, lr = 0.25 } }\n";
    let fault = read(both, &[]).expect_err("two things are said");
    assert_eq!(fault.to_string(), "`lr` is the older name of `optimizer.lr`, which stands here too");
    let fault = read("learn = { imitate = { optimizer = { lrr = 0.5 } } }\n", &[]).expect_err("misspelt");
    assert_eq!(fault.to_string(), "unknown key `lrr`");
    let fault = read("learn = { imitate = { lr = \"fast\" } }\n", &[]).expect_err("no number");
    assert!(faults::Fault::picture(&fault).is_some_and(|picture| picture.contains("^^^^^^")), "{fault}");
}

#[test]
fn fingerprints_have_the_older_names_and_explain_shows_what_is_a_learners_own() {
    let nested = Imitate { optimizer: Optimizer { rule: "sgd".into(), ..Imitate::default().optimizer }, epochs: 2.0 };
    let flat = SHARED.flattened(&json!([{ "deep": nested.values() }]));
    assert_eq!(flat, json!([{ "deep": { "epochs": 2.0, "lr": 1e-3, "optimizer": "sgd" } }]));
    let explained = explain_part(&nested);
    let settings: Vec<(&str, bool, &str)> =
        explained.settings.iter().map(|one| (one.name.as_str(), one.changed, one.source)).collect();
    let wanted =
        [("epochs", false, "ours"), ("optimizer.lr", false, "ours: small models"), ("optimizer.rule", true, "ours")];
    assert_eq!(settings, wanted);
}
