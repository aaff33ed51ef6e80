//! The operations composed from the tensor library's own: what other devices run, and what the
//! fused ones are tested against. Differentiable wherever the backend is.
//!
//! No backward pass is written here: gradients are the library's, of these compositions. So this is
//! the short definition that the handwritten passes of the processor are compared with, and a new
//! device needs nothing but a backend. The price is memory, since every intermediate is kept for
//! the gradient, and that the order of sums is the library's: results agree with the processor's to
//! rounding (`agreement.rs`) and not to the bit.
//!
//! Two things are arranged for GPUs, where starting a kernel costs more than a row and every new
//! shape is compiled anew. Attention over packed sequences is not a product for each of them:
//! sequences whose lengths round up to the same power of two lie side by side in one block
//! ([`Layout`]), padded after their ends, where the causal mask hides the padding from every row
//! that counts. And what all layers share, these layouts, their masks and the rotary angles
//! ([`Angles`]), is made once for a batch and not once a layer, because each costs a copy from the
//! host.

use crate::slices::{Activation, Heads, RopeTable, Scores, Segment};
use burn::backend::tensor::{Device, FloatTensor, IntTensor};
use burn::backend::{Backend, TensorMetadata};
use burn::tensor::{Shape, Slice, TensorData};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Far below any score, and still finite: a row of nothing else has no NaN.
const HIDDEN: f32 = -1e30;

fn dims<const D: usize>(t: &impl TensorMetadata) -> [usize; D] {
    t.shape().dims()
}

fn tensor<B: Backend, const D: usize>(data: Vec<f32>, shape: [usize; D], like: &FloatTensor<B>) -> FloatTensor<B> {
    let made = B::float_from_data(TensorData::new(data, shape), &like.device());
    B::float_cast(made, like.dtype().into())
}

fn indices<B: Backend, const D: usize>(ids: &[u32], shape: [usize; D], device: &Device<B>) -> IntTensor<B> {
    let ids: Vec<i32> = ids.iter().map(|&id| id as i32).collect();
    B::int_from_data(TensorData::new(ids, shape), device)
}

fn slice<B: Backend>(t: FloatTensor<B>, ranges: &[std::ops::Range<usize>]) -> FloatTensor<B> {
    let ranges: Vec<Slice> = ranges.iter().map(|r| Slice::from(r.clone())).collect();
    B::float_slice(t, &ranges)
}

/// See [`crate::linear`].
pub fn linear<B: Backend>(x: FloatTensor<B>, w: FloatTensor<B>) -> FloatTensor<B> {
    B::float_matmul(x, w)
}

/// See [`crate::add_bias`].
pub fn add_bias<B: Backend>(x: FloatTensor<B>, bias: FloatTensor<B>) -> FloatTensor<B> {
    let [_, d] = dims(&x);
    B::float_add(x, B::float_reshape(bias, Shape::from([1, d])))
}

/// See [`crate::layer_norm`].
pub fn layer_norm<B: Backend>(
    x: FloatTensor<B>,
    gain: FloatTensor<B>,
    bias: FloatTensor<B>,
    eps: f32,
) -> FloatTensor<B> {
    let [_, d] = dims(&x);
    let centred = B::float_sub(x.clone(), B::float_mean_dim(x, 1));
    let variance = B::float_mean_dim(B::float_mul(centred.clone(), centred.clone()), 1);
    let deviation = B::float_sqrt(B::float_add_scalar(variance, eps.into()));
    add_bias::<B>(B::float_mul(B::float_div(centred, deviation), B::float_reshape(gain, Shape::from([1, d]))), bias)
}

/// See [`crate::rms_norm`].
pub fn rms_norm<B: Backend>(x: FloatTensor<B>, gain: FloatTensor<B>, eps: f32) -> FloatTensor<B> {
    let [_, d] = dims(&x);
    let mean = B::float_mean_dim(B::float_mul(x.clone(), x.clone()), 1);
    let rms = B::float_sqrt(B::float_add_scalar(mean, eps.into()));
    B::float_mul(B::float_div(x, rms), B::float_reshape(gain, Shape::from([1, d])))
}

