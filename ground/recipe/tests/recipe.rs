//! Reading recipes: every way to get one wrong, as a person sees it.

use faults::Fault;
use recipe::{Override, RecipeFault, read};
use serde::Deserialize;

recipe::part! {
    /// Several independent answers
    /// per task.
    pub struct Sample = "sample", version 2 {
        /// Answers per task.
        pub per_task: u32 = 16, "section 3: \"we draw 16\"";
        /// Softmax temperature; 0 is greedy.
        pub temperature: f32 = 0.7, "ours";
    }
}

recipe::part! {
    /// Once more, with the answer as a hint.
    pub struct Hint = "hint", version 1 {
        /// For which tasks.
        pub when: String = "wrong".to_owned(), "ours";
    }
}

recipe::part! {
    /// Keeps what is right.
    pub struct KeepRight = "keep_right", version 1 {}
}

recipe::part! {
    /// Masked cross-entropy on the answer, with a documentation that is long enough to be wrapped
    /// onto a second line.
    pub struct Imitate = "imitate", version 1 {
        /// The model that each round starts from.
        pub from: String = "base".to_owned(), "the paper, algorithm 1: \"we always train from the base\", which is long";
        /// Learning rate.
        pub lr: f32 = 1e-5, "ours";
    }
}

recipe::parts! {
    /// How the policy answers.
    pub enum AttemptPart { Sample(Sample), Hint(Hint) }
}

recipe::parts! {
    /// What teaches.
    pub enum ChoosePart { KeepRight(KeepRight) }
}

