//! The pictures of a record, and where they stand in what is asked.
//!
//! A picture is a path (relative to the data file), a data URI, or an object with `bytes` or
//! `path`, as the `datasets` library writes them. It stands in the columns `image` and `images`;
//! `video` and `videos` hold lists of pictures, the frames. Where the text says `<image>` or
//! `<video>` it stands there, otherwise before the text; messages name it as OpenAI's do, or say
//! where the next of the column comes.

use std::collections::VecDeque;
use std::path::Path;

use nouns::{Content, Image, Part};
use serde_json::{Map, Value};

use super::columns::find;

/// The columns that hold pictures.
pub(crate) const PICTURES: [&str; 4] = ["image", "images", "video", "videos"];

/// The pictures of one record that have no place yet.
#[derive(Default)]
pub(super) struct Unplaced {
    images: VecDeque<Part>,
    videos: VecDeque<Part>,
}

impl Unplaced {
    /// Those of its columns. `folder` is where paths begin.
    pub(super) fn of(record: &Map<String, Value>, folder: &Path) -> Result<Unplaced, String> {
        let mut found = Unplaced::default();
        for column in PICTURES {
            let Some(value) = find(record, column).filter(|value| !value.is_null()) else { continue };
            let reader = Reader { folder, column };
            match column {
                "image" => found.images.push_back(Part::Image(reader.image(value)?)),
                "images" => found.images.extend(reader.images(value)?.into_iter().map(Part::Image)),
                "video" => found.videos.push_back(Part::Frames(reader.frames(value)?)),
                _ => found.videos.extend(reader.videos(value)?.into_iter().map(Part::Frames)),
            }
        }
        Ok(found)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.images.is_empty() && self.videos.is_empty()
    }

    /// The text with all of them in their places.
    pub(super) fn placed(self, text: &str) -> Result<Content, String> {
        let parts = placed(vec![Part::Text(text.to_owned())], self.videos, "<video>")?;
        Ok(Content(placed(parts, self.images, "<image>")?))
    }
}

/// Parts with these pictures where the texts have `mark`, or before them if none has.
fn placed(parts: Vec<Part>, mut media: VecDeque<Part>, mark: &str) -> Result<Vec<Part>, String> {
    if media.is_empty() {
        return Ok(parts);
    }
    let marks = |part: &Part| if let Part::Text(text) = part { text.matches(mark).count() } else { 0 };
    match parts.iter().map(marks).sum::<usize>() {
        0 => return Ok(media.into_iter().chain(parts).filter(says_something).collect()),
        count if count != media.len() => {
            return Err(format!("`{mark}` stands {count} times in the text, and the record has {}", media.len()));
        }
        _ => {}
    }
    let mut whole = Vec::new();
    for part in parts {
        let Part::Text(text) = &part else {
            whole.push(part);
            continue;
        };
        for (number, piece) in text.split(mark).enumerate() {
            if number > 0 {
                whole.extend(media.pop_front());
            }
            whole.push(Part::Text(piece.to_owned()));
        }
    }
    Ok(whole.into_iter().filter(says_something).collect())
}

fn says_something(part: &Part) -> bool {
    !matches!(part, Part::Text(text) if text.is_empty())
}

/// What a message says: a text, or a list of parts as in OpenAI's interface and the `datasets`
/// library.
pub(super) fn content(value: &Value, unplaced: &mut Unplaced, folder: &Path) -> Result<Content, String> {
    match value {
        Value::String(text) => Ok(Content::text(text)),
        Value::Null => Ok(Content::text("")),
        Value::Array(parts) => {
            let parts: Result<Vec<Part>, String> =
                parts.iter().map(|part| message_part(part, unplaced, folder)).collect();
            Ok(Content(parts?))
        }
        _ => Err("a message without the text `content`".to_owned()),
    }
}