/// What a rotation multiplies the halves of heads by, on the rows' device.
#[derive(Clone)]
pub struct Angles<B: Backend> {
    /// `[rows, 1, 1, half]`
    cos: FloatTensor<B>,
    /// Of the first half with the other sign. `[rows, 1, 2, half]`
    sin: FloatTensor<B>,
    head_dim: usize,
    half: usize,
}

impl<B: Backend> Angles<B> {
    /// Those of the rows' positions, on the device of `like`.
    pub fn new(table: &RopeTable, positions: &[u32], like: &FloatTensor<B>) -> Self {
        let (rows, half) = (positions.len(), table.rotated() / 2);
        let cos = positions.iter().flat_map(|&p| table.at(p).0.to_vec()).collect();
        let both = |&p: &u32| table.at(p).1.iter().map(|sin| -sin).chain(table.at(p).1.to_vec()).collect::<Vec<_>>();
        let sin = positions.iter().flat_map(both).collect();
        let cos = tensor::<B, 4>(cos, [rows, 1, 1, half], like);
        let sin = tensor::<B, 4>(sin, [rows, 1, 2, half], like);
        Self { cos, sin, head_dim: table.head_dim(), half }
    }
}

/// See [`crate::rope`].
pub fn rope<B: Backend>(x: FloatTensor<B>, table: Arc<RopeTable>, positions: Arc<[u32]>) -> FloatTensor<B> {
    let angles = Angles::<B>::new(&table, &positions, &x);
    rotated::<B>(x, &angles)
}

/// The rows rotated by angles that were laid out before.
pub fn rotated<B: Backend>(x: FloatTensor<B>, angles: &Angles<B>) -> FloatTensor<B> {
    let [rows, width] = dims(&x);
    let (dim, half) = (angles.head_dim, angles.half);
    let heads = width / dim;
    let (x, rest) = match 2 * half < dim {
        false => (x, None),
        true => {
            let x = B::float_reshape(x, Shape::from([rows, heads, dim]));
            let first = slice::<B>(x.clone(), &[0..rows, 0..heads, 0..2 * half]);
            (first, Some(slice::<B>(x, &[0..rows, 0..heads, 2 * half..dim])))
        }
    };
    let x = B::float_reshape(x, Shape::from([rows, heads, 2, half]));
    let other = B::float_mul(B::float_flip(x.clone(), &[2]), angles.sin.clone());
    let rotated = B::float_add(B::float_mul(x, angles.cos.clone()), other);
    match rest {
        None => B::float_reshape(rotated, Shape::from([rows, width])),
        Some(rest) => {
            let rotated = B::float_reshape(rotated, Shape::from([rows, heads, 2 * half]));
            B::float_reshape(B::float_cat(vec![rotated, rest], 2), Shape::from([rows, width]))
        }
    }
}

/// See [`crate::gated`].
pub fn gated<B: Backend>(activation: Activation, gate: FloatTensor<B>, up: FloatTensor<B>) -> FloatTensor<B> {
    let inner = match activation {
        Activation::Silu => gate.clone(),
        Activation::GeluTanh => {
            let cube = B::float_mul(B::float_mul(gate.clone(), gate.clone()), gate.clone());
            let sum = B::float_add(gate.clone(), B::float_mul_scalar(cube, 0.044_715_f32.into()));
            B::float_mul_scalar(sum, (2.0 * std::f32::consts::FRAC_2_PI.sqrt()).into())
        }
    };
    let grown = B::float_add_scalar(B::float_exp(B::float_neg(inner)), 1.0_f32.into());
    B::float_mul(B::float_div(gate, grown), up)
}

/// `softmax` over the last dimension.
fn softmax<B: Backend>(x: FloatTensor<B>, dim: usize) -> FloatTensor<B> {
    let top = B::float_detach(B::float_max_dim(x.clone(), dim));
    let e = B::float_exp(B::float_sub(x, top));
    B::float_div(e.clone(), B::float_sum_dim(e, dim))
}

/// How the rows of a packed batch are laid beside each other for products of batches of matrices:
/// sequences of about one length together, the shorter ones filled up after their ends, where no
/// row before them looks.
pub struct Layout<B: Backend> {
    rows: usize,
    blocks: Vec<Block<B>>,
    /// Where each row is among those of all blocks, the last of which is a row of zeros for rows of
    /// no sequence; `None` where rows are in order already. `[rows, 1]`
    back: Option<IntTensor<B>>,
}

