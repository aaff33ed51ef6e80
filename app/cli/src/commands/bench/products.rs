//! `bench --products`: the matrix products that training consists of, beside PyTorch's (oneDNN's).

use bench::{Machine, Product, SIZES, products};
use faults::Outcome;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Arguments, Found};
use crate::console::Console;

/// The rival's script, and how many of the smallest sizes, where none are asked for.
const RIVAL: &str = "torch_products.py";
const USUAL: usize = 4;

/// Ours, and the rival's own JSON object.
#[derive(Serialize)]
struct Products {
    machine: Machine,
    ours: Vec<Product>,
    rival: Option<Value>,
}

pub(super) fn measured(arguments: &Arguments, _: &Console) -> Outcome<Found> {
    let sizes = arguments.sizes_or(&SIZES[..USUAL]);
    let rival = arguments.rival(RIVAL, &sizes)?;
    let machine = Machine::measured();
    let found = Products { ours: products(&sizes, &machine), machine, rival };
    Ok(Found { text: found.shown(), json: json!(found) })
}

impl Products {
    /// A Markdown table, a row for both precisions of a product.
    fn shown(&self) -> String {
        let Machine { f32_gflops, bf16_gflops, .. } = self.machine;
        let mut text = format!(
            "GFLOP/s of a linear layer's products, rounding included; at most {f32_gflops:.0} in f32, {bf16_gflops:.0} in bf16.\n\n\
             | tokens, inputs, outputs | product | f32 | of the peak | PyTorch | ratio | bf16 | of the peak | PyTorch | ratio |\n\
             |---|---|---:|---:|---:|---:|---:|---:|---:|---:|\n"
        );
        for both in self.ours.chunks(2) {
            let Product { tokens, inputs, outputs, of, .. } = both[0];
            text += &format!("| {tokens}, {inputs}, {outputs} | {of} |");
            both.iter().for_each(|product| text += &self.cells(product));
            text += "\n";
        }
        text
    }

    fn cells(&self, ours: &Product) -> String {
        let theirs = self.rival_of(ours);
        let shown = |number: Option<f64>, digits: usize| number.map_or("–".to_owned(), |x| format!("{x:.digits$}"));
        let ratio = shown(theirs.map(|theirs| ours.gflops / theirs), 2);
        format!(" {:.0} | {:.2} | {} | {ratio} |", ours.gflops, ours.of_peak, shown(theirs, 0))
    }

    fn rival_of(&self, ours: &Product) -> Option<f64> {
        let same = |result: &&Value| {
            result["shape"] == json!([ours.tokens, ours.inputs, ours.outputs]) && result["of"] == ours.of
        };
        self.rival.as_ref()?["results"].as_array()?.iter().find(same)?[ours.precision].as_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_stands_beside_the_rivals() {
        let product = |precision| Product {
            tokens: 2,
            inputs: 3,
            outputs: 4,
            of: "weights",
            precision,
            gflops: 100.0,
            of_peak: 0.5,
        };
        let machine = Machine { f32_gflops: 200.0, bf16_gflops: 400.0, read_gigabytes: 1.0 };
        let rival = json!({ "results": [{ "shape": [2, 3, 4], "of": "weights", "f32": 80.0 }] });
        let shown = Products { machine, ours: vec![product("f32"), product("bf16")], rival: Some(rival) }.shown();
        let row = "| 2, 3, 4 | weights | 100 | 0.50 | 80 | 1.25 | 100 | 0.50 | – | – |";
        assert!(shown.contains(row), "{shown}");
    }
}
