//! The objective that a person names: a learner, or a method, of which the learner is taken.

use ::recipe::{Override, Registry};
use faults::Outcome;
use learn::LearnPart;
use serde::Deserialize;

use crate::fault::TrainerFault;

/// All that is read of a recipe. Other keys stand there too, and are not looked at.
#[derive(Deserialize)]
struct Learner {
    learn: Option<LearnPart>,
}

/// The learner of that name with its defaults, or that of the method of that name, with `setting=value` laid over it.
pub fn objective(name: &str, settings: &[String]) -> Outcome<LearnPart> {
    let method = repeat::library().iter().find(|(known, _)| *known == name);
    let source = match method {
        Some((_, source)) => (*source).to_owned(),
        None if LearnPart::NAMES.contains(&name) => format!("[learn.{name}]\n"),
        None => return Err(TrainerFault::NoObjective { name: name.into() }.into()),
    };
    let none = || TrainerFault::NoObjective { name: name.into() };
    let plain = read(name, &source, &[])?.learn.ok_or_else(none)?;
    let path = format!("learn.{}", plain.describe().name());
    let overrides = settings.iter().map(|text| Override::parse(&format!("{path}.{text}")));
    let overrides = overrides.collect::<Result<Vec<_>, _>>()?;
    Ok(read(name, &source, &overrides)?.learn.ok_or_else(none)?)
}

fn read(name: &str, source: &str, overrides: &[Override]) -> Result<Learner, ::recipe::RecipeFault> {
    Ok(::recipe::read::<Learner>(name, source, overrides)?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_learner_or_a_methods_learner_with_settings() {
        let LearnPart::Prefer(plain) = objective("prefer", &["beta=0.5".into()]).expect("a learner") else {
            panic!("another learner")
        };
        assert_eq!((plain.beta, plain.lr), (0.5, learn::Prefer::default().lr));
        let LearnPart::Prefer(of_method) = objective("simpo", &[]).expect("a method") else { panic!("another") };
        assert_eq!(of_method.reference, learn::Reference::None);
        assert!(objective("nothing", &[]).is_err());
        assert!(objective("self-consistency", &[]).is_err(), "it does not learn");
        assert!(objective("prefer", &["bete=1".into()]).expect_err("misspelt").to_string().contains("bete"));
    }
}
