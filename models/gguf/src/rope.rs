//! Rotary positions: keys and tensors of a file to the fields of `config.json`.

use std::f64::consts::PI;

use serde_json::{Map, Value, json};

use crate::keys::Keys;
use crate::metadata::{self, Wrong, decimal};

/// `(low_freq_factor, high_freq_factor, original_max_position_embeddings)` of every Llama 3.1 to
/// 3.3. A file has what they make of the frequencies, and not them.
const LLAMA3: (f64, f64, u64) = (1.0, 4.0, 8192);

/// `rope_theta`, `partial_rotary_factor`, `rope_scaling`.
pub(crate) fn fields(
    keys: &Keys,
    head_dim: u64,
    factors: &mut dyn FnMut(&str) -> Wrong<Option<Vec<f32>>>,
) -> Wrong<Map<String, Value>> {
    let mut fields = Map::new();
    let theta = keys.number("rope.freq_base")?.unwrap_or(10_000.0);
    fields.insert("rope_theta".into(), json!(theta));
    let rotated = keys.size("rope.dimension_count")?.unwrap_or(head_dim);
    if rotated != head_dim {
        fields.insert("partial_rotary_factor".into(), json!(rotated as f64 / head_dim as f64));
    }
    let llama3 = factors("rope_freqs.weight")?;
    let (long, short) = (factors("rope_factors_long.weight")?, factors("rope_factors_short.weight")?);
    let kind = keys.text("rope.scaling.type")?.unwrap_or("none");
    let scaling = match (kind, llama3, long, short) {
        (_, Some(divisors), _, _) => Some(of_llama3(&divisors, theta, rotated)?),
        (_, _, Some(long), Some(short)) => Some(long_rope(keys, &long, &short)?),
        ("none", ..) => None,
        ("linear", ..) => Some(json!({ "rope_type": "linear", "factor": factor(keys)? })),
        ("yarn", ..) => Some(yarn(keys)?),
        (other, ..) => return Err(format!("the rope scaling `{other}` is not supported")),
    };
    scaling.map(|scaling| fields.insert("rope_scaling".into(), scaling));
    if let Some(original) = keys.size("rope.scaling.original_context_length")? {
        fields.insert("original_max_position_embeddings".into(), json!(original));
    }
    Ok(fields)
}

fn factor(keys: &Keys) -> Wrong<f64> {
    keys.number("rope.scaling.factor")?.ok_or_else(|| "the factor of the rope scaling is missing".into())
}

/// YaRN. What changes the size of queries and keys beyond what the factor says is refused.
fn yarn(keys: &Keys) -> Wrong<Value> {
    for key in ["rope.scaling.attn_factor", "rope.scaling.yarn_ext_factor", "rope.scaling.yarn_attn_factor"] {
        if keys.number(key)?.is_some_and(|number| number != 1.0) {
            return Err(format!("YaRN with `{key}` is not supported"));
        }
    }
    if keys.number("rope.scaling.yarn_log_multiplier")?.is_some_and(|number| number != 0.0) {
        return Err("YaRN with a multiplier of its logarithm is not supported".into());
    }
    let original = keys.needed("rope.scaling.original_context_length")?;
    let mut yarn =
        json!({ "rope_type": "yarn", "factor": factor(keys)?, "original_max_position_embeddings": original });
    for (key, outside) in [("yarn_beta_fast", "beta_fast"), ("yarn_beta_slow", "beta_slow")] {
        if let Some(beta) = keys.number(&format!("rope.scaling.{key}"))? {
            yarn[outside] = json!(beta);
        }
    }
    Ok(yarn)
}

/// LongRoPE: what frequencies are divided by, in short contexts and in long ones.
fn long_rope(keys: &Keys, long: &[f32], short: &[f32]) -> Wrong<Value> {
    let list = |factors: &[f32]| factors.iter().map(|&factor| decimal(factor)).collect::<Vec<f64>>();
    let mut found = json!({
        "rope_type": "longrope",
        "short_factor": list(short),
        "long_factor": list(long),
        "original_max_position_embeddings": keys.needed("rope.scaling.original_context_length")?,
    });
    if let Some(attention) = keys.number("rope.scaling.attn_factor")? {
        found["attention_factor"] = json!(attention);
    }
    Ok(found)
}

