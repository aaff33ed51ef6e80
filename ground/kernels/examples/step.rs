//! Prints the rate of a whole training step (forward, backward, AdamW) of Llama-shaped stacks
//! through the tensor layer, and the time of each operation alone.
#![allow(clippy::print_stdout, reason = "a measurement to read")]

use burn::tensor::{Device, Tensor};
use kernels::slices::{self, AdamW, AttentionForward, Matrix, PAGE, Page, PageShape};
use kernels::{Activation, Heads, Precision, RopeTable, Scores, Segment, from_vec, with_slice};
use std::sync::Arc;
use std::time::Instant;

/// What products are rounded to.
const PRECISION: Precision = Precision::Bf16;

#[derive(Clone, Copy)]
struct Shape {
    vocab: usize,
    width: usize,
    layers: usize,
    heads: usize,
    ffn: usize,
    sequences: usize,
    tokens: usize,
}

const SHAPES: [Shape; 3] = [
    Shape { vocab: 64, width: 128, layers: 4, heads: 4, ffn: 344, sequences: 64, tokens: 64 },
    Shape { vocab: 512, width: 256, layers: 6, heads: 8, ffn: 688, sequences: 32, tokens: 128 },
    Shape { vocab: 8192, width: 512, layers: 8, heads: 8, ffn: 1376, sequences: 8, tokens: 256 },
];

/// Small numbers without a pattern.
fn numbers(n: usize) -> Vec<f32> {
    (0..n as u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 8) as f32 / (1 << 24) as f32 * 0.1 - 0.05).collect()
}

struct Layer {
    gains: [Tensor<1>; 2],
    /// q, k, v, o, gate, up, down
    weights: [Tensor<2>; 7],
}

struct Model {
    table: Tensor<2>,
    layers: Vec<Layer>,
    gain: Tensor<1>,
    head: Tensor<2>,
}

fn model(s: Shape, device: &Device) -> Model {
    let matrix = |i: usize, o: usize| from_vec(numbers(i * o), [i, o], device).require_grad();
    let gain = || from_vec(vec![1.0; s.width], [s.width], device).require_grad();
    let (d, f) = (s.width, s.ffn);
    let layer = |_| Layer {
        gains: [gain(), gain()],
        weights: [matrix(d, d), matrix(d, d), matrix(d, d), matrix(d, d), matrix(d, f), matrix(d, f), matrix(f, d)],
    };
    Model {
        table: matrix(s.vocab, d),
        layers: (0..s.layers).map(layer).collect(),
        gain: gain(),
        head: matrix(d, s.vocab),
    }
}

struct Batch {
    ids: Arc<[u32]>,
    positions: Arc<[u32]>,
    segments: Arc<[Segment]>,
    rope: Arc<RopeTable>,
    scores: Scores,
}

fn batch(s: Shape) -> Batch {
    let heads = Heads { heads: s.heads, kv_heads: s.heads, head_dim: s.width / s.heads };
    let rows = s.sequences * s.tokens;
    Batch {
        ids: (0..rows).map(|i| (i * 7 % s.vocab) as u32).collect(),
        positions: (0..rows).map(|i| (i % s.tokens) as u32).collect(),
        segments: (0..s.sequences).map(|i| Segment::new(i * s.tokens, s.tokens)).collect(),
        rope: Arc::new(RopeTable::new(heads.head_dim, 1e4, s.tokens)),
        scores: Scores { precision: PRECISION, ..Scores::from(heads) },
    }
}

fn loss(m: &Model, b: &Batch) -> Tensor<1> {
    let mut x = kernels::embedding(m.table.clone(), b.ids.clone());
    for Layer { gains, weights } in &m.layers {
        let [q, k, v, o, gate, up, down] = weights.clone();
        let h = kernels::rms_norm(x.clone(), gains[0].clone(), 1e-5);
        let turn = |w| kernels::rope(kernels::linear(h.clone(), w, PRECISION), b.rope.clone(), b.positions.clone());
        let (q, k) = (turn(q), turn(k));
        let mixed = kernels::attention(q, k, kernels::linear(h.clone(), v, PRECISION), b.scores, b.segments.clone());
        x = x + kernels::linear(mixed, o, PRECISION);
        let h = kernels::rms_norm(x.clone(), gains[1].clone(), 1e-5);
        let inner = kernels::gated(
            Activation::Silu,
            kernels::linear(h.clone(), gate, PRECISION),
            kernels::linear(h, up, PRECISION),
        );
        x = x + kernels::linear(inner, down, PRECISION);
    }
    let h = kernels::rms_norm(x, m.gain.clone(), 1e-5);
    kernels::token_log_probs(h, m.head.clone(), b.ids.clone(), false, None, PRECISION).mean().neg()
}

/// The optimizer's pass over as many parameters.
struct Moments {
    param: Vec<f32>,
    m: Vec<f32>,
    v: Vec<f32>,
}

