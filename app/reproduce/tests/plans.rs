//! Reproductions as they are written down.

use recipe::{Override, read};
use repeat::read_recipe;
use reproduce::{Plan, reproductions};

#[test]
fn every_arm_of_every_reproduction_is_a_recipe_that_can_be_read() {
    for (name, source) in reproductions() {
        let (plan, _) = read::<Plan>(name, source, &[]).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        for (arm, of) in &plan.arms {
            let (_, source) = repeat::library().iter().find(|(known, _)| *known == of.recipe).expect("a recipe");
            let texts = plan.set.iter().chain(&of.set).chain(&plan.quick);
            let overrides: Vec<Override> = texts.map(|text| Override::parse(text).expect("an override")).collect();
            read_recipe(&of.recipe, source, &overrides).unwrap_or_else(|fault| panic!("{name}, {arm}: {fault}"));
        }
        let figures = plan
            .claims
            .iter()
            .chain(&plan.controls)
            .flat_map(|claim| [Some(&claim.better), claim.than.as_ref()])
            .flatten();
        for figure in figures.chain(plan.premises.iter().map(|premise| &premise.figure)) {
            assert!(plan.arms.contains_key(&figure.arm), "{name}: {figure:?}");
        }
    }
}
