//! A run from its beginning to its end, or from where it was left.
//!
//! Starting and resuming are the same walk through the same stages: a stage whose output is there
//! and whose inputs agree is read, any other is computed. What differs is only what is checked
//! beforehand. Everything that can be refused is refused before the folder is made (unfit parts,
//! missing memory, words that the tokenizer does not know), because an error after an hour of
//! sampling costs that hour.
//!
//! Events belong to a stage and are committed with it: those that open a record are told inside the
//! first stage, so that a resumed run's record has them once.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use ::recipe::Describe;
use events::{Bus, Event, Jsonl, Line, Sink, TensorBoard, Time, read_lines};
use faults::Outcome;
use networks::{Decoder, device};
use nouns::{Digest, Key, Update};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{Appender, Disk, EventLog, NewRun, Place, RunFolder, RunWriter};

use crate::adapt::Adapt;
use crate::base::Base;
use crate::ending::Ending;
use crate::entry::{POLICY, Source};
use crate::fault::RepeatFault;
use crate::first_model::{base_folder, base_name, shape_of_nothing};
use crate::grade::{grader, grading_models, nothing_to_compare, refuse_unfit_grade};
use crate::labelled::labelled_stage;
use crate::measuring::Subject;
use crate::memory::refuse_too_large_together;
use crate::mismatch::refuse_mismatch;
use crate::options::Options;
use crate::reading::read_recipe;
use crate::recipe::Recipe;
use crate::refusing::{refuse_other_tokens, refuse_unfit_models};
use crate::run_data::RunData;
use crate::stages::{Done, Stages};
use crate::state::{Carried, Loop, RoundResult};
use crate::table::{Given, Table};
use crate::teach::{Teachable, Told, teach};
use checkpoint::{Model, Whereabouts, open_merged, open_model, read_model};
use classifiers::Classifier;

/// What a run folder says of its making: `environment.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Environment {
    /// This program's version.
    pub version: String,
    /// Operating system and processor family.
    pub platform: String,
    /// What was asked for.
    pub options: Options,
    /// Whether its base model was taken over from another run.
    #[serde(default)]
    pub warm: bool,
}

/// Begins a run and carries it to its end.
///
/// `recipe_toml` is the recipe with every override in it, `place` where the run folder goes.
/// Setting `stop` ends the run at the next safe point with an `Interrupted` failure; [`resume`]
/// continues it.
pub fn start(
    recipe: &Recipe,
    recipe_toml: &str,
    options: &Options,
    place: Place,
    bus: &mut Bus,
    stop: &AtomicBool,
) -> Outcome<Ending> {
    start_on(Disk::real(), recipe, recipe_toml, options, place, bus, stop)
}

/// [`start`] on a disk that may be made to fail.
#[doc(hidden)]
pub fn start_on(
    disk: Disk,
    recipe: &Recipe,
    recipe_toml: &str,
    options: &Options,
    place: Place,
    bus: &mut Bus,
    stop: &AtomicBool,
) -> Outcome<Ending> {
    let prepared = Prepared::new(recipe, options)?;
    let run = create(disk, recipe_toml, options, place, false)?;
    prepared.carry_on(recipe, options, &run, bus, stop)
}

/// [`start`] with the base model of another run, which began in the same way, and with what that
/// run's models beside the policy were shown with labels: their stages are copied, and used if they
/// were made from the same inputs.
pub fn start_warm(
    (recipe, recipe_toml): (&Recipe, &str),
    options: &Options,
    place: Place,
    from: &Path,
    bus: &mut Bus,
    stop: &AtomicBool,
) -> Outcome<Ending> {
    let prepared = Prepared { warm: true, ..Prepared::new(recipe, options)? };
    let run = create(Disk::real(), recipe_toml, options, place, true)?;
    let from = RunFolder::read_only(from)?;
    run.adopt(&from.stage(0, "learned"))?;
    for (name, entry) in &recipe.models {
        for place in 0..entry.labelled.len() {
            run.adopt(&from.stage(0, &labelled_stage(name, place)))?;
        }
    }
    prepared.carry_on(recipe, options, &run, bus, stop)
}