/// Some sequences, each of `len` rows.
struct Block<B: Backend> {
    sequences: usize,
    len: usize,
    /// Which row of the batch each is, with a row after the last one for what is filled up; `None`
    /// where they are the batch's rows in order. `[sequences * len, 1]`
    rows: Option<IntTensor<B>>,
    /// What is added to scores, for each reach of a window. `[1, len, len]`
    masks: Mutex<Vec<(Option<usize>, FloatTensor<B>)>>,
}

impl<B: Backend> Layout<B> {
    /// That of `rows` rows in these segments, on this device.
    pub fn new(rows: usize, segments: &[Segment], device: &Device<B>) -> Self {
        let mut by_size: BTreeMap<usize, Vec<Segment>> = BTreeMap::new();
        for &segment in segments.iter().filter(|segment| segment.len > 0) {
            by_size.entry(segment.whole().next_power_of_two()).or_default().push(segment);
        }
        let (mut blocks, mut back, mut laid) = (Vec::new(), vec![u32::MAX; rows], 0);
        for segments in by_size.values() {
            let len = segments.iter().map(|segment| segment.whole()).max().unwrap_or(0);
            let mut of = vec![rows as u32; segments.len() * len];
            for (number, segment) in segments.iter().enumerate() {
                for place in 0..segment.whole() {
                    of[number * len + place] = segment.row(place) as u32;
                }
                for (place, row) in (segment.prefix.len..).zip(segment.start..segment.start + segment.len) {
                    back[row] = (laid + number * len + place) as u32;
                }
            }
            laid += of.len();
            let in_order = of.len() == rows && in_order(&of);
            let rows = (!in_order).then(|| indices::<B, 2>(&of, [of.len(), 1], device));
            blocks.push(Block { sequences: segments.len(), len, rows, masks: Mutex::default() });
        }
        back.iter_mut().filter(|place| **place == u32::MAX).for_each(|place| *place = laid as u32);
        let back = (laid != rows || !in_order(&back)).then(|| indices::<B, 2>(&back, [rows, 1], device));
        Self { rows, blocks, back }
    }
}

/// Whether these are 0, 1, 2 and so on.
fn in_order(places: &[u32]) -> bool {
    (0..).zip(places).all(|(number, &place)| number == place)
}

impl<B: Backend> Block<B> {
    fn mask(&self, how: Scores, like: &FloatTensor<B>) -> FloatTensor<B> {
        let mut masks = self.masks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, mask)) = masks.iter().find(|(window, _)| *window == how.window) {
            return mask.clone();
        }
        let seen = |row: usize, key: usize| key <= row && key >= how.first_seen(row);
        let place = |i: usize| if seen(i / self.len, i % self.len) { 0.0 } else { HIDDEN };
        let mask = (0..self.len * self.len).map(place).collect();
        let mask = tensor::<B, 4>(mask, [1, 1, self.len, self.len], like);
        masks.push((how.window, mask.clone()));
        mask
    }

    /// Of the batch's rows with zeros after them, its own: `[sequences, len, heads, dim]`, heads
    /// first.
    fn heads(&self, rows: &FloatTensor<B>, heads: usize, dim: usize) -> FloatTensor<B> {
        let own = match &self.rows {
            None => rows.clone(),
            Some(which) => B::float_gather_nd(rows.clone(), which.clone()),
        };
        let own = B::float_reshape(own, Shape::from([self.sequences, self.len, heads, dim]));
        B::float_swap_dims(own, 1, 2)
    }

    /// `[sequences * len, heads * dim]`
    fn attention(&self, [q, k, v]: [&FloatTensor<B>; 3], how: Scores) -> FloatTensor<B> {
        let Heads { heads, kv_heads, head_dim } = how.heads;
        let q = self.heads(q, heads, head_dim);
        let [k, v] = [k, v].map(|rows| shared::<B>(self.heads(rows, kv_heads, head_dim), how.heads));
        let mask = self.mask(how, &q);
        let scores = B::float_mul_scalar(B::float_matmul(q, B::float_swap_dims(k, 2, 3)), how.scale.into());
        let scores = B::float_add(soft_cap::<B>(scores, how.softcap), mask);
        let out = B::float_swap_dims(B::float_matmul(softmax::<B>(scores, 3), v), 1, 2);
        B::float_reshape(out, Shape::from([self.sequences * self.len, heads * head_dim]))
    }
}

