//! The header of a file: metadata, and where which tensor lies.

use std::collections::BTreeMap;
use std::io::{BufReader, Read};
use std::path::Path;

use crate::fault::GgufFault;
use crate::kind::Kind;
use crate::metadata::{Metadata, Value, decimal};

pub(crate) const MAGIC: [u8; 4] = *b"GGUF";
/// Headers are no longer: a vocabulary of 256,000 tokens with its merges has some 15 MiB.
const LONGEST: u64 = 256 << 20;
/// More dimensions than any tensor of the format has are refused.
const MOST_DIMENSIONS: u32 = 4;
const ALIGNMENT: &str = "general.alignment";

/// Where a tensor lies, and what it is.
#[derive(Clone, Debug)]
pub(crate) struct Tensor {
    pub(crate) kind: Kind,
    /// `[rows, …, width]`: the file's own order is the other way around.
    pub(crate) shape: Vec<usize>,
    /// Where its bytes begin in the file.
    pub(crate) start: u64,
}

/// A file's header.
#[derive(Debug, Default)]
pub(crate) struct Header {
    pub(crate) metadata: Metadata,
    pub(crate) tensors: BTreeMap<String, Tensor>,
}

impl Header {
    /// Reads the header of a file of this many bytes; everything it says is held against that.
    pub(crate) fn read(source: &mut dyn Read, length: u64, path: &Path) -> Result<Header, GgufFault> {
        let mut reader = Reader { source: BufReader::with_capacity(1 << 16, source), at: 0, length, path };
        if reader.bytes(4)? != MAGIC {
            return Err(reader.malformed("it does not begin with `GGUF`".into()));
        }
        match reader.u32()? {
            2 | 3 => {}
            found if found.swap_bytes() <= 3 => {
                return Err(reader.malformed("its numbers are big-endian, which is not read".into()));
            }
            found => return Err(reader.malformed(format!("its version is {found}; 2 and 3 are read"))),
        }
        let (tensors, values) = (reader.u64()?, reader.u64()?);
        let mut header = Header::default();
        for _ in 0..values {
            let (key, kind) = (reader.text()?, reader.u32()?);
            let value = reader.value(kind, &key)?;
            if header.metadata.0.insert(key.clone(), value).is_some() {
                return Err(reader.malformed(format!("`{key}` is there twice")));
            }
        }
        let mut found = Vec::new();
        for _ in 0..tensors {
            found.push(reader.tensor()?);
        }
        header.place(found, &reader)?;
        Ok(header)
    }

    /// Puts the tensors where they lie in the file, each within it.
    fn place(&mut self, found: Vec<(String, Tensor)>, reader: &Reader) -> Result<(), GgufFault> {
        let alignment = self.metadata.size(ALIGNMENT).map_err(|why| reader.malformed(why))?.unwrap_or(32);
        if !alignment.is_power_of_two() || alignment > 1 << 20 {
            return Err(reader.malformed(format!("`{ALIGNMENT}` is {alignment}; a power of 2 is needed")));
        }
        let start = reader.at.next_multiple_of(alignment);
        for (name, tensor) in found {
            let wrong = |why: String| Err(reader.malformed(format!("the tensor `{name}` {why}")));
            if tensor.start % alignment != 0 {
                return wrong(format!("begins at {}, no multiple of {alignment}", tensor.start));
            }
            let Some(bytes) = tensor.bytes() else { return wrong(format!("has the shape {:?}", tensor.shape)) };
            let end = start.checked_add(tensor.start).and_then(|at| at.checked_add(bytes));
            if end.is_none_or(|end| end > reader.length) {
                let (at, length) = (tensor.start, reader.length);
                return wrong(format!("would be {bytes} bytes at {at} of the data of a file of {length}"));
            }
            let tensor = Tensor { start: start + tensor.start, ..tensor };
            if self.tensors.insert(name.clone(), tensor).is_some() {
                return wrong("is there twice".into());
            }
        }
        Ok(())
    }
}

impl Tensor {
    /// Numbers in a row.
    pub(crate) fn width(&self) -> usize {
        self.shape.last().copied().unwrap_or(1)
    }

    /// How many numbers it has; `None` if that is no number of this machine's.
    pub(crate) fn numbers(&self) -> Option<u64> {
        self.shape.iter().try_fold(1u64, |product, &size| product.checked_mul(size as u64))
    }

    /// Bytes of this many numbers; whole blocks.
    pub(crate) fn bytes_of(&self, numbers: usize) -> usize {
        numbers / self.kind.block() * self.kind.block_bytes()
    }

    /// Its bytes in the file; `None` for a shape that cannot be.
    fn bytes(&self) -> Option<u64> {
        let whole = self.width().is_multiple_of(self.kind.block()) && !self.shape.contains(&0);
        let blocks = self.numbers().filter(|_| whole)? / self.kind.block() as u64;
        blocks.checked_mul(self.kind.block_bytes() as u64)
    }
}

/// Reads numbers and texts, never beyond the end of the file.
struct Reader<'a> {
    source: BufReader<&'a mut dyn Read>,
    at: u64,
    length: u64,
    path: &'a Path,
}