fn create(disk: Disk, recipe_toml: &str, options: &Options, place: Place, warm: bool) -> store::Result<RunWriter> {
    let environment = Environment {
        version: env!("CARGO_PKG_VERSION").into(),
        platform: format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH),
        options: options.clone(),
        warm,
    };
    let world = Path::new(&options.on).file_stem().map_or(options.on.clone(), |stem| stem.to_string_lossy().into());
    let new = NewRun { recipe: &options.recipe, world: &world, recipe_toml, seed: options.seed };
    RunFolder::create(disk, place, &new, &environment)
}

/// Continues a run from where it was left. What is whole and made from the same inputs is used
/// again.
pub fn resume(path: &Path, bus: &mut Bus, stop: &AtomicBool) -> Outcome<Ending> {
    resume_on(Disk::real(), path, bus, stop)
}

/// [`resume`] on a disk that may be made to fail.
#[doc(hidden)]
pub fn resume_on(disk: Disk, path: &Path, bus: &mut Bus, stop: &AtomicBool) -> Outcome<Ending> {
    let run = RunFolder::open(disk, path)?;
    let (recipe, options) = written_down(&run)?;
    let warm = run.environment::<Environment>()?.warm;
    let prepared = Prepared { warm, ..Prepared::new(&recipe, &options)? };
    prepared.carry_on(&recipe, &options, &run, bus, stop)
}

/// The recipe and options that a run folder holds.
pub fn written_down(run: &RunFolder) -> Outcome<(Recipe, Options)> {
    let name = run.recipe_path().display().to_string();
    let recipe = read_recipe(&name, &run.recipe_toml()?, &[])?.value;
    Ok((recipe, run.environment::<Environment>()?.options))
}

/// Why the next stage that is not done would run: walks the loop without doing anything.
pub(crate) fn walk(run: &RunFolder, stages: &mut Stages) -> Outcome<()> {
    let (recipe, options) = written_down(run)?;
    let prepared = Prepared::new(&recipe, &options)?;
    prepared.run_rounds(&recipe, &options, stages).map(drop)
}

/// What must be right before a folder is made.
struct Prepared {
    data: RunData,
    /// The base model with random weights, or the one of a folder.
    initial: Model,
    /// The models of the folders that other entries name.
    given: Given,
    /// Whether the base model is taken over from another run.
    warm: bool,
    /// What people should know before it begins.
    warning: Option<String>,
}

impl Prepared {
    fn new(recipe: &Recipe, options: &Options) -> Outcome<Prepared> {
        for reading in recipe.readings() {
            refuse_empty(&reading)?;
            refuse_mismatch(&reading)?;
            refuse_unfit_models(&reading)?;
            refuse_unfit_grade(&reading)?;
            reading.adapt.as_ref().map_or(Ok(()), Adapt::refuse_unfit)?;
        }
        let data = RunData::of(recipe, options)?;
        let learned: Vec<_> = recipe.readings().into_iter().filter_map(|reading| reading.learn).collect();
        let initial = match base_folder(recipe, options) {
            Some(folder) if Classifier::is_in(folder) => open_model(folder, options.device)?,
            Some(folder) => {
                // Where a phase trains every weight, every weight needs its memory.
                let adapters = learned.iter().map(learn::LearnPart::lora).collect::<Option<Vec<_>>>();
                let lora = adapters.and_then(|adapters| adapters.into_iter().max_by_key(|lora| lora.rank));
                let place = Whereabouts::of(folder, options.adapter.as_deref())?;
                let (config, learned) = (networks::read_config(&place.weights)?, learned.iter().collect::<Vec<_>>());
                refuse_too_large_together(recipe, options.device, &config, &learned, lora.as_ref())?;
                open_merged(folder, options.adapter.as_deref(), options.device)?
            }
            None if let Some(part) = &recipe.classifier => part.initial(&data, options.seed)?,
            None => {
                let base = learn::LearnPart::Imitate(recipe.base.learn.clone());
                let (mut config, tokens) = shape_of_nothing(&recipe.base, data.world.as_ref())?;
                config.precision = options.device.precision();
                let learned = learned.iter().chain([&base]).collect::<Vec<_>>();
                refuse_too_large_together(recipe, options.device, &config, &learned, None)?;
                let decoder = Decoder::random(config, &Key::root(options.seed).of("weights"), &device(options.device)?);
                Model::new(0, decoder, tokens, device(options.device)?)
            }
        };
        if let Ok(language) = initial.language() {
            data.refuse_unknown_words(&language.tokens)?;
            let name = options.model.as_ref().map(|folder| format!("the model {}", folder.display()));
            data.refuse_blind(name.as_deref().unwrap_or("the new model"), &language.tokens)?;
        }
        let initial = initial.with_encoder(data.encoder.clone());
        let given = Given::open(recipe, options)?;
        refuse_other_tokens(recipe, &initial, &given)?;
        let warning = nothing_to_compare(recipe, data.world.as_ref())?;
        Ok(Prepared { data, initial, given, warm: false, warning })
    }

