//! Reading XML within bounds.

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};

use super::{DocxError, Excess};

/// Something met on the way through a part.
pub(super) enum Met<'e, 'x> {
    /// An element opens; an empty one closes right after.
    Start(&'e BytesStart<'x>),
    /// The element of this name closes.
    End(&'e str),
    /// Characters.
    Text(&'e str),
}

/// Goes through `xml` and shows each thing to `look`. Refuses what is nested deeper than `most`,
/// what ends in the middle, and document types, which can define entities that grow without end.
pub(super) fn walk(
    xml: &str,
    most: usize,
    mut look: impl FnMut(Met<'_, '_>) -> Result<(), DocxError>,
) -> Result<(), DocxError> {
    let mut reader = Reader::from_str(xml);
    let mut depth = 0usize;
    loop {
        match reader.read_event().map_err(|_| DocxError::Damaged)? {
            Event::Eof if depth > 0 => return Err(DocxError::Damaged),
            Event::Eof => return Ok(()),
            Event::DocType(_) => return Err(DocxError::Damaged),
            Event::Start(tag) => {
                depth += 1;
                if depth > most {
                    return Err(DocxError::TooMuch(Excess::Depth));
                }
                look(Met::Start(&tag))?;
            }
            Event::Empty(tag) => {
                look(Met::Start(&tag))?;
                look(Met::End(tag.local_name().into_inner()))?;
            }
            Event::End(tag) => {
                depth = depth.saturating_sub(1);
                look(Met::End(tag.local_name().into_inner()))?;
            }
            Event::Text(text) => look(Met::Text(&text.xml10_content()))?,
            Event::CData(text) => look(Met::Text(&text.xml10_content()))?,
            Event::GeneralRef(reference) => {
                let character = match reference.resolve_char_ref() {
                    Ok(Some(character)) => Some(character),
                    Ok(None) => predefined(&reference.xml10_content()),
                    Err(_) => None,
                };
                if let Some(character) = character {
                    look(Met::Text(character.encode_utf8(&mut [0; 4])))?;
                }
            }
            _ => {}
        }
    }
}

fn predefined(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    }
}

/// The attribute with this local name: the prefix is the writer's choice.
pub(super) fn value_of(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag
        .attributes()
        .flatten()
        .find(|attribute| attribute.key.local_name().into_inner() == name)?;
    let value = found.normalized_value(XmlVersion::Implicit1_0).ok()?;
    Some(value.into_owned())
}

/// A number in the attribute `val`.
pub(super) fn number_of(tag: &BytesStart<'_>) -> Option<u32> {
    value_of(tag, "val")?.parse().ok()
}

/// A property that is on when it is there, unless it says otherwise.
pub(super) fn is_on(tag: &BytesStart<'_>) -> bool {
    value_of(tag, "val").is_none_or(|value| !matches!(value.as_str(), "0" | "false" | "off"))
}