impl Reader<'_> {
    fn malformed(&self, why: String) -> GgufFault {
        GgufFault::Malformed { path: self.path.to_owned(), why }
    }

    /// Refuses what would lie beyond the end of the file, or of any header, before room is made
    /// for it.
    fn within(&self, count: u64, size: u64, what: &str) -> Result<(), GgufFault> {
        let room = self.length.min(LONGEST) - self.at.min(LONGEST);
        match count.checked_mul(size).is_some_and(|bytes| bytes <= room) {
            true => Ok(()),
            false => Err(self.malformed(format!(
                "its header claims {count} {what} at byte {} of {}, where {room} bytes may follow",
                self.at, self.length
            ))),
        }
    }

    fn bytes(&mut self, count: u64) -> Result<Vec<u8>, GgufFault> {
        self.within(count, 1, "bytes")?;
        let mut bytes = vec![0; count as usize];
        let fault = |source| GgufFault::Read { path: self.path.to_owned(), source };
        self.source.read_exact(&mut bytes).map_err(fault)?;
        self.at += count;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], GgufFault> {
        self.within(N as u64, 1, "bytes")?;
        let mut bytes = [0; N];
        let fault = |source| GgufFault::Read { path: self.path.to_owned(), source };
        self.source.read_exact(&mut bytes).map_err(fault)?;
        self.at += N as u64;
        Ok(bytes)
    }

    fn u32(&mut self) -> Result<u32, GgufFault> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn u64(&mut self) -> Result<u64, GgufFault> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    fn text(&mut self) -> Result<String, GgufFault> {
        let length = self.u64()?;
        String::from_utf8(self.bytes(length)?)
            .map_err(|_| self.malformed(format!("a text that ends at byte {} is no UTF-8", self.at)))
    }

    /// A value of a type that has this number in the format.
    fn value(&mut self, kind: u32, key: &str) -> Result<Value, GgufFault> {
        match kind {
            9 => {
                let (kind, count) = (self.u32()?, self.u64()?);
                self.list(kind, count, key)
            }
            6 => Ok(Value::Number(decimal(self.f32()?))),
            12 => Ok(Value::Number(f64::from_le_bytes(self.array()?))),
            7 => self.flag(key).map(Value::Flag),
            8 => self.text().map(Value::Text),
            _ => self.integer(kind, key).map(Value::Integer),
        }
    }

    fn list(&mut self, kind: u32, count: u64, key: &str) -> Result<Value, GgufFault> {
        let size = match kind {
            0 | 1 | 7 => 1,
            2 | 3 => 2,
            4..=6 => 4,
            8 | 10..=12 => 8,
            _ => {
                return Err(
                    self.malformed(format!("`{key}` is a list of values of the type {kind}, which is not read"))
                );
            }
        };
        self.within(count, size, "values")?;
        match kind {
            6 => (0..count).map(|_| self.f32()).collect::<Result<_, _>>().map(Value::Numbers),
            12 => (0..count)
                .map(|_| self.array().map(|bytes| f64::from_le_bytes(bytes) as f32))
                .collect::<Result<_, _>>()
                .map(Value::Numbers),
            7 => (0..count).map(|_| self.flag(key)).collect::<Result<_, _>>().map(Value::Flags),
            8 => (0..count).map(|_| self.text()).collect::<Result<_, _>>().map(Value::Texts),
            _ => (0..count).map(|_| self.integer(kind, key)).collect::<Result<_, _>>().map(Value::Integers),
        }
    }

    fn f32(&mut self) -> Result<f32, GgufFault> {
        Ok(f32::from_le_bytes(self.array()?))
    }

    fn flag(&mut self, key: &str) -> Result<bool, GgufFault> {
        match self.array()? {
            [0] => Ok(false),
            [1] => Ok(true),
            [other] => Err(self.malformed(format!("`{key}` is {other} where 0 or 1 is needed"))),
        }
    }

    fn integer(&mut self, kind: u32, key: &str) -> Result<i64, GgufFault> {
        Ok(match kind {
            0 => i64::from(u8::from_le_bytes(self.array()?)),
            1 => i64::from(i8::from_le_bytes(self.array()?)),
            2 => i64::from(u16::from_le_bytes(self.array()?)),
            3 => i64::from(i16::from_le_bytes(self.array()?)),
            4 => i64::from(self.u32()?),
            5 => i64::from(i32::from_le_bytes(self.array()?)),
            10 => {
                let found = self.u64()?;
                i64::try_from(found).map_err(|_| self.malformed(format!("`{key}` is {found}, which is too large")))?
            }
            11 => i64::from_le_bytes(self.array()?),
            _ => return Err(self.malformed(format!("`{key}` is of the type {kind}, which the format does not have"))),
        })
    }

    /// A tensor's name and description; its place is still that within the data.
    fn tensor(&mut self) -> Result<(String, Tensor), GgufFault> {
        let (name, dimensions) = (self.text()?, self.u32()?);
        if dimensions > MOST_DIMENSIONS {
            return Err(self.malformed(format!("the tensor `{name}` has {dimensions} dimensions; 4 are allowed")));
        }
        let mut shape = Vec::new();
        for _ in 0..dimensions {
            let size = self.u64()?;
            let wrong = |_| self.malformed(format!("the tensor `{name}` has a dimension of {size}"));
            shape.push(usize::try_from(size).map_err(wrong)?);
        }
        shape.reverse();
        let (kind, start) = (self.u32()?, self.u64()?);
        match Kind::numbered(kind) {
            Some(kind) => Ok((name, Tensor { kind, shape, start })),
            None => Err(GgufFault::Kind { path: self.path.to_owned(), name, kind }),
        }
    }
}