    fn carry_on(
        &self,
        recipe: &Recipe,
        options: &Options,
        run: &RunWriter,
        bus: &mut Bus,
        stop: &AtomicBool,
    ) -> Outcome<Ending> {
        let log = open_log(run, bus)?;
        let mut stages = Stages::new(run, Some(run), bus, Some(&log), stop, options.seed);
        let (base, results, kept) = self.run_rounds(recipe, options, &mut stages)?;
        let ending = Ending::of(run.path(), recipe, options, &base, &results, kept);
        bus.tell(&Event::Ended {
            learned: ending.learned,
            why: ending.why.clone(),
            best_round: ending.best_round,
            seconds: ending.seconds,
        });
        log.sync()?;
        Ok(ending)
    }

    /// Round 0 makes or takes the base model; the others turn the loop. Gives the base's own turn,
    /// the others', and the round whose model is kept in the end.
    fn run_rounds(
        &self,
        recipe: &Recipe,
        options: &Options,
        stages: &mut Stages,
    ) -> Outcome<(RoundResult, Vec<RoundResult>, u32)> {
        let rounds = recipe.repeat.rounds;
        let base_name = base_name(recipe, options)?;
        let the_loop = Loop {
            recipe,
            data: &self.data,
            grader: self.data.truth.as_ref(),
            graded_by_model: None,
            seed: options.seed,
            rounds,
            from_nothing: base_folder(recipe, options).is_none(),
            base_name: base_name.as_deref(),
        };
        let (base, upstream, mut scored) = self.begin(&the_loop, options, stages)?;
        let given = self.make_others(&the_loop, options, stages, &base, &mut scored)?;
        let table = Table::begin(recipe, &base, &given, options.seed)?;
        let (grader, grading) = (grader(recipe, &self.data.world, &table)?, grading_models(recipe, &table));
        let the_loop = Loop { grader: grader.as_ref(), graded_by_model: grading.as_ref(), ..the_loop };
        self.measure_base(&the_loop, options, stages, (&table, &upstream), &mut scored)?;
        let mut carried = Carried {
            table,
            kept_scores: scored.scores.clone(),
            base_scores: scored.scores.clone(),
            average: None,
            solved: Default::default(),
            grown: Default::default(),
            soup: Vec::new(),
        };
        the_loop.instruct_models(stages, &mut carried, &mut scored)?;
        the_loop.begin_models(stages, &mut carried, &mut scored)?;
        let mut results: Vec<RoundResult> = Vec::new();
        let (mut seconds, mut tokens) = (scored.seconds, scored.tokens);
        for round in 1..=rounds {
            let (last_seconds, last_tokens) = results.last().map_or((0.0, 0), |last| (last.seconds, last.tokens));
            if options.budget.is_spent(seconds, tokens, last_seconds, last_tokens) {
                break;
            }
            let reading = recipe.in_round(round);
            let done = Loop { recipe: &reading, ..the_loop }.round(stages, &mut carried, round)?;
            (seconds, tokens) = (seconds + done.seconds, tokens + done.tokens);
            results.push(done);
        }
        Ok((scored, results, carried.table.policy.now.round))
    }

