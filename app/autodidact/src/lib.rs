//! Autodidact as a library: sample from a model, check its answers, train it on what teaches, or
//! run a whole published method, from another Rust program.
//!
//! Three things are enough for most programs: a [`Model`], which answers and is trained;
//! [`Example`]s, from which it learns; and a [`Run`], which is a recipe with its rounds, its gate
//! and its folder. The crates below ([`nouns`], [`recipe`], …) are for those who write parts of
//! their own.
//!
//! ```
//! use autodidact::{Example, Failure, Model, Run, Sampling};
//!
//! fn main() -> Result<(), Failure> {
//!     let folder = std::env::temp_dir().join("autodidact-example");
//!     std::fs::create_dir_all(&folder).expect("a folder");
//!
//!     // A model made from nothing for a small world; `Model::open("my-llama")` reads a folder.
//!     let shape = ["width=32", "layers=1", "heads=2", "feed_forward=64"];
//!     let model = Model::from_nothing("arithmetic", &shape, 1)?;
//!
//!     // Train it on examples, with an objective and settings that `autodidact list --all` shows.
//!     let sums = (0..50).map(|n| (n % 5, n % 4));
//!     let examples: Vec<Example> = sums
//!         .map(|(a, b)| Example::new(format!("{a} + {b} :"), format!("{}", a + b)))
//!         .collect();
//!     let trained = model.train("imitate", &["epochs=40", "optimizer.lr=0.01"], &examples, 1)?;
//!     assert_ne!(trained.digest(), model.digest());
//!
//!     // Sample: four answers to each prompt. The same seed gives the same answers on any machine.
//!     let sampling = Sampling { max_tokens: 4, temperature: 0.5, ..Sampling::default() };
//!     let answers = trained.sample(&["2 + 3 :", "3 + 1 :"], 4, &sampling, 7)?;
//!     assert_eq!(answers, trained.sample(&["2 + 3 :", "3 + 1 :"], 4, &sampling, 7)?);
//!     let right = answers[0].iter().filter(|answer| answer.text.trim() == "5").count();
//!     println!("{right} of 4 answers to 2 + 3 are right");
//!
//!     // Save it in the form that `transformers` opens.
//!     let saved = folder.join(format!("model-{}", std::process::id()));
//!     trained.save(&saved)?;
//!     assert_eq!(Model::open(&saved)?.digest(), trained.digest());
//!
//!     // Or run a whole method; killed and run again with the same folder, it ends in the same bytes.
//!     let run = Run::of("rest-em")?.on("arithmetic").set("base.examples=50").set("repeat.rounds=0");
//!     let ending = run.within(folder.join(format!("run-{}", std::process::id()))).start()?;
//!     println!("{}", ending.why.join("\n"));
//!     Ok(())
//! }
//! ```

mod example;
mod fault;
mod model;
mod run;

pub use example::Example;
pub use fault::LibraryFault;
pub use faults::{Code, Failure, Fault, Outcome};
pub use model::{Answer, Model};
pub use nouns::{Finish, Sampling};
pub use repeat::{Budget, DeviceKind, Ending, Recipe};
pub use run::Run;

pub use {nouns, recipe};
