//! Keys and values on a device of its own: every sequence has a slot there with room for a number
//! of positions, and a step computes one row of every slot, taken or not, so that shapes stay the
//! same.

use burn::tensor::activation::softmax;
use burn::tensor::{Device, IndexingUpdateOp, Int, Tensor, TensorData};
use kernels::Heads;
use networks::{Attend, Config, Decoder, Packed};

/// Below any score that is seen, and finite: a free slot sees its own first position.
const HIDDEN: f32 = -1e30;

/// The slots' keys and values.
pub(crate) struct Slots {
    heads: Heads,
    count: usize,
    /// Positions of a slot.
    room: usize,
    device: Device,
    /// Of every layer; `[slots, key_value_heads, room, head_dim]` each. Taken out while they are
    /// written, so that they are written in place.
    layers: Vec<Option<[Tensor<4>; 2]>>,
}

/// A context whose keys and values are computed for slots that begin with it.
pub(crate) struct Prefill<'a> {
    /// Its tokens.
    pub(crate) context: &'a [u32],
    /// The slots of all requests with this context.
    pub(crate) slots: Vec<usize>,
}

impl Slots {
    pub(crate) fn new(config: &Config, count: usize, room: usize, device: &Device) -> Slots {
        let heads = config.heads();
        let empty = || Tensor::zeros([count, heads.kv_heads, room, heads.head_dim], device);
        let layers = (0..config.num_hidden_layers).map(|_| Some([empty(), empty()])).collect();
        Slots { heads, count, room, device: device.clone(), layers }
    }

    /// What they take.
    pub(crate) fn bytes(&self) -> u64 {
        let numbers = 2 * self.layers.len() * self.count * self.room * self.heads.kv_width();
        (numbers * size_of::<f32>()) as u64
    }

    /// Makes room for this many positions.
    pub(crate) fn reach(&mut self, positions: usize) {
        if positions <= self.room {
            return;
        }
        let more = positions.next_power_of_two() - self.room;
        let shape = [self.count, self.heads.kv_heads, more, self.heads.head_dim];
        for layer in self.layers.iter_mut().flatten() {
            *layer = layer.clone().map(|cache| Tensor::cat(vec![cache, Tensor::zeros(shape, &self.device)], 2));
        }
        self.room += more;
    }

    /// Computes contexts and keeps their keys and values in their slots. Returns the last hidden
    /// state of each: `[prefills, width]`.
    pub(crate) fn read(&mut self, decoder: &Decoder, prefills: &[Prefill]) -> Tensor<2> {
        let packed = Packed::of(prefills.iter().map(|prefill| prefill.context.to_vec()));
        let (mut rows, mut places, mut last) = (Vec::new(), Vec::new(), Vec::new());
        for (prefill, segment) in prefills.iter().zip(packed.sequences.iter()) {
            for &slot in &prefill.slots {
                rows.extend((0..segment.len).map(|position| (segment.start + position) as i32));
                places.extend((0..segment.len).map(|position| (slot, position)));
            }
            last.push((segment.start + segment.len - 1) as i32);
        }
        let (rows, places) = (list(rows, &self.device), self.places(&places));
        let hidden = packed.hidden_showing(decoder, &mut |layer, key, value| {
            let written = [key, value].map(|numbers| numbers.clone().select(0, rows.clone()));
            self.write(layer, &places, written);
        });
        hidden.select(0, list(last, &self.device))
    }

    /// Computes one token of every slot: `ids` and `positions`, `[slots]`. Returns the last hidden
    /// states: `[slots, width]`.
    pub(crate) fn step(&mut self, decoder: &Decoder, ids: &[u32], positions: &[u32]) -> Tensor<2> {
        let places: Vec<_> = positions.iter().enumerate().map(|(slot, &position)| (slot, position as usize)).collect();
        let places = self.places(&places);
        let mut stepping = Stepping { slots: self, config: &decoder.config, places, positions, masks: Vec::new() };
        decoder.hidden(ids.into(), positions.into(), &mut stepping)
    }

    /// The place of every head's numbers for these slots and positions:
    /// `[places, key_value_heads, 3]`.
    fn places(&self, places: &[(usize, usize)]) -> Tensor<3, Int> {
        let heads = self.heads.kv_heads;
        let of = |&(slot, position): &(usize, usize)| {
            (0..heads).flat_map(move |head| [slot as i32, head as i32, position as i32])
        };
        let numbers: Vec<i32> = places.iter().flat_map(of).collect();
        Tensor::from_data(TensorData::new(numbers, [places.len(), heads, 3]), &self.device)
    }

    /// Writes keys and values, `[places, key_value_heads * head_dim]` each, and gives the layer's.
    fn write(&mut self, layer: usize, places: &Tensor<3, Int>, written: [Tensor<2>; 2]) -> [Tensor<4>; 2] {
        let Some([keys, values]) = self.layers[layer].take() else { unreachable!("it is put back when written") };
        let [key, value] = written.map(|numbers| {
            let [count, _] = numbers.dims();
            numbers.reshape([count, self.heads.kv_heads, self.heads.head_dim])
        });
        let put =
            |cache: Tensor<4>, numbers: Tensor<3>| cache.scatter_nd(places.clone(), numbers, IndexingUpdateOp::Assign);
        let now = [put(keys, key), put(values, value)];
        self.layers[layer] = Some(now.clone());
        now
    }
}

fn list(numbers: Vec<i32>, device: &Device) -> Tensor<1, Int> {
    let len = numbers.len();
    Tensor::from_data(TensorData::new(numbers, [len]), device)
}

/// Attention of one row of every slot to what it has said before.
struct Stepping<'a> {
    slots: &'a mut Slots,
    config: &'a Config,
    places: Tensor<3, Int>,
    positions: &'a [u32],
    /// What is added to scores, for each reach of a window. `[slots, 1, 1, room]`
    masks: Vec<(Option<usize>, Tensor<4>)>,
}

impl Stepping<'_> {
    fn mask(&mut self, layer: usize) -> Tensor<4> {
        let how = self.config.scores(layer);
        if let Some((_, mask)) = self.masks.iter().find(|(window, _)| *window == how.window) {
            return mask.clone();
        }
        let room = self.slots.room;
        let row = |&position: &u32| {
            let seen = how.first_seen(position as usize)..=position as usize;
            (0..room).map(move |key| if seen.contains(&key) { 0.0 } else { HIDDEN })
        };
        let numbers = self.positions.iter().flat_map(row).collect();
        let mask: Tensor<4> = kernels::from_vec(numbers, [self.slots.count, 1, 1, room], &self.slots.device);
        self.masks.push((how.window, mask.clone()));
        mask
    }
}

impl Attend for Stepping<'_> {
    fn attend(&mut self, layer: usize, query: Tensor<2>, key: Tensor<2>, value: Tensor<2>) -> Tensor<2> {
        let (how, mask, heads) = (self.config.scores(layer), self.mask(layer), self.slots.heads);
        let [keys, values] = self.slots.write(layer, &self.places, [key, value]);
        let query = query.reshape([self.slots.count, heads.kv_heads, heads.group(), heads.head_dim]);
        let scores = query.matmul(keys.swap_dims(2, 3)) * how.scale;
        let scores = match how.softcap {
            Some(cap) => (scores / cap).tanh() * cap,
            None => scores,
        };
        softmax(scores + mask, 3).matmul(values).reshape([self.slots.count, heads.width()])
    }
}