fn message_part(part: &Value, unplaced: &mut Unplaced, folder: &Path) -> Result<Part, String> {
    let text = |key: &str| part.get(key).and_then(Value::as_str);
    let reader = Reader { folder, column: "messages" };
    let kind = text("type").unwrap_or("text");
    let next =
        |of: &mut VecDeque<Part>| of.pop_front().ok_or_else(|| format!("a part `{kind}` more than the record has"));
    match kind {
        "text" | "input_text" => {
            Ok(Part::Text(text("text").ok_or("a part of a message without its `text`")?.to_owned()))
        }
        "image" | "image_url" | "input_image" => {
            let own = ["image_url", "image", "url", "path"]
                .iter()
                .find_map(|key| part.get(*key))
                .filter(|own| !own.is_null());
            match own {
                // OpenAI's own form: {"image_url": {"url": …, "detail": …}}
                Some(own) => Ok(Part::Image(reader.image(own.get("url").unwrap_or(own))?)),
                None => next(&mut unplaced.images),
            }
        }
        "video" => match part.get("video").filter(|own| !own.is_null()) {
            Some(own) => Ok(Part::Frames(reader.frames(own)?)),
            None => next(&mut unplaced.videos),
        },
        other => Err(format!("a part of a message of the type `{other}`: text, image_url, image and video are read")),
    }
}

/// Reads the pictures of a column.
struct Reader<'a> {
    folder: &'a Path,
    column: &'a str,
}

impl Reader<'_> {
    fn image(&self, value: &Value) -> Result<Image, String> {
        match value {
            Value::String(text) => self.named(text),
            Value::Object(object) => {
                let text = |key: &str| object.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
                match (text("bytes"), text("path").or_else(|| text("url"))) {
                    (Some(bytes), _) if bytes.starts_with("data:") => self.named(bytes),
                    (Some(bytes), _) => pictures::read_base64(bytes, &self.source()).map_err(|error| error.to_string()),
                    (None, Some(path)) => self.named(path),
                    (None, None) => Err(format!("{} holds an object without `bytes` or `path`", self.source())),
                }
            }
            other => Err(format!("{} holds {}, which is no picture", self.source(), short(other))),
        }
    }

    /// The picture at a path or in a data URI.
    fn named(&self, text: &str) -> Result<Image, String> {
        let read = match text {
            _ if text.starts_with("data:") => pictures::read_uri(text, &self.source()),
            _ if text.starts_with("http://") || text.starts_with("https://") => {
                return Err(format!(
                    "{} names {text}: nothing is fetched; save the picture and give its path",
                    self.source()
                ));
            }
            _ => {
                let path = text.strip_prefix("file://").unwrap_or(text);
                pictures::read_file(&self.folder.join(path), &format!("{path}, {}", self.source()))
            }
        };
        read.map_err(|error| error.to_string())
    }

    fn images(&self, value: &Value) -> Result<Vec<Image>, String> {
        match value {
            Value::Array(items) => items.iter().map(|item| self.image(item)).collect(),
            one => Ok(vec![self.image(one)?]),
        }
    }

    /// One video: its pictures.
    fn frames(&self, value: &Value) -> Result<Vec<Image>, String> {
        match value {
            Value::Array(frames) if !frames.is_empty() => frames.iter().map(|frame| self.image(frame)).collect(),
            Value::Array(_) => Err(format!("{} holds a video without pictures", self.source())),
            other => Err(format!("{} holds {}: a video is a list of pictures here", self.source(), short(other))),
        }
    }

    /// Several videos, or one.
    fn videos(&self, value: &Value) -> Result<Vec<Vec<Image>>, String> {
        match value {
            Value::Array(items) if items.iter().all(Value::is_array) => {
                items.iter().map(|item| self.frames(item)).collect()
            }
            one => Ok(vec![self.frames(one)?]),
        }
    }

    fn source(&self) -> String {
        format!("column `{}`", self.column)
    }
}

/// A value, cut off where it becomes long.
fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