/// Llama 3's scaling by what it divides the frequencies by: the lowest by the whole factor. If the
/// rest is not what the known constants make of that factor, it is refused.
fn of_llama3(divisors: &[f32], theta: f64, rotated: u64) -> Wrong<Value> {
    let (low, high, original) = LLAMA3;
    let factor = divisors.iter().copied().fold(1.0, f32::max);
    let wanted = |n: usize| {
        let wavelength = 2.0 * PI * theta.powf(2.0 * n as f64 / rotated as f64);
        llama3(wavelength, f64::from(factor), (low, high), original as f64)
    };
    let near = |(n, divisor): (usize, &f32)| (f64::from(*divisor) / wanted(n) - 1.0).abs() < 1e-4;
    if divisors.len() as u64 != rotated / 2 || !divisors.iter().enumerate().all(near) {
        return Err("`rope_freqs.weight` has divisors of frequencies that are not those of Llama 3".into());
    }
    Ok(json!({
        "rope_type": "llama3",
        "factor": decimal(factor),
        "low_freq_factor": low,
        "high_freq_factor": high,
        "original_max_position_embeddings": original,
    }))
}

/// What `config.json` says of rotary positions, in either dialect: the scaling of layers that see
/// everything.
fn said(config: &Map<String, Value>) -> Option<&Map<String, Value>> {
    let scaling = config.get("rope_scaling").and_then(Value::as_object);
    let parameters = config.get("rope_parameters").and_then(Value::as_object);
    let full = parameters.map(|all| all.get("full_attention").and_then(Value::as_object).unwrap_or(all));
    scaling.or(full)
}

/// Keys of a file for what a `config.json` says: the other way around.
pub(crate) fn keys(
    architecture: &str,
    config: &Map<String, Value>,
    head_dim: i64,
) -> Wrong<Vec<(String, metadata::Value)>> {
    let none = Map::new();
    let said = said(config).unwrap_or(&none);
    let of = |key: &str| said.get(key).or(config.get(key));
    let number = |key: &str| of(key).and_then(Value::as_f64);
    let mut found = Vec::new();
    let mut set = |key: &str, value: metadata::Value| found.push((format!("{architecture}.rope.{key}"), value));
    set("freq_base", metadata::Value::Number(number("rope_theta").ok_or("config.json has no rope_theta")?));
    let share = number("partial_rotary_factor").unwrap_or(1.0);
    set("dimension_count", metadata::Value::Integer((head_dim as f64 * share) as i64));
    let local = config.get("rope_parameters").and_then(|all| all["sliding_attention"]["rope_theta"].as_f64());
    let local = config.get("rope_local_base_freq").and_then(Value::as_f64).or(local);
    if architecture == "gemma3" && local.is_some_and(|theta| theta != 10_000.0) {
        return Err("a Gemma 3 whose windows have a rotary base other than 10,000 is not written as GGUF".into());
    }
    let original = of("original_max_position_embeddings").and_then(Value::as_i64);
    let kind = said.get("rope_type").or(said.get("type")).and_then(Value::as_str).unwrap_or("default");
    match kind {
        // Llama 3's are in a tensor
        "default" | "llama3" => {}
        "linear" | "yarn" => {
            set("scaling.type", metadata::Value::Text(kind.into()));
            set("scaling.factor", metadata::Value::Number(number("factor").ok_or("the rope scaling has no factor")?));
            if kind == "yarn" {
                let plain = ["mscale", "mscale_all_dim", "attention_factor", "truncate"];
                if let Some(key) = plain.into_iter().find(|key| said.get(*key).is_some_and(|found| !found.is_null())) {
                    return Err(format!("YaRN with `{key}` is not written as GGUF"));
                }
                let original = original.ok_or("YaRN without its original context")?;
                set("scaling.original_context_length", metadata::Value::Integer(original));
                for (key, outside) in [("scaling.yarn_beta_fast", "beta_fast"), ("scaling.yarn_beta_slow", "beta_slow")]
                {
                    number(outside).into_iter().for_each(|beta| set(key, metadata::Value::Number(beta)));
                }
            }
        }
        "longrope" | "su" if architecture == "phi3" => {
            let original = original.ok_or("LongRoPE without its original context")?;
            set("scaling.original_context_length", metadata::Value::Integer(original));
            let context = config.get("max_position_embeddings").and_then(Value::as_f64).unwrap_or(0.0);
            let factor = number("factor").unwrap_or(context / original as f64);
            let grown = (1.0 + factor.ln() / (original as f64).ln()).sqrt();
            let attention =
                number("attention_factor").unwrap_or(if factor <= 1.0 || original < 2 { 1.0 } else { grown });
            set("scaling.attn_factor", metadata::Value::Number(attention));
        }
        other => return Err(format!("the rope scaling `{other}` is not written as GGUF")),
    }
    Ok(found)
}

