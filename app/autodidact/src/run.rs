use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use events::{Bus, Sink};
use faults::Outcome;
use recipe::{Override, nearest};
use repeat::{Budget, DeviceKind, Ending, Options};
use store::Place;

use crate::fault::LibraryFault;

/// A whole method on tasks: rounds of asking, attempting, checking, choosing, learning and
/// measuring.
pub struct Run {
    name: String,
    source: String,
    settings: Vec<String>,
    options: Options,
    on: Option<String>,
    folder: Option<PathBuf>,
    sinks: Vec<Box<dyn Sink>>,
}

impl Run {
    /// A recipe by its name. There must be one.
    pub fn of(name: &str) -> Outcome<Run> {
        let known = repeat::library().iter().find(|(known, _)| *known == name);
        let (name, source) = known.ok_or_else(|| {
            let names: Vec<String> = repeat::library().iter().map(|(name, _)| (*name).to_owned()).collect();
            LibraryFault::NoMethod { name: name.into(), nearest: nearest(name, &names).map(str::to_owned) }
        })?;
        Ok(Run::of_text(name, source))
    }

    /// A recipe of one's own, as TOML.
    pub fn of_text(name: &str, source: &str) -> Run {
        Run {
            name: name.into(),
            source: source.into(),
            settings: Vec::new(),
            options: Options::new(name),
            on: None,
            folder: None,
            sinks: Vec::new(),
        }
    }

    /// The world, or the path of a data file.
    pub fn on(mut self, world: &str) -> Run {
        self.on = Some(world.into());
        self
    }

    /// The folder of the model to begin with; without one a small model is made from nothing.
    pub fn model(mut self, folder: impl AsRef<Path>) -> Run {
        self.options.model = Some(folder.as_ref().to_owned());
        self
    }

    /// Changes a setting of the recipe: `learn.optimizer.lr=1e-4`.
    pub fn set(mut self, setting: &str) -> Run {
        self.settings.push(setting.into());
        self
    }

    /// Where numbers are computed.
    pub fn device(mut self, kind: DeviceKind) -> Run {
        self.options.device = kind;
        self
    }

    /// The root of every random draw.
    pub fn seed(mut self, seed: u64) -> Run {
        self.options.seed = seed;
        self
    }

    /// What may be spent.
    pub fn budget(mut self, budget: Budget) -> Run {
        self.options.budget = budget;
        self
    }

    /// The run's folder; by default a new one below `./runs`.
    pub fn within(mut self, folder: impl AsRef<Path>) -> Run {
        self.folder = Some(folder.as_ref().to_owned());
        self
    }

    /// A listener for the run's events.
    pub fn listener(mut self, sink: Box<dyn Sink>) -> Run {
        self.sinks.push(sink);
        self
    }

    /// Carries the run to its end.
    pub fn start(self) -> Outcome<Ending> {
        self.start_until(&AtomicBool::new(false))
    }

    /// The same until `stop` is set: it then fails as interrupted at the next safe point, and
    /// [`Run::resume`] goes on.
    pub fn start_until(mut self, stop: &AtomicBool) -> Outcome<Ending> {
        let settings = self.settings.iter().map(|text| Override::parse(text)).collect::<Result<Vec<_>, _>>()?;
        let recipe::Read { value: recipe, text, .. } = repeat::read_recipe(&self.name, &self.source, &settings)?;
        self.options.on = self.on.unwrap_or_else(|| recipe.on.clone());
        let place = self.folder.as_deref().map_or(Place::Under(Path::new("runs")), Place::Exactly);
        let mut bus = Bus::new(self.sinks);
        repeat::start(&recipe, &text, &self.options, place, &mut bus, stop)
    }

    /// Goes on with the run of a folder, and ends as if it had never been interrupted.
    pub fn resume(folder: impl AsRef<Path>) -> Outcome<Ending> {
        repeat::resume(folder.as_ref(), &mut Bus::new(Vec::new()), &AtomicBool::new(false))
    }
}
