//! The folder of an adapter: `adapter_config.json` and `adapter_model.safetensors`, as PEFT writes
//! and reads them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use burn::tensor::Device;
use safetensors::tensor::{Dtype, TensorView};

use super::modules::Module;
use super::{Lora, Side, whole};
use crate::files::{Files, read_text};
use crate::weights::Weight;
use crate::{Decoder, ModelFault, values};

const CONFIG: &str = "adapter_config.json";
const WEIGHTS: &str = "adapter_model.safetensors";

impl Lora {
    /// Reads what an adapter's folder says of itself.
    pub fn from_folder(folder: &Path) -> Result<Lora, ModelFault> {
        Lora::from_json(&read_text(&folder.join(CONFIG))?)
    }

    /// Whether a folder is one of an adapter.
    pub fn is_in(folder: &Path) -> bool {
        folder.join(CONFIG).exists()
    }
}

/// The folder or file of the model that is below an adapter's folder; nothing of a model's. A base
/// that is named by a relative path is looked for from the adapter's folder first.
pub fn below(folder: &Path) -> Result<Option<PathBuf>, ModelFault> {
    if !Lora::is_in(folder) || folder.join("config.json").exists() {
        return Ok(None);
    }
    let base = Lora::from_folder(folder)?.base;
    let is_there = |path: &PathBuf| path.join("config.json").exists() || gguf::is_gguf(path);
    let places = base.iter().flat_map(|base| [folder.join(base), crate::named(Path::new(base))]);
    match places.into_iter().find(is_there) {
        Some(found) => Ok(Some(found)),
        None => Err(ModelFault::NoBase { folder: folder.to_owned(), base: base.unwrap_or_else(|| "no model".into()) }),
    }
}

/// How many numbers of an adapter's folder are stored in which format, by the names of safetensors.
pub fn adapter_formats(folder: &Path) -> Result<BTreeMap<String, u64>, ModelFault> {
    Ok(Files::one(folder.join(WEIGHTS))?.formats())
}

impl Decoder {
    /// With the adapter of a folder. What is on its tensors decides where it is; every one must
    /// belong to this model. One that is more than low-rank products ([`Lora::merges`]) is merged
    /// into the weights.
    pub fn with_adapter(self, folder: &Path, device: &Device) -> Result<Decoder, ModelFault> {
        let lora = Lora::from_folder(folder)?;
        let mut files = Files::one(folder.join(WEIGHTS))?;
        let mut modules = Module::all(&self.config);
        modules.retain(|module| files.shape(&Side::A.tensor(&module.name)).is_ok());
        let saved = whole::saved(&self, &files);
        self.refuse_unknown(&lora, &modules, &saved, &files)?;
        if let Some(module) = modules.iter().find(|module| !lora.targets(&module.name)) {
            let what = format!("target_modules {:?} does not name `{}`, which has tensors", lora.targets, module.name);
            return Err(ModelFault::Adapter(what));
        }
        let magnitudes = lora.dora.then(|| whole::magnitudes(&modules, &mut files)).transpose()?;
        let (tied, merges) = (lora.ties, lora.merges().is_some() || !saved.is_empty());
        let own = lora.clone();
        let adapted = self.attach(lora, &modules, device, &mut |module, side| {
            let (name, rank) = (side.tensor(&module.name), own.rank_of(&module.name)?);
            let wanted = if side == Side::A { [rank, module.inputs] } else { [module.outputs, rank] };
            let found = files.shape(&name)?;
            if found != wanted {
                return Err(ModelFault::Shape { found: found.to_vec(), wanted: wanted.to_vec(), name });
            }
            let mut all = Vec::with_capacity(wanted[0] * wanted[1]);
            files.rows(&name, (0, wanted[0]), &mut |_, run| all.extend_from_slice(run))?;
            Ok(all)
        })?;
        let adapted = match magnitudes {
            Some(magnitudes) => adapted.lengthened(&modules, &magnitudes, device),
            None => adapted,
        };
        if merges { adapted.merged().with_saved(&mut files, tied, device) } else { Ok(adapted) }
    }

    /// Every tensor of the file must be known, and every module that is to be there whole.
    fn refuse_unknown(
        &self,
        lora: &Lora,
        modules: &[Module],
        saved: &[String],
        files: &Files,
    ) -> Result<(), ModelFault> {
        let mut known: BTreeSet<String> =
            modules.iter().flat_map(|module| [Side::A, Side::B].map(|side| side.tensor(&module.name))).collect();
        if lora.dora {
            known.extend(modules.iter().map(|module| whole::magnitude(&module.name)));
        }
        known.extend(saved.iter().cloned());
        if let Some(stranger) = files.names().find(|name| !known.contains(*name)) {
            let known = Module::words(&Module::all(&self.config));
            return Err(ModelFault::NoModule { name: stranger.to_owned(), known });
        }
        let is_there = |word: &str| saved.iter().any(|name| name.contains(&format!(".{word}.")));
        match lora.saved.iter().find(|word| !is_there(word)) {
            Some(word) => {
                Err(ModelFault::Adapter(format!("modules_to_save names `{word}`, which has no tensors here")))
            }
            None => Ok(()),
        }
    }
}

/// The files of a decoder's adapter, by name, in f32; none if there is none on it. PEFT loads the
/// folder unchanged.
pub fn adapter_files(decoder: &Decoder) -> Result<Vec<(String, Vec<u8>)>, ModelFault> {
    let Some(lora) = decoder.adapter() else { return Ok(Vec::new()) };
    let config = format!("{:#}\n", lora.to_json(Module::transposed(&decoder.config)));
    let mut tensors: BTreeMap<String, ([usize; 2], Vec<f32>)> = BTreeMap::new();
    decoder.visit_trained(&mut |name, weight| {
        if let Weight::Matrix(matrix) = weight {
            let [rows, columns] = matrix.dims();
            let mut transposed = vec![0.0; rows * columns];
            kernels::slices::transpose(&values(matrix), rows, columns, &mut transposed);
            // the parts of a fused module's B follow one another, as its outputs do
            let (shape, all) = tensors.entry(name).or_insert_with(|| ([0, rows], Vec::new()));
            shape[0] += columns;
            all.extend(transposed);
        }
    });
    let views = tensors.iter().map(|(name, (shape, all))| {
        let view = TensorView::new(Dtype::F32, shape.to_vec(), bytemuck::cast_slice(all));
        view.map(|view| (name.clone(), view))
    });
    let written = views.collect::<Result<Vec<_>, _>>();
    let metadata = HashMap::from([("format".to_owned(), "pt".to_owned())]);
    let bytes = written.and_then(|views| safetensors::serialize(views, Some(metadata)));
    let bytes = bytes.map_err(|source| ModelFault::Safetensors { path: WEIGHTS.into(), why: source.to_string() })?;
    Ok(vec![(CONFIG.into(), config.into_bytes()), (WEIGHTS.into(), bytes)])
}