recipe::parts! {
    /// How the weights change.
    pub enum LearnPart { Imitate(Imitate) }
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Recipe {
    paper: String,
    attempt: Vec<AttemptPart>,
    choose: Vec<ChoosePart>,
    learn: LearnPart,
}

const STAR: &str = r#"# STaR: train on your own reasoning when it reaches the right answer;
#
# when it does not, try once more with the answer as a hint.
paper = "Zelikman et al. 2022" # not a header
attempt = [{ sample = { per_task = 1 } }, "hint"]
choose  = ["keep_right"]
learn   = { imitate = { lr = 1e-5 } }
"#;

fn read_with(source: &str, sets: &[&str]) -> Result<(Recipe, String), RecipeFault> {
    let overrides: Result<Vec<_>, _> = sets.iter().map(|set| Override::parse(set)).collect();
    read("recipes/star.toml", source, &overrides?)
}

/// What a person sees.
fn seen(source: &str, sets: &[&str]) -> String {
    match read_with(source, sets) {
        Ok(_) => "no error".to_owned(),
        Err(fault) => shown(&fault),
    }
}

fn shown(fault: &RecipeFault) -> String {
    format!("error: {fault}\n{}\nhint: {}", fault.picture().unwrap_or_default(), fault.hint().unwrap_or_default())
}

/// The recipe with one text in the place of another.
fn star(from: &str, to: &str) -> String {
    assert!(STAR.contains(from));
    STAR.replacen(from, to, 1)
}

mod errors {
    use super::*;

    #[test]
    fn not_toml() {
        insta::assert_snapshot!(seen(&star("\"hint\"]", "\"hint\""), &[]), @r#"
        error: not valid TOML: missing comma between array elements, expected `,`
         --> recipes/star.toml:6:1
          |
        6 | choose  = ["keep_right"]
          | ^
        hint: Text needs quotes, lists need `[ ]`, settings of a part need `{ }`.
        "#);
        insta::assert_snapshot!(seen(&star("{ lr = 1e-5 }", "{ lr = fast }"), &[]), @r"
        error: not valid TOML: invalid boolean, expected `false`
         --> recipes/star.toml:7:30
          |
        7 | learn   = { imitate = { lr = fast } }
          |                              ^^^^
        hint: Text needs quotes, lists need `[ ]`, settings of a part need `{ }`.
        ");
        insta::assert_snapshot!(seen(&star("choose ", "paper "), &[]), @r#"
        error: not valid TOML: duplicate key
         --> recipes/star.toml:6:1
          |
        6 | paper  = ["keep_right"]
          | ^^^^^
        hint: Text needs quotes, lists need `[ ]`, settings of a part need `{ }`.
        "#);
    }

    #[test]
    fn unknown_key_of_the_recipe() {
        insta::assert_snapshot!(seen(&star("choose ", "chose "), &[]), @r#"
        error: unknown key `chose`
         --> recipes/star.toml:6:1
          |
        6 | chose  = ["keep_right"]
          | ^^^^^ did you mean `choose`?
          = valid here: `paper`, `attempt`, `choose`, `learn`
        hint: `autodidact explain RECIPE` shows every setting with its meaning and default.
        "#);
    }

    #[test]
    fn unknown_setting() {
        insta::assert_snapshot!(seen(&star("lr =", "lrr ="), &[]), @r"
        error: unknown key `lrr`
         --> recipes/star.toml:7:25
          |
        7 | learn   = { imitate = { lrr = 1e-5 } }
          |                         ^^^ did you mean `lr`?
          = valid here: `from`, `lr`
        hint: `autodidact explain RECIPE` shows every setting with its meaning and default.
        ");
        insta::assert_snapshot!(seen(&star("\"keep_right\"", "{ keep_right = { tries = 3 } }"), &[]), @r"
        error: unknown key `tries`
         --> recipes/star.toml:6:29
          |
        6 | choose  = [{ keep_right = { tries = 3 } }]
          |                             ^^^^^
        hint: `autodidact explain RECIPE` shows every setting with its meaning and default.
        ");
    }

    #[test]
    fn unknown_part() {
        insta::assert_snapshot!(seen(&star("\"hint\"", "\"hnit\""), &[]), @r#"
        error: unknown name `hnit`
         --> recipes/star.toml:5:43
          |
        5 | attempt = [{ sample = { per_task = 1 } }, "hnit"]
          |                                           ^^^^^^ did you mean `hint`?
          = valid here: `sample`, `hint`
        hint: `autodidact list --all` shows every part, world and method.
        "#);
        insta::assert_snapshot!(seen(&star("sample =", "zebra ="), &[]), @r#"
        error: unknown name `zebra`
         --> recipes/star.toml:5:14
          |
        5 | attempt = [{ zebra = { per_task = 1 } }, "hint"]
          |              ^^^^^
          = valid here: `sample`, `hint`
        hint: `autodidact list --all` shows every part, world and method.
        "#);
    }

    #[test]
    fn not_one_part() {
        insta::assert_snapshot!(seen(&star("} }, \"hint\"", "}, hint = {} }"), &[]), @r"
        error: `hint` is a second part where `sample` stands, and there is room for one
         --> recipes/star.toml:5:41
          |
        5 | attempt = [{ sample = { per_task = 1 }, hint = {} }]
          |                                         ^^^^
        hint: `autodidact explain RECIPE` shows every setting with its meaning and default.
        ");
        insta::assert_snapshot!(seen(&star("\"hint\"", "{}"), &[]), @r"
        error: an empty table where a part belongs: write `{ name = { setting = value } }`
         --> recipes/star.toml:5:43
          |
        5 | attempt = [{ sample = { per_task = 1 } }, {}]
          |                                           ^^
        hint: `autodidact explain RECIPE` shows every setting with its meaning and default.
        ");
        insta::assert_snapshot!(seen(&star("\"hint\"", "3"), &[]), @r"
        error: wrong kind of value: integer `3`, expected the name of a part, or a table with one: `{ name = { setting = value } }`
         --> recipes/star.toml:5:43
          |
        5 | attempt = [{ sample = { per_task = 1 } }, 3]
          |                                           ^
        hint: `autodidact explain RECIPE` shows every setting with its meaning and default.
        ");
    }

    #[test]
    fn wrong_value() {
        insta::assert_snapshot!(seen(&star("per_task = 1", "per_task = \"many\""), &[]), @r#"
        error: wrong kind of value: string "many", expected a whole number, not negative
         --> recipes/star.toml:5:36
          |
        5 | attempt = [{ sample = { per_task = "many" } }, "hint"]
          |                                    ^^^^^^
        hint: `autodidact explain RECIPE` shows every setting with its meaning and default.
        "#);
        insta::assert_snapshot!(seen(&star("per_task = 1", "per_task = -1"), &[]), @r#"
        error: value out of range: integer `-1`, expected a whole number, not negative
         --> recipes/star.toml:5:36
          |
        5 | attempt = [{ sample = { per_task = -1 } }, "hint"]
          |                                    ^^
        hint: `autodidact explain RECIPE` shows every setting with its meaning and default.
        "#);
        insta::assert_snapshot!(seen(&star("per_task = 1", "per_task = 99999999999999999999"), &[]), @r#"
        error: wrong kind of value: integer `99999999999999999999`, expected a whole number, not negative
         --> recipes/star.toml:5:36
          |
        5 | attempt = [{ sample = { per_task = 99999999999999999999 } }, "hint"]
          |                                    ^^^^^^^^^^^^^^^^^^^^
        hint: `autodidact explain RECIPE` shows every setting with its meaning and default.
        "#);
        insta::assert_snapshot!(seen(&star("[\"keep_right\"]", "\"keep_right\""), &[]), @r#"
        error: wrong kind of value: string "keep_right", expected a list: [ .. ]
         --> recipes/star.toml:6:11
          |
        6 | choose  = "keep_right"
          |           ^^^^^^^^^^^^
        hint: `autodidact explain RECIPE` shows every setting with its meaning and default.
        "#);
    }

    #[test]
    fn missing_key() {
        insta::assert_snapshot!(seen(&star("choose  = [\"keep_right\"]", ""), &[]), @r"
        error: missing key `choose`
        --> recipes/star.toml
        hint: `autodidact explain RECIPE` shows every setting with its meaning and default.
        ");
    }

    #[test]
    fn a_long_line_is_shown_around_the_error() {
        let long = star("lr =", &format!("from = \"{}\", lrr =", "x".repeat(200)));
        insta::assert_snapshot!(seen(&long, &[]), @r#"
        error: unknown key `lrr`
         --> recipes/star.toml:7:236
          |
        7 | …xxxxxxxxxxxxxxxxxxxxxxxxxxxxx", lrr = 1e-5 } }
          |                                  ^^^ did you mean `lr`?
          = valid here: `from`, `lr`
        hint: `autodidact explain RECIPE` shows every setting with its meaning and default.
        "#);
    }
}

mod override_errors {
    use super::*;

    fn set(text: &str) -> String {
        seen(STAR, &[text])
    }

    #[test]
    fn malformed() {
        insta::assert_snapshot!(set("learn.imitate.lr"), @r"
        error: `--set` needs `path.to.key=value`: there is no `=`
         |
         | --set learn.imitate.lr
         |                       ^
        hint: For example: `--set learn.optimizer.lr=3e-4`.
        ");
        insta::assert_snapshot!(set("learn..lr=1"), @r"
        error: `--set` needs `path.to.key=value`: a step of the path is empty
         |
         | --set learn..lr=1
         |             ^
        hint: For example: `--set learn.optimizer.lr=3e-4`.
        ");
        insta::assert_snapshot!(set("learn.imitate.lr="), @r"
        error: `--set` needs `path.to.key=value`: the value is missing
         |
         | --set learn.imitate.lr=
         |                       ^
        hint: For example: `--set learn.optimizer.lr=3e-4`.
        ");
    }

    #[test]
    fn unknown_key() {
        insta::assert_snapshot!(set("learn.imitate.lrr=1"), @r"
        error: unknown key `lrr`
         |
         | --set learn.imitate.lrr=1
         |                     ^^^ did you mean `lr`?
         = valid here: `from`, `lr`
        hint: `autodidact explain RECIPE` shows every setting with its meaning and default.
        ");
        insta::assert_snapshot!(set("lern.imitate.lr=1"), @r"
        error: unknown key `lern`
         |
         | --set lern.imitate.lr=1
         |       ^^^^ did you mean `learn`?
         = valid here: `paper`, `attempt`, `choose`, `learn`
        hint: `autodidact explain RECIPE` shows every setting with its meaning and default.
        ");
        insta::assert_snapshot!(set("learn.imitat.lr=1"), @r"
        error: unknown name `imitat`
         |
         | --set learn.imitat.lr=1
         |             ^^^^^^ did you mean `imitate`?
         = valid here: `imitate`
        hint: `autodidact list --all` shows every part, world and method.
        ");
    }

    #[test]
    fn wrong_value() {
        insta::assert_snapshot!(set("learn.imitate.lr=fast"), @r#"
        error: wrong kind of value: string "fast", expected a number
         |
         | --set learn.imitate.lr=fast
         |                        ^^^^
        hint: `autodidact explain RECIPE` shows every setting with its meaning and default.
        "#);
        insta::assert_snapshot!(set("learn.imitate.lr=[1, 2"), @r"
        error: not valid TOML: unclosed array, expected `]`
         |
         | --set learn.imitate.lr=[1, 2
         |                             ^
        hint: Text needs quotes, lists need `[ ]`, settings of a part need `{ }`.
        ");
        insta::assert_snapshot!(set("learn.imitate={ from = 3 }"), @r"
        error: wrong kind of value: integer `3`, expected text in quotes
         |
         | --set learn.imitate={ from = 3 }
         |                              ^
        hint: `autodidact explain RECIPE` shows every setting with its meaning and default.
        ");
    }

    #[test]
    fn paths_that_lead_nowhere() {
        insta::assert_snapshot!(set("attempt.7.sample.per_task=1"), @r"
        error: `--set` leads nowhere: `7` is not one of the 2 in the list `attempt`
         |
         | --set attempt.7.sample.per_task=1
         |               ^
         = valid here: `0`, `1`, `sample`, `hint`
        hint: A path follows the recipe: keys by name, lists by number or by the part's name.
        ");
        insta::assert_snapshot!(set("attempt.smple.per_task=1"), @r"
        error: `--set` leads nowhere: `smple` is not one of the 2 in the list `attempt`
         |
         | --set attempt.smple.per_task=1
         |               ^^^^^ did you mean `sample`?
         = valid here: `0`, `1`, `sample`, `hint`
        hint: A path follows the recipe: keys by name, lists by number or by the part's name.
        ");
        insta::assert_snapshot!(set("attempt.1.hnt.when=never"), @r#"
        error: `--set` leads nowhere: `attempt.1` is "hint"
         |
         | --set attempt.1.hnt.when=never
         |                 ^^^ did you mean `hint`?
         = valid here: `hint`
        hint: A path follows the recipe: keys by name, lists by number or by the part's name.
        "#);
        insta::assert_snapshot!(set("learn.imitate.lr.high=1"), @r"
        error: `--set` leads nowhere: `learn.imitate.lr` is a value (float), with nothing below it
         |
         | --set learn.imitate.lr.high=1
         |                        ^^^^
        hint: A path follows the recipe: keys by name, lists by number or by the part's name.
        ");
        let twice = star("\"hint\"", "\"sample\"");
        insta::assert_snapshot!(seen(&twice, &["attempt.sample.per_task=64"]), @r"
        error: `--set` is ambiguous: `sample` stands here 2 times
         |
         | --set attempt.sample.per_task=64
         |               ^^^^^^
         = valid here: `attempt.0.sample.per_task`, `attempt.1.sample.per_task`
        hint: Say which by its number in the list.
        ");
    }
}

#[test]
fn overrides_reach_their_place() {
    let sets = ["attempt.sample.per_task=64", "attempt.1.hint.when=always", " learn.imitate.lr = 3e-4", "paper=none"];
    let (recipe, text) = read_with(STAR, &sets).expect("these overrides are right");
    let AttemptPart::Sample(sample) = &recipe.attempt[0] else { panic!("{recipe:?}") };
    let AttemptPart::Hint(hint) = &recipe.attempt[1] else { panic!("{recipe:?}") };
    assert_eq!((sample.per_task, hint.when.as_str(), recipe.paper.as_str()), (64, "always", "none"));
    insta::assert_snapshot!(text, @r#"
    # STaR: train on your own reasoning when it reaches the right answer;
    #
    # when it does not, try once more with the answer as a hint.
    paper = "none"
    attempt = [{ sample = { per_task = 64 } }, { hint = { when = "always" } }]
    choose = ["keep_right"]
    learn = { imitate = { lr = 0.0003 } }
    "#);
}

#[test]
fn a_bare_part_is_opened_by_a_setting_below_it() {
    let source = star("{ imitate = { lr = 1e-5 } }", "\"imitate\"");
    let (recipe, _) = read_with(&source, &["learn.imitate.from=latest"]).expect("a bare part has settings");
    assert_eq!(recipe.learn, LearnPart::Imitate(Imitate { from: "latest".to_owned(), lr: 1e-5 }));
}

#[test]
fn the_canonical_text_reads_back_as_itself() {
    let (recipe, text) = read_with(STAR, &[]).expect("the recipe is right");
    assert_eq!(read_with(&text, &[]).expect("its canonical text is too"), (recipe, text));
}

#[test]
fn phases_and_long_lists_stay_readable() {
    let source = format!(
        "roles = [{}]\nphase = [{{ rounds = 1, learn = \"imitate\" }}, {{ rounds = 8, learn = {{ imitate = {{ lr = 1.0 }} }} }}]\n",
        ["{ sample = { per_task = 4 } }"; 4].join(", ")
    );
    let (_, text): (toml::Table, String) = read("x.toml", &source, &[]).expect("TOML");
    insta::assert_snapshot!(text, @r#"
    roles = [
        { sample = { per_task = 4 } },
        { sample = { per_task = 4 } },
        { sample = { per_task = 4 } },
        { sample = { per_task = 4 } },
    ]

    [[phase]]
    rounds = 1
    learn = "imitate"

    [[phase]]
    rounds = 8
    learn = { imitate = { lr = 1.0 } }
    "#);
    let (_, again): (toml::Table, String) = read("x.toml", &text, &[]).expect("TOML");
    assert_eq!(again, text);
}