/// Tensors of a file that hold what a `config.json` says.
pub(crate) fn factors(config: &Map<String, Value>) -> Wrong<Vec<(&'static str, Vec<f32>)>> {
    let Some(said) = said(config) else { return Ok(Vec::new()) };
    let list = |key: &str| -> Wrong<Vec<f32>> {
        let found = said.get(key).and_then(Value::as_array).ok_or_else(|| format!("the rope scaling has no {key}"))?;
        found.iter().map(|x| x.as_f64().map(|x| x as f32).ok_or_else(|| format!("{key} has {x}"))).collect()
    };
    match said.get("rope_type").or(said.get("type")).and_then(Value::as_str) {
        Some("longrope" | "su") => Ok(vec![
            ("rope_factors_long.weight", list("long_factor")?),
            ("rope_factors_short.weight", list("short_factor")?),
        ]),
        Some("llama3") => Ok(vec![("rope_freqs.weight", divisors(config, said)?)]),
        _ => Ok(Vec::new()),
    }
}

/// What Llama 3's scaling divides the frequencies by.
fn divisors(config: &Map<String, Value>, said: &Map<String, Value>) -> Wrong<Vec<f32>> {
    let number = |key: &str| {
        let found = said.get(key).or(config.get(key)).and_then(Value::as_f64);
        found.ok_or_else(|| format!("the rope scaling has no {key}"))
    };
    let theta = number("rope_theta")?;
    let (factor, low, high) = (number("factor")?, number("low_freq_factor")?, number("high_freq_factor")?);
    let original = number("original_max_position_embeddings")?;
    let head =
        number("head_dim").or_else(|_| Ok::<f64, String>(number("hidden_size")? / number("num_attention_heads")?))?;
    let one = |n: usize| llama3(2.0 * PI * theta.powf(2.0 * n as f64 / head), factor, (low, high), original) as f32;
    Ok((0..head as usize / 2).map(one).collect())
}

/// What the frequency of a wavelength is divided by.
fn llama3(wavelength: f64, factor: f64, (low, high): (f64, f64), original: f64) -> f64 {
    let smooth = (original / wavelength - low) / (high - low);
    match wavelength {
        short if short < original / high => 1.0,
        long if long > original / low => factor,
        _ => 1.0 / ((1.0 - smooth) / factor + smooth),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What llama.cpp's converter writes for Llama 3.2 (`factor` 32): the first frequencies as they
    /// are, the last divided by 32.
    #[test]
    fn llama_3_is_known_by_its_divisors() {
        let divisors = |factor: f64, original: f64| -> Vec<f32> {
            let one = |n: usize| {
                let wavelength = 2.0 * PI * 500_000f64.powf(2.0 * n as f64 / 64.0);
                let (low, high) = (original, original / 4.0);
                let smooth = (original / wavelength - 1.0) / 3.0;
                let divisor = if wavelength < high {
                    1.0
                } else if wavelength > low {
                    factor
                } else {
                    1.0 / ((1.0 - smooth) / factor + smooth)
                };
                divisor as f32
            };
            (0..32).map(one).collect()
        };
        let found = of_llama3(&divisors(32.0, 8192.0), 500_000.0, 64).expect("Llama 3");
        assert_eq!((&found["factor"], &found["rope_type"]), (&json!(32.0), &json!("llama3")));
        assert!(of_llama3(&divisors(32.0, 4096.0), 500_000.0, 64).is_err(), "another original context");
        assert!(of_llama3(&divisors(8.0, 8192.0)[1..], 500_000.0, 64).is_err(), "too few");
    }
}
