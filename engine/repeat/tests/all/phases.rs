//! Recipes that read otherwise in their first rounds.

use learn::LearnPart;
use recipe::Override;
use repeat::read_recipe;

const TWO: &str = r#"
    paper   = "nobody"
    attempt = ["sample"]
    check   = ["verify"]
    choose  = ["keep_right"]
    learn   = { imitate = { optimizer = { lr = 3.0 } } }
    [[phase]]
    rounds = 2
    learn  = { imitate = { optimizer = { lr = 1.0 } } }
    [[phase]]
    choose = ["dedupe"]
"#;

fn reading(overrides: &[&str], round: u32) -> (String, f64) {
    let overrides: Vec<Override> = overrides.iter().map(|text| Override::parse(text).expect("one")).collect();
    let recipe = read_recipe("two", TWO, &overrides).expect("a recipe").value.in_round(round);
    let Some(LearnPart::Imitate(learn)) = &recipe.learn else { panic!("{recipe:?}") };
    (recipe.choose[0].describe().name().to_owned(), learn.optimizer.lr.expect("a rate"))
}

#[test]
fn phases_come_first_and_the_recipes_own_keys_after_them() {
    let by_round: Vec<(String, f64)> = (1..=4).map(|round| reading(&[], round)).collect();
    let wanted = [("keep_right", 1.0), ("keep_right", 1.0), ("dedupe", 3.0), ("keep_right", 3.0)];
    assert_eq!(by_round, wanted.map(|(name, lr)| (name.to_owned(), lr)));
    assert_eq!(reading(&["phase=[]"], 1), ("keep_right".to_owned(), 3.0));
    assert_eq!(reading(&["phase.0.rounds=1"], 2), ("dedupe".to_owned(), 3.0));
}
