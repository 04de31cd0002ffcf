//! Parses XML, as Pacemaker's tools print it, into elements with their attributes; ignores text between
//! elements. Does not know the meaning of elements.

use std::collections::BTreeMap;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use thiserror::Error;

/// Deepest nesting of elements. Pacemaker's own are a dozen deep; each level costs stack when elements are dropped.
const MOST_LEVELS: usize = 100;

/// An element.
#[derive(Debug, Default)]
pub struct Element {
    /// The name of the element.
    pub name: String,
    attributes: BTreeMap<String, String>,
    children: Vec<Element>,
}

/// A text is not a document as Pacemaker prints it.
#[derive(Debug, Error)]
pub enum XmlError {
    /// The text is not well-formed.
    #[error("it is not XML")]
    Form(#[from] quick_xml::Error),
    /// An attribute is malformed.
    #[error("it is not XML")]
    Attribute(#[from] quick_xml::events::attributes::AttrError),
    /// Elements are nested too deeply.
    #[error("its elements are nested more than {MOST_LEVELS} deep")]
    Deep,
    /// The text is incomplete, or does not consist of one element.
    #[error("it is incomplete, or not a single XML element")]
    End,
}

impl Element {
    /// Parses a text; returns the root element.
    pub fn read(text: &str) -> Result<Self, XmlError> {
        let mut reader = Reader::from_str(text);
        let mut open = vec![Self::default()];
        loop {
            match reader.read_event()? {
                Event::Start(_) if open.len() > MOST_LEVELS => return Err(XmlError::Deep),
                Event::Start(start) => open.push(Self::begin(&start)?),
                Event::Empty(start) => {
                    let element = Self::begin(&start)?;
                    open.last_mut().ok_or(XmlError::End)?.children.push(element);
                }
                Event::End(_) => {
                    let element = open.pop().ok_or(XmlError::End)?;
                    open.last_mut().ok_or(XmlError::End)?.children.push(element);
                }
                Event::Eof => break,
                Event::Text(_)
                | Event::CData(_)
                | Event::Comment(_)
                | Event::Decl(_)
                | Event::PI(_)
                | Event::DocType(_)
                | Event::GeneralRef(_) => {}
            }
        }
        match open.as_mut_slice() {
            [outside] if outside.children.len() == 1 => outside.children.pop().ok_or(XmlError::End),
            _ => Err(XmlError::End),
        }
    }

    fn begin(start: &BytesStart<'_>) -> Result<Self, XmlError> {
        let mut attributes = BTreeMap::new();
        for attribute in start.attributes() {
            let attribute = attribute?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0)?;
            attributes.insert(attribute.key.into_inner().to_owned(), value.into_owned());
        }
        Ok(Self {
            name: start.name().into_inner().to_owned(),
            attributes,
            children: Vec::new(),
        })
    }

    /// The value of an attribute.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    /// The direct children with this name.
    pub fn all<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// All descendants, in document order.
    #[must_use]
    pub fn within(&self) -> Vec<&Self> {
        let mut found: Vec<&Self> = Vec::new();
        let mut next: Vec<&Self> = self.children.iter().rev().collect();
        while let Some(element) = next.pop() {
            found.push(element);
            next.extend(element.children.iter().rev());
        }
        found
    }

    /// The direct children.
    #[must_use]
    pub fn children(&self) -> &[Self] {
        &self.children
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_that_are_nested_too_deeply_are_refused() {
        let nested = |levels| "<a>".repeat(levels) + &"</a>".repeat(levels);
        assert!(Element::read(&nested(MOST_LEVELS)).is_ok());
        for levels in [MOST_LEVELS + 1, 200_000] {
            assert!(matches!(
                Element::read(&nested(levels)),
                Err(XmlError::Deep)
            ));
        }
    }
}
