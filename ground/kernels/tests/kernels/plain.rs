//! The operations written down plainly, in `f64`.

use kernels::slices::{Activation, Scores, Segment};

pub(crate) fn matmul(a: &[f64], b: &[f64], m: usize, k: usize, n: usize) -> Vec<f64> {
    let element = |i: usize, j: usize| (0..k).map(|l| a[i * k + l] * b[l * n + j]).sum();
    (0..m * n).map(|e| element(e / n, e % n)).collect()
}

pub(crate) fn transpose(a: &[f64], rows: usize, cols: usize) -> Vec<f64> {
    (0..rows * cols).map(|e| a[e % rows * cols + e / rows]).collect()
}

pub(crate) fn rms_norm(x: &[f64], gain: &[f64], eps: f64) -> Vec<f64> {
    let d = gain.len();
    let row = |x: &[f64]| {
        let rms = (x.iter().map(|x| x * x).sum::<f64>() / d as f64 + eps).sqrt();
        x.iter().zip(gain).map(|(x, g)| x / rms * g).collect::<Vec<_>>()
    };
    x.chunks(d).flat_map(row).collect()
}

pub(crate) fn layer_norm(x: &[f64], gain: &[f64], bias: &[f64], eps: f64) -> Vec<f64> {
    let d = gain.len() as f64;
    let row = |x: &[f64]| {
        let mean = x.iter().sum::<f64>() / d;
        let deviation = (x.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / d + eps).sqrt();
        x.iter().zip(gain).zip(bias).map(|((x, g), b)| (x - mean) / deviation * g + b).collect::<Vec<_>>()
    };
    x.chunks(gain.len()).flat_map(row).collect()
}

pub(crate) fn gated(activation: Activation, gate: &[f64], up: &[f64]) -> Vec<f64> {
    let one = |g: f64| match activation {
        Activation::Silu => g / (1.0 + (-g).exp()),
        Activation::GeluTanh => {
            0.5 * g * (1.0 + ((2.0 / std::f64::consts::PI).sqrt() * (g + 0.044715 * g.powi(3))).tanh())
        }
    };
    gate.iter().zip(up).map(|(&g, u)| one(g) * u).collect()
}

fn capped(x: f64, cap: Option<f32>) -> f64 {
    cap.map_or(x, |cap| f64::from(cap) * (x / f64::from(cap)).tanh())
}

pub(crate) fn rope(x: &[f64], dim: usize, theta: f64, positions: &[u32]) -> Vec<f64> {
    let width = x.len() / positions.len().max(1);
    let mut out = x.to_vec();
    for (r, &p) in positions.iter().enumerate() {
        for head in (r * width..(r + 1) * width).step_by(dim) {
            for i in 0..dim / 2 {
                let angle = f64::from(p) * theta.powf(-2.0 * i as f64 / dim as f64);
                let (a, b) = (x[head + i], x[head + dim / 2 + i]);
                out[head + i] = a * angle.cos() - b * angle.sin();
                out[head + dim / 2 + i] = b * angle.cos() + a * angle.sin();
            }
        }
    }
    out
}

pub(crate) fn attention(q: &[f64], k: &[f64], v: &[f64], scores: Scores, segments: &[Segment]) -> Vec<f64> {
    let heads = scores.heads;
    let (dim, width, kv_width) = (heads.head_dim, heads.width(), heads.kv_width());
    let mut out = vec![0.0; q.len()];
    for s in segments {
        for t in s.prefix.len..s.whole() {
            for h in 0..heads.heads {
                let (qa, ka) = (s.row(t) * width + h * dim, h / heads.group() * dim);
                let at = |j: usize| s.row(j) * kv_width + ka;
                let dot = |j: usize| (0..dim).map(|i| q[qa + i] * k[at(j) + i]).sum::<f64>();
                let score = |j: usize| capped(dot(j) * f64::from(scores.scale), scores.softcap);
                let seen = |j: usize| scores.window.is_none_or(|window| j + window > t);
                let weights: Vec<f64> = (0..=t).map(|j| if seen(j) { score(j).exp() } else { 0.0 }).collect();
                let sum: f64 = weights.iter().sum();
                for i in 0..dim {
                    out[qa + i] = weights.iter().enumerate().map(|(j, w)| w / sum * v[at(j) + i]).sum();
                }
            }
        }
    }
    out
}

/// `head: [d, vocab]`
pub(crate) fn token_log_probs(hidden: &[f64], head: &[f64], targets: &[u32], d: usize, cap: Option<f32>) -> Vec<f64> {
    let vocab = head.len() / d;
    let logits = matmul(hidden, head, targets.len(), d, vocab);
    let logits: Vec<f64> = logits.into_iter().map(|x| capped(x, cap)).collect();
    let one = |(row, &t): (&[f64], &u32)| row[t as usize] - row.iter().map(|x| x.exp()).sum::<f64>().ln();
    logits.chunks(vocab).zip(targets).map(one).collect()
}
