use faults::{Code, Fault};

/// What can be wrong with what another program asks.
#[derive(Debug, thiserror::Error)]
pub enum LibraryFault {
    /// No recipe of this name is embedded.
    #[error("there is no method `{name}`")]
    NoMethod {
        /// What was named.
        name: String,
        /// The nearest name that there is.
        nearest: Option<String>,
    },
}

impl Fault for LibraryFault {
    fn code(&self) -> Code {
        Code::Recipe
    }

    fn hint(&self) -> Option<String> {
        let LibraryFault::NoMethod { nearest, .. } = self;
        let near = nearest.as_ref().map_or_else(String::new, |near| format!("did you mean `{near}`? "));
        Some(format!("{near}`repeat::library()` has the names; `Run::of_text` takes a recipe of your own"))
    }
}
