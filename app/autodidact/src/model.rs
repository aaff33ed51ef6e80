use std::io::Cursor;
use std::path::Path;

use checkpoint::{model_files, open_model};
use faults::Outcome;
use networks::{Decoder, DeviceKind, device};
use nouns::{Finish, Key, Request, Sampling, Silent, Turn, World};
use recipe::Override;
use repeat::shape_of_nothing;
use sources::rows::{Columns, Rows};
use store::Disk;
use trainer::{Examples, objective, train_in_memory};

/// Sequences in flight while sampling.
const SLOTS: usize = 256;

/// A language model with its tokenizer: it answers, is trained, and is saved.
///
/// Training gives another model and leaves this one as it is. Cloning shares the weights.
#[derive(Clone)]
pub struct Model(checkpoint::Model);

/// One answer of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Its text, without special tokens.
    pub text: String,
    /// Its tokens as they were drawn, the end token included. `[length]`
    pub tokens: Vec<u32>,
    /// Log-probability of each under the model at temperature 1, untruncated. `[length]`
    pub log_probs: Vec<f32>,
    /// Why it ended.
    pub finish: Finish,
}

impl Model {
    /// Reads a folder as Hugging Face saves it; numbers are computed on the processor in f32.
    pub fn open(folder: impl AsRef<Path>) -> Outcome<Model> {
        Model::open_on(folder, DeviceKind::Cpu)
    }

    /// The same on another device, or in bf16 (`DeviceKind::CpuBf16`).
    pub fn open_on(folder: impl AsRef<Path>, kind: DeviceKind) -> Outcome<Model> {
        Ok(Model(open_model(folder.as_ref(), kind)?))
    }

    /// A decoder with random weights and the words of a small world. `shape` are settings of a
    /// recipe's `base`, such as `width=64`; the weights are drawn with `seed`.
    pub fn from_nothing(world: &str, shape: &[&str], seed: u64) -> Outcome<Model> {
        let world = sources::find(world, &sources::Options::default())?;
        let overrides = shape.iter().map(|setting| Override::parse(&format!("base.{setting}")));
        let overrides = overrides.collect::<Result<Vec<_>, _>>()?;
        let recipe = repeat::read_recipe("shape", NOTHING, &overrides)?.value;
        let (config, tokens) = shape_of_nothing(&recipe.base, world.as_ref() as &dyn World)?;
        let device = device(DeviceKind::Cpu)?;
        let decoder = Decoder::random(config, &Key::root(seed).of("weights"), &device);
        Ok(Model(checkpoint::Model::new(0, decoder, tokens, device)))
    }

    /// Names the weights: equal exactly if they are.
    pub fn digest(&self) -> &str {
        self.0.digest.hex()
    }

    /// `each` answers to every prompt, in order. A prompt is what a user says: the model's chat
    /// template, if it has one, is laid around it. An answer depends on the model, its prompt's
    /// place, the sampling settings and the seed, and on nothing else.
    pub fn sample(&self, prompts: &[&str], each: usize, sampling: &Sampling, seed: u64) -> Outcome<Vec<Vec<Answer>>> {
        let policy = self.0.policy(SLOTS);
        let mut requests = Vec::with_capacity(prompts.len() * each);
        for (place, prompt) in prompts.iter().enumerate() {
            let context = policy.encode(&[Turn::user(*prompt)])?;
            let key = Key::root(seed).of("sample").at(place as u64);
            requests.extend((0..each as u64).map(|number| Request {
                context: context.clone(),
                sampling: sampling.clone(),
                key: key.at(number),
            }));
        }
        let drawn = policy.sample(&requests, &Silent)?.into_iter();
        let mut answers = drawn.map(|drawn| Answer {
            text: policy.decode(&drawn.tokens).as_text().into_owned(),
            tokens: drawn.tokens,
            log_probs: drawn.log_probs,
            finish: drawn.finish,
        });
        Ok(prompts.iter().map(|_| answers.by_ref().take(each).collect()).collect())
    }

    /// A copy that has learned from the examples by an objective: the name of a learner or of a
    /// method (`autodidact list` shows both), with `setting=value` laid over its defaults.
    pub fn train(&self, name: &str, settings: &[&str], examples: &[crate::Example], seed: u64) -> Outcome<Model> {
        let settings: Vec<String> = settings.iter().map(|setting| (*setting).to_owned()).collect();
        let part = objective(name, &settings)?;
        let lines: String = examples.iter().map(crate::Example::line).collect();
        let rows = Rows::of_lines("examples", Box::new(Cursor::new(lines)), &Columns::default());
        let (model, _) = train_in_memory(&self.0, &part, Examples::of(rows), seed, &Silent)?;
        Ok(Model(model))
    }

    /// Writes the folder that `transformers` opens; it must not be there yet.
    pub fn save(&self, folder: impl AsRef<Path>) -> Outcome<()> {
        let files = model_files(&self.0)?;
        let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), &bytes[..])).collect();
        Ok(Disk::real().write_folder(folder.as_ref(), &files)?)
    }
}

/// A recipe of which the base model alone is used.
const NOTHING: &str = "paper = \"none\"\nattempt = [\"sample\"]\ncheck = [\"majority\"]\n";
