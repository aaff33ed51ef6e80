use std::sync::Arc;

use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, FloatType, Int32Type, Int64Type};
use parquet::errors::Result;
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;

use super::{Column, Table};
use crate::error::Error;

/// What files say wrote them. Not the version: a new version of this program writes the same bytes.
const CREATED_BY: &str = "autodidact";

impl Table {
    /// The table as a Parquet file.
    pub(crate) fn to_parquet(&self) -> crate::error::Result<Vec<u8>> {
        self.encode().map_err(|error| Error::Encode { what: "a Parquet file", why: error.to_string() })
    }

    fn encode(&self) -> Result<Vec<u8>> {
        let declarations = self.columns.iter().map(|(name, column)| column.kind().declare(name));
        let schema = format!("message rows {{ {} }}", declarations.collect::<String>());
        let schema = Arc::new(parse_message_type(&schema)?);
        let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties()))?;
        if self.rows() > 0 {
            self.write_rows(&mut writer)?;
        }
        writer.into_inner()
    }

    fn write_rows(&self, writer: &mut SerializedFileWriter<Vec<u8>>) -> Result<()> {
        let mut group = writer.next_row_group()?;
        for (_, column) in &self.columns {
            if let Some(mut writer) = group.next_column()? {
                write_column(&mut writer, column)?;
                writer.close()?;
            }
        }
        group.close().map(drop)
    }
}

fn properties() -> WriterProperties {
    let builder = WriterProperties::builder()
        .set_created_by(CREATED_BY.to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_writer_version(WriterVersion::PARQUET_1_0);
    builder.build()
}

fn write_column(writer: &mut SerializedColumnWriter<'_>, column: &Column) -> Result<()> {
    match column {
        Column::Text(values) => write::<ByteArrayType>(writer, values.iter().map(|v| text(v))),
        Column::OptionalText(values) => write_optional::<ByteArrayType, _>(writer, values, |v| text(v)),
        Column::U32(values) => write::<Int32Type>(writer, values.iter().map(|v| v.cast_signed())),
        Column::U64(values) => write::<Int64Type>(writer, values.iter().map(|v| v.cast_signed())),
        Column::F32(values) => write::<FloatType>(writer, values.iter().copied()),
        Column::OptionalF64(values) => write_optional::<DoubleType, _>(writer, values, |v| *v),
        Column::U32Lists(lists) => write_lists::<Int32Type, _>(writer, lists, |v| v.cast_signed()),
        Column::F32Lists(lists) => write_lists::<FloatType, _>(writer, lists, |v| *v),
    }
}

fn text(value: &str) -> ByteArray {
    ByteArray::from(value)
}

fn write<T: DataType>(writer: &mut SerializedColumnWriter<'_>, values: impl Iterator<Item = T::T>) -> Result<()> {
    let values: Vec<T::T> = values.collect();
    writer.typed::<T>().write_batch(&values, None, None).map(drop)
}

/// Definition level 1: there is a value; 0: there is none.
fn write_optional<T: DataType, V>(
    writer: &mut SerializedColumnWriter<'_>,
    rows: &[Option<V>],
    convert: fn(&V) -> T::T,
) -> Result<()> {
    let levels: Vec<i16> = rows.iter().map(|row| i16::from(row.is_some())).collect();
    let values: Vec<T::T> = rows.iter().flatten().map(convert).collect();
    writer.typed::<T>().write_batch(&values, Some(&levels), None).map(drop)
}

/// Definition level 1: there is an element; 0: the list is empty. Repetition level 0: a list
/// begins; 1: it goes on.
fn write_lists<T: DataType, V>(
    writer: &mut SerializedColumnWriter<'_>,
    lists: &[Vec<V>],
    convert: fn(&V) -> T::T,
) -> Result<()> {
    let (mut definitions, mut repetitions) = (Vec::new(), Vec::new());
    for list in lists {
        let entries = list.len().max(1); // an empty list has one entry, which says so
        definitions.extend(std::iter::repeat_n(i16::from(!list.is_empty()), entries));
        repetitions.extend((0..entries).map(|entry| i16::from(entry > 0)));
    }
    let values: Vec<T::T> = lists.iter().flatten().map(convert).collect();
    writer.typed::<T>().write_batch(&values, Some(&definitions), Some(&repetitions)).map(drop)
}