    /// The base model, what it was made by, and what that took.
    fn begin(&self, the_loop: &Loop, options: &Options, stages: &mut Stages) -> Outcome<(Model, Digest, RoundResult)> {
        let mut result = RoundResult::base();
        if base_folder(the_loop.recipe, options).is_some() {
            return Ok((self.initial.clone(), self.initial.digest.clone(), result));
        }
        let done = match &the_loop.recipe.classifier {
            Some(part) => the_loop.begin_classifier(stages, (part, &self.initial), &|work| {
                if !self.warm {
                    self.announce(work, options, the_loop);
                }
            })?,
            None => self.make(the_loop, options, stages, (POLICY, &self.initial))?,
        };
        result.spend(done.seconds, &done.facts);
        Ok((done.output.0, done.fingerprint, result))
    }

    /// The models that the run does not make of its base: those of folders, and those made from
    /// nothing, each of its own random weights.
    fn make_others(
        &self,
        the_loop: &Loop,
        options: &Options,
        stages: &mut Stages,
        base: &Model,
        result: &mut RoundResult,
    ) -> Outcome<Given> {
        let mut given = self.given.clone();
        for (name, entry) in &the_loop.recipe.models {
            if entry.is != Source::Fresh || name == POLICY {
                continue;
            }
            let (mut config, tokens) = shape_of_nothing(&the_loop.recipe.base, self.data.world.as_ref())?;
            config.precision = options.device.precision();
            let key = Key::root(options.seed).of("weights").of(name);
            let device = &base.language()?.device;
            let initial = Model::new(0, Decoder::random(config, &key, device), tokens, device.clone());
            let done = self.make(the_loop, options, stages, (name, &initial))?;
            result.spend(done.seconds, &done.facts);
            given.made.insert(name.clone(), done.output.0);
        }
        Ok(given)
    }

    /// A model made from nothing learns the world's language.
    fn make(
        &self,
        the_loop: &Loop,
        options: &Options,
        stages: &mut Stages,
        (name, initial): (&str, &Model),
    ) -> Outcome<Done<(Model, Update)>> {
        // What is replayed among later lessons makes no other base.
        let made_by = Base { replay: 0.0, ..the_loop.recipe.base.clone() };
        let mut inputs = the_loop.inputs([&made_by as &dyn Describe]);
        inputs.model = Some(initial.digest.clone());
        inputs.recipe = json!([inputs.recipe, { "world": options.on }]);
        inputs.upstream.insert("held out".into(), self.data.digest_of_held_out());
        let read = |stage: &store::Stage| read_model(&stage.folder(), 0, initial);
        let stage = if name == POLICY { "learned".to_owned() } else { made_stage(name) };
        stages.run(0, &stage, &inputs, read, |work| {
            if name == POLICY && !self.warm {
                self.announce(&work, options, the_loop);
            }
            let held_out = |id: &str| self.data.is_held_out(id);
            let world = self.data.world.as_ref();
            let (base, key) = (&the_loop.recipe.base, work.stage.key.of("example"));
            let tokens = &initial.language()?.tokens;
            let lessons = base.lessons(base.examples, &key, world, tokens, &held_out)?;
            let part = learn::LearnPart::Imitate(base.learn.clone());
            let told = if name == POLICY { Told::Steps } else { Told::Nothing };
            teach(work, 0, &part, Teachable::alone(initial, initial), &lessons, told)
        })
    }