fn step(model: &Model, batch: &Batch, moments: &mut Moments) {
    let grads = loss(model, batch).backward();
    let settings = AdamW { lr: 1e-3, beta1: 0.9, beta2: 0.999, eps: 1e-8, weight_decay: 0.1, step: 1, grad_scale: 1.0 };
    let matrices = model.layers.iter().flat_map(|l| &l.weights).chain([&model.table, &model.head]);
    for w in matrices {
        let Some(grad) = w.grad(&grads) else { continue };
        with_slice(&grad, |g| {
            let Moments { param, m, v } = moments;
            let n = g.len();
            slices::adamw_step(&mut param[..n], g, &mut m[..n], &mut v[..n], &settings);
        });
    }
}

fn seconds(mut work: impl FnMut()) -> f64 {
    work();
    let mut best = f64::INFINITY;
    for _ in 0..5 {
        let start = Instant::now();
        work();
        best = best.min(start.elapsed().as_secs_f64());
    }
    best
}

fn report(what: &str, rows: usize, work: impl FnMut()) {
    let t = seconds(work);
    println!("  {what:28} {:8.3} ms, {:7.1} ns per row", t * 1e3, t * 1e9 / rows as f64);
}

fn alone(s: Shape) {
    let (b, rows) = (batch(s), s.sequences * s.tokens);
    let (q, k, v, dy) =
        (numbers(rows * s.width), numbers(rows * s.width), numbers(rows * s.width), numbers(rows * s.width));
    let [mut out, mut dq, mut dk, mut dv] = [(); 4].map(|()| vec![0.0; rows * s.width]);
    let mut lse = vec![0.0; rows * s.heads];
    report("attention", rows, || slices::attention(&q, &k, &v, b.scores, &b.segments, &mut out, &mut lse));
    report("attention backward", rows, || {
        let forward = AttentionForward { q: &q, k: &k, v: &v, out: &out, lse: &lse };
        slices::attention_backward(forward, &dy, b.scores, &b.segments, &mut dq, &mut dk, &mut dv);
    });
    let gain = vec![1.0; s.width];
    report("rms_norm", rows, || slices::rms_norm(&q, &gain, 1e-5, &mut out));
    report("rms_norm backward", rows, || slices::rms_norm_backward(&q, &gain, 1e-5, &dy, &mut out, &mut dq[..s.width]));
    report("rope", rows, || slices::rope(&mut out, &b.rope, &b.positions));
    let (gate, up) = (numbers(rows * s.ffn), numbers(rows * s.ffn));
    let (mut d_gate, mut d_up) = (vec![0.0; rows * s.ffn], vec![0.0; rows * s.ffn]);
    report("swiglu", rows, || slices::gated(Activation::Silu, &gate, &up, &mut d_gate));
    report("swiglu backward, with copies", rows, || {
        d_gate.copy_from_slice(&gate);
        d_up.copy_from_slice(&up);
        slices::gated_backward(Activation::Silu, &mut d_gate, &mut d_up, &gate)
    });
    let head = numbers(s.width * s.vocab);
    let head = Matrix::new(&head, s.width, s.vocab);
    let (mut lp, mut sums, mut d_head) = (vec![0.0; rows], vec![0.0; rows], vec![0.0; s.width * s.vocab]);
    report("token_log_probs", rows, || slices::token_log_probs(&q, head, &b.ids, None, PRECISION, &mut lp, &mut sums));
    let ones = vec![1.0; rows];
    report("token_log_probs backward", rows, || {
        slices::token_log_probs_backward(&q, head, &b.ids, None, PRECISION, &sums, &ones, &mut dq, &mut d_head, false);
    });
}

/// What decoding does to a layer's rows, one by one on one thread: as a step does, the same
/// position of every sequence after another.
fn decoding(s: Shape) {
    let scores = batch(s).scores;
    let shape = PageShape { heads: scores.heads, layers: s.layers, precision: PRECISION };
    let sequence = || (0..s.tokens.div_ceil(PAGE)).map(|_| Arc::new(shape.page())).collect();
    let mut pages: Vec<Vec<Arc<Page>>> = (0..s.sequences).map(|_| sequence()).collect();
    let (row, mut out) = (numbers(s.width), vec![0.0; s.width]);
    let steps = || (0..s.tokens).flat_map(|position| (0..s.layers).map(move |layer| (position, layer)));
    let rows = s.sequences * s.tokens * s.layers;
    report("keys and values into pages", rows, || {
        for (position, layer) in steps() {
            for pages in &mut pages {
                Arc::make_mut(&mut pages[position / PAGE]).store(&shape, layer, position, &row, &row);
            }
        }
    });
    report("attention from pages", rows, || {
        for (position, layer) in steps() {
            for own in &pages {
                slices::attend(&shape, scores, layer, own, position, &row, &mut out);
            }
        }
    });
}

fn main() {
    for s in SHAPES {
        let device = Device::flex().autodiff();
        let (model, batch) = (model(s, &device), batch(s));
        let largest = s.width * s.ffn.max(s.vocab);
        let mut moments = Moments { param: numbers(largest), m: vec![0.0; largest], v: vec![0.0; largest] };
        let t = seconds(|| step(&model, &batch, &mut moments));
        let rows = s.sequences * s.tokens;
        println!("width {}, {} layers, {rows} tokens: {:.0} tokens/s", s.width, s.layers, rows as f64 / t);
        alone(s);
        decoding(s);
    }
}
