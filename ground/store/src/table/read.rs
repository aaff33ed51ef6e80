use std::fs::File;
use std::path::{Path, PathBuf};
use std::vec::IntoIter;

use parquet::column::reader::get_typed_column_reader;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, FloatType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use serde::de::DeserializeOwned;

use super::Kind;
use crate::error::{Error, Result};

/// A Parquet file opened for reading, column by column.
pub(crate) struct TableFile {
    path: PathBuf,
    file: SerializedFileReader<File>,
}

/// What a column chunk holds: its values, and the levels that say which rows they belong to.
struct Chunk<V> {
    values: Vec<V>,
    definitions: Vec<i16>,
    repetitions: Vec<i16>,
}

impl TableFile {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(Error::io("read", path))?;
        let file = SerializedFileReader::new(file).map_err(|error| Error::malformed(path, error))?;
        Ok(TableFile { path: path.to_owned(), file })
    }

    /// Whether there is a plain column of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        let columns = self.file.metadata().file_metadata().schema_descr().columns();
        columns.iter().any(|column| column.path().string() == name)
    }

    pub(crate) fn text(&self, name: &str) -> Result<IntoIter<String>> {
        let values = self.chunk::<ByteArrayType>(name, Kind::Text)?.values;
        let texts: Result<Vec<String>> = values.iter().map(|value| self.utf8(name, value)).collect();
        Ok(texts?.into_iter())
    }

    pub(crate) fn optional_text(&self, name: &str) -> Result<IntoIter<Option<String>>> {
        let cells = self.optional::<ByteArrayType>(name, Kind::OptionalText)?;
        let texts = cells.into_iter().map(|cell| cell.map(|value| self.utf8(name, &value)).transpose());
        Ok(texts.collect::<Result<Vec<_>>>()?.into_iter())
    }

    pub(crate) fn u32(&self, name: &str) -> Result<IntoIter<u32>> {
        let values = self.chunk::<Int32Type>(name, Kind::U32)?.values;
        Ok(values.into_iter().map(i32::cast_unsigned).collect::<Vec<_>>().into_iter())
    }

    pub(crate) fn u64(&self, name: &str) -> Result<IntoIter<u64>> {
        let values = self.chunk::<Int64Type>(name, Kind::U64)?.values;
        Ok(values.into_iter().map(i64::cast_unsigned).collect::<Vec<_>>().into_iter())
    }

    pub(crate) fn f32(&self, name: &str) -> Result<IntoIter<f32>> {
        Ok(self.chunk::<FloatType>(name, Kind::F32)?.values.into_iter())
    }

    pub(crate) fn optional_f64(&self, name: &str) -> Result<IntoIter<Option<f64>>> {
        Ok(self.optional::<DoubleType>(name, Kind::OptionalF64)?.into_iter())
    }

    pub(crate) fn u32_lists(&self, name: &str) -> Result<IntoIter<Vec<u32>>> {
        Ok(self.chunk::<Int32Type>(name, Kind::U32Lists)?.lists(i32::cast_unsigned).into_iter())
    }

    pub(crate) fn f32_lists(&self, name: &str) -> Result<IntoIter<Vec<f32>>> {
        Ok(self.chunk::<FloatType>(name, Kind::F32Lists)?.lists(|value| value).into_iter())
    }

    /// A text column whose cells are JSON. Neighbouring rows often repeat a cell, which is then
    /// parsed once.
    pub(crate) fn json<T: DeserializeOwned + Clone>(&self, name: &str) -> Result<IntoIter<T>> {
        let mut parsed: Vec<T> = Vec::new();
        let mut last: Option<String> = None;
        for text in self.text(name)? {
            let value = match parsed.last() {
                Some(value) if last.as_ref() == Some(&text) => value.clone(),
                _ => serde_json::from_str(&text).map_err(|error| self.bad_cell(name, &error))?,
            };
            parsed.push(value);
            last = Some(text);
        }
        Ok(parsed.into_iter())
    }

    /// The error for a cell that does not say what its column promises.
    pub(crate) fn bad_cell(&self, column: &str, why: &dyn std::fmt::Display) -> Error {
        Error::malformed(&self.path, format!("column `{column}`: {why}"))
    }

    fn utf8(&self, name: &str, value: &ByteArray) -> Result<String> {
        value.as_utf8().map(str::to_owned).map_err(|error| self.bad_cell(name, &error))
    }

    fn optional<T: DataType>(&self, name: &str, kind: Kind) -> Result<Vec<Option<T::T>>> {
        let chunk = self.chunk::<T>(name, kind)?;
        let mut values = chunk.values.into_iter();
        Ok(chunk.definitions.iter().map(|&level| if level == 0 { None } else { values.next() }).collect())
    }

    /// A whole column, from all row groups.
    fn chunk<T: DataType>(&self, name: &str, kind: Kind) -> Result<Chunk<T::T>> {
        let index = self.column_index(name, kind, T::get_physical_type())?;
        let mut chunk = Chunk { values: Vec::new(), definitions: Vec::new(), repetitions: Vec::new() };
        for group in 0..self.file.num_row_groups() {
            self.read_group::<T>(group, index, &mut chunk).map_err(|error| self.bad_cell(name, &error))?;
        }
        Ok(chunk)
    }

    fn column_index(&self, name: &str, kind: Kind, holds: parquet::basic::Type) -> Result<usize> {
        let path = kind.path(name);
        let columns = self.file.metadata().file_metadata().schema_descr().columns();
        let place = columns.iter().position(|column| column.path().string() == path);
        let index = place.ok_or_else(|| Error::malformed(&self.path, format!("it has no column `{name}`")))?;
        match columns[index].physical_type() == holds && columns[index].max_def_level() == kind.definition_levels() {
            true => Ok(index),
            false => Err(self.bad_cell(name, &format!("it should hold {kind:?}"))),
        }
    }

    fn read_group<T: DataType>(
        &self,
        group: usize,
        column: usize,
        chunk: &mut Chunk<T::T>,
    ) -> std::result::Result<(), ParquetError> {
        let group = self.file.get_row_group(group)?;
        let rows = usize::try_from(group.metadata().num_rows())?;
        let mut reader = get_typed_column_reader::<T>(group.get_column_reader(column)?);
        let Chunk { values, definitions, repetitions } = chunk;
        let (read, ..) = reader.read_records(rows, Some(definitions), Some(repetitions), values)?;
        match read == rows {
            true => Ok(()),
            false => Err(ParquetError::General(format!("{read} rows instead of {rows}"))),
        }
    }
}

impl<V> Chunk<V> {
    /// Puts list elements back into their lists: see the writer for what the levels mean.
    fn lists<U>(self, convert: fn(V) -> U) -> Vec<Vec<U>> {
        let mut values = self.values.into_iter().map(convert);
        let mut lists: Vec<Vec<U>> = Vec::new();
        for (definition, repetition) in self.definitions.iter().zip(&self.repetitions) {
            if *repetition == 0 {
                lists.push(Vec::new());
            }
            if let (Some(list), 1) = (lists.last_mut(), definition) {
                list.extend(values.next());
            }
        }
        lists
    }
}

impl Kind {
    fn definition_levels(self) -> i16 {
        match self {
            Kind::Text | Kind::U32 | Kind::U64 | Kind::F32 => 0,
            Kind::OptionalText | Kind::OptionalF64 | Kind::U32Lists | Kind::F32Lists => 1,
        }
    }
}