    /// The base model's scores, with which everything later is compared.
    fn measure_base(
        &self,
        the_loop: &Loop,
        options: &Options,
        stages: &mut Stages,
        (table, upstream): (&Table, &Digest),
        result: &mut RoundResult,
    ) -> Outcome<()> {
        let subject = Subject::new(&table.policy.first, upstream, table, &[]);
        let measured = the_loop.measure(stages, 0, subject, &|work| {
            if !the_loop.from_nothing || self.warm {
                self.announce(work, options, the_loop);
            }
        })?;
        result.spend(measured.seconds, &measured.facts);
        result.scores = measured.output;
        Ok(())
    }

    /// The first events of a run's record; they belong to its first stage, so that a resumed run
    /// tells them once.
    fn announce(&self, work: &crate::stages::Work, options: &Options, the_loop: &Loop) {
        work.bus.tell(&Event::RunStarted {
            run: work.run.clone(),
            recipe: options.recipe.clone(),
            world: match self.data.world.recognised() {
                Some(what) => format!("{} ({what})", options.on),
                None => options.on.clone(),
            },
            model: base_folder(the_loop.recipe, options)
                .map_or("from nothing".into(), |path| path.display().to_string()),
            device: options.device.word().into(),
            seed: options.seed,
            rounds: the_loop.rounds,
        });
        // Where episodes are played, their past turns stay as they were drawn, whatever a template would make of them.
        let played = self.data.world.environment(None).is_some();
        let template = self.initial.language().ok().and_then(|language| language.tokens.chat());
        let history = template.filter(|_| played).map(|template| template.history().said());
        for said in history.into_iter().flatten() {
            work.bus.tell(&Event::Warned { what: format!("the model's chat template: {said}") });
        }
        if let Some(what) = &self.warning {
            work.bus.tell(&Event::Warned { what: what.clone() });
        }
        for (dropped, by) in &self.data.dropped {
            work.bus.tell(&Event::HeldOut { dropped: *dropped as u64, by: by.clone() });
        }
    }
}

/// The stage in which a model beside the policy is made from nothing.
pub(crate) fn made_stage(name: &str) -> String {
    format!("made-{name}")
}

fn refuse_empty(recipe: &Recipe) -> Result<(), RepeatFault> {
    let empty = [("attempt", recipe.attempt.is_empty()), ("check", recipe.check.is_empty())];
    match empty.into_iter().find(|(_, empty)| *empty) {
        Some((key, _)) => Err(RepeatFault::EmptyKey { key }),
        None => Ok(()),
    }
}

/// Opens the record of events after the last committed stage, and adds it to the bus with its
/// TensorBoard form.
fn open_log(run: &RunWriter, bus: &mut Bus) -> Outcome<EventLog> {
    let (log, _) = run.events(|line| is_committed(run, line))?;
    bus.add(Jsonl::new(log.clone()));
    bus.add(tensorboard(run)?);
    Ok(log)
}

/// TensorBoard's file, written anew from what the record holds so far.
fn tensorboard(run: &RunWriter) -> Outcome<TensorBoard<Appender>> {
    let path = run.path().join("events.out.tfevents.autodidact");
    let record = store::read_text(&run.events_path())?;
    let lines: Vec<Line> = read_lines(&record).collect();
    let began = lines.first().map_or_else(Time::now, |line| line.time);
    let sink = TensorBoard::new(Appender::open(run.disk(), &path, 0)?, began);
    let sink = sink.map_err(|error| RepeatFault::Damaged { path, why: error.to_string() })?;
    lines.iter().for_each(|line| sink.see(line.time, &line.event));
    Ok(sink)
}

/// Whether a line of the record tells of the end of a stage that is committed.
fn is_committed(run: &RunFolder, line: &Value) -> bool {
    let finished = &line["event"]["stage-finished"];
    let (round, stage) = (finished["round"].as_u64(), finished["stage"].as_str());
    round.zip(stage).is_some_and(|(round, stage)| run.stage(round as u32, stage).manifest().is_ok())
}