/// Every head of keys or values once for each head of queries that it serves:
/// `[n, kv_heads, len, dim]` to `[n, heads, len, dim]`.
fn shared<B: Backend>(x: FloatTensor<B>, heads: Heads) -> FloatTensor<B> {
    if heads.group() == 1 {
        return x;
    }
    let [n, kv, len, dim] = dims(&x);
    let x = B::float_reshape(x, Shape::from([n, kv, 1, len, dim]));
    let x = B::float_expand(x, Shape::from([n, kv, heads.group(), len, dim]));
    B::float_reshape(x, Shape::from([n, heads.heads, len, dim]))
}

/// See [`crate::attention`].
pub fn attention<B: Backend>(
    q: FloatTensor<B>,
    k: FloatTensor<B>,
    v: FloatTensor<B>,
    scores: Scores,
    segments: Arc<[Segment]>,
) -> FloatTensor<B> {
    let [rows, _] = dims(&q);
    let layout = Layout::<B>::new(rows, &segments, &q.device());
    attention_within::<B>(q, k, v, scores, &layout)
}

/// The same within sequences whose layout was made before.
pub fn attention_within<B: Backend>(
    q: FloatTensor<B>,
    k: FloatTensor<B>,
    v: FloatTensor<B>,
    scores: Scores,
    layout: &Layout<B>,
) -> FloatTensor<B> {
    let [_, width] = dims(&q);
    let gathers = layout.blocks.iter().any(|block| block.rows.is_some());
    let [q, k, v] = [q, k, v].map(|rows| if gathers { with_zeros::<B>(vec![rows]) } else { rows });
    let parts: Vec<_> = layout.blocks.iter().map(|block| block.attention([&q, &k, &v], scores)).collect();
    match &layout.back {
        _ if parts.is_empty() => tensor::<B, 2>(vec![0.0; layout.rows * width], [layout.rows, width], &q),
        None => B::float_cat(parts, 0),
        Some(back) => B::float_gather_nd(with_zeros::<B>(parts), back.clone()),
    }
}

/// The rows of all, and a row of zeros.
fn with_zeros<B: Backend>(mut parts: Vec<FloatTensor<B>>) -> FloatTensor<B> {
    let [_, width] = dims(&parts[0]);
    parts.push(tensor::<B, 2>(vec![0.0; width], [1, width], &parts[0]));
    B::float_cat(parts, 0)
}

/// `cap * tanh(x / cap)`, if there is a cap.
fn soft_cap<B: Backend>(x: FloatTensor<B>, cap: Option<f32>) -> FloatTensor<B> {
    match cap {
        None => x,
        Some(cap) => B::float_mul_scalar(B::float_tanh(B::float_mul_scalar(x, (1.0 / cap).into())), cap.into()),
    }
}

/// See [`crate::embedding`].
pub fn embedding<B: Backend>(table: FloatTensor<B>, ids: Arc<[u32]>) -> FloatTensor<B> {
    let ids = indices::<B, 1>(&ids, [ids.len()], &table.device());
    B::float_select(table, 0, ids)
}

/// See [`crate::token_log_probs`].
pub fn token_log_probs<B: Backend>(
    hidden: FloatTensor<B>,
    head: FloatTensor<B>,
    targets: Arc<[u32]>,
    tied: bool,
    cap: Option<f32>,
) -> FloatTensor<B> {
    let rows = targets.len();
    let head = if tied { B::float_transpose(head) } else { head };
    let logits = soft_cap::<B>(B::float_matmul(hidden, head), cap);
    let targets = indices::<B, 2>(&targets, [rows, 1], &logits.device());
    let top = B::float_detach(B::float_max_dim(logits.clone(), 1));
    let shifted = B::float_sub(logits, top);
    let sum = B::float_log(B::float_sum_dim(B::float_exp(shifted.clone()), 1));
    B::float_reshape(B::float_sub(B::float_gather(1, shifted, targets), sum), Shape::from([rows]))
}
